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
        ("3 months", "en"),
        ("delete everything", "en"),
    ],
)
def test_pidgin_is_told_by_its_own_words(typed: str, lang: str):
    assert (Reader.from_content(stand_in()).read(typed, now=NOW).lang or "en") == lang


@pytest.mark.parametrize(
    ("typed", "lang"),
    [
        ("west street te stay n play kinne vaje shuru hundi aa", "pa-Latn"),
        ("crayford ch baby swimming hundi?", "pa-Latn"),
        ("twins 2 yrs group lagbo", "bn-Latn"),
        ("bexleyheath library te session e buggy kothay rakhbo", "bn-Latn"),
        ("nepali interpreter chaina?", "ne-Latn"),
        ("stay and play hangi gunler var", "tr"),
        ("kada kitas fussy eating workshop", "lt"),
        ("আর Crayford library তে?", "bn"),
        ("想book baby massage", "zh"),
        ("is the koi pond at danson open", "en"),
        ("baby massage crayford", "en"),
        ("Shanice", "en"),
        ("bibliotekoje", "lt"),
    ],
)
def test_short_words_of_its_own_tell_a_language_beside_english_names(typed: str, lang: str):
    assert (Reader.from_content(stand_in()).read(typed, now=NOW).lang or "en") == lang


@pytest.mark.parametrize(
    ("lang", "typed", "read"),
    [
        ("ar", "والحجز", "book a place"),  # "and the" is written as one with the word
        ("ar", "بالمركز", "children's centre"),
        ("ta", "இடத்தில்", "place"),  # இடம் before a case ending
    ],
)
def test_a_word_is_known_with_what_is_joined_to_it(lang: str, typed: str, read: str):
    assert GLOSSES.gloss(clean(typed).flat, lang) == read


def test_short_english_words_stay_beside_english_ones():
    glosses = Glosses(frozenset({"recourse"}))
    assert "no recourse" in glosses.gloss("maz ma limit no recourse, czy", "pl")


@pytest.mark.parametrize(
    "typed",
    ["is parking free", "number 2", "no 2 please", "registering as a childminder", "parking"],
)
def test_english_is_known_by_its_endings_and_a_number_is_of_no_language(typed: str):
    assert Reader.from_content(stand_in()).read(typed, now=NOW).lang == "en"
