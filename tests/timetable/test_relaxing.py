"""What a search lets go of where nothing fits: as little as it can."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.content import Content
from bot.store.engine import Store
from bot.timetable.searching import search
from bot.timetable.wishes import WishWords
from bot.wording.words import Words
from tests.conftest import LONDON, NOW


@pytest.mark.parametrize(
    ("wish", "relaxed"),
    [
        ({"when": "2026-03-14", "who": "dads"}, ("who",)),
        ({"when": "2026-03-14", "daypart": "evening", "who": "dads"}, ("daypart", "who")),
        ({"when": "2026-03-14", "daypart": "evening", "where": "area:sidcup"}, ("daypart",)),
        ({"when": "2026-03-09"}, ("when",)),
        ({"when": "2026-03-09", "where": "area:sidcup", "age_m": "24"}, ("when",)),
        ({"when": "2026-03-09", "daypart": "evening", "who": "dads"}, ("when", "daypart", "who")),
    ],
)
def test_only_what_must_is_let_go_of(laid: Store, content: Content, wish, relaxed):
    found = laid.read_now(search, wish, content=content, now=NOW, zone=LONDON)
    assert found.slots
    assert found.relaxed == relaxed


def test_a_place_is_ruled_out(laid: Store, content: Content):
    def venues(where: object) -> set[str]:
        wish = {"when": "2026-03-11", "where": where}
        found = laid.read_now(search, wish, content=content, now=NOW, zone=LONDON)
        assert not found.relaxed
        return {content.venues[s.venue].area for s in found.slots}

    assert "erith" in venues("area:erith")
    assert len(venues("not:area:erith")) > 2
    assert "erith" not in venues("not:area:erith")
    near = venues("area:erith") - {"erith"}
    assert venues(("area:erith", "not:area:erith")) == near


def test_a_place_that_is_ruled_out_is_said(content: Content):
    said = WishWords(content, Words("en", LONDON), NOW, LONDON)
    assert said.part("where", ("not:area:erith", "not:west_street")).startswith("not Erith and not")


def test_a_date_of_another_year_has_its_year():
    words = Words("en", LONDON)
    new_year, before = date(2027, 1, 1), datetime(2026, 12, 30, 9, tzinfo=LONDON)
    assert words.on(before).day(new_year) == "Friday 1 January 2027"
    assert words.on(before).short_day(new_year) == "Fri 1 Jan 2027"
    assert words.on(before).day(new_year, today=before.date()) == "Friday 1 January 2027"
    assert words.on(before).day(before.date()) == "Wednesday 30 December"
    assert words.day(new_year) == "Friday 1 January"
