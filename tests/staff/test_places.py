"""The pages about places: what they show to staff, step by step, and what nobody else ever sees."""

from __future__ import annotations

import re

import pytest

from bot.bookings.models import Claim
from bot.bookings.queries import find_claim_by_code
from bot.core.codes import code_words
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.staff.models import Audit
from bot.timetable.queries import Slot
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast, rows
from tests.web.world import World

FEMI = {"name": "Femi", "phone": "07700 900982", "reason": "referred"}


@pytest.fixture
def slot(cast: Cast) -> Slot:
    """Three places, one of them kept. Amina and Ben have the others; Gosia and Hana wait."""
    found = cast.bookable()
    cast.keeps(found, capacity=3, kept=1)
    cast.books(found, "Amina")
    cast.books(found, "Ben")
    cast.waits(found, "Gosia", phone="+447700900123")
    cast.waits(found, "Hana", size=2)
    return found


@pytest.fixture
def path(slot: Slot) -> str:
    return f"/staff/session/{slot.id}"


async def test_the_page_adds_up_and_tells_the_line(esi: Browser, path: str) -> None:
    seen = await esi.open(f"{path}/places")
    assert (seen.status, seen.title) == (200, "Places")
    counts = [seen.number(n) for n in ("places", "booked", "kept back", "free")]
    assert counts == [3, 2, 1, 0]
    assert "Kept for you to give, up to the start: 1 place, 0 given." in seen.text
    assert seen.text.index("Gosia") < seen.text.index("Hana")
    for said in ("07700 900123", "2 places", "since Tue 10 Mar", "only this session", "waiting"):
        assert said in seen.text
    assert seen.body.count("<h1>") == 1
    assert seen.headers["Cache-Control"] == "no-store"


async def test_each_form_saves_and_a_refused_one_keeps_what_was_typed(
    world: World, esi: Browser, path: str
) -> None:
    await esi.open(f"{path}/places")
    seen = await esi.send("/places/capacity", capacity="1")
    assert seen.status == 400
    assert "2 places are taken. Cancel or move some of them first." in seen.text
    assert 'value="1"' in seen.body
    assert 'href="#capacity"' in seen.body
    assert "<title>Error: Places" in seen.body
    seen = await esi.send("/places/capacity", capacity="4")
    assert "Done." in seen.text
    assert seen.number("offered") == 1
    assert "has an offer until" in seen.text
    seen = await esi.send("/places/list", state="paused", most="5")
    assert "Paused: nobody is offered a place for now. At most 5 families." in seen.text
    release = str(world.now.date().replace(day=11))
    seen = await esi.send("/places/kept", kept="1", release=release)
    assert "Kept for you to give until Wednesday 11 March: 1 place, 0 given." in seen.text


async def test_two_staff_at_once_the_second_looks_again(sign_in, esi: Browser, path: str) -> None:
    kofi = await sign_in("Kofi")
    await kofi.open(f"{path}/places")
    await esi.open(f"{path}/places")
    await esi.send("/places/capacity", capacity="6")
    seen = await kofi.send("/places/capacity", capacity="5")
    assert seen.status == 409
    assert "Somebody else changed this" in seen.text
    assert seen.number("places") == 6
    assert seen.form("/places/capacity").fields["shown"] == "6"


