"""The fields of one entry in a YAML file, read by kind.

A reader asks for each field by name; `finish` then complains of every name nobody asked
for, so the list of allowed names is the reading itself. A field that is wrong is noted
and read as something harmless: nothing is used once a problem was noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from typing import TypeVar

from bot.content import scalars
from bot.content.markup import complaints
from bot.content.problems import Problems
from bot.content.tree import Spot
from bot.content.values import Approval, Point, Said

T = TypeVar("T")
_FILE = re.compile(r"[A-Za-z0-9_./-]{1,200}")
_BRITAIN = ((49.0, 61.0), (-9.0, 2.5))


@dataclass
class Context:
    """What the readers of one folder share: the notes, the languages, the ids that exist."""

    problems: Problems
    languages: tuple[str, ...] = ("en",)
    numbers: frozenset[str] | None = None  # digits of the known phone numbers
    ids: dict[str, frozenset[str]] = field(default_factory=dict)  # by kind: "contact", "venue" ...


class Fields:
    """One mapping, read field by field. `of` says whose it is: "venue west_street"."""

    def __init__(self, context: Context, spot: Spot, of: str) -> None:
        self._context, self._spot, self._of = context, spot, of
        self._asked: list[str] = []
        self._entries: Mapping[str, Spot] = {}
        if isinstance(spot.value, dict):
            self._entries = spot.value
        elif spot.value is not None:
            self.note(f"{of} is not a list of names and values", "lines such as “name: …”")

    def note(
        self, what: str, expected: str, *, at: Spot | str | None = None, below: int = 0
    ) -> None:
        """Note a problem at a value, at the field of that name, or where the mapping begins."""
        spot = self._entries.get(at, self._spot) if isinstance(at, str) else at or self._spot
        self._context.problems.note(spot.file, spot.line + below, what, expected)

    def has(self, name: str) -> bool:
        spot = self._ask(name)
        return spot is not None and spot.value is not None

    def names(self) -> Sequence[str]:
        """Every name in the mapping, where the names themselves are data."""
        self._asked.extend(self._entries)
        return tuple(self._entries)

    def finish(self) -> None:
        """Note every name that no reader knows."""
        for name, spot in self._entries.items():
            if name not in self._asked:
                near = get_close_matches(name, self._asked, 1)
                meant = f"“{near[0]}”?" if near else "one of " + ", ".join(sorted(set(self._asked)))
                self.note(f"{self._of} has “{name}”, which means nothing here", meant, at=spot)

    def text(self, name: str, default: str | None = None) -> str:
        """One text, on one or more lines; without a default it has to be there."""
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return self._missing(name, default, "")
        return self._plain(spot, name)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self._plain(spot, name) for spot in self._list(name))

    def said(self, name: str, default: Said | None = None) -> Said:
        """Words by language; plain text is English."""
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return self._missing(name, default, {"en": ""})
        return self._said(spot, name)

    def maybe_said(self, name: str) -> Said | None:
        return self.said(name) if self.has(name) else None

    def saids(self, name: str) -> tuple[Said, ...]:
        return tuple(self._said(spot, name) for spot in self._list(name))

    def file(self, name: str, default: str | None = None) -> str:
        """The name of a file or folder, beside the content folder's own."""
        typed = self.text(name, default)
        if not _FILE.fullmatch(typed):
            self.note(
                f"“{name}” of {self._of}", "the name of a file, such as programme.csv", at=name
            )
            return "."
        return typed

    def parse(self, name: str, parser: Callable[[str], T], default: T | None, empty: T) -> T:
        """A scalar by one of the parsers of scalars.py; `empty` stands for a wrong one."""
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return self._missing(name, default, empty)
        return self._parsed(spot, name, parser, empty)

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.parse(name, scalars.parse_yes, default, default)

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        return self.parse(name, lambda typed: scalars.parse_number(typed, low, high), default, low)

    def maybe_months(self, name: str) -> int | None:
        return self.parse(name, scalars.parse_months, None, 0) if self.has(name) else None

    def day(self, name: str) -> date:
        return self.parse(name, scalars.parse_date, None, date.min)

    def maybe_day(self, name: str) -> date | None:
        return self.day(name) if self.has(name) else None

    def days(self, name: str) -> tuple[date, ...]:
        found = (
            self._parsed(spot, name, scalars.parse_date, date.min) for spot in self._list(name)
        )
        return tuple(found)

    def clock(self, name: str) -> time:
        return self.parse(name, scalars.parse_time, None, time.min)

    def clocks(self, name: str) -> tuple[time, ...]:
        return tuple(self._parsed(s, name, scalars.parse_time, time.min) for s in self._list(name))

    def one_of(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return self._missing(name, default, allowed[0])
        if not isinstance(spot.value, str) or spot.value not in allowed:
            self.note(
                f"“{name}” of {self._of} is “{_shown(spot)}”",
                "one of " + ", ".join(allowed),
                at=spot,
            )
            return allowed[0]
        return spot.value

    def id(self, name: str, kind: str, default: str | None = None) -> str:
        """The id of a contact, area, venue, activity or topic that exists."""
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return self._missing(name, default, "")
        return self._known(spot, name, kind)

    def ids(self, name: str, kind: str) -> tuple[str, ...]:
        return tuple(self._known(spot, name, kind) for spot in self._list(name))

    def maybe_point(self, name: str) -> Point | None:
        """A position as [latitude, longitude], in Britain."""
        spots = self._list(name)
        if not spots:
            return None
        try:
            lat, lon = (float(str(spot.value)) for spot in spots)
        except ValueError:
            lat = lon = 0.0
        (south, north), (west, east) = _BRITAIN
        if not (south <= lat <= north and west <= lon <= east):
            self.note(
                f"“{name}” of {self._of} is not a place in Britain",
                "[latitude, longitude]",
                at=spots[0],
            )
        return Point(lat, lon)

    def point(self, name: str) -> Point:
        return self.maybe_point(name) or self._missing(name, None, Point(0, 0))

    def inner(self, name: str) -> Fields | None:
        """A mapping inside this one, or None where it is not given."""
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return None
        return Fields(self._context, spot, f"“{name}” of {self._of}")

    def inners(self, name: str) -> tuple[Fields, ...]:
        """A list of mappings inside this one."""
        return tuple(
            Fields(self._context, spot, f"“{name}” {n} of {self._of}")
            for n, spot in enumerate(self._list(name), 1)
        )

    def approvals(self, name: str = "approved") -> dict[str, Approval]:
        """By language: who agreed to the words, and when. Empty ones are left out."""
        inner = self.inner(name)
        if inner is None:
            return {}
        found = {}
        for tag in inner.names():
            if tag not in self._context.languages:
                inner.note(f"language “{tag}”", self._languages(), at=tag)
            one = inner.inner(tag)
            if one is None:
                continue
            approval = Approval(by=one.text("by", ""), on=one.maybe_day("on"))
            one.finish()
            if bool(approval.by) != bool(approval.on):
                one.note("half an approval", "both “by” (a name) and “on” (a date), or neither")
            if approval.given:
                found[tag] = approval
        return found

    def _ask(self, name: str) -> Spot | None:
        self._asked.append(name)
        return self._entries.get(name)

    def _missing(self, name: str, default: T | None, empty: T) -> T:
        if default is not None:
            return default
        self.note(f"{self._of} has no “{name}”", f"a line “{name}: …”")
        return empty

    def _list(self, name: str) -> list[Spot]:
        spot = self._ask(name)
        if spot is None or spot.value is None:
            return []
        if isinstance(spot.value, list):
            return spot.value
        self.note(f"“{name}” of {self._of} is not a list", f"{name}: [one, two]", at=spot)
        return []

    def _plain(self, spot: Spot, name: str) -> str:
        if not isinstance(spot.value, str) or not spot.value.strip():
            self.note(f"“{name}” of {self._of} is not text", "words", at=spot)
            return ""
        for below, what, expected in complaints(spot.value, self._context.numbers):
            self.note(
                f"“{name}” of {self._of} has {what}",
                expected,
                at=spot,
                below=spot.text_below + below,
            )
        return spot.value.strip()

    def _said(self, spot: Spot, name: str) -> Said:
        if isinstance(spot.value, str):
            return {"en": self._plain(spot, name)}
        if not isinstance(spot.value, dict):
            self.note(f"“{name}” of {self._of} is not words by language", "{en: …}", at=spot)
            return {"en": ""}
        if "en" not in spot.value:
            self.note(f"“{name}” of {self._of} has no English", "{en: …}", at=spot)
        for tag, words in spot.value.items():
            if tag not in self._context.languages:
                self.note(f"“{name}” of {self._of} is in “{tag}”", self._languages(), at=words)
        said = {tag: self._plain(words, f"{name} ({tag})") for tag, words in spot.value.items()}
        return {"en": "", **said}

    def _languages(self) -> str:
        return "a language of council.yaml: " + ", ".join(self._context.languages)

    def _parsed(self, spot: Spot, name: str, parser: Callable[[str], T], empty: T) -> T:
        if not isinstance(spot.value, str):
            self.note(f"“{name}” of {self._of} is {_shown(spot)}", "one value", at=spot)
            return empty
        try:
            return parser(spot.value)
        except ValueError as error:
            self.note(f"“{name}” of {self._of} is “{_shown(spot)}”", str(error), at=spot)
            return empty

    def _known(self, spot: Spot, name: str, kind: str) -> str:
        typed = spot.value if isinstance(spot.value, str) else ""
        known = self._context.ids.get(kind, frozenset())
        if typed not in known:
            near = get_close_matches(typed, known, 1)
            expected = f"“{near[0]}”?" if near else f"the id of a known {kind}"
            self.note(
                f"“{name}” of {self._of} is “{_shown(spot)}”, an unknown {kind}", expected, at=spot
            )
        return typed


def _shown(spot: Spot) -> str:
    value = spot.value
    if isinstance(value, str):
        return value if len(value) <= 60 else value[:57] + "…"
    return "a list" if isinstance(value, list) else "a mapping" if value else "nothing"
