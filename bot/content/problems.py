"""Everything wrong with a content folder, told at once, with file and line.

A council mends a folder in one sitting only if it sees all faults together, so the
readers note a problem and go on; `raise_any` ends the reading where something was noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.errors import Kind, PlannedError, Translate


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault. `file` is as the council sees it, `line` counts from 1."""

    file: str
    line: int
    what: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}. Expected: {self.expected}"


class ContentError(PlannedError):
    """The folder, or a programme file, cannot be used as it stands."""

    kind = Kind.INVALID

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)

    def sentence(self, _: Translate) -> str:
        return _(
            "Some of the content has mistakes. Please mend each one in the list and try again."
        )


class Problems:
    """Where readers note what is wrong."""

    def __init__(self) -> None:
        self._noted: set[Problem] = set()

    def __len__(self) -> int:
        return len(self._noted)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._noted))

    def note(self, file: str, line: int, what: str, expected: str) -> None:
        self._noted.add(Problem(file, line, what, expected))

    def raise_any(self) -> None:
        """Raise ContentError with every problem noted so far; do nothing where there is none."""
        if self._noted:
            raise ContentError(tuple(self))
