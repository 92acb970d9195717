"""The register of one session: who came, who did not, how many walked in.

The form may be sent as often as one likes, also by two people at once: only what somebody changed
since their page was made is written, so nothing counts twice and nobody undoes another's tick.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import queries
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind, RegisterMark
from bot.bookings.service import mark_register
from bot.core.errors import Kind, PlannedError, Translate
from bot.timetable.queries import Slot

MOST_WALK_INS = 500


class RegisterClosedError(PlannedError):
    """The day of the session has not come, or it was cancelled."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("The register opens on the day of the session, and stays shut if it is cancelled.")


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """What somebody sent. `shown` and `walk_ins_shown` are what their page had said."""

    came: frozenset[int]  # ids of claims
    shown: Mapping[int, RegisterMark | None]
    complete: bool  # whoever isn't ticked was absent
    walk_ins: int
    walk_ins_shown: int


def is_open(slot: Slot, *, now: datetime, zone: ZoneInfo) -> bool:
    """From the first minute of its local day on, unless it is cancelled."""
    day = slot.starts_at.astimezone(zone).date()
    return not slot.cancelled and day <= now.astimezone(zone).date()


def on_register(db: Session, slot: Slot) -> list[Claim]:
    """Who is listed: live bookings, and whoever has a mark although they cancelled since."""
    listed = list(queries.booked_for(db, slot))
    marked, _walk_ins = queries.register_of(db, slot.id)
    gone = set(marked) - {c.id for c in listed}
    if gone:
        listed += db.exec(select(Claim).where(col(Claim.id).in_(gone)).order_by(col(Claim.id)))
    # Of one whose time is over only the mark is left: it counts, and is nobody's.
    return [c for c in listed if c.adult_id is not None]


def save(
    db: Session, slot: Slot, form: RegisterForm, *, by: str, now: datetime, zone: ZoneInfo
) -> int:
    """Write what changed; how many marks that were. Raises RegisterClosedError.

    Marks for claims of another session are left out. Taking a tick away means absent.
    """
    if not is_open(slot, now=now, zone=zone):
        raise RegisterClosedError
    marks, walk_ins = queries.register_of(db, slot.id)
    written = 0
    for claim_id in _known(db, slot, form.shown):
        before = form.shown[claim_id]
        after = _mark(claim_id in form.came, before, complete=form.complete)
        if after is not None and after is not before and marks.get(claim_id) is not after:
            mark_register(db, slot.id, mark=after, claim_id=claim_id, by=by, now=now)
            written += 1
    if form.walk_ins not in (form.walk_ins_shown, walk_ins):
        mark_register(db, slot.id, mark=RegisterMark.WALK_IN, count=form.walk_ins, by=by, now=now)
        written += 1
    return written


def _mark(came: bool, before: RegisterMark | None, *, complete: bool) -> RegisterMark | None:
    if came:
        return RegisterMark.CAME
    if complete or before is RegisterMark.CAME:
        return RegisterMark.ABSENT
    return before


def _known(db: Session, slot: Slot, claims: Collection[int]) -> list[int]:
    """Those ids that are bookings of this session, also ones given up while the page was open."""
    mine = (
        col(Claim.course_id) == slot.course_id
        if slot.course_id is not None
        else col(Claim.occurrence_id) == slot.id
    )
    kinds = sa.or_(col(Claim.kind) == ClaimKind.BOOKING, col(Claim.ended_why).is_not(None))
    query = select(Claim.id).where(mine, kinds, col(Claim.id).in_(list(claims)))
    return sorted(db.exec(query))
