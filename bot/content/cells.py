"""One row of a spreadsheet, read cell by cell: what is wrong names its line and its column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from bot.content.fields import Context
from bot.content.markup import complaints
from bot.content.table import Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: takes a cell by column, notes what is wrong with it."""

    row: Row
    file: str
    context: Context
    wrong: set[str] = field(default_factory=set)  # columns that can't be read

    def note(self, column: str, what: str, expected: str) -> None:
        self.wrong.add(column)
        self._tell(column, what, expected)

    def doubt(self, column: str, what: str, expected: str) -> None:
        """Note what does not go together, unless the column is noted already: what stands for a
        cell that can't be read would only bring false alarms."""
        if column not in self.wrong:
            self._tell(column, what, expected)

    def text(self, column: str, *, most: int = 120) -> str:
        """The cell as it is typed, at most so many letters: as many as a row has room for."""
        typed = self.row.cells[column]
        if len(typed) > most:
            self.note(column, f"has {len(typed)} letters", f"at most {most}")
        for _, what, expected in complaints(typed, self.context.numbers):
            self.note(column, what, expected)
        return typed

    def take(self, column: str, parser: Callable[[str], T], default: T) -> T:
        """The cell by a parser, the default where it is empty or wrong."""
        typed = self.row.cells[column]
        if not typed:
            return default
        try:
            return parser(typed)
        except ValueError as error:
            self.note(column, f"“{typed[:60]}”", str(error))
            return default

    def need(self, column: str, parser: Callable[[str], T], default: T) -> T:
        if not self.row.cells[column]:
            self.note(column, "is empty", "a value")
        return self.take(column, parser, default)

    def several(self, column: str, parser: Callable[[str], T]) -> tuple[T, ...]:
        """Values parted by ; or a space, in order, each once."""
        found = []
        for part in re.split(r"[;,|\s]+", self.row.cells[column]):
            if part:
                try:
                    value = parser(part)
                except ValueError as error:
                    self.note(column, f"“{part[:60]}”", str(error))
                    continue
                if value in found:
                    self.note(column, f"“{part}” is there twice", "each once")
                else:
                    found.append(value)
        return tuple(found)

    def known(self, column: str, kind: str, *, needed: bool = True) -> str:
        typed = self.row.cells[column]
        known = self.context.ids.get(kind, frozenset())
        if not typed and not needed:
            return ""
        if typed not in known:
            near = get_close_matches(typed, known, 1)
            expected = f"“{near[0]}”?" if near else f"the id of a known {kind}"
            self.note(column, f"“{typed[:60]}” is an unknown {kind}", expected)
        return typed

    def word(self, column: str, words: Mapping[str, T], default: T) -> T:
        typed = " ".join(self.row.cells[column].lower().replace("-", " ").replace("_", " ").split())
        if typed in words:
            return words[typed]
        self.note(
            column,
            f"“{typed[:60]}”" if typed else "is empty",
            "one of " + ", ".join(filter(None, words)),
        )
        return default

    def _tell(self, column: str, what: str, expected: str) -> None:
        self.context.problems.note(self.file, self.row.line, f"column “{column}”: {what}", expected)
