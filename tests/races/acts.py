"""What the crowd does: each act as the service does it, and as a careless program would.

The careless one looks in one transaction whether it may, and takes in the next what it saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session, col, select

from bot.bookings import allotting, ledger, offers, queries, queue, service, waiting
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState
from bot.families import service as families
from bot.families.models import Adult
from bot.families.queries import sharing_adults
from bot.timetable.models import Occurrence
from bot.timetable.queries import Slot, find_slot
from tests.conftest import DAY, MINUTE, NOW
from tests.sessions import POLICY

LATE = NOW + DAY + MINUTE  # when offers made at NOW have run out


class Act(Protocol):
    """Something done in a rush. Says in a word what became of it.

    What it `looks` for is 0 where there is nothing to take.
    """

    def guarded(self, db: Session) -> str: ...
    def looks(self, db: Session) -> int: ...
    def takes(self, db: Session, seen: int) -> str: ...


@dataclass(frozen=True)
class Book:
    """A family presses "Book" and says yes."""

    occurrence: str
    family: str
    size: str = "1"

    def guarded(self, db: Session) -> str:
        held = service.hold_place(
            db, adult=family(db, self.family), occurrence=self.occurrence, size=int(self.size),
            key=f"book-{self.family}", policy=POLICY, now=LATE,
        )  # fmt: skip
        service.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=LATE)
        return "booked"

    def looks(self, db: Session) -> int:
        return left(db, slot_of(db, self.occurrence)) >= int(self.size)

    def takes(self, db: Session, _seen: int) -> str:
        ledger.new_claim(
            db, slot_of(db, self.occurrence), adult=family(db, self.family),
            kind=ClaimKind.BOOKING, size=int(self.size), key=f"book-{self.family}", now=LATE,
        )  # fmt: skip
        return "booked"


@dataclass(frozen=True)
class BookCourse(Book):
    """The same of a course: a family may be on so many at once."""

    def looks(self, db: Session) -> int:
        adults = sharing_adults(db, family(db, self.family))
        few = len(queries.courses_of(db, adults, now=LATE)) < POLICY.places.most_courses
        return few and super().looks(db)


@dataclass(frozen=True)
class SayYes:
    """The first in line says yes, on one phone of several; says which booking that made."""

    occurrence: str
    phone: str

    def guarded(self, db: Session) -> str:
        entry, slot = line(db, self.occurrence)[0], slot_of(db, self.occurrence)
        key = f"yes-{self.occurrence}-{self.phone}"
        made = waiting.accept(db, entry, slot, key=key, policy=POLICY, now=LATE)
        return f"{self.occurrence} booked: {made.id}"

    def looks(self, db: Session) -> int:
        """Theirs still, or free."""
        entry, slot = line(db, self.occurrence)[0], slot_of(db, self.occurrence)
        mine = queries.claim_of(db, slot, [entry.adult_id], now=LATE)
        return left(db, slot) > 0 if mine is None else mine.kind is ClaimKind.OFFER

    def takes(self, db: Session, _seen: int) -> str:
        entry = line(db, self.occurrence)[0]
        if (held := queue.offer_of(db, entry)) is not None:
            ledger.end_claim(db, held, why=EndedWhy.GIVEN_UP, now=LATE)
        made = ledger.new_claim(
            db, slot_of(db, self.occurrence), adult=db.get_one(Adult, entry.adult_id),
            kind=ClaimKind.BOOKING, size=1, key=f"yes-{self.occurrence}-{self.phone}", now=LATE,
        )  # fmt: skip
        return f"{self.occurrence} booked: {made.id}"


@dataclass(frozen=True)
class Wake:
    """The job gives what is free to whoever is next."""

    occurrence: str

    def guarded(self, db: Session) -> str:
        slot = ledger.lock_slot(db, self.occurrence)
        return f"{waiting.wake(db, slot, policy=POLICY, now=LATE)} asked"

    def looks(self, db: Session) -> int:
        free = left(db, slot_of(db, self.occurrence))
        return next_waiting(db, self.occurrence) if free else 0

    def takes(self, db: Session, seen: int) -> str:
        offer(db, seen, self.occurrence)
        return "1 asked"


@dataclass(frozen=True)
class GiveUp:
    """A family can't come: its place goes on at once to whoever waits, for any date it may be."""

    occurrence: str
    family: str

    def guarded(self, db: Session) -> str:
        claim = booking(db, self.family)
        service.cancel(db, claim, why=EndedWhy.CANT_COME, policy=POLICY, now=LATE)
        return "cancelled"

    def looks(self, db: Session) -> int:
        return next_waiting(db, self.occurrence)

    def takes(self, db: Session, seen: int) -> str:
        ledger.end_claim(db, booking(db, self.family), why=EndedWhy.CANT_COME, now=LATE)
        offer(db, seen, self.occurrence)
        return "cancelled"


