"""Every sentence that a person reads can be translated, and the catalogues know all of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from bot.content import Content
from tests.wiring.repository import ROOT, calls, sources

pytestmark = pytest.mark.long  # reads all the code

LOCALES = ROOT / "locales"
#: What `make words` gathers from.
FOLDERS = ("bot", "handlers", "content/pages")
KEYWORDS = {**DEFAULT_KEYWORDS, "_": None, "ngettext": (1, 2)}
_BLANK = re.compile(r"%\((\w+)\)[sd]")
_TAG = re.compile(r"</?(?:b|i|a)\b[^>]*>")
_HOW = "type: make words, then translate what is empty"


@cache
def extracted() -> dict[str, str]:
    """Every text of code and pages, with where it is said first."""
    with (LOCALES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for name, line, text, _notes, _context in extract_from_dir(
            str(ROOT / folder), methods, options, keywords=KEYWORDS
        ):
            found.setdefault(text if isinstance(text, str) else text[0], f"{folder}/{name}:{line}")
    return found


def catalogues() -> list[Path]:
    return sorted(LOCALES.glob("*/LC_MESSAGES/bot.po"))


def messages(path: Path) -> Iterator[Message]:
    yield from (m for m in _read(path) if m.id)


def test_the_code_and_the_pages_have_sentences():
    assert len(extracted()) > 300
    assert any(at.endswith(tuple("0123456789")) and ".html" in at for at in extracted().values())


def test_every_language_on_offer_has_a_catalogue(content: Content):
    offered = {x.tag for x in content.council.languages} - {"en"}
    assert {p.parts[-3] for p in catalogues()} == offered


def test_the_catalogues_know_every_sentence_and_no_other():
    assert catalogues()
    for path in catalogues():
        known = {_source(m) for m in messages(path)}
        assert sorted(set(extracted()) - known) == [], f"{path.parts[-3]}: {_HOW}"
        assert sorted(known - set(extracted())) == [], f"{path.parts[-3]}: {_HOW}"


def test_every_sentence_for_parents_is_translated_and_none_is_a_guess():
    """Staff pages may stay English; a `fuzzy` entry is a machine's guess that nobody looked at."""
    for path in catalogues():
        empty = [
            m.id for m in messages(path) if not all(_strings(m)) and not _for_staff(_source(m))
        ]
        assert empty == [], f"{path.parts[-3]}: {_HOW}"
        assert [m.id for m in messages(path) if m.fuzzy] == []


def test_a_translation_has_the_blanks_and_the_marks_of_its_source():
    """A missing blank would lose a date; an unknown one would break the sentence for everybody."""
    for path in catalogues():
        for message in messages(path):
            sources_ = [message.id] if isinstance(message.id, str) else list(message.id)
            for said in filter(None, _strings(message)):
                blanks = {b for s in sources_ for b in _BLANK.findall(s)}
                if isinstance(message.id, str):
                    assert set(_BLANK.findall(said)) == blanks, (path.parts[-3], message.id)
                else:  # "one" may be said without its number
                    assert set(_BLANK.findall(said)) <= blanks, (path.parts[-3], message.id)
                assert sorted(_TAG.findall(said)) == sorted(_TAG.findall(sources_[-1])), message.id


def test_plural_forms_are_those_of_the_language():
    for path in catalogues():
        catalogue = _read(path)
        for message in messages(path):
            if not isinstance(message.id, str):
                assert len(_strings(message)) == catalogue.num_plurals, message.id


@pytest.mark.parametrize("folder", ["bot", "handlers"])
def test_only_whole_sentences_are_translated(folder):
    """`_(f"…")`, `_(a + b)` and `_(variable)` would never reach a catalogue."""
    wrong = []
    for path, tree in sources(folder):
        if path.parts[:2] == ("bot", "wording"):
            continue
        for call in calls(tree, "_", "ngettext"):
            texts = call.args[:2] if _name(call) == "ngettext" else call.args[:1]
            if not all(isinstance(t, ast.Constant) and isinstance(t.value, str) for t in texts):
                if _passes_on(call):
                    continue
                wrong.append(f"{path}:{call.lineno}: {ast.unparse(call)[:80]}")
    assert wrong == []


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _passes_on(call: ast.Call) -> bool:
    """`return self.words._(text)` in the one place that passes a text on."""
    return ast.unparse(call) == "self.words._(text)"


def _source(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _for_staff(text: str) -> bool:
    return extracted().get(text, "").startswith(("handlers/staff", "content/pages/staff"))


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@cache
def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="bot")
