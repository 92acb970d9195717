"""A crowd: four processes that rush at one database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path

import pytest

from bot.core.sealing import write_keys
from bot.store.columns import keys
from tests.races.crowd import AT_ONCE

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 4


class Crowd:
    """The processes, waiting for what to do."""

    def __init__(self, key_file: Path) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.crowd", str(key_file)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for _ in range(PROCESSES)
        ]  # fmt: skip
        for process in self.processes:
            self._line(process)

    def rushes(
        self, database: str, doing: Sequence[tuple[str, ...]], *, careless: bool = False
    ) -> list[str]:
        """Do all this as nearly at once as can be; what became of each, sorted.

        Neighbours in the list are done by different processes; by the careless, in one, where
        each waits until the others have looked too.
        """
        lots = [list(doing[n::PROCESSES]) for n in range(PROCESSES)]
        if careless:
            fours = [doing[n : n + AT_ONCE] for n in range(0, len(doing), AT_ONCE)]
            lots = [list(chain.from_iterable(fours[n::PROCESSES])) for n in range(PROCESSES)]
        for process, lot in zip(self.processes, lots, strict=True):
            assert process.stdin is not None
            line = {"database": database, "careless": careless, "doing": lot}
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
        ends = [json.loads(self._line(process)) for process in self.processes]
        return sorted(chain.from_iterable(ends))

    def close(self) -> list[int]:
        for process in self.processes:
            process.communicate(timeout=60)
        return [process.returncode for process in self.processes]

    @staticmethod
    def _line(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "a process of the crowd died"
        return line


@pytest.fixture(scope="package")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    key_file = tmp_path_factory.mktemp("crowd") / "seal.keys"
    write_keys(key_file, keys())
    made = Crowd(key_file)
    yield made
    assert made.close() == [0] * PROCESSES


def mixed(*lists: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """One of each, then one of each again."""
    return [x for row in zip_longest(*lists) for x in row if x is not None]
