"""How the lists and the classifier are weighed, and what the classifier looks at."""

from __future__ import annotations

from datetime import date

import pytest

from bot.content import ContentError, load
from bot.understanding.danger import Alarm, weighed
from bot.understanding.phrasebook import read_book
from bot.understanding.reader import Reader
from bot.understanding.slots import SlotFinder
from bot.understanding.worries import worrying_features
from tests.conftest import SHIPPED
from tests.understanding.judge import HARMLESS, NOW, POSSIBLE, judged
from tests.understanding.stand_in import stand_in

HEARD = Alarm("self_harm", sure=True, possible=True)
FINE = {"no": 0.995, "possible": 0.003, "self_harm": 0.002}
FINDER = SlotFinder(stand_in())


def test_a_phrase_in_a_plainly_harmless_short_message_brings_the_button_only():
    alarm = weighed(HEARD, [FINE], "a chocolate overdose", card=0.9, button=0.5, overrule=True)
    assert (alarm.sure, alarm.possible) == (False, True)


@pytest.mark.parametrize(
    ("said", "odds", "overrule"),
    [
        ("he cut up my coat " * 10, FINE, True),  # long: one true sentence among many
        ("an overdose", FINE, False),  # not in English
        ("an overdose", {"no": 0.9, "possible": 0.1}, True),
    ],
)
def test_else_a_phrase_keeps_its_card(said, odds, overrule):
    assert weighed(HEARD, [odds], said, card=0.9, button=0.5, overrule=overrule) == HEARD


def test_a_few_words_tell_too_little_for_the_card_unless_they_are_unmistakable():
    heard = {"no": 0.3, "child_at_risk": 0.7}
    for said, card in (("my daughter maya", False), ("my daughter maya is not safe", True)):
        alarm = weighed(Alarm(), [heard], said, card=0.5, button=0.5, overrule=True)
        assert (alarm.sure, alarm.possible) == (card, True)
    sure = {"no": 0.05, "child_at_risk": 0.95}
    assert weighed(Alarm(), [sure], "he hits maya", card=0.5, button=0.5, overrule=True).sure


def test_what_may_be_danger_brings_the_button():
    alarm = weighed(
        Alarm(), [{"no": 0.3, "possible": 0.7}], "so low", card=0.9, button=0.5, overrule=True
    )
    assert (alarm.sure, alarm.possible) == (False, True)


def test_two_worries_that_stand_together_are_one_feature():
    named = worrying_features(FINDER.find("my fella has bolted the door", date(2026, 3, 10)))
    assert {"k partner", "k take", "k partner take"} <= set(named)


def test_a_foreign_message_is_also_read_by_its_own_words():
    seen = FINDER.find("hits", date(2026, 3, 10))
    assert {"x bije", "x mnie"} <= set(worrying_features(seen, ("bije", "mnie")))


@pytest.mark.long
def test_the_kept_voices_reach_the_floor():
    every = judged(name="voices.tsv")
    danger = [i for i in every if i.label == "crisis"]
    assert sum(bool(i.reading.crisis) for i in danger) / len(danger) >= 0.84
    assert sum(i.reading.urgent for i in danger) / len(danger) >= 0.89
    maybe = [i for i in every if i.label == POSSIBLE]
    assert sum(i.reading.urgent for i in maybe) / len(maybe) >= 0.5
    fine = [i for i in every if i.label == HARMLESS]
    assert sum(bool(i.reading.crisis) for i in fine) / len(fine) <= 0.04


@pytest.mark.parametrize(
    "cry", ["My husband hits me.", "She swallowed a battery.", "I want to kill myself."]
)
def test_a_cry_for_help_is_not_lost_among_ordinary_sentences(cry):
    asked = "What do I need to bring to messy play on Thursday, and can her brother come too? "
    reader = Reader.from_content(stand_in())
    assert reader.read(asked + cry, now=NOW).crisis


