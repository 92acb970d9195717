"""The chat in a browser: without script complete, with script quieter and quicker."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup
from playwright.sync_api import expect
from sqlmodel import col, select

from bot.families.models import Adult
from bot.outbox.message import Message
from bot.outbox.models import Outbox
from bot.outbox.service import post_reply
from tests.browser.conftest import Open, Served
from tests.web.world import DANGER


def test_without_script_everything_works(open_page: Open, served: Served) -> None:
    page = open_page("/", java_script_enabled=False)
    page.fill("#ask", "What's on tomorrow?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page).to_have_url(re.compile(r"/chat#latest$"))
    expect(page.locator(".said")).to_have_text(re.compile("What's on tomorrow"))
    page.get_by_role("button", name="Menu").last.click()
    expect(page.locator("#latest")).to_contain_text("What would you like to do?")
    page.get_by_role("button", name="Remember me on this phone").click()
    expect(page.get_by_role("button", name="Stop remembering me on this phone")).to_be_visible()
    page.get_by_role("button", name="Clear this chat").click()
    expect(page.locator(".said")).to_have_count(0)
    page.get_by_role("link", name="Exit this page").last.click()
    expect(page).to_have_title("Weather")
    assert not page.context.cookies(served.url)


def test_with_script_focus_stays_in_the_box_and_the_answer_is_announced(open_page: Open) -> None:
    page = open_page("/chat")
    loads = []
    page.on("framenavigated", lambda _frame: loads.append(1))
    page.fill("#text", "What's on tomorrow?")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_text(re.compile("What's on tomorrow"))
    assert page.evaluate("document.activeElement.id") == "text"
    assert page.input_value("#text") == ""
    assert not loads
    log = page.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    assert log.locator(".ours").count() >= 2
    first = page.get_by_role("button", name="Menu").first
    first.click()
    expect(page.locator(".turn").last).to_contain_text("What would you like to do?")
    first.click()  # an old button acts again
    expect(page.locator(".turn", has_text="What would you like to do?")).to_have_count(2)


def test_a_lost_answer_is_asked_for_again_and_acts_once(open_page: Open, served: Served) -> None:
    page = open_page("/chat")
    page.fill("#text", "hello")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_count(1)
    # The server acts, and its answer is lost on the way.
    page.route("**/chat", lambda route: (route.fetch(), route.abort()))
    page.fill("#text", "What's on tomorrow?")
    page.keyboard.press("Enter")
    expect(page.locator("#note")).to_have_text(re.compile("did not get through"))
    assert page.input_value("#text") == "What's on tomorrow?"
    page.unroute("**/chat")
    page.keyboard.press("Enter")
    expect(page.locator("#note")).to_have_text("")
    expect(page.locator(".said", has_text="What's on tomorrow?")).to_have_count(1)
    page.reload()
    expect(page.locator(".said", has_text="What's on tomorrow?")).to_have_count(1)


def test_a_notice_appears_by_itself(open_page: Open, served: Served) -> None:
    page = open_page("/chat")
    page.fill("#text", "hello")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_count(1)

    def tell(db) -> None:
        adult = db.exec(select(Adult).order_by(col(Adult.id).desc())).first()
        post_reply(
            db, Message(Markup("A session was <b>moved</b>.")), to=adult.id, channel="web",
            key=f"notice:{adult.id}", now=served.world.now, shown=True,
        )  # fmt: skip

    served.world.store.write_now(tell)
    expect(page.locator(".turn").last).to_contain_text("A session was moved.", timeout=15_000)
    assert page.evaluate("document.activeElement.id") == "text"


def test_the_card_is_gone_after_hiding_and_after_a_reload(open_page: Open, served: Served) -> None:
    page = open_page("/chat")
    page.fill("#text", DANGER)
    page.keyboard.press("Enter")
    card = page.locator(".turn", has_text="Ask a person to contact me")
    expect(card).to_have_count(1)
    assert DANGER not in page.content()
    page.get_by_role("button", name="Hide this").click()
    expect(card).to_have_count(0)
    page.reload()
    expect(page.locator(".composer")).to_be_visible()
    assert "Ask a person to contact me" not in page.content()
    hidden = served.world.store.read_now(
        lambda db: [
            r.sealed
            for r in db.exec(
                select(Outbox).where(col(Outbox.once)).order_by(col(Outbox.id).desc()).limit(1)
            )
        ]
    )
    assert hidden
    assert not any(hidden)


def test_three_shifts_leave_at_once_and_back_does_not_return(
    open_page: Open, served: Served
) -> None:
    page = open_page("/timetable")
    page.goto(served.url + "/chat")
    page.fill("#text", "hello")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_count(1)
    for _press in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_title("Weather")
    assert not page.context.cookies(served.url)
    page.go_back()
    expect(page).to_have_url(re.compile("/timetable$"))


def test_a_shared_location_is_rounded(open_page: Open) -> None:
    page = open_page(
        "/chat",
        geolocation={"latitude": 51.4856789, "longitude": 0.1743210},
        permissions=["geolocation"],
    )
    sent = []
    page.on("request", lambda r: sent.append(r.post_data or "") if r.method == "POST" else None)
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator(".turn").last).to_contain_text("away")
    assert "lat=51.486" in sent[-1]
    assert "51.4856" not in sent[-1]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_on_a_small_phone_the_card_begins_in_sight_and_can_be_left_and_hidden(
    open_page: Open, lang: str, script: bool
) -> None:
    page = open_page(
        f"/chat?lang={lang}", width=360, height=740, java_script_enabled=script,
        reduced_motion="reduce",
    )  # fmt: skip
    for text in ("What's on tomorrow?", DANGER):
        page.fill("#text", text)
        page.locator("#say button.main").click()
        expect(page.locator("#text")).to_have_value("")
    card = page.locator(".turn.hides")
    expect(card).to_have_count(1)
    expect(card.locator("a[href='tel:999']").first).to_be_in_viewport(ratio=1)
    top = page.locator("a.exit").bounding_box()
    begins, composer = card.bounding_box(), page.locator(".composer").bounding_box()
    assert top["y"] >= 0
    assert top["y"] + top["height"] <= begins["y"] < 120
    for n in range(2):  # ask for a person, and hide
        button = card.locator("button").nth(n).bounding_box()
        assert begins["y"] < button["y"] < composer["y"] - button["height"]
    page.keyboard.press("End") if script else None
    assert page.locator("a.exit").bounding_box()["y"] >= 0
    card.locator("button").last.click()
    expect(card).to_have_count(0)
