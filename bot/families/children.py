"""The children an adult tells us of, one by one: add, correct, take off the list.

A child is seen by whoever told us of it and by carers it was shown to; each may correct it, and
taking it off one's own list changes nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlmodel import Session

from bot.core.errors import Kind, PlannedError, Translate
from bot.families import queries, service
from bot.families.models import Adult, CarerLink, Child

MOST_CHILDREN = 12  # on one list


class NoSuchChildError(PlannedError):
    """Not on this adult's list, or not any more."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("That child is not on your list any more.")


class TooManyChildrenError(PlannedError):
    """The list is full."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("I can keep %(num)d children. Staff can help with more.") % {"num": MOST_CHILDREN}


def access_child(db: Session, adult: Adult, child_id: int) -> Child:
    """A child on this adult's list. Raises NoSuchChildError."""
    found = next((c for c in queries.children_of(db, adult.id) if c.id == child_id), None)
    if found is None:
        raise NoSuchChildError
    return found


def add_children(
    db: Session,
    adult: Adult,
    *,
    now: datetime,
    born: date | None = None,
    due: date | None = None,
    about: bool = False,
    count: int = 1,
    names: Sequence[str] = (),
) -> list[Child]:
    """Put `count` children of one day on the list: twins are two, and there will be two.

    Who has that day already is one of them, so that saying it again adds nobody: a name makes it
    another child unless the known one has none. Raises TooManyChildrenError.
    """
    known = list(queries.children_of(db, adult.id))
    free = [c for c in known if service.is_day(c, born=born, due=due)]
    found: list[Child] = []
    for n in range(count):
        name = names[n] if n < len(names) else ""
        child = _take(free, name)
        if child is None:
            if len(known) + 1 > MOST_CHILDREN:
                raise TooManyChildrenError
            facts = service.child_facts(born=born, due=due, about=about, first_name=name)
            child = service.new_child(db, adult, facts, now=now)
            known.append(child)
        elif name:
            child.reseal(first_name=name)
        found.append(child)
    db.flush()
    return found


def rename(db: Session, child: Child, first_name: str) -> None:
    """Correct the first name; "" forgets it."""
    child.reseal(first_name=first_name)
    db.flush()


def set_day(
    db: Session, child: Child, *, born: date | None = None, due: date | None = None, about: bool
) -> None:
    """Correct the day: also how an expected baby becomes one that is here."""
    name = str(child.private.get("first_name", ""))
    child.seal(service.child_facts(born=born, due=due, about=about, first_name=name))
    db.flush()


def pair_off(mine: Iterable[Child], theirs: Iterable[Child]) -> dict[int, int]:
    """Which of two lists are the same children: a day in common, and no two different names.

    Twins pair one with one. Ids of mine to ids of theirs.
    """
    left = list(theirs)
    pairs: dict[int, int] = {}
    for child in mine:
        same = next((c for c in left if _may_be(child, c)), None)
        if same is not None:
            left.remove(same)
            pairs[child.id] = same.id
    return pairs


def keep_own_copies(db: Session, adult: Adult, *, family_id: int, now: datetime) -> None:
    """Take this adult's children along to a family: theirs alone move, shared ones are copied."""
    for child in queries.children_of(db, adult.id):
        if queries.carers_of(db, child.id) == [adult.id]:
            child.family_id = family_id
            continue
        copy = Child(family_id=family_id, made_at=now)
        copy.seal(child.private)
        db.add(copy)
        db.flush()
        service.forget_child(db, adult, child)
        db.add(CarerLink(adult_id=adult.id, child_id=copy.id, since=now))
    db.flush()


def _take(free: list[Child], name: str) -> Child | None:
    """Out of the children of that day, the one of this name, else one without."""
    wanted = name.casefold()

    def called(child: Child) -> str:
        return str(child.private.get("first_name", "")).casefold()

    for child in sorted(free, key=lambda c: called(c) != wanted):
        if called(child) in (wanted, "") or not wanted:
            free.remove(child)
            return child
    return None


def _may_be(one: Child, other: Child) -> bool:
    days = [(c.private.get("born"), c.private.get("due")) for c in (one, other)]
    names = [str(c.private.get("first_name", "")).casefold() for c in (one, other)]
    return days[0] == days[1] != (None, None) and (names[0] == names[1] or "" in names)
