"""Nothing is kept longer than the privacy notice says. Each subject ends its own rows.

The periods are the council's (`keep` in council.yaml), and the notice says the same ones.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.bookings import retention as bookings
from bot.content.keeping import Keep
from bot.conversation import retention as conversation
from bot.core.clock import Clock
from bot.enquiries import retention as enquiries
from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryState
from bot.families import retention as families
from bot.families.models import Adult, Family
from bot.inbox import retention as inbox
from bot.outbox import retention as outbox
from bot.outreach import retention as outreach
from bot.staff import service as staff
from bot.store.engine import Store
from bot.store.lifetimes import Keys, Lifetime

log = logging.getLogger(__name__)

GRACE = timedelta(days=2)  # the job runs once a day, and may be late once
BY = "retention"  # in the audit


def lifetimes(keep: Keep, *, now: datetime, zone: ZoneInfo) -> list[Lifetime]:
    """Every rule, in the order in which they are carried out. `now` is aware UTC."""
    chats, booked = keep.chats.before(now), keep.bookings.before(now)
    return [
        inbox.updates(before=chats),
        outbox.replies(before=chats),
        outbox.words(before=chats),
        outbox.buttons(before=chats, claims=bookings.live_claims(now)),
        outbox.notices(before=booked),
        conversation.talks(before=chats),
        enquiries.requests(before=chats),
        enquiries.questions(before=chats.astimezone(zone).date()),
        outreach.follows(before=chats),
        bookings.claims(before=booked),
        bookings.entries(before=booked),
        bookings.stories(before=booked),
        families.registrations(before=keep.registered.before(now), zone=zone),
        _unseen(before=keep.unregistered.before(now), now=now),
    ]


async def keep_no_longer(store: Store, keep: Keep, *, clock: Clock, zone: ZoneInfo) -> int:
    """End everything whose time is over, a lot at a time; how many rows."""
    total = 0
    for lifetime in lifetimes(keep, now=clock(), zone=zone):
        ended, keys = 0, await store.read(lifetime.find)
        while keys:
            for start in range(0, len(keys), lifetime.lot):
                some = keys[start : start + lifetime.lot]
                ended += await store.write(lifetime.end_lot, some)
            keys = await store.read(lifetime.find, keys[-1])
        if ended:
            log.info("kept long enough", extra={"kind": lifetime.what, "rows": ended})
        total += ended
    return total


def kept_too_long(db: Session, keep: Keep, *, now: datetime, zone: ZoneInfo) -> str:
    """What the job should have ended by now, in words; "" where there is nothing."""
    found = [(x.what, x.count(db)) for x in lifetimes(keep, now=now - GRACE, zone=zone)]
    return ", ".join(f"{count} {what}" for what, count in found if count)


def _unseen(*, before: datetime, now: datetime) -> Lifetime:
    """Families that never registered and have not been here since, unless something is to come."""
    asking = (
        sa.select(col(Adult.family_id))
        .join(Enquiry, col(Enquiry.adult_id) == col(Adult.id))
        .where(col(Enquiry.state) != EnquiryState.CLOSED)
    )

    def end(db: Session, ids: Keys) -> None:
        adults = families.lock_adults(db, ids)
        back = {a.family_id for a in adults if a.seen_at >= before}  # at this very moment
        for adult in (a for a in adults if a.family_id not in back):
            staff.note(db, by=BY, act="erased, not seen for long", about=adult.uid, now=now)
            conversation.forget(db, adult, now=now)

    return Lifetime(
        "families",
        Family.id,
        families.unseen(before=before, spare=[bookings.expected_families(now), asking]),
        end,
        lot=2,  # each with all its bookings
    )
