"""Foreign words put into English ones: numbers in forms, and which language it is."""

from __future__ import annotations

import pytest

from bot.understanding.clean import clean
from bot.understanding.gloss import Glosses
from bot.understanding.reader import Reader
from tests.understanding.judge import NOW
from tests.understanding.stand_in import stand_in

GLOSSES = Glosses()


@pytest.mark.parametrize(
    ("lang", "typed", "read"),
    [
        ("pl", "od 9 do 11", "from 9 to 11"),
        ("uk", "2р10м", "2 years and 10 months old"),
        ("lt", "1 metai ir 3 mėnesiai", "1 years and 3 months old"),
        ("ne", "3 जनालाई", "3 people"),
    ],
)
def test_a_number_of_a_form_is_any_number(lang: str, typed: str, read: str):
    assert GLOSSES.gloss(clean(typed).flat, lang) == read


def test_a_number_alone_is_no_form():
    assert GLOSSES.gloss("9", "pl") == "9"


@pytest.mark.parametrize(
    ("typed", "lang"),
    [
        ("wetin una get for my pikin tomorrow", "pcm"),
        ("i wan to book a place for my baby", "en"),
        ("what is on for my baby tomorrow", "en"),
    ],
)
def test_pidgin_is_told_by_its_own_words(typed: str, lang: str):
    assert (Reader.from_content(stand_in()).read(typed, now=NOW).lang or "en") == lang
