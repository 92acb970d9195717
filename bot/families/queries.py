"""Reads about families."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.families.models import (
    Adult,
    Agreement,
    CarerLink,
    ChannelAddress,
    Child,
    Family,
    LinkCode,
)
from bot.families.rules import AddressState, AdultState, LinkPurpose, age_in_months
from bot.store.columns import table_of
from bot.store.prepared import Prepared, loaded

_ADULT, _ADDRESS = table_of(Adult), table_of(ChannelAddress)
_CHILD, _LINK = table_of(Child), table_of(CarerLink)
_WRITES_FROM = Prepared(
    sa.select(_ADDRESS.c.state, _ADULT)
    .join(_ADULT, _ADDRESS.c.adult_id == _ADULT.c.id)
    .where(_ADDRESS.c.channel == sa.bindparam("channel"), _ADDRESS.c.key == sa.bindparam("address"))
)
_CHILDREN = Prepared(
    sa.select(_CHILD)
    .join(_LINK, _LINK.c.child_id == _CHILD.c.id)
    .where(_LINK.c.adult_id == sa.bindparam("adult"), _LINK.c.until.is_(None))
    .order_by(_CHILD.c.id)
)
_FAMILY = table_of(Family)
_LOCKED = Prepared(
    sa.select(_FAMILY.c.id)
    .where(_FAMILY.c.id == sa.bindparam("family"))
    .with_for_update(key_share=True)  # rows that only name the family don't wait for it
)
_HERE = (AdultState.ACTIVE, AdultState.STOPPED)
#: Adults of a `family` who let the others see their bookings.
SHARE = sa.and_(
    _ADULT.c.family_id == sa.bindparam("family"), _ADULT.c.shares_since.is_not(None),
    sa.or_(*(_ADULT.c.state == state for state in _HERE)),
)  # fmt: skip
_SHARING = Prepared(
    sa.select(_ADULT.c.id).where(SHARE, _ADULT.c.id != sa.bindparam("adult")).order_by(_ADULT.c.id)
)


def find_adult(db: Session, *, channel: str, key: str) -> Adult | None:
    """Who writes from this address."""
    found = find_writer(db, channel=channel, key=key)
    return found[0] if found is not None else None


def find_writer(db: Session, *, channel: str, key: str) -> tuple[Adult, AddressState] | None:
    """Who writes from this address, and what we believe of it."""
    db.flush()  # a prepared statement sees only what is flushed
    row = _WRITES_FROM.one(db, {"channel": channel, "address": key})
    return (loaded(db, Adult, row[1:]), row[0]) if row is not None else None


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


def children_of(db: Session, adult_id: int) -> Sequence[Child]:
    """The children an adult told us of or was shown by another carer, oldest row first."""
    db.flush()
    return [loaded(db, Child, row) for row in _CHILDREN.rows(db, {"adult": adult_id})]


def carers_of(db: Session, child_id: int) -> list[int]:
    """Ids of the adults who see a child."""
    query = select(CarerLink.adult_id).where(
        CarerLink.child_id == child_id, col(CarerLink.until).is_(None)
    )
    return list(db.exec(query.order_by(col(CarerLink.id))))


def adults_in(db: Session, family_id: int) -> list[Adult]:
    """The adults of a family. Never shown as a list: who left must not be missed."""
    query = select(Adult).where(Adult.family_id == family_id, col(Adult.state).in_(_HERE))
    return list(db.exec(query.order_by(col(Adult.id))))


def sharing_adults(db: Session, adult: Adult) -> list[int]:
    """Ids of those in the family whose bookings this adult may see, their own first.

    Who doesn't share is left out just like who has nothing booked: a screen can't tell them apart.
    """
    db.flush()
    others = _SHARING.rows(db, {"family": adult.family_id, "adult": adult.id})
    return [adult.id, *(row[0] for row in others)]


def lock_family(db: Session, adult: Adult) -> None:
    """Let one act of a family come after the other, to the end of the transaction."""
    _LOCKED.rows(db, {"family": adult.family_id})


def merged_into(db: Session, adult_id: int) -> list[int]:
    """Ids of adults who turned out to be this one, and of those who had turned out to be them."""
    found: list[int] = []
    ask = [adult_id]
    while ask:
        query = select(LinkCode.used_by).where(
            LinkCode.adult_id == ask.pop(),
            LinkCode.purpose == LinkPurpose.SAME_PERSON,
            col(LinkCode.used_by).is_not(None),
        )
        new = [i for i in db.exec(query) if i is not None and i not in found]
        found, ask = [*found, *new], [*ask, *new]
    return found


def remembered_place(_db: Session, adult: Adult) -> str:
    place: str = adult.private.get("where", "")
    return place


def remembered_ages(db: Session, adult: Adult, *, on: date) -> list[int]:
    """Ages in whole months of this adult's born children on a local day, each once."""
    born = dict.fromkeys(c.private.get("born") for c in children_of(db, adult.id))
    return [age_in_months(date.fromisoformat(b), on) for b in born if b]


def latest_agreement(db: Session, adult_id: int, purpose: str) -> Agreement | None:
    """The newest yes or no for a purpose: the present state."""
    return db.exec(
        select(Agreement)
        .where(Agreement.adult_id == adult_id, Agreement.purpose == purpose)
        .order_by(col(Agreement.id).desc())
    ).first()
