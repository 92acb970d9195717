"""Requests handed to people, and questions we could not answer."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.store.columns import SealedRow, choice


class Enquiry(SealedRow, table=True):
    """Sealed: `name`, `phone`, `when`, `message_ok`, `say`, `text`. One owner at any moment."""

    id: int = Field(default=None, primary_key=True)
    adult_id: int | None = Field(default=None, foreign_key="adult.id", index=True)
    key: str = Field(unique=True, max_length=64)
    kind: EnquiryKind = Field(sa_column=choice(EnquiryKind, "enquiry_kind"))
    state: EnquiryState = Field(
        default=EnquiryState.OPEN, sa_column=choice(EnquiryState, "enquiry_state", index=True)
    )
    owner: str = Field(default="", max_length=80)
    made_at: datetime
    taken_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = Field(default="", max_length=200)


class OpenQuestion(SealedRow, table=True):
    """A question we had no answer to, without who asked. Sealed: `text`, numbers masked."""

    __tablename__ = "open_question"

    id: int = Field(default=None, primary_key=True)
    on: date
    lang: str = Field(default="", max_length=12)
