"""The filters of the timetable: read from the page's address, and written back into it.

They become the same wishes that a typed question becomes, so chat and page find the same sessions.
What can't be used is said beside its field and left out; a strange address never breaks the page.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.content.values import Content
from bot.understanding.reading import SlotValue

WHENS = ("today", "tomorrow", "week", "weekend", "next-week")
PARTS = ("morning", "afternoon", "evening")
BOOKINGS = ("drop_in", "bookable")
#: Ages in months that the list offers; the address may hold any other.
AGES = (0, 3, 6, 9, 12, 18, 24, 30, 36, 48)
_OLDEST = 18 * 12


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody asked for; "" for what they did not. `start` is where "later dates" goes on."""

    when: str = ""
    on: str = ""
    part: str = ""
    where: str = ""
    postcode: str = ""
    age: str = ""
    who: str = ""
    what: str = ""
    booking: str = ""
    free: str = ""
    start: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], content: Content) -> tuple[Filters, dict[str, str]]:
        """The filters in a query, and what was typed into those that can't be used."""
        wrong: dict[str, str] = {}

        def pick(name: str, known: bool, value: str) -> str:
            if value and not known:
                wrong[name] = value[:40]
            return value if known else ""

        def get(name: str) -> str:
            return query.get(name, "").replace("\0", "").strip()

        code, where = tidy_postcode(get("postcode")), get("where")
        age, who, what = get("age"), get("who"), get("what")
        found = cls(
            when=pick("when", get("when") in WHENS, get("when")),
            on=pick("on", _day(get("on")) is not None, get("on")),
            part=pick("part", get("part") in PARTS, get("part")),
            where=pick("where", _is_place(where, content), where),
            postcode=pick("postcode", _outcode(code) in content.outcodes, code or get("postcode")),
            age=pick("age", age.isascii() and age.isdigit() and int(age[:4]) <= _OLDEST, age),
            who=pick("who", any(who in a.who for a in content.activities.values()), who),
            what=pick("what", what in content.activities, what),
            booking=pick("booking", get("booking") in BOOKINGS, get("booking")),
            free="yes" if get("free") else "",
            start=get("start") if _day(get("start")) else "",
        )
        if found.on:  # a date says more than "this week"
            found = dataclasses.replace(found, when="")
        if found.postcode:
            found = dataclasses.replace(found, where="")
        return found, wrong

    def query(self, **changes: str) -> dict[str, str]:
        """These filters as a query, with some changed; changing any starts again at the front."""
        kept = {**dataclasses.asdict(self), "start": "", **changes}
        return {name: value for name, value in kept.items() if value}

    @property
    def active(self) -> tuple[str, ...]:
        """Names of the filters that are set."""
        return tuple(k for k, v in dataclasses.asdict(self).items() if v and k != "start")

    def without(self, name: str) -> Filters:
        return dataclasses.replace(self, **{name: "", "start": ""})

    def wishes(self, today: date) -> dict[str, SlotValue]:
        """As the slots of a wish, with dates in the council's zone."""
        wish: dict[str, SlotValue] = {}
        if self.on:
            wish["when"] = self.on
        elif self.when:
            first, last = days_of(self.when, today)
            wish["when"] = f"{first}/{last}"
        if self.part:
            wish["daypart"] = self.part
        if self.postcode:
            wish["where"] = f"pc:{self.postcode}"
        elif self.where:
            wish["where"] = self.where
        if self.age:
            wish["age_m"] = self.age
        if self.who:
            wish["who"] = self.who
        if self.what:
            wish["what"] = self.what
        if self.booking:
            wish["booking"] = self.booking
        if self.free:
            wish["price"] = "free"
        return wish


def days_of(when: str, today: date) -> tuple[date, date]:
    """First and last day of a named stretch of days. A weekend that has begun is this one."""
    monday = today - timedelta(days=today.weekday())
    match when:
        case "today":
            return today, today
        case "tomorrow":
            return today + timedelta(days=1), today + timedelta(days=1)
        case "week":
            return today, monday + timedelta(days=6)
        case "weekend":
            return max(today, monday + timedelta(days=5)), monday + timedelta(days=6)
        case _:
            return monday + timedelta(days=7), monday + timedelta(days=13)


def tidy_postcode(typed: str) -> str:
    """DA8 1LW, or DA8, from any way of typing it; "" where it is neither."""
    plain = re.sub(r"[\s.\-]", "", typed).upper()
    whole = re.fullmatch(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})", plain)
    if whole:
        return f"{whole[1]} {whole[2]}"
    return plain if re.fullmatch(r"[A-Z]{1,2}[0-9][0-9A-Z]?", plain) else ""


def _outcode(code: str) -> str:
    return code.partition(" ")[0]


def _is_place(where: str, content: Content) -> bool:
    return where in content.venues or (where.startswith("area:") and where[5:] in content.areas)


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 and len(typed) == 10 else None
