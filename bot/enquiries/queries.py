"""Reads requests to people and unanswered questions."""

from __future__ import annotations

from collections.abc import Sequence

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
