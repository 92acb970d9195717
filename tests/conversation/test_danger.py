"""Worrying messages: the card and nothing else, from any state; hidden for good on one tap."""

from __future__ import annotations

import pytest
from sqlmodel import SQLModel, select

from bot.outbox.models import Outbox
from tests.conftest import NOW
from tests.talker import Office, Talker

WORDS = "my husband hits me and i am scared"


def everything_stored(office: Office) -> str:
    """Every row of every table, sealed fields opened."""

    def read(db) -> str:
        found = []
        for mapper in SQLModel._sa_registry.mappers:
            for row in db.exec(select(mapper.class_)):
                found.append(repr(row))
                if getattr(row, "sealed", None):
                    found.append(repr(dict(row.private)))
        return "\n".join(found)

    return office.store.read_now(read)


def test_the_card_is_all_there_is(amina: Talker):
    said = amina.says(WORDS)
    assert "nobody is reading" in said
    assert "999" in said
    assert amina.labels == ["Ask a person to contact me", "Hide this"]
    assert all(r.message.protected for r in amina.replies)


@pytest.mark.parametrize(
    "state", ["=register_now", "=ring_me", "=feedback", "=by_code", "=whats_on"]
)
def test_from_any_state(amina: Talker, state: str):
    amina.taps_token(state)
    assert "nobody is reading" in amina.says(WORDS)
    assert amina.labels == ["Ask a person to contact me", "Hide this"]


@pytest.mark.parametrize("channel", ["telegram", "web"])
def test_the_words_are_stored_nowhere(office: Office, channel: str):
    who = office.talker("b" * 64, channel=channel, now=NOW)
    who.says(WORDS)
    assert "hits" not in everything_stored(office)
    assert "scared" not in everything_stored(office)


def test_hide_takes_the_cards_away_for_good(amina: Talker, office: Office):
    amina.says(WORDS)
    card = amina.replies[0].outbox_id

    def sent(db):
        db.get_one(Outbox, card).external_id = "77"

    office.store.write_now(sent)
    amina.taps("Hide this")
    assert set(amina.result.hide) == {"77", "m1"}
    row = office.store.read_now(lambda db: db.get_one(Outbox, card))
    assert row.sealed is None
    assert row.hidden_at is not None
    assert "may still show" in amina.text


def test_the_card_is_in_the_language_it_was_asked_in(office: Office):
    pole, turk = office.talker("106", now=NOW), office.talker("107", now=NOW)
    assert "zadzwoń pod 999" in pole.says("mój mąż mnie bije")
    assert pole.labels == ["Niech ktoś się skontaktuje", "Ukryj to"]
    said = turk.says("eşim beni dövüyor")  # one we don't speak: its own words, then the card
    assert said.index("999'u arayın") < said.index("call 999")


def test_afterwards_urgent_help_is_first_until_hidden(amina: Talker):
    amina.says(WORDS)
    amina.says("what's on tomorrow")
    assert amina.replies[-1].message.rows[0][0].label == "Urgent help"
    amina.taps_token("=urgent")
    amina.taps("Hide this")
    amina.says("what's on tomorrow")
    assert amina.replies[-1].message.rows[0][0].label != "Urgent help"


def test_ask_a_person_asks_for_no_story_and_repeats_nothing(amina: Talker, office: Office):
    amina.says(WORDS)
    amina.taps("Ask a person to contact me")
    for answer in ("Sam", "07700 900982"):
        amina.says(answer)
    amina.taps("Any time")
    amina.taps("No")
    said = amina.taps("About the baby group")
    assert "Staff have your request" in said
    assert "Hide this" in amina.labels
    assert "hits" not in everything_stored(office)


def test_my_bookings_and_what_is_known_show_nothing_of_it(amina: Talker):
    amina.says(WORDS)
    amina.taps("Hide this")
    for token in ("=my_bookings", "=my_data", "=settings"):
        said = amina.taps_token(token)
        assert "999" not in said
        assert "Hide this" not in amina.labels


def test_a_toddler_who_hits_is_no_danger(amina: Talker):
    assert "nobody is reading" not in amina.says(
        "my toddler keeps hitting other children at nursery"
    )
