"""How rows come to the end of their time: a subject says which and how, one walker does it.

A walk reads keys in a reading transaction and ends a small lot in a writing one, so that a big
table keeps nobody from writing for long. Every lot is looked at once more under lock: what came
back to life in between stays. Running it again finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

_LOOK = 2000  # keys read in one

Keys = Sequence[Any]


def _all(_db: Session, keys: Keys) -> Keys:
    return keys


@dataclass(frozen=True)
class Lifetime:
    """Which rows have been kept long enough, and what becomes of them.

    `over` selects their key, from one table; `pick` leaves out what only an opened seal can tell.
    """

    what: str  # for staff: "words of chats"
    key: Any  # the column
    over: sa.Select[Any]
    end: Callable[[Session, Keys], object]
    pick: Callable[[Session, Keys], Keys] = _all
    lot: int = 200  # rows ended in one transaction: some milliseconds

    def find(self, db: Session, after: object = None) -> Keys:
        """The next keys, in order, beyond one that was seen."""
        query = self.over if after is None else self.over.where(self.key > after)
        return db.execute(query.order_by(self.key).limit(_LOOK)).scalars().all()

    def end_lot(self, db: Session, keys: Keys) -> int:
        """End those of a lot whose time is still over; how many. What somebody else has locked is
        left for the next time."""
        query = self.over.where(self.key.in_(keys)).with_for_update(skip_locked=True)
        sure = self.pick(db, db.execute(query).scalars().all())
        if sure:
            self.end(db, sure)
            db.flush()
        return len(sure)

    def count(self, db: Session) -> int:
        """How many rows wait for their end."""
        found, keys = 0, self.find(db)
        while keys:
            found += len(self.pick(db, keys))
            keys = self.find(db, keys[-1])
        return found
