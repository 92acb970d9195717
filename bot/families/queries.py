"""Reads about families."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.families.models import Adult, Agreement, ChannelAddress, Child, Family
from bot.families.rules import AddressState, AdultState, age_in_months

_WRITES_FROM = (
    select(Adult)
    .join(ChannelAddress, col(ChannelAddress.adult_id) == col(Adult.id))
    .where(
        ChannelAddress.channel == sa.bindparam("channel"),
        ChannelAddress.key == sa.bindparam("address"),
    )
)
_CHILDREN = select(Child).where(Child.family_id == sa.bindparam("family")).order_by(col(Child.id))


def find_adult(db: Session, *, channel: str, key: str) -> Adult | None:
    """Who writes from this address."""
    return db.exec(_WRITES_FROM, params={"channel": channel, "address": key}).first()


def find_address(db: Session, *, channel: str, key: str) -> ChannelAddress | None:
    return db.exec(
        select(ChannelAddress).where(ChannelAddress.channel == channel, ChannelAddress.key == key)
    ).first()


def addresses(db: Session, adult_id: int) -> list[ChannelAddress]:
    """Every working way of reaching an adult, oldest first. None for who stopped or was erased."""
    return list(
        db.exec(
            select(ChannelAddress)
            .join(Adult, col(Adult.id) == col(ChannelAddress.adult_id))
            .where(
                ChannelAddress.adult_id == adult_id,
                ChannelAddress.state == AddressState.WORKING,
                Adult.state == AdultState.ACTIVE,
            )
            .order_by(col(ChannelAddress.id))
        )
    )


def children(db: Session, family_id: int) -> Sequence[Child]:
    return db.exec(_CHILDREN, params={"family": family_id}).all()


def remembered_place(db: Session, adult: Adult) -> str:
    place: str = db.get_one(Family, adult.family_id).private.get("where", "")
    return place


def remembered_ages(db: Session, adult: Adult, *, on: date) -> list[int]:
    """Ages in whole months of this family's born children on a local day."""
    born = [c.private.get("born") for c in children(db, adult.family_id)]
    return [age_in_months(date.fromisoformat(b), on) for b in born if b]


def latest_agreement(db: Session, adult_id: int, purpose: str) -> Agreement | None:
    """The newest yes or no for a purpose: the present state."""
    return db.exec(
        select(Agreement)
        .where(Agreement.adult_id == adult_id, Agreement.purpose == purpose)
        .order_by(col(Agreement.id).desc())
    ).first()