async def test_an_offer_a_move_and_a_leave_with_their_story(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    hana = int(re.findall(r"/waiting/(\d+)", (await esi.open(f"{path}/places")).body)[1])
    seen = await esi.open(f"{path}/waiting/{hana}")
    assert "2 of 2" in seen.text
    seen = await esi.send(f"/{hana}/move", place="1")
    assert (seen.status, "Say why." in seen.text) == (400, True)
    assert 'href="#move-reason"' in seen.body
    seen = await esi.send(f"/{hana}/move", place="1", reason="twins")
    assert "1 of 2" in seen.text
    assert "Made number 1 in the line by Esi “twins”" in _quoted(seen.body)
    seen = await esi.send(f"/{hana}/offer", reason="referred", kept="yes")
    assert "Only 1 kept place is left." in seen.text
    seen = await esi.send(f"/{hana}/off", reason="asked us to")
    assert (seen.path, "Hana" in seen.text) == (f"{path}/places", False)
    assert [r.kind for r in rows(world, Outbox)].count(Kind.LIST_CLOSED) == 1
    # A colleague's old page, and what became of her
    assert (await esi.post(f"{path}/waiting/{hana}/move", {"reason": "x"})).status == 409
    told = (await esi.open(f"{path}/story")).text
    assert "Taken off the list by Esi" in told
    assert "asked us to" in told
    assert "Amina has a place" in told


async def test_a_family_that_rang_gets_a_code_once(world: World, esi: Browser, path: str) -> None:
    seen = await esi.open(f"{path}/book")
    form = seen.form("/book")
    refused = await esi.post(form.action, {**form.fields, **FEMI})
    assert refused.status == 400
    assert "No place is free. Use a kept one" in refused.text
    assert refused.form("/book").fields["key"] == form.fields["key"]
    assert 'value="07700 900982"' in refused.body
    taps = [await esi.post(form.action, {**form.fields, **FEMI, "kept": "yes"}) for _ in range(2)]
    assert taps[0].path == taps[1].path
    code = re.search(r'class="big-code"><bdi>(.*?)</bdi>', taps[0].body)
    assert code
    claim = world.store.read_now(find_claim_by_code, code[1])
    assert claim is not None
    assert (claim.kept, claim.private["name"], len(rows(world, Claim))) == (True, "Femi", 3)
    acts = [a.act for a in rows(world, Audit)]
    assert acts.count("book for") == 1
    assert {"read code", "read waiting list"} & set(acts) == {"read code"}


@pytest.mark.parametrize(
    "typed", [{"key": ""}, {"key": "x' --"}, {"key": "a" * 41}, {"key": "staff:" + "a" * 12}]
)
async def test_a_form_that_is_not_ours_books_nothing(
    world: World, esi: Browser, path: str, typed: dict[str, str]
) -> None:
    form = (await esi.open(f"{path}/book")).form("/book")
    seen = await esi.post(form.action, {**form.fields, **FEMI, "kept": "yes", **typed})
    assert seen.status == 400
    assert len(rows(world, Claim)) == 2


async def test_a_drop_in_has_no_places_and_nobody_else_s_entry_is_shown(
    world: World, esi: Browser, path: str
) -> None:
    drop_in = next(s for s in world.slots() if not s.bookable)
    assert "/places" not in (await esi.open(f"/staff/session/{drop_in.id}")).body
    for part in ("places", "book", "story", "waiting/1"):
        assert (await esi.open(f"/staff/session/{drop_in.id}/{part}")).status == 409
    for part in ("waiting/999", "booked/999", "week"):
        assert (await esi.open(f"{path}/{part}")).status == 404


async def test_nobody_but_staff_sees_that_places_are_kept_or_who_was_given_one(
    world: World, esi: Browser, stranger: Browser, new_browser, slot: Slot, path: str
) -> None:
    before = (await stranger.open(f"/session/{slot.id}")).text
    assert "Full" in before
    form = (await esi.open(f"{path}/book")).form("/book")
    await esi.post(form.action, {**form.fields, **FEMI, "kept": "yes"})
    femi = next(c for c in rows(world, Claim) if c.kept)
    # The public page is the same; the register and what is printed of it know of no need
    assert (await stranger.open(f"/session/{slot.id}")).text == before
    register = await esi.open(path)
    for seen in (register, await esi.open("/staff")):
        for word in ("kept", "referred", "given by", "out of turn"):
            assert word not in seen.text.lower(), word
    # Her own page is as that of a family that booked by itself
    pages = []
    for claim in (femi, next(c for c in rows(world, Claim) if not c.kept)):
        parent = await new_browser()
        await parent.open("/booking")
        seen = await parent.send("/booking", code=claim.code)
        assert seen.status == 200
        pages.append(
            re.sub(rf"{code_words(claim.code)}|{claim.private['name']}|token=\S+", "", seen.text)
        )
    assert pages[0] == pages[1]
    # And her row is as everybody's
    people = re.findall(r'(?s)<li class="person">(.*?)</li>', register.body)
    shapes = {
        re.sub(r"(?s)<p class=\"(reach|hint)\">.*?</p>|Femi|Amina|Ben", "", p) for p in people
    }
    assert (len(people), len(shapes)) == (3, 1)


async def test_a_week_is_shown_then_added_once_and_told(
    world: World, esi: Browser, cast: Cast
) -> None:
    course = next(
        s for s in world.slots()
        if s.course_id and s.bookable and s.original_on == s.course_on
        and s.starts_at.date() > world.now.date() and s.age_from in (None, 0)
    )  # fmt: skip
    cast.books(course, "Amina")
    cast.books(course, "Carol", channel="web", phone="+447700900123")
    seen = await esi.open(f"/staff/session/{course.id}")
    assert "Add a week" in seen.text
    await esi.open(f"/staff/session/{course.id}/week")
    seen = await esi.send("/week", day=course.starts_at.date().isoformat())
    assert seen.status == 400
    assert "It has a date on that day already" in seen.text
    await esi.open(f"/staff/session/{course.id}/week")
    preview = await esi.send("/week")
    counts = [preview.number(n) for n in ("booked", "by Telegram", "not reachable")]
    assert counts == [2, 1, 1]
    assert "07700 900123" in preview.text
    assert "One more week:" in preview.text
    assert not _week_notices(world)
    form = preview.form("/confirm")
    taps = [await esi.post(form.action, form.fields) for _ in range(2)]
    assert taps[0].path == taps[1].path != f"/staff/session/{course.id}"
    assert "This week is added to the course." in taps[0].text
    assert "Carol" in taps[0].text
    assert len(_week_notices(world)) == 2
    # It was a slip
    form = taps[0].form("/undo")
    taps = [await esi.post(form.action, form.fields) for _ in range(2)]
    assert taps[0].path == taps[1].path == f"/staff/session/{course.id}"
    assert "Undone: nothing has changed" in taps[0].text
    assert {(n.state, n.reason) for n in _week_notices(world)} == {(OutboxState.SKIPPED, "undone")}


async def test_who_reads_names_is_noted(world: World, esi: Browser, slot: Slot, path: str) -> None:
    entry = int(re.findall(r"/waiting/(\d+)", (await esi.open(f"{path}/places")).body)[0])
    await esi.open(f"{path}/waiting/{entry}")
    await esi.open(f"{path}/story")
    noted = {(a.act, a.about) for a in rows(world, Audit) if a.by == "Esi"}
    assert {
        ("read waiting list", slot.subject), ("read waiting entry", f"entry:{entry}"),
        ("read story", slot.subject),
    } <= noted  # fmt: skip


def _week_notices(world: World) -> list[Outbox]:
    return [r for r in rows(world, Outbox) if r.kind is Kind.WEEK_ADDED]


def _quoted(body: str) -> str:
    """What is read, with quotation marks where the page quotes."""
    marked = body.replace("<q>", "“").replace("</q>", "”")
    return " ".join(re.sub(r"<[^>]*>", " ", marked).split())
