"""The README and the other pages say what is true: settings, commands, files, words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.wiring import readme
from tests.wiring.repository import ROOT, commands_named, takes

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)#\s]+)\)|src=\"([^\"]+)\"")
_HOW = "type: .venv/bin/python -m tests.wiring.readme"
LONGEST = 260  # lines of the README: a stranger reads it in one go
HEAVIEST = 150_000  # bytes of a picture


@pytest.fixture(scope="module")
def text() -> str:
    return readme.README.read_text("utf-8")


@pytest.mark.parametrize("name", ["settings", "commands", "transcript"])
def test_what_the_program_writes_is_up_to_date(text, name):
    assert readme.part(text, name) == readme.parts()[name], _HOW


def test_there_is_a_place_for_the_figures(text):
    assert isinstance(readme.part(text, "figures"), str)


def test_the_two_commands_come_first_and_it_is_short(text):
    assert text.index("make run") < text.index("make test") < 200
    assert len(text.splitlines()) <= LONGEST


def test_every_target_that_is_named_is_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([\w./]+):", makefile, re.M))
    for page in PAGES:
        named = set(re.findall(r"`make (\w+)|^ +make (\w+)", page.read_text("utf-8"), re.M))
        assert {a or b for a, b in named} <= targets, page


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page):
    named = commands_named(page.read_text("utf-8"))
    assert [words for words in named if not takes(words)] == []


def test_the_pages_do_name_commands():
    """Else the test above is blind."""
    named = {words for page in PAGES for words in commands_named(page.read_text("utf-8"))}
    assert {"check", "doctor", "keys make", "staff link"} <= named
    assert not takes("dance")
    assert not takes("keys lose")
    assert not takes("programme forget FILE.csv")


def test_the_code_too_names_only_commands_that_exist():
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "content").rglob("*.yaml")]:
        for words in commands_named(file.read_text("utf-8")):
            assert takes(words.rstrip(".")), f"{file}: {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path):
    for one, other in _LINK.findall(page.read_text("utf-8")):
        target = one or other
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_setting_that_is_named_exists():
    known = set(re.findall(r"^\| `([A-Z_]+)`", readme.settings_table(), re.M))
    words = {"MIT", "LICENSE", "PATH", "CHROMIUM", "TEST_DATABASE_URL", "KILLS", "PYTHON"}
    for page in PAGES:
        named = set(re.findall(r"`([A-Z][A-Z_]{3,})[`=]", page.read_text("utf-8")))
        assert named - known - words <= {"CHECK"}, page


def test_what_the_code_points_to_is_there():
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]:
        for name in re.findall(r"\b(?:docs|content)/[\w./-]+\.(?:md|yaml|csv)\b", file.read_text()):
            assert (ROOT / name).is_file(), f"{file}: {name}"
    assert "## Who gets a place" in (ROOT / "docs" / "bookings.md").read_text("utf-8")


def test_the_picture_is_light():
    assert (ROOT / "docs" / "chat.png").stat().st_size < HEAVIEST