@pytest.mark.parametrize(
    "said", ["am or pm doesnt matter", "i need to get out of the house today with the kids"]
)
def test_what_is_mostly_a_look_alike_keeps_the_card_away(said: str):
    assert not Reader.from_content(load(SHIPPED)).read(said, now=NOW).crisis


def test_a_look_alike_in_a_longer_message_does_not():
    said = "the day doesn't matter, he hits me and i need somewhere safe for me and the kids"
    assert Reader.from_content(load(SHIPPED)).read(said, now=NOW).crisis


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("oğlum tansiyon ilacımı içti", True),
        ("oğlum ilacını içti, gelebilir miyiz", False),
        ("не ми разрешава да се обаждам на майка ми", True),
        ("работата не ми позволява да дойда във вторник", False),
        ("لا يسمح لي أن أرى أهلي", True),
        ("وقتي لا يسمح لي بالحضور يوم الاثنين", False),
        ("يضرب الأولاد كل يوم", True),
        ("ابني يضرب الأطفال في الحضانة", False),
        ("дякую за швидку відповідь", False),
        ("викличте швидку", True),
        ("ačiū, atsisveikinu iki antradienio", False),
        ("my baby has a sore throat, should we stay home", False),
        ("his throat is closing up", True),
        ("I'm pregnant and have a blood test, can I come after", False),
        ("I'm pregnant and there is blood on my pad", True),
    ],
)
def test_who_does_it_tells_danger_from_an_ordinary_day_in_other_languages(said, card):
    assert bool(Reader.from_content(stand_in()).read(said, now=NOW).crisis) == card


@pytest.mark.parametrize(
    ("child", "grown_up"),
    [
        ("synek gryzie i bije inne dzieci", "mąż bije mnie i dzieci"),
        ("fetița mea mă lovește când e supărată", "soțul mă lovește în fața copilului"),
        ("oğlum 2 yaşında sürekli bana vuruyor", "kocam bana ve oğluma vuruyor"),
        ("син постійно кусає сестричку", "дитина плаче, мене б'є чоловік"),
        ("dukrytė mane muša kai pyksta", "vyras muša mane ir sūnų"),
        ("ابني يضربني ويعض اخته", "زوجي يضربني قدام ابني"),
        ("omo mi n lu mi", "oko mi n lu mi"),
    ],
)
def test_a_small_child_who_hits_is_no_violent_home_in_any_language(child, grown_up):
    reader = Reader.from_content(load(SHIPPED))
    assert not reader.read(child, now=NOW).crisis
    assert reader.read(grown_up, now=NOW).crisis


@pytest.mark.parametrize(
    "said",
    [
        "老公打我，孩子打人也越来越多",
        "儿子喜欢咬人，我老公也打我",
        "oğlum bana vuruyor, kocam da beni dövüyor",
        "ابني يضرب اخته وزوجي يضربني",
        "mi hijo me pega y mi marido también me pega",
        "my son hits me and my husband hits me too",
    ],
)
def test_a_child_who_hits_hides_no_grown_up_who_does(said):
    assert Reader.from_content(load(SHIPPED)).read(said, now=NOW).crisis


@pytest.mark.parametrize(
    "said",
    [
        "daddy can't come on friday",
        "her mum isn't well so we can't come",
        "are the kids fine to share a mat",
        "she has a blanket over the pram",
        "he has gone to get the baby better shoes",
        "не просыпается по ночам, наконец высыпаемся",
    ],
)
def test_an_ordinary_message_brings_no_card(said):
    assert not Reader.from_content(load(SHIPPED)).read(said, now=NOW).crisis


def test_brackets_at_the_end_of_a_phrase_are_refused(tmp_path):
    """They mean "may be left out", not "one of": "throat (closing)" would hear any sore throat."""
    path = tmp_path / "en.yaml"
    path.write_text("sure:\n  medical_emergency:\n    - throat (closing|swelling)\n", "utf-8")
    with pytest.raises(ContentError) as refused:
        read_book(path)
    assert "'(closing|swelling)' at the end" in str(refused.value)
    assert "3" in str(refused.value)
