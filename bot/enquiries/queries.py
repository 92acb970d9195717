"""Reads requests to people and unanswered questions."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.enquiries.models import Enquiry, OpenQuestion
from bot.enquiries.rules import EnquiryKind, EnquiryState


def open_enquiries(db: Session) -> Sequence[Enquiry]:
    """Requests not closed yet: urgent ones first, then the oldest."""
    rows = db.exec(select(Enquiry).where(Enquiry.state != EnquiryState.CLOSED)).all()
    return sorted(rows, key=lambda e: (e.kind is not EnquiryKind.CONTACT_ME, e.id))


def closed_enquiries(db: Session, *, limit: int = 20) -> Sequence[Enquiry]:
    query = select(Enquiry).where(Enquiry.state == EnquiryState.CLOSED)
    return db.exec(query.order_by(col(Enquiry.closed_at).desc()).limit(limit)).all()


def open_questions(db: Session, *, limit: int = 50) -> Sequence[OpenQuestion]:
    """The newest questions we had no answer to."""
    return db.exec(select(OpenQuestion).order_by(col(OpenQuestion.id).desc()).limit(limit)).all()


def calls_of(db: Session, adult_id: int) -> Sequence[Enquiry]:
    """The calls an adult asked for that nobody has closed, the oldest first. Not those asked for
    from the card in danger, which no screen may show."""
    query = select(Enquiry).where(
        Enquiry.adult_id == adult_id,
        Enquiry.kind == EnquiryKind.RING_ME,
        Enquiry.state != EnquiryState.CLOSED,
    )
    return db.exec(query.order_by(col(Enquiry.id))).all()


def find_enquiry(db: Session, enquiry: int) -> Enquiry | None:
    return db.get(Enquiry, enquiry)


def count_open(db: Session) -> dict[EnquiryKind, int]:
    """How many requests of each kind nobody has closed yet."""
    query = (
        sa.select(col(Enquiry.kind), sa.func.count())
        .where(col(Enquiry.state) != EnquiryState.CLOSED)
        .group_by(col(Enquiry.kind))
    )
    return {EnquiryKind(row[0]): int(row[1]) for row in db.execute(query)}
