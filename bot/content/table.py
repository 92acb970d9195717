"""A CSV file as spreadsheets save it, read into rows that remember their line.

Takes a byte order mark, Windows letters, semicolons or tabs, any line ends, empty lines and
lines that begin with #. Column names may differ in case and in _ for a space.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from bot.content.problems import Problems

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Mapping[str, str]  # by column; every column of the table, "" where empty


def read_table(
    path: Path, shown: str, problems: Problems, *, columns: Sequence[str], needed: Sequence[str]
) -> list[Row]:
    """The rows below the header. What is wrong with the file itself is noted."""
    text = _text(path, shown, problems)
    if text is None:
        return []
    # Strict: a quote that is never closed would swallow every row below it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    note = partial(problems.note, shown)
    rows, line = [], 1
    while True:
        try:
            typed = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            note(line, f"not CSV: {error}", 'a file saved as CSV, with each " closed')
            break
        at, line = line, reader.line_num + 1
        cells = [cell.strip() for cell in typed]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if header is None:
            header = _header(cells, partial(note, at), columns, needed)
            if not set(needed) <= set(header):
                break  # every row would lack the same
            continue
        if any(cells[len(header) :]):
            more = ", ".join(cell for cell in cells[len(header) :] if cell)
            note(at, f"more cells than columns: “{more[:60]}”", f"{len(header)} cells")
        found = dict(zip(header, cells, strict=False))
        rows.append(Row(at, {column: found.get(column, "") for column in columns}))
    if header is None:
        note(1, "the file has no columns", "a first line of column names")
    return rows


def _text(path: Path, shown: str, problems: Problems) -> str | None:
    try:
        raw = path.read_bytes()
    except OSError:
        problems.note(shown, 1, "the file is missing or can't be opened", "a readable file")
        return None
    if raw.startswith(_WORKBOOKS):
        problems.note(shown, 1, "this is a workbook", "a sheet of it saved as CSV")
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's "Unicode text"
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # Excel's plain CSV on Windows


def _delimiter(text: str) -> str:
    first = next((row for row in text.splitlines() if row.strip() and row[0] != "#"), "")
    return max(",;\t", key=first.count)


def _header(
    cells: list[str],
    note: Callable[[str, str], None],
    columns: Sequence[str],
    needed: Sequence[str],
) -> list[str]:
    names = [" ".join(cell.lower().replace("_", " ").split()) for cell in cells]
    if not set(names) & set(columns):
        note("the first line has no column names", "names such as " + ", ".join(needed))
        return []
    for number, name in enumerate(names):
        if not name:
            continue
        if name not in columns:
            near = get_close_matches(name, columns, 1)
            expected = f"“{near[0]}”?" if near else "one of " + ", ".join(columns)
            note(f"column “{name[:60]}” means nothing here", expected)
        elif name in names[:number]:
            note(f"column “{name}” is here twice", "each column once")
    for name in needed:
        if name not in names:
            note(f"no column “{name}”", f"a column “{name}”")
    return names
