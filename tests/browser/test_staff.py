"""The staff pages about places on a small phone: axe, nothing sideways, and by keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlmodel import Session

from bot.bookings import allotting, service, waiting
from bot.bookings.models import WaitingEntry
from bot.families.models import Adult
from bot.families.service import welcome
from bot.staff.service import make_link
from bot.store.columns import keys, use_keys
from bot.timetable.queries import Slot
from tests.browser.conftest import Open, Served
from tests.browser.test_access import CONTRAST, RULES, sideways, violations
from tests.sessions import POLICY

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"


@pytest.fixture(scope="session")
def course(served: Served) -> Slot:
    """A course of three places, one kept, with a line in which everybody is somewhere else."""
    world = served.world
    last = [
        s for s in world.slots()
        if s.weeks and s.bookable and s.original_on == s.course_on
        and s.starts_at > world.now + timedelta(days=5)
    ][-1]  # fmt: skip

    def fill(db: Session) -> None:
        who = {"by": "Esi", "policy": POLICY, "now": world.now}
        allotting.set_capacity(db, last.id, 3, **who)
        allotting.keep_places(db, last.id, 1, release_at=None, **who)
        for name in ("Amina", LONG):
            claim = service.hold_place(
                db, adult=_adult(db, world.now, name), occurrence=last.id, size=1, key=name[:20],
                policy=POLICY, now=world.now,
            )  # fmt: skip
            service.confirm_place(
                db, claim, facts={"name": name, "phone": "+447700900123"}, born=None,
                policy=POLICY, now=world.now,
            )  # fmt: skip
        entries = [_waits(db, served, last, name) for name in ("Gosia", f"Hana {LONG}", "Iga")]
        allotting.give_offer(db, entries[2], last.id, kept=True, reason="referred", **who)
        allotting.move_to(db, entries[1], last.id, 1, reason=LONG, **who)

    before = keys()
    use_keys(served.keys)
    world.store.write_now(fill)
    use_keys(before)
    return last


def _adult(db: Session, now, name: str) -> Adult:
    return welcome(db, channel="telegram", key=f"staff-{name}", lang="en", now=now)


def _waits(db: Session, served: Served, slot: Slot, name: str) -> WaitingEntry:
    now = served.world.now
    wish = {"activity": slot.activity, "subjects": [slot.subject]}
    return waiting.join(
        db, adult=_adult(db, now, name), slot=slot, wish=wish, size=1, key=f"staff-{name}"[:60],
        facts={"name": name, "phone": "+447700900982"}, policy=POLICY, now=now,
    )  # fmt: skip


def signed_in(open_page: Open, served: Served, **how: object) -> Page:
    link = served.world.store.write_now(make_link, now=served.world.now)
    page = open_page(f"/staff/enter/{link}", width=320, height=640, **how)
    page.fill("#name", f"Esi {link[:6].translate(str.maketrans('0123456789-_', 'abcdefghijkl'))}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff**")
    return page


@pytest.mark.parametrize(
    ("scheme", "rules"), [("light", RULES), ("dark", CONTRAST)], ids=["light", "dark"]
)
def test_axe_finds_nothing_on_any_page_about_places(
    open_page: Open, served: Served, course: Slot, scheme: str, rules: dict[str, object]
) -> None:
    page = signed_in(open_page, served, color_scheme=scheme)
    base, faults = f"{served.url}/staff/session/{course.id}", {}

    def check(name: str) -> None:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = violations(page, rules)
        if out := sideways(page):
            found.append("sideways " + out)
        if found:
            faults[name] = found

    for part in ("", "/places", "/story", "/book", "/week"):
        page.goto(base + part)
        assert page.locator("h1").count() == 1
        check(part)
    page.goto(base + "/book")
    page.get_by_role("button", name="Book it").click()
    page.locator(".error-summary").wait_for()
    check("/book refused")
    page.goto(base + "/places")
    page.locator("summary", has_text="Change how many").click()
    page.fill("#capacity", "0")
    page.locator("details[open] button").click()
    page.locator(".error-summary").wait_for()
    check("/places refused")
    page.goto(base + "/places")
    page.locator(".waiter a", has_text="Gosia").click()
    page.wait_for_url("**/waiting/**")
    check("/waiting")
    page.goto(base + "/week")
    page.get_by_role("button", name="Next").click()
    page.locator(".confirm").wait_for()
    check("/week shown")
    assert not faults


def test_a_code_is_made_by_keyboard_alone(open_page: Open, served: Served, course: Slot) -> None:
    served.world.store.write_now(
        allotting.set_capacity, course.id, 9, by="Esi", policy=POLICY, now=served.world.now
    )
    page = signed_in(open_page, served)
    page.goto(f"{served.url}/staff/session/{course.id}/book")
    for field, words in (("name", "Femi"), ("phone", "07700 900982"), ("reason", "rang us")):
        page.locator(f"#{field}").focus()
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/booked/**")
    assert len(page.locator(".big-code").inner_text().replace(" ", "")) == 8
    assert not violations(page)
    assert not sideways(page)
