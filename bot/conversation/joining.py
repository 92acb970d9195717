"""Two chats of one person become one adult, in one place for all subjects; and apart again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.bookings import taking_over as bookings
from bot.enquiries import service as enquiries
from bot.families import linking
from bot.families.models import Adult, LinkCode
from bot.families.rules import LinkPurpose
from bot.outbox import service as outbox
from bot.outreach import service as outreach


def join_chats(db: Session, code: LinkCode, newcomer: Adult, *, now: datetime) -> Adult:
    """Give everything of the newcomer's to whoever showed the code; that adult goes on as both."""
    moved = linking.become_one(db, code, newcomer, now=now)
    owner = db.get_one(Adult, code.adult_id)
    bookings.follow_family(db, owner)
    one, other = newcomer.id, owner.id
    code.moved = moved | {
        "claims": bookings.take_over(db, from_adult=newcomer, to_adult=owner, now=now),
        "waiting": bookings.take_over_waiting(db, from_adult=newcomer, to_adult=owner, now=now),
        "follows": outreach.pass_on(db, from_adult=one, to_adult=other),
        "enquiries": enquiries.pass_on(db, from_adult=one, to_adult=other),
        "messages": outbox.pass_on(db, from_adult=one, to_adult=other),
        "buttons": outbox.pass_on_buttons(db, from_adult=one, to_adult=other),
    }
    db.flush()
    return owner


def join_family(db: Session, code: LinkCode, newcomer: Adult, *, now: datetime) -> None:
    linking.join_family(db, code, newcomer, now=now)
    bookings.follow_family(db, newcomer)


def leave_family(db: Session, adult: Adult, *, now: datetime) -> None:
    linking.leave_family(db, adult, now=now)
    bookings.follow_family(db, adult)


def take_back(db: Session, adult: Adult, code_id: int, *, now: datetime) -> bool:
    """ "That wasn't me": undo what using a code did; whether there was anything to undo."""
    code = linking.access_used(db, adult, code_id, now=now)
    if code is None:
        return False
    if code.purpose is LinkPurpose.CARER:
        bookings.follow_family(db, linking.put_out(db, code, now=now))
        return True
    moved = {name: list(ids) for name, ids in code.moved.items()}
    other = linking.become_two(db, code, now=now)
    bookings.take_over(db, from_adult=adult, to_adult=other, now=now, only=moved["claims"])
    bookings.take_over_waiting(db, from_adult=adult, to_adult=other, now=now, only=moved["waiting"])
    bookings.follow_family(db, adult)
    me, them = adult.id, other.id
    outreach.pass_on(db, from_adult=me, to_adult=them, only=moved["follows"])
    enquiries.pass_on(db, from_adult=me, to_adult=them, only=moved["enquiries"])
    outbox.pass_on(db, from_adult=me, to_adult=them, only=moved["messages"])
    outbox.pass_on_buttons(db, from_adult=me, to_adult=them, only=moved["buttons"])
    return True
