"""Page templates, read once."""

from __future__ import annotations

from pathlib import Path

from bot.wording.words import Words
from handlers.http.templates import Templates
from tests.conftest import LONDON


def test_what_breaks_on_the_disk_breaks_nothing_that_runs(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("Hello {{ who }}")
    templates = Templates([tmp_path / "none", tmp_path])
    page.write_text("{% if")
    assert templates.render("page.html", Words("en", LONDON), who="Amina") == "Hello Amina"


def test_the_first_folder_wins(tmp_path: Path) -> None:
    for name in ("council", "shipped"):
        (tmp_path / name / "staff").mkdir(parents=True)
        (tmp_path / name / "staff" / "page.html").write_text(name)
    templates = Templates([tmp_path / "council", tmp_path / "shipped"])
    assert templates.render("staff/page.html", Words("en", LONDON)) == "council"
