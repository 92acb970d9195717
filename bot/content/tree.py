"""YAML read into plain values that remember their line.

Built from parse events and an own stack: the composers of the YAML libraries call
themselves for each level, so a file of brackets can end the whole process. Anchors, tags
and several documents are refused; every scalar stays text, its reader decides what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from bot.content.problems import Problems

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast
_DEEPEST = 12
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class Spot:
    """A value and where it stands: text, a list, a mapping, or None where left empty."""

    file: str
    line: int
    value: str | list[Spot] | dict[str, Spot] | None
    text_below: int = 0  # lines from the name to the text itself: 1 with | or >


_Key = tuple[str, int]  # a name and its line


class _RefusedError(Exception):
    def __init__(self, line: int, what: str, expected: str) -> None:
        super().__init__(what)
        self.line, self.what, self.expected = line, what, expected


def read_tree(path: Path, shown: str, problems: Problems) -> Spot | None:
    """The one document in a YAML file, or None where it can't be read; `shown` names the file."""
    text = read_text(path, shown, problems)
    if text is None:
        return None
    try:
        return _build(text, shown, problems)
    except _RefusedError as refused:
        problems.note(shown, refused.line, refused.what, refused.expected)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problems.note(shown, line, f"not YAML: {error.problem or error.context}", "YAML")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.note(shown, line, "a character that can't be in a text file", "plain text")
    return None


def read_text(path: Path, shown: str, problems: Problems) -> str | None:
    """A text file in UTF-8, or None where there is none or it is something else."""
    try:
        raw = path.read_bytes()
    except OSError:
        problems.note(shown, 1, "the file is missing or can't be opened", "a readable file")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.note(shown, line, "the text is not in UTF-8", "a file saved as UTF-8")
        return None


def _build(text: str, shown: str, problems: Problems) -> Spot:
    root = Spot(shown, 1, None)
    stack: list[tuple[Spot, _Key | None]] = []  # an open container and, in a mapping, its key
    documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _RefusedError(line, "a second document", "one document a file")
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            _refuse_tricks(event, line)
            container = not isinstance(event, yaml.ScalarEvent)
            if stack and isinstance(stack[-1][0].value, dict) and stack[-1][1] is None:
                if container:
                    raise _RefusedError(line, "a list or mapping as a name", "a word and a colon")
                stack[-1] = (stack[-1][0], (cast(yaml.ScalarEvent, event).value, line))
                continue
            below = int(getattr(event, "style", None) in ("|", ">"))
            spot = Spot(shown, line, _value(event), below)
            if stack:
                _hang(stack, spot, problems)
            else:
                root = spot
            if container:
                stack.append((spot, None))
                if len(stack) > _DEEPEST:
                    raise _RefusedError(line, "too many levels", f"at most {_DEEPEST} levels")
    return root


def _refuse_tricks(event: yaml.NodeEvent, line: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise _RefusedError(line, "a YAML anchor or alias (& or *)", "the text written out")
    if getattr(event, "tag", None):
        raise _RefusedError(line, "a YAML tag (!)", "plain text, in quotes if it begins with !")


def _value(event: yaml.NodeEvent) -> str | list[Spot] | dict[str, Spot] | None:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    scalar = cast(yaml.ScalarEvent, event)
    if scalar.implicit[0] and scalar.value in _NOTHING:
        return None
    return str(scalar.value)


def _hang(stack: list[tuple[Spot, _Key | None]], spot: Spot, problems: Problems) -> None:
    holder, key = stack[-1]
    if isinstance(holder.value, list):
        holder.value.append(spot)
        return
    entries = cast("dict[str, Spot]", holder.value)
    name, line = cast(_Key, key)
    spot.text_below += spot.line - line
    spot.line = line  # where the name stands is where a person looks
    if name in entries:
        first = entries[name].line
        problems.note(
            spot.file,
            spot.line,
            f"“{name}” is here twice (first on line {first})",
            "each name once",
        )
    entries[name] = spot
    stack[-1] = (holder, None)
