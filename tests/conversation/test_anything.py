"""Any text, any token, any command: an answer that fits the channel, never a fault."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.flows import topics  # noqa: F401  # so that its acts are there
from bot.conversation.turn import ACTS
from bot.outbox.message import TEXT_LIMIT
from tests.emulator.markup import read_text

pytestmark = pytest.mark.long  # every button, every page

ANY = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
TEXT = st.text(st.characters(), max_size=300)


def fits(talker) -> None:
    for reply in talker.replies:
        assert 0 < len(read_text(str(reply.message.text), "HTML")[0]) <= TEXT_LIMIT
        for row in reply.message.rows:
            for button in row:
                assert button.label
                assert len(button.token.encode()) <= 64


@ANY
@given(TEXT)
def test_any_text(amina, text):
    amina.says(text)
    fits(amina)
    assert amina.replies


@ANY
@given(TEXT)
def test_any_token(amina, token):
    amina.taps_token(token)
    fits(amina)


@ANY
@given(TEXT, TEXT)
def test_any_command(amina, name, argument):
    amina.command(name, argument)
    fits(amina)


@ANY
@given(TEXT)
def test_any_answer_to_any_question(amina, text):
    for question in ("=register_now", "=ring_me", "=by_code", "=have_code", "=child_add"):
        amina.taps_token(question)
        amina.says(text)
        fits(amina)


@ANY
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_a_name_is_shown_as_it_was_typed(amina, name):
    amina.taps_token("=ring_me")
    amina.says(f"<b>{name}</b><script>")
    fits(amina)


def test_every_open_button_answers(amina):
    for act in sorted(ACTS):
        if act not in {"answer", "form_done", "form_change", "search", "topic_group", "set_language",
                       "remember", "wish", "unfollow"}:  # fmt: skip
            amina.taps_token(f"={act}")
            fits(amina)


def test_every_help_page_and_venue_fits_a_message(amina, content):
    for topic in content.topics.values():
        amina.says(topic.name["en"])
        fits(amina)
