"""Everybody can use it: axe on every public page, small screens, dark, right-to-left, keyboard."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlmodel import select

from bot.bookings.models import Claim
from bot.bookings.service import confirm_place, hold_place
from bot.families.service import welcome
from bot.timetable.models import Series
from bot.timetable.service import cancel_occurrence
from tests.browser.conftest import Open, Served
from tests.sessions import POLICY

RULES: dict[str, object] = {
    "type": "tag",
    "values": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
    ],
}  # fmt: skip
#: All that another set of colours can change.
CONTRAST: dict[str, object] = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block"],
}
PATHS = (
    "/", "/timetable", "/timetable?postcode=zz9&age=9", "/timetable?when=today&part=evening&age=3",
    "/chat", "/booking", "/venues", "/venue/west_street", "/help", "/help/weaning", "/urgent",
    "/privacy", "/accessibility", "/nowhere", "/session/drop-in", "/session/course",
    "/session/cancelled", "/help/discreet",
)  # fmt: skip


@pytest.fixture(scope="session")
def places(served: Served) -> dict[str, str]:
    """Where the made-up paths lead on this server."""
    world = served.world
    tomorrow = world.now + timedelta(days=1)
    slots = [s for s in world.slots() if s.starts_at > tomorrow and not s.cancelled]
    drop_in = next(s for s in slots if not s.bookable)
    course = next(s for s in slots if s.weeks and s.original_on == s.course_on)
    gone = next(s for s in slots if s.id not in (drop_in.id, course.id))
    world.store.write_now(
        cancel_occurrence, gone.id, reason="The boiler is broken.", by="Esi", now=world.now
    )
    topics = served.world.content.topics.values()
    from handlers.web.advice import topic_path  # noqa: PLC0415  # only for its name

    return {
        "/session/drop-in": f"/session/{drop_in.id}",
        "/session/course": f"/session/{course.id}",
        "/session/cancelled": f"/session/{gone.id}",
        "/help/discreet": next(topic_path(t) for t in topics if t.sensitive),
    }


def violations(page: Page, rules: dict[str, object] | None = None) -> list[str]:
    """What axe finds, read from the end of the page: what stays in view covers nothing there."""
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    found = Axe().run(page, options={"runOnly": rules or RULES}).response["violations"]
    return [f"{v['id']}: {v['help']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]


def sideways(page: Page) -> str:
    """What sticks out at the side, "" where nothing does."""
    return str(
        page.evaluate(
            """() => {
              const wide = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= wide) return "";
              return [...document.querySelectorAll("body *")]
                .filter((e) => e.getBoundingClientRect().right > wide + 1 || e.getBoundingClientRect().left < -1)
                .map((e) => e.outerHTML.slice(0, 80)).slice(0, 5).join(" ");
            }"""
        )
    )


@pytest.mark.parametrize(
    ("scheme", "lang", "rules"),
    [("light", "en", RULES), ("light", "ar", RULES), ("dark", "en", CONTRAST)],
)
def test_axe_finds_nothing_on_any_page(
    open_page: Open,
    places: dict[str, str],
    served: Served,
    scheme: str,
    lang: str,
    rules: dict[str, object],
) -> None:
    page = open_page("/", width=320, height=640, color_scheme=scheme)
    faults = {}
    for path in PATHS:
        real = places.get(path, path)
        page.goto(served.url + real + ("&" if "?" in real else "?") + f"lang={lang}")
        if page.locator("details").count():
            page.locator("details").first.evaluate("e => { e.open = true }")
        if found := violations(page, rules):
            faults[path] = found
        if out := sideways(page):
            faults[path + " sideways"] = [out]
    assert not faults


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_axe_finds_nothing_in_a_long_chat_or_a_booking(
    open_page: Open, served: Served, lang: str
) -> None:
    page = open_page(f"/chat?lang={lang}", width=320, height=640)
    for words in ("What's on tomorrow?", "massage in Erith", "x" * 300):
        page.fill("#text", words)
        page.press("#text", "Enter")
        page.locator(".said", has_text=words).wait_for()
    page.locator("button[name=token][value='=urgent']").first.click()
    page.locator(".ours", has_text="999").last.wait_for()
    assert not violations(page)
    assert not sideways(page)
    page.goto(f"{served.url}/booking?lang={lang}")
    page.fill("#code", "22222222")
    page.locator("main form button").click()
    page.locator(".error-summary").wait_for()
    assert not violations(page)
    page.fill("#code", book(served, lang))
    page.locator("main form button").click()
    page.locator(".code").wait_for()
    assert not violations(page)
    assert not sideways(page)


def test_the_error_summary_has_the_focus_without_script(open_page: Open) -> None:
    page = open_page("/booking")
    page.fill("#code", "nonsense")
    page.get_by_role("button", name="Show my booking").click()
    page.locator(".error-summary").wait_for()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "error-summary"


@pytest.mark.parametrize("path", ["/", "/timetable", "/chat", "/session/course", "/booking"])
def test_every_stop_of_the_tab_key_can_be_seen(
    open_page: Open, places: dict[str, str], path: str
) -> None:
    page = open_page(places.get(path, path), width=390, height=700, reduced_motion="reduce")
    seen = []
    for _press in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """async () => {
              await new Promise((done) => setTimeout(done, 30));
              const e = document.activeElement;
              if (!e || e === document.body) return null;
              const r = e.getBoundingClientRect();
              const x = Math.min(Math.max(r.x + r.width / 2, 1), innerWidth - 2);
              const y = Math.min(Math.max(r.y + Math.min(r.height / 2, 20), 1), innerHeight - 2);
              const top = document.elementFromPoint(x, y);
              return {
                what: e.outerHTML.slice(0, 90),
                inside: r.top >= -1 && r.top < innerHeight && r.width > 0 && r.height > 0,
                covered: !(top && (e.contains(top) || top.contains(e))),
                ring: getComputedStyle(e).outlineStyle !== "none",
              };
            }"""
        )
        if stop is None:
            break
        assert stop["inside"], stop
        assert not stop["covered"], stop
        assert stop["ring"], stop
        seen.append(stop["what"])
    assert "skip" in seen[0]
    assert len(seen) > 8


def test_the_skip_link_leads_to_the_content(open_page: Open) -> None:
    page = open_page("/timetable")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_timetable_is_found_filtered_and_opened_by_keyboard_alone(open_page: Open) -> None:
    page = open_page("/timetable")
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("#age").focus()
    page.locator("#age").press("9")
    page.get_by_role("button", name="Show sessions").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/timetable?**age=9**")
    page.locator(".card h3 a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/session/**")
    assert page.locator("h1").count() == 1


def test_at_four_times_the_size_the_chat_can_still_be_used(open_page: Open) -> None:
    """1280 by 1024 pixels at 400% is 320 by 256."""
    page = open_page("/chat", width=320, height=256)
    page.fill("#text", "What's on tomorrow?")
    page.get_by_role("button", name="Send").click()
    page.locator(".said").wait_for()
    assert not sideways(page)
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.composer')).position") == "static"
    )


def test_right_to_left_is_mirrored(open_page: Open) -> None:
    page = open_page("/timetable?lang=ar", width=1000)
    card = page.locator(".card").first.bounding_box()
    when = page.locator(".card .when").first.bounding_box()
    assert card
    assert when
    assert when["x"] > card["x"] + card["width"] / 2
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.number bdi')).direction") == "ltr"
    )


def test_with_forced_colours_buttons_keep_an_edge(open_page: Open) -> None:
    page = open_page("/chat", forced_colors="active")
    assert not violations(page)
    style = "getComputedStyle(document.querySelector('.buttons button')).borderTopStyle"
    assert page.evaluate(style) == "solid"


def test_the_timetable_prints_on_a4(open_page: Open) -> None:
    page = open_page("/timetable?where=west_street")
    page.emulate_media(media="print")
    for hidden in ("nav", ".filters", ".quick", ".urgent", "footer"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".card").first.is_visible()
    assert page.locator(".print-only").is_visible()
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", pdf))
    assert 1 <= pages <= 4


def test_a_browser_takes_our_data_for_search_engines_as_data(
    open_page: Open, served: Served, places: dict[str, str]
) -> None:
    """Under our policy nothing inline may run; a browser would complain, and the test would fail."""
    world, path = served.world, places["/session/drop-in"]

    def set_sample(db, *, sample: bool) -> None:
        for series in db.exec(select(Series)):
            series.sample = sample

    world.store.write_now(set_sample, sample=False)
    page = open_page(path)
    assert page.locator("script[type='application/ld+json']").count() == 1
    world.store.write_now(set_sample, sample=True)


def book(served: Served, who: str) -> str:
    """A booking's code."""
    world = served.world
    tomorrow = world.now + timedelta(days=1)
    slot = next(
        s for s in world.slots() if s.bookable and s.starts_at > tomorrow and not s.cancelled
    )

    def act(db) -> Claim:
        adult = welcome(db, channel="telegram", key=who, lang="en", now=world.now)
        claim = hold_place(
            db, adult=adult, occurrence=slot.id, size=1, key=who, policy=POLICY, now=world.now
        )
        return confirm_place(db, claim, facts={}, born=None, policy=POLICY, now=world.now)

    return world.store.write_now(act).code
