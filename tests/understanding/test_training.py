"""The weights that ship are the ones the bank gives, and the danger lists can be read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.content import ContentError
from bot.understanding import bank
from bot.understanding.bars import load_bars
from bot.understanding.calibrate import Held, bars, table
from bot.understanding.model import load
from bot.understanding.phrasebook import read_book
from bot.understanding.reader import Reader
from bot.understanding.train import WEIGHTS, Row, fingerprint, train
from tests.understanding.stand_in import stand_in

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/London"))


def test_the_weights_are_up_to_date():
    models = load(WEIGHTS)
    assert {m.made_from for m in models.values()} == {fingerprint()}, (
        "run: python -m bot.understanding.train"
    )


def test_training_gives_the_same_weights_each_time():
    rows = [Row(["bias", "w baby"], "a"), Row(["bias", "w cancel"], "b")] * 20
    assert train(rows).weights == train(rows).weights


def test_the_bank_is_big_and_names_no_place():
    lines = bank.intents()
    assert len(lines) >= 1500
    assert not any("bexley" in e.text.casefold() for e in lines)


@pytest.mark.parametrize("lang", sorted(stand_in().safety.phrases))
def test_a_phrase_list_can_be_read(lang):
    book = read_book(stand_in().safety.phrases[lang])
    assert {p.risk for p in book.phrases} >= {"self_harm", "child_at_risk", "medical_emergency"}


def test_every_wrong_line_is_named(tmp_path):
    path = tmp_path / "xx.yaml"
    text = "- too soon\nsure:\n  self_harm:\n    - i want <nothing>\n    - fine\n    what\n"
    path.write_text(text, "utf-8")
    with pytest.raises(ContentError) as refused:
        read_book(path)
    assert [problem.line for problem in refused.value.problems] == [1, 4, 6]
    assert {problem.file for problem in refused.value.problems} == {str(path)}


@pytest.mark.long
def test_what_was_learnt_is_heard_and_look_alikes_are_not():
    """Every fifteenth line that worries or looks it, read by the whole chain."""
    reader = Reader.from_content(stand_in())
    lines = [e for e in bank.dangers() if e.unseen and e.label != "possible"][::3]
    cards = {e: bool(reader.read(e.text, now=NOW).crisis) for e in lines}
    heard = [card for e, card in cards.items() if e.label != "not_danger"]
    assert sum(heard) / len(heard) >= 0.93
    fine = [card for e, card in cards.items() if e.label == "not_danger"]
    assert sum(fine) / len(fine) <= 0.02


def test_the_bars_are_up_to_date():
    assert load_bars().made_from == fingerprint(), "run: python -m bot.understanding.calibrate"


def test_the_bars_keep_their_promises():
    ordinary = [Held(n / 100, n > 30, danger=0.99 if n == 50 else 0.01) for n in range(1, 101)]
    alike = [Held(0.5, False, danger=0.995, kind="alike")]
    made = bars([*ordinary * 10, *alike])
    assert 0.3 < made.answer < 0.5
    assert all(h.right for h in ordinary if h.sure >= made.clear + 0.05)
    assert made.card > 0.995
    assert made.button <= made.card


def test_calibration_tells_the_share_that_was_right_by_sureness():
    told = table([Held(0.1, False), Held(0.97, True), Held(0.96, False, danger=0.95)])
    assert told.splitlines()[:2] == [
        "sure 0.00 to 0.16:    1 lines, 0% right",
        "sure 0.95 to 1.00:    2 lines, 50% right",
    ]
    assert "0.9: 33.3%" in told
