"""The talk with one adult, and all that we know of them, when its time is over."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.bookings import service as bookings
from bot.bookings.policy import Policy
from bot.conversation.models import Conversation
from bot.enquiries import service as enquiries
from bot.families import service as families
from bot.families.models import Adult
from bot.outbox import service as outbox
from bot.outreach import service as outreach
from bot.store.lifetimes import Lifetime


def talks(*, before: datetime) -> Lifetime:
    """Talks in which nothing was said since then go, with a form that was left open."""
    return Lifetime(
        "talks",
        Conversation.id,
        sa.select(col(Conversation.id)).where(col(Conversation.at) < before),
        lambda db, ids: db.execute(sa.delete(Conversation).where(col(Conversation.id).in_(ids))),
    )


def forget(db: Session, adult: Adult, *, now: datetime, policy: Policy | None = None) -> None:
    """Remove everything that identifies an adult, in every subject, in this one transaction.

    By the `policy` what they had booked goes on to who waits for it; None where nothing of theirs
    is to come.
    """
    bookings.erase(db, adult.id, policy=policy, now=now)
    outreach.withdraw(db, adult.id, now=now)
    outbox.erase(db, adult.id, now=now)
    enquiries.erase(db, adult.id, now=now)
    db.execute(sa.delete(Conversation).where(col(Conversation.adult_id) == adult.id))
    families.erase(db, adult, now=now)
