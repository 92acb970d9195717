"""One session as pages show it: in the timetable, at a venue, on its own page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlmodel import Session

from bot.bookings import ledger
from bot.bookings.queries import places_left
from bot.content.values import Mode
from bot.timetable import telling
from bot.timetable.queries import Slot
from handlers.http.look import Look, Told

FEW = 3  # places left, from which a page says it louder


@dataclass(frozen=True, slots=True)
class Card:
    """What helps to choose, in the reader's words. `tone` of the badge: off, full, few, ask or ""."""

    id: str
    name: Told
    day: str
    hours: str
    starts: str  # ISO 8601 with its offset, for <time>
    venue: Told
    venue_id: str
    ages: Told
    cost: Told
    way_in: str
    tone: str
    cancelled: bool
    reason: Told
    distance: str
    course: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the timetable."""

    on: str  # ISO date
    heading: str
    cards: tuple[Card, ...]


def cards_of(
    db: Session, look: Look, slots: Sequence[Slot], km: Mapping[str, float] | None = None
) -> list[Card]:
    """Cards in the order of the slots; `km` is how far away each venue is."""
    left = places_left(db, slots, now=look.now)
    return [
        card_of(look, s, left.get(s.subject), (km or {}).get(s.venue),
                begun=ledger.begun(db, s, now=look.now))
        for s in slots
    ]  # fmt: skip


def card_of(
    look: Look, slot: Slot, left: int | None, km: float | None = None, *, begun: bool = False
) -> Card:
    content, words = look.content, look.words
    begin = slot.starts_at.astimezone(look.zone)
    off = slot.cancelled
    return Card(
        id=slot.id,
        name=name_of(look, slot),
        day=words.day(begin.date(), today=look.today),
        hours=words.hours(slot.starts_at, slot.ends_at),
        starts=begin.isoformat(),
        venue=look.told(content.venues[slot.venue].name),
        venue_id=slot.venue,
        ages=ages_of(look, slot),
        cost=cost_of(look, slot),
        way_in=words._("Cancelled") if off else telling.way_in(slot, words, left=left),
        tone="off" if off else _tone(slot, left),
        cancelled=off,
        reason=look.english(slot.reason),
        distance="" if km is None else words.distance(km),
        course=telling.course_length(slot, words, begun=begun),
    )


def by_day(look: Look, cards: Iterable[tuple[date, Card]]) -> tuple[Day, ...]:
    """Cards in order, gathered under their local days."""
    return tuple(
        Day(
            on=on.isoformat(),
            heading=_capital(look.words.day(on, today=look.today)),
            cards=tuple(card for _on, card in group),
        )
        for on, group in groupby(cards, key=lambda pair: pair[0])
    )


def local_day(look: Look, slot: Slot) -> date:
    return slot.starts_at.astimezone(look.zone).date()


def name_of(look: Look, slot: Slot) -> Told:
    if slot.name:
        return look.english(slot.name)
    return look.told(look.content.activities[slot.activity].name)


def cost_of(look: Look, slot: Slot) -> Told:
    said = look.content.activities[slot.activity].cost
    if slot.cost:
        return look.english(slot.cost)
    if said.get("en"):
        return look.told(said)
    return Told(telling.cost(slot, look.content, look.words))


def ages_of(look: Look, slot: Slot) -> Told:
    note = look.content.activities[slot.activity].age_note
    return look.told(note) if note else Told(_capital(look.words.ages(slot.age_from, slot.age_to)))


def _tone(slot: Slot, left: int | None) -> str:
    if slot.mode in (Mode.REFERRAL, Mode.PARTNER):
        return "ask"
    if not slot.bookable or left is None or left > FEW:
        return ""
    return "few" if left else "full"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