@dataclass(frozen=True)
class Move:
    """A family changes to the other of two sessions."""

    one: str
    other: str
    family: str
    key: str

    def guarded(self, db: Session) -> str:
        claim = booking(db, self.family)
        service.move_place(db, claim, self._to(claim), key=self.key, policy=POLICY, now=LATE)
        return "moved"

    def looks(self, db: Session) -> int:
        return left(db, slot_of(db, self._to(booking(db, self.family)))) > 0

    def takes(self, db: Session, _seen: int) -> str:
        claim = booking(db, self.family)
        ledger.new_claim(
            db, slot_of(db, self._to(claim)), adult=family(db, self.family),
            kind=ClaimKind.BOOKING, size=1, key=self.key, now=LATE,
        )  # fmt: skip
        claim.kind = ClaimKind.HOLD
        ledger.end_claim(db, claim, why=EndedWhy.MOVED, now=LATE)
        return "moved"

    def _to(self, claim: Claim) -> str:
        return self.one if claim.occurrence_id == self.other else self.other


@dataclass(frozen=True)
class Resize:
    """Staff make a session smaller."""

    occurrence: str
    places: str

    def guarded(self, db: Session) -> str:
        allotting.set_capacity(
            db, self.occurrence, int(self.places), by="Esi", policy=POLICY, now=LATE
        )
        return "resized"

    def looks(self, db: Session) -> int:
        return queries.live_size(db, slot_of(db, self.occurrence), now=LATE) <= int(self.places)

    def takes(self, db: Session, _seen: int) -> str:
        db.get_one(Occurrence, self.occurrence).capacity = int(self.places)
        return "resized"


ACTS: dict[str, type[Book | BookCourse | SayYes | Wake | GiveUp | Move | Resize]] = {
    kind.__name__: kind for kind in (Book, BookCourse, SayYes, Wake, GiveUp, Move, Resize)
}


def family(db: Session, name: str) -> Adult:
    return families.welcome(db, channel="telegram", key=name, lang="en", now=NOW)


def booking(db: Session, name: str) -> Claim:
    """The live booking of a family."""
    query = select(Claim).where(
        Claim.adult_id == family(db, name).id, Claim.kind == ClaimKind.BOOKING,
        col(Claim.ended_at).is_(None),
    )  # fmt: skip
    return db.exec(query).one()


def line(db: Session, occurrence: str) -> list[WaitingEntry]:
    """Everybody who waits or waited for a session, in their order."""
    return queue.line(db, slot_of(db, occurrence), list(EntryState), zone=POLICY.zone)


def next_waiting(db: Session, occurrence: str) -> int:
    """The entry that is to be offered the next place."""
    return next(e.id for e in line(db, occurrence) if e.state is EntryState.WAITING)


def offer(db: Session, entry: int, occurrence: str) -> None:
    waits, slot = db.get_one(WaitingEntry, entry), slot_of(db, occurrence)
    offers.offer(db, waits, slot, until=LATE + DAY, now=LATE)


def left(db: Session, slot: Slot) -> int:
    return queries.places_left(db, [slot], now=LATE)[slot.subject]


def slot_of(db: Session, occurrence: str) -> Slot:
    slot = find_slot(db, occurrence)
    assert slot is not None
    return slot
