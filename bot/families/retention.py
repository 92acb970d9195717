"""When a registration ends, and which families have not been here for long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.families.models import Adult, CarerLink, Child, Family
from bot.families.rules import AdultState
from bot.store.lifetimes import Keys, Lifetime


def registrations(*, before: datetime, zone: ZoneInfo) -> Lifetime:
    """Registrations of families whose youngest child was born, or was due, before that moment.

    What they had told us goes, and they are kept like a family that never registered. Where no
    child is known any more, the day they registered counts as a birthday.
    """
    birthday = before.astimezone(zone).date()

    def grown(db: Session, ids: Keys) -> Keys:
        youngest: dict[int, date] = {}
        for child in db.exec(select(Child).where(col(Child.family_id).in_(ids))):
            told = child.private.get("born") or child.private.get("due")
            if told:
                born = date.fromisoformat(told)
                youngest[child.family_id] = max(born, youngest.get(child.family_id, born))
        for family in db.exec(select(Family).where(col(Family.id).in_(ids))):
            if family.id not in youngest and family.registered_at is not None:
                youngest[family.id] = family.registered_at.astimezone(zone).date()
        return [i for i in ids if youngest.get(i, birthday) < birthday]

    return Lifetime(
        "registrations",
        Family.id,
        sa.select(col(Family.id)).where(
            col(Family.registered_at).is_not(None), col(Family.erased_at).is_(None)
        ),
        _end_registrations,
        grown,
    )


def unseen(*, before: datetime, spare: Iterable[sa.Select[Any]]) -> sa.Select[Any]:
    """Ids of families not registered of whom nobody was here since then; none in `spare`."""
    here = sa.exists().where(
        col(Adult.family_id) == col(Family.id),
        col(Adult.state) != AdultState.ERASED,
        col(Adult.seen_at) >= before,
    )
    return sa.select(col(Family.id)).where(
        col(Family.erased_at).is_(None),
        col(Family.registered_at).is_(None),
        col(Family.made_at) < before,
        ~here,
        *(col(Family.id).not_in(ids) for ids in spare),
    )


def lock_adults(db: Session, families: Keys) -> list[Adult]:
    """The adults of some families as they are now, locked to the end of the transaction."""
    query = (
        select(Adult)
        .where(col(Adult.family_id).in_(families), Adult.state != AdultState.ERASED)
        .order_by(col(Adult.id))
        .with_for_update()
    )
    return list(db.exec(query, execution_options={"populate_existing": True}))


def _end_registrations(db: Session, ids: Keys) -> None:
    db.execute(
        sa.update(Family).where(col(Family.id).in_(ids)).values(registered_at=None, sealed=None)
    )
    db.execute(sa.update(Adult).where(col(Adult.family_id).in_(ids)).values(sealed=None))
    children = sa.select(col(Child.id)).where(col(Child.family_id).in_(ids))
    db.execute(sa.delete(CarerLink).where(col(CarerLink.child_id).in_(children)))
    db.execute(sa.delete(Child).where(col(Child.family_id).in_(ids)))
