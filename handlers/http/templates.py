"""Jinja2: everything escaped, every missing name an error, words by gettext."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from bot.wording.words import Words


class Templates:
    """The page templates; where two folders have one name the first folder wins.

    They are read once: what is broken or moved on the disk meanwhile breaks nothing that runs.
    """

    def __init__(self, folders: list[Path]) -> None:
        found = {
            file.relative_to(folder).as_posix(): (file.read_text("utf-8"), str(file), None)
            for folder in reversed(folders)
            for file in sorted(folder.rglob("*.html"))
        }
        self._loader = FunctionLoader(found.get)
        self._by_language: dict[str, Environment] = {}
        self._lock = Lock()

    def render(self, name: str, words: Words, **context: Any) -> str:
        """A template with its values. Raises UndefinedError where it uses one it was not given."""
        return self._environment(words).get_template(name).render(words=words, **context)

    def part(self, name: str, macro: str, words: Words, *args: Any, **context: Any) -> Markup:
        """What one macro of a template gives: a piece of a page."""
        module = self._environment(words).get_template(name).make_module(context)
        made: Markup = getattr(module, macro)(*args)
        return made

    def _environment(self, words: Words) -> Environment:
        with self._lock:
            if words.lang not in self._by_language:
                self._by_language[words.lang] = self._make(words)
            return self._by_language[words.lang]

    def _make(self, words: Words) -> Environment:
        made = Environment(
            loader=self._loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        made.policies["ext.i18n.trimmed"] = True
        made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
            words._, words.ngettext, newstyle=True
        )
        return made
