"""What is offered where we aren't sure: nothing sensitive on a mere guess."""

from __future__ import annotations

import dataclasses

import pytest

from bot.understanding.reading import Wish
from tests.talker import Talker


class Guessing:
    """The real reader, which is also not quite sure: it may have been one of these."""

    def __init__(self, reader, *offers: Wish, unclear: bool) -> None:
        self.reader, self.offers, self.unclear = reader, offers, unclear

    def read(self, text, **rest):
        reading = self.reader.read(text, **rest)
        wish = Wish("unclear") if self.unclear else reading.wish
        return dataclasses.replace(reading, wish=wish, offers=self.offers)


@pytest.mark.parametrize("unclear", [True, False], ids=["unsure", "answered"])
@pytest.mark.parametrize(
    ("text", "offer", "label"),
    [
        ("baby group on friday", Wish("topic", {"topic": "baby_loss"}), ""),
        ("baby group on friday", Wish("topic", {"topic": "domestic_abuse"}), ""),
        ("baby group on friday", Wish("whats_on", {"what": "counselling"}), ""),
        ("a miscarriage group on friday", Wish("topic", {"topic": "baby_loss"}), "Losing a baby"),
        ("baby group on friday", Wish("topic", {"topic": "sleep"}), "sleep"),
    ],
)
def test_a_sensitive_topic_is_offered_only_to_who_named_it(
    amina: Talker, text: str, offer: Wish, label: str, unclear: bool
) -> None:
    amina.office.reader = Guessing(amina.office.reader, offer, unclear=unclear)
    amina.says(text)
    wishes = [
        b.label for r in amina.replies for row in r.message.rows for b in row if b.act == "wish"
    ]
    assert wishes == [] if not label else label.lower() in wishes[0].lower()
    assert ("did you mean" in amina.text.lower()) == bool(label)
