"""Requests to ring somebody: one owner at any moment, closed with a word on what came of it."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.enquiries.service import keep_question
from bot.staff.models import Audit
from bot.timetable.service import count_empty_search
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast, rows
from tests.web.world import World


def row(world: World, number: int) -> Enquiry:
    return next(r for r in rows(world, Enquiry) if r.id == number)


async def test_what_staff_need_to_ring_and_no_more(esi: Browser, cast: Cast) -> None:
    cast.asks(EnquiryKind.CONTACT_ME, say="baby group", lang="pl", text="he hits me")
    text = (await esi.open("/staff/requests")).text
    for told in ("Dana", "07700 900982", "In the morning", "Do not leave one", "baby group",
                 "Urgent", "Polski"):  # fmt: skip
        assert told in text, told
    assert "hits" not in esi.seen.body


async def test_urgent_ones_first(esi: Browser, cast: Cast) -> None:
    cast.asks(name="Anna")
    cast.asks(EnquiryKind.CONTACT_ME, name="Bea", message_ok="yes")
    text = (await esi.open("/staff/requests")).text
    assert text.index("Bea") < text.index("Anna")
    assert "It is safe to leave one" in text


async def test_take_and_close_by_name(world: World, esi: Browser, cast: Cast) -> None:
    number = cast.asks()
    await esi.open("/staff/requests")
    seen = await esi.send(f"/{number}/take")
    assert "You have this." in seen.text
    assert (row(world, number).owner, row(world, number).state) == ("Esi", EnquiryState.TAKEN)
    seen = await esi.send(f"/{number}/close")
    assert (seen.status, "Choose what came of it." in seen.text) == (400, True)
    seen = await esi.send(f"/{number}/close", outcome="spoke", note="Booked a visit")
    assert "Nobody is waiting for a call." in seen.text
    assert row(world, number).outcome == "We spoke: Booked a visit"
    assert row(world, number).state is EnquiryState.CLOSED
    assert "Dana" not in seen.body
    twice = await esi.post(f"/staff/requests/{number}/close", {"outcome": "spoke"})
    assert twice.status == 200
    assert row(world, number).outcome == "We spoke: Booked a visit"


async def test_two_at_once_and_the_second_is_told_kindly(
    world: World, esi: Browser, sign_in, cast: Cast
) -> None:
    number = cast.asks()
    kofi = await sign_in("Kofi")
    await esi.open("/staff/requests")
    await kofi.open("/staff/requests")
    assert (await esi.send(f"/{number}/take")).status == 200
    assert (await esi.post(f"/staff/requests/{number}/take")).status == 200  # a double tap
    late = await kofi.send(f"/{number}/take")
    assert late.status == 409
    assert "Somebody else has already taken this request" in late.text
    assert "Esi has this" in late.text
    assert "900982" not in late.body
    assert row(world, number).owner == "Esi"
    assert (await kofi.post(f"/staff/requests/{number}/close", {"outcome": "spoke"})).status == 409
    assert (await kofi.post(f"/staff/requests/{number}/back")).status == 409
    assert row(world, number).state is EnquiryState.TAKEN


async def test_put_back_and_taken_over(world: World, esi: Browser, sign_in, cast: Cast) -> None:
    number = cast.asks()
    kofi, ada = await sign_in("Kofi"), await sign_in("Ada")
    await esi.open("/staff/requests")
    await esi.send(f"/{number}/take")
    await esi.send(f"/{number}/back")
    assert row(world, number).state is EnquiryState.OPEN
    await esi.send(f"/{number}/take")
    for browser in (kofi, ada):
        await browser.open("/staff/requests")
    assert (await kofi.send(f"/{number}/over")).status == 200
    assert row(world, number).owner == "Kofi"
    assert (await ada.send(f"/{number}/over")).status == 409
    assert row(world, number).owner == "Kofi"


async def test_feedback_is_read_and_taken_off(world: World, esi: Browser, cast: Cast) -> None:
    number = cast.asks(EnquiryKind.FEEDBACK, text="Lovely <b>group</b>", name="")
    seen = await esi.open("/staff/requests")
    assert "Lovely <b>group</b>" in seen.text or "Lovely &lt;b&gt;" in seen.body
    assert "<b>group</b>" not in seen.body
    seen = await esi.send(f"/{number}/read")
    assert "Lovely" not in seen.text
    assert (await esi.post(f"/staff/requests/{number}/read")).status == 200
    assert (await esi.post(f"/staff/requests/{number}/take")).status == 404
    assert row(world, number).state is EnquiryState.CLOSED


async def test_what_they_typed_is_never_markup(esi: Browser, cast: Cast) -> None:
    for field in ("name", "phone", "when", "say"):
        cast.asks(**{"name": field, field: f'"><script>alert("{field}")</script>'})
    seen = await esi.open("/staff/requests")
    assert "<script" not in seen.body
    for field in ("name", "phone", "when", "say"):
        assert f'alert("{field}")' in seen.text


async def test_reading_and_acting_is_in_the_audit(world: World, esi: Browser, cast: Cast) -> None:
    number = cast.asks()
    await esi.open("/staff/requests")
    await esi.send(f"/{number}/take")
    await esi.send(f"/{number}/close", outcome="message")

    found = [(a.act, a.about) for a in rows(world, Audit)]
    assert ("request: take", f"enquiry:{number}") in found
    assert ("request: close", f"enquiry:{number}") in found
    assert ("read requests", "") in found


async def test_strange_request_forms(world: World, esi: Browser, cast: Cast) -> None:
    number = cast.asks()
    assert (await esi.post(f"/staff/requests/{number}/burn")).status == 404
    assert (await esi.post(f"/staff/requests/{number}/over", {"held_by": ""})).status == 409
    await esi.open("/staff/requests")
    await esi.send(f"/{number}/take")
    assert (await esi.send(f"/{number}/close", outcome="<x>")).status == 400
    assert row(world, number).state is EnquiryState.TAKEN


async def test_questions_latest_first_and_searches_counted(world: World, esi: Browser) -> None:
    today = world.now.date()

    def asked(db: Session) -> None:
        for _again in range(3):
            count_empty_search(db, "age_m=10 what=baby_massage where=pc:DA8", on=today)
        count_empty_search(db, "what=baby_massage", on=today - timedelta(days=3))
        count_empty_search(db, "when=2026-03-10/2026-03-14 where=area:erith", on=today)
        count_empty_search(db, "when=wd:sat daypart=evening", on=today)
        count_empty_search(db, "what=something_gone", on=today - timedelta(days=40))
        keep_question(db, "Is there a crèche? ring 07700 900982", lang="en", on=today)
        keep_question(db, "Czy <script> jest parking?", lang="pl", on=today)

    world.store.write_now(asked)
    seen = await esi.open("/staff/questions")
    name = world.content.activities["baby_massage"].name["en"]
    assert f"{name} · DA8 3 times" in seen.text
    assert "Tue 10 Mar – Sat 14 Mar · Erith" in seen.text
    assert "Saturday · evening" in seen.text
    assert "something" not in seen.text
    assert seen.text.index("parking") < seen.text.index("crèche")
    assert "900982" not in seen.body
    assert "<script" not in seen.body
    assert "Polski" in seen.text
