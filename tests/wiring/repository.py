"""What is in the repository: its files, its Python, the commands that its pages name."""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.cli import _parser

ROOT = Path(__file__).resolve().parents[2]
_COMMAND = re.compile(r"python -m bot +([a-z]+(?: +[\w./-]+)*)")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is in git or about to be: what .gitignore names is not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in found if path.is_file()))


@cache
def sources(*folders: str) -> tuple[tuple[Path, ast.Module], ...]:
    """The Python files of some folders, parsed."""
    found = (p for f in folders for p in sorted((ROOT / f).rglob("*.py")))
    return tuple((path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))) for path in found)


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    """Calls of functions and methods with these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                yield node


@cache
def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of every command."""
    action = next(a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def commands_named(text: str) -> set[str]:
    """`python -m bot …` as pages write it: the command with the words that follow."""
    return {match[1].strip() for match in _COMMAND.finditer(text)}


def takes(words: str) -> bool:
    """Whether the first word is a command and the second, where it must be one of a few, is."""
    name, *rest = words.split()
    if name not in commands():
        return False
    choices = next((a.choices for a in commands()[name]._actions if a.choices), None)
    positional = [w for w in rest if not w.startswith("-")]
    if choices is None or name in ("serve",) or not positional:
        return True
    return positional[0] in choices
