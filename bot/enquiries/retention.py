"""Requests that were seen to lose what they said; questions go."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import col

from bot.enquiries.models import Enquiry, OpenQuestion
from bot.enquiries.rules import EnquiryState
from bot.store.lifetimes import Lifetime


def requests(*, before: datetime) -> Lifetime:
    """Requests closed before then lose who asked, what they told and the word on its end. An open
    one keeps everything, however old it is. The row stays for the count."""
    return Lifetime(
        "requests",
        Enquiry.id,
        sa.select(col(Enquiry.id)).where(
            col(Enquiry.state) == EnquiryState.CLOSED,
            col(Enquiry.closed_at) < before,
            sa.or_(
                col(Enquiry.sealed).is_not(None),
                col(Enquiry.adult_id).is_not(None),
                col(Enquiry.outcome) != "",
            ),
        ),
        lambda db, ids: db.execute(
            sa.update(Enquiry)
            .where(col(Enquiry.id).in_(ids))
            .values(sealed=None, adult_id=None, outcome="")
        ),
    )


def questions(*, before: date) -> Lifetime:
    """Questions without an answer of before that local day: somebody may have said too much."""
    return Lifetime(
        "questions",
        OpenQuestion.id,
        sa.select(col(OpenQuestion.id)).where(col(OpenQuestion.on) < before),
        lambda db, ids: db.execute(sa.delete(OpenQuestion).where(col(OpenQuestion.id).in_(ids))),
    )
