"""The chat: the same talk with and without script, shown once where it must be, gone when asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import select

from bot.families.models import Adult, ChannelAddress
from bot.outbox.models import Outbox
from tests.web.client import PageClient
from tests.web.test_timetable import first
from tests.web.world import DANGER, World


def kept(world: World) -> list[dict[str, object]]:
    """What every message in the database holds; empty where its words were removed."""
    return world.store.read_now(lambda db: [dict(row.private) for row in db.exec(select(Outbox))])


def visitors(world: World) -> list[tuple[str, datetime | None]]:
    """The key of every visitor, and when it ends."""
    return world.store.read_now(
        lambda db: [(a.key, a.expires_at) for a in db.exec(select(ChannelAddress))]
    )


async def test_looking_creates_nobody_and_sets_no_cookie(client: PageClient) -> None:
    for path in ("/", "/chat", "/timetable", "/chat"):
        assert "Set-Cookie" not in (await client.get(path)).headers
    assert not visitors(client.world)


async def test_a_question_is_answered_and_still_there_after_a_reload(client: PageClient) -> None:
    seen = await client.get("/chat")
    answer = await client.press(seen, "Send", text="What's on tomorrow?")
    assert answer.url.endswith("/chat")
    assert "What's on tomorrow?" in answer.text
    assert "Wednesday 11 March" in answer.text
    again = await client.get("/chat")
    assert again.text == answer.text
    assert 'id="latest"' in again.html


async def test_the_cookie_is_random_hidden_from_scripts_and_stored_as_a_hash(
    client: PageClient,
) -> None:
    answer = await client.raw.post(
        "/chat", data={"text": "hello", "key": "k" * 12}, allow_redirects=False
    )
    assert answer.status == 303
    assert answer.headers["Location"] == "/chat#latest"
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["visitor"]
    assert len(cookie.value) == 43
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    [(key, _ends)] = visitors(client.world)
    assert cookie.value not in key
    assert len(key) == 64


async def test_over_https_the_cookie_is_bound_to_this_host(world: World) -> None:
    app = world.app(public_url="https://families.example")
    async with TestClient(TestServer(app)) as raw:
        answer = await raw.post("/chat", data={"text": "hello"}, allow_redirects=False)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-visitor=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_a_button_acts_without_script(client: PageClient) -> None:
    seen = await client.get("/chat")
    menu = await client.press(seen, "Menu")
    assert "What would you like to do?" in menu.text
    older = await client.press(menu, "What's on")
    assert "When would you like to go?" in older.text
    again = await client.press(menu, "My bookings")  # a button of the earlier page still works
    assert again.status == 200


async def test_the_same_form_sent_twice_acts_once(client: PageClient) -> None:
    await client.post("/chat", {"text": "hello", "key": "first-key-1"})
    fields = {"text": "What's on tomorrow?", "key": "abcdefgh1234"}
    await client.post("/chat", fields)
    before = len(kept(client.world))
    await client.post("/chat", fields)
    assert len(kept(client.world)) == before
    # The same old page with other words in it is another deed.
    await client.post("/chat", {**fields, "text": "What's on Friday?"})
    assert len(kept(client.world)) > before


async def test_a_session_page_leads_into_the_chat(client: PageClient) -> None:
    slot = first(client.world, bookable=True)
    page = await client.get(f"/session/{slot.id}")
    chat = await client.press(page, "Ask about this")
    assert page.page.h1[0].strip() in chat.text


async def test_our_script_gets_pieces_and_what_is_new(client: PageClient) -> None:
    first_answer = await client.json("/chat", {"text": "hello", "key": "abcdefgh1"})
    assert 'class="turn"' in first_answer["html"]
    assert first_answer["last"] > 0
    nothing = await client.json(f"/chat/new?after={first_answer['last']}")
    assert nothing["html"] == ""
    everything = await client.json("/chat/new?after=0")
    assert everything["last"] == first_answer["last"]
    assert first_answer["html"].count('class="turn"') == everything["html"].count('class="turn"')


async def test_the_urgent_card_is_shown_one_time_and_never_again(client: PageClient) -> None:
    answer = await client.post("/chat", {"text": DANGER, "key": "abcdefgh1"})
    assert "999" in answer.text
    assert "Ask a person to contact me" in answer.text
    assert DANGER not in answer.text
    again = await client.get("/chat")
    assert "Ask a person to contact me" not in again.text
    assert DANGER not in str(kept(client.world))
    newer = await client.json("/chat/new?after=0")
    assert "999" not in newer["html"]


async def test_with_script_the_card_is_shown_one_time_and_hidden_on_request(
    client: PageClient,
) -> None:
    card = await client.json("/chat", {"text": DANGER, "key": "abcdefgh1"})
    assert "999" in card["html"]
    assert "999" not in (await client.get("/chat")).text.replace("In an emergency call 999.", "")
    shown = card["last"]
    hidden = await client.json("/chat", {"token": "=hide", "key": "abcdefgh2"})
    assert shown in hidden["hide"]
    assert "Hidden." in hidden["html"]


async def test_clearing_removes_the_words_from_the_database_too(client: PageClient) -> None:
    await client.post("/chat", {"text": "What's on tomorrow?", "key": "abcdefgh1"})
    seen = await client.get("/chat")
    cleared = await client.press(seen, "Clear this chat")
    assert "What's on tomorrow?" not in cleared.text
    assert kept(client.world)
    assert not any(kept(client.world))


async def test_remembering_lasts_thirty_days_and_can_be_stopped(client: PageClient) -> None:
    await client.post("/chat", {"text": "hello", "key": "abcdefgh1"})
    seen = await client.get("/chat")
    kept = await client.press(seen, "Remember me on this phone")
    assert "Stop remembering me on this phone" in kept.text
    [(_key, ends)] = visitors(client.world)
    assert ends == client.world.now + timedelta(days=30)
    client.world.now += timedelta(days=31)
    assert "Stop remembering me" not in (await client.get("/chat")).text
    client.world.now -= timedelta(days=31)
    await client.press(await client.get("/chat"), "Stop remembering me on this phone")
    assert visitors(client.world)[0][1] is None


async def test_exit_clears_the_cookie_and_goes_elsewhere(client: PageClient) -> None:
    await client.post("/chat", {"text": "hello", "key": "abcdefgh1"})
    answer = await client.raw.get("/exit", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == client.world.content.council.exit_url
    assert answer.headers["Clear-Site-Data"] == '"cookies", "storage"'
    assert "Clear this chat" not in (await client.get("/chat")).text
    seen = await client.get("/chat")
    assert [href for href, said in seen.page.links if said == "Exit this page"] == ["/exit"] * 2


async def test_another_visitor_sees_nothing_of_it(client: PageClient) -> None:
    await client.post("/chat", {"text": "What's on tomorrow?", "key": "abcdefgh1"})
    client.raw.session.cookie_jar.clear()
    assert "What's on tomorrow?" not in (await client.get("/chat")).text
    stranger = await client.json("/chat/new?after=0")
    assert stranger["html"] == ""


async def test_an_empty_message_says_nothing_and_makes_nobody(client: PageClient) -> None:
    await client.post("/chat", {"text": "   ", "key": "abcdefgh1"})
    assert not visitors(client.world)


async def test_a_location_is_used_once_and_not_kept(client: PageClient) -> None:
    answer = await client.json("/chat", {"lat": "51.48", "lon": "0.17", "key": "abcdefgh1"})
    assert "away" in answer["html"]
    assert "51.48" not in str(kept(client.world))


async def test_the_last_word_to_somebody_who_was_forgotten_is_said_without_script(
    client: PageClient,
) -> None:
    await client.post("/chat", {"text": "hello", "key": "abcdefgh1"})
    seen = await client.post("/chat", {"token": "=delete_me", "key": "abcdefgh2"})
    yes = [said for f in seen.page.forms for _n, _v, said in f.buttons if said.startswith("Yes")]
    assert yes, seen.text
    gone = await client.press(seen, yes[-1])
    assert "/chat" in gone.url
    assert "deleted" in gone.text.lower()
    assert not client.world.store.read_now(
        lambda db: list(db.exec(select(Adult).where(Adult.state == "active")))
    )


@pytest.mark.parametrize("token", ["", "=", "=nothing", "x" * 300, "\x00", "💥", "../..", "=menu "])
async def test_any_token_gets_a_kind_answer(client: PageClient, token: str) -> None:
    seen = await client.post("/chat", {"token": token, "key": "abcdefgh1"})
    assert seen.status == 200


async def test_the_language_of_the_page_goes_with_the_message(client: PageClient) -> None:
    seen = await client.get("/chat?lang=ar")
    assert seen.page.direction == "rtl"
    answer = await client.press(seen, "Menu" if "Menu" in seen.text else "القائمة")
    assert answer.page.lang == "ar"
    assert "lang=ar" in answer.url
