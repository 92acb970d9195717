"""Writes requests to people: made once per key, owned by one person, closed with a word on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.core.errors import Kind, PlannedError, Translate
from bot.enquiries.models import Enquiry, OpenQuestion
from bot.enquiries.rules import EnquiryKind, EnquiryState

_PERSONAL = re.compile(r"\S+@\S+|\+?\d[\d\s().-]{4,}\d|\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.I)


class NotYoursError(PlannedError):
    """Somebody else has this request, or it is closed."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("Somebody else has already taken this request, or it is closed.")


def ask(
    db: Session,
    *,
    kind: EnquiryKind,
    key: str,
    facts: Mapping[str, str],
    adult_id: int | None,
    now: datetime,
) -> Enquiry:
    """Hand a request to people, once per `key`. `facts` are sealed."""
    if earlier := db.exec(select(Enquiry).where(Enquiry.key == key)).first():
        return earlier
    row = Enquiry(adult_id=adult_id, key=key, kind=kind, made_at=now)
    row.seal(facts)
    db.add(row)
    db.flush()
    return row


def take(db: Session, enquiry: int, *, by: str, now: datetime) -> Enquiry:
    """Say "I have this". Raises NotYoursError where somebody else was first."""
    row = db.exec(select(Enquiry).where(Enquiry.id == enquiry).with_for_update()).one_or_none()
    if row is None or row.state is EnquiryState.CLOSED or row.owner not in ("", by):
        raise NotYoursError
    if row.state is EnquiryState.OPEN:
        row.state, row.owner, row.taken_at = EnquiryState.TAKEN, by, now
    db.flush()
    return row


def take_over(db: Session, enquiry: int, *, held_by: str, by: str, now: datetime) -> Enquiry:
    """Take a request from somebody who can't see to it. Raises NotYoursError.

    `held_by` is who had it when that was asked for: of two who take over, the second is refused.
    """
    row = db.exec(select(Enquiry).where(Enquiry.id == enquiry).with_for_update()).one_or_none()
    if row is None or row.state is not EnquiryState.TAKEN or row.owner not in (held_by, by):
        raise NotYoursError
    row.owner, row.taken_at = by, now
    db.flush()
    return row


def give_back(db: Session, enquiry: int, *, by: str) -> Enquiry:
    """Let others take a request again. Raises NotYoursError where it isn't this person's."""
    row = db.exec(select(Enquiry).where(Enquiry.id == enquiry).with_for_update()).one_or_none()
    if row is None or row.state is EnquiryState.CLOSED or row.owner not in ("", by):
        raise NotYoursError
    row.state, row.owner, row.taken_at = EnquiryState.OPEN, "", None
    db.flush()
    return row


def close(db: Session, enquiry: int, *, by: str, outcome: str, now: datetime) -> Enquiry:
    """End a request with a word on what came of it. Raises NotYoursError."""
    row = take(db, enquiry, by=by, now=now)
    row.state, row.closed_at, row.outcome = EnquiryState.CLOSED, now, outcome[:200]
    db.flush()
    return row


def withdraw(db: Session, row: Enquiry, *, outcome: str, now: datetime) -> None:
    """Close a request because whoever made it wants it no more, also where somebody has it."""
    row.state, row.closed_at, row.outcome = EnquiryState.CLOSED, now, outcome[:200]
    db.flush()


def keep_question(db: Session, text: str, *, lang: str, on: date) -> None:
    """Keep a question we had no answer to, without who asked; numbers and addresses are masked."""
    row = OpenQuestion(on=on, lang=lang)
    row.seal({"text": _PERSONAL.sub("…", text)[:200]})
    db.add(row)
    db.flush()


def pass_on(
    db: Session, *, from_adult: int, to_adult: int, only: Collection[int] | None = None
) -> list[int]:
    """Give one adult's requests to another, who is the same person; their ids.

    `only` some of them, where that is taken back.
    """
    query = sa.update(Enquiry).where(col(Enquiry.adult_id) == from_adult)
    if only is not None:
        query = query.where(col(Enquiry.id).in_(only))
    return list(db.scalars(query.values(adult_id=to_adult).returning(col(Enquiry.id))))


def erase(db: Session, adult_id: int, *, now: datetime) -> None:
    """Remove what an adult told us in requests; open ones are closed, since nobody can be rung."""
    db.execute(
        sa.update(Enquiry)
        .where(col(Enquiry.adult_id) == adult_id)
        .values(
            sealed=None, adult_id=None, state=EnquiryState.CLOSED,
            closed_at=sa.func.coalesce(Enquiry.closed_at, now),
        )
    )  # fmt: skip
