"""Who is booked and how to reach them; who came, however often the form is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.bookings.models import Attendance, Claim
from bot.bookings.queries import register_of
from bot.bookings.rules import EndedWhy, RegisterMark
from bot.bookings.service import cancel
from bot.staff.models import Audit
from bot.staff.service import make_link
from bot.timetable.queries import Slot
from bot.timetable.service import cancel_occurrence
from tests.sessions import POLICY
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast, rows
from tests.web.world import World


def events(world: World) -> list[tuple[int | None, str, int, str]]:
    return [(a.claim_id, a.mark.value, a.count, a.by) for a in rows(world, Attendance)]


@pytest.fixture
def slot(cast: Cast) -> Slot:
    return cast.bookable()


@pytest.fixture
def path(slot: Slot) -> str:
    return f"/staff/session/{slot.id}"


async def on_the_day(world: World, slot: Slot, browser: Browser) -> Browser:
    """Time passes; Esi signs in again on the day."""
    world.now = slot.starts_at - timedelta(minutes=5)
    link = world.store.write_now(make_link, now=world.now)
    await browser.open(f"/staff/enter/{link}")
    await browser.send("/enter", name="Esi")
    return browser


async def test_who_is_booked_and_how_to_reach_them(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    on = slot.starts_at.date()
    born = on.replace(day=1) - timedelta(days=70)
    cast.books(slot, "Amina", phone="+447700900123", born=born.isoformat(), needs="A quiet corner")
    cast.books(slot, "Ben", channel="web", email="ben@example.org", due="2026-05-03")
    cast.follows(slot, "carol")
    text = (await esi.open(path)).text
    assert "Amina" in text
    assert "07700 900123" in text
    assert 'href="tel:+447700900123"' in esi.seen.body
    assert "A quiet corner" in text
    assert f"{(on.month - born.month) % 12 - (on.day < born.day)} months old" in text
    assert "Messages go by Telegram." in text
    assert "Ben" in text
    assert "mailto:ben@example.org" in esi.seen.body
    assert "due Sunday 3 May" in text
    assert "Messages can't reach them." in text
    assert "1 follows it" in text
    assert "carol" not in esi.seen.body


async def test_reading_names_is_in_the_audit(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    await esi.open(path)

    row = rows(world, Audit)[-1]
    assert (row.by, row.act, row.about) == ("Esi", "read bookings", f"session:{slot.id}")


async def test_what_families_wrote_is_never_markup(
    esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="x">'
    cast.books(slot, evil, phone='"><script>', email='a"onmouseover=x@b.example', needs=evil)
    seen = await esi.open(path)
    assert "<script" not in seen.body
    assert "<img src=x" not in seen.body
    assert 'onmouseover=x"' not in seen.body
    assert "alert(1)" in seen.text  # it is shown, as letters
    preview = await esi.open(f"{path}/cancel")
    preview = await esi.send("/cancel", reason=evil)
    assert "<script" not in preview.body
    done = await esi.send("/confirm")
    assert done.path.startswith("/staff/change/")
    assert "<script" not in done.body
    assert "alert(1)" in done.text


async def test_the_register_opens_on_the_day(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    claim = cast.books(slot, "Amina")
    seen = await esi.open(path)
    assert "The register opens on the day." in seen.text
    early = await esi.post(
        f"{path}/register",
        {f"shown-{claim}": "none", f"came-{claim}": "yes", "walk_ins": "1", "walk_ins_shown": "0"},
    )
    assert early.status == 409
    assert events(world) == []


async def test_tick_who_came(world: World, esi: Browser, cast: Cast, slot: Slot, path: str) -> None:
    amina, ben = cast.books(slot, "Amina"), cast.books(slot, "Ben")
    await on_the_day(world, slot, esi)
    await esi.open(path)
    seen = await esi.send("/register", **{f"came-{amina}": "yes"}, walk_ins="3")
    assert (seen.status, "The register is saved. 4 came." in seen.text) == (200, True)
    assert events(world) == [(amina, "came", 1, "Esi"), (None, "walk_in", 3, "Esi")]
    seen = await esi.send("/register", complete="yes")
    assert events(world)[2:] == [(ben, "absent", 1, "Esi")]
    assert "Absent" in seen.text


async def test_sent_twice_it_counts_once(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    amina = cast.books(slot, "Amina")
    await on_the_day(world, slot, esi)
    form = (await esi.open(path)).form("/register")
    sent = {**form.fields, f"came-{amina}": "yes", "walk_ins": "2"}
    for _tap in range(3):
        assert (await esi.post(form.action, sent)).status == 200
    assert len(events(world)) == 2
    assert world.store.read_now(register_of, slot.id) == ({amina: RegisterMark.CAME}, 2)


async def test_a_tick_can_be_taken_away_and_set_again(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    amina = cast.books(slot, "Amina")
    await on_the_day(world, slot, esi)
    await esi.open(path)
    await esi.send("/register", **{f"came-{amina}": "yes"})
    form = esi.seen.form("/register")
    del form.fields[f"came-{amina}"], form.fields["complete"]
    await esi.post(form.action, form.fields)
    assert [e[1] for e in events(world)] == ["came", "absent"]
    await esi.send("/register", **{f"came-{amina}": "yes"})
    assert [e[1] for e in events(world)] == ["came", "absent", "came"]


async def test_two_colleagues_do_not_undo_each_other(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    amina, ben = cast.books(slot, "Amina"), cast.books(slot, "Ben")
    await on_the_day(world, slot, esi)
    old_page = (await esi.open(path)).form("/register")
    await esi.send("/register", **{f"came-{amina}": "yes"}, walk_ins="2")
    await esi.post(old_page.action, {**old_page.fields, f"came-{ben}": "yes"})
    marks, walk_ins = world.store.read_now(register_of, slot.id)
    assert marks == {amina: RegisterMark.CAME, ben: RegisterMark.CAME}
    assert walk_ins == 2


async def test_who_cancelled_while_the_page_was_open_and_came_after_all(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    amina = cast.books(slot, "Amina")
    await on_the_day(world, slot, esi)
    await esi.open(path)

    def give_up(db: Session) -> None:
        cancel(db, db.get_one(Claim, amina), why=EndedWhy.CANT_COME, policy=POLICY, now=world.now)

    world.store.write_now(give_up)
    seen = await esi.send("/register", **{f"came-{amina}": "yes"})
    assert "gave the place up" in seen.text
    assert "1 came." in seen.text


async def test_a_number_that_is_none_is_said_beside_the_field(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    amina = cast.books(slot, "Amina")
    await on_the_day(world, slot, esi)
    for typed in ("-1", "many", "1.5", "501", "٣", "1e3", "99999999999"):
        await esi.open(path)
        seen = await esi.send("/register", **{f"came-{amina}": "yes"}, walk_ins=typed)
        assert (seen.status, 'href="#walk_ins"' in seen.body) == (400, True), typed
        assert seen.form("/register").fields["walk_ins"] == typed
        assert f'name="came-{amina}" value="yes" checked' in seen.body  # what was ticked is kept
    assert events(world) == []


async def test_strange_register_forms_are_refused(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    amina = cast.books(slot, "Amina")
    other = next(s for s in world.slots()[30:] if s.bookable and s.subject != slot.subject)
    elsewhere = cast.books(other, "Zed")
    await on_the_day(world, slot, esi)
    base = {"walk_ins": "0", "walk_ins_shown": "0"}
    for fields, status in (
        ({"shown-x": "none"}, 400),
        ({f"shown-{amina}": "maybe"}, 400),
        ({"walk_ins_shown": "x"}, 400),
        ({f"came-{amina}": "yes"}, 200),  # not on the page that was shown
        ({f"shown-{elsewhere}": "none", f"came-{elsewhere}": "yes"}, 200),
        ({"shown-999999": "none", "came-999999": "yes"}, 200),
    ):
        assert (await esi.post(f"{path}/register", {**base, **fields})).status == status, fields
    assert events(world) == []


async def test_a_cancelled_session_has_no_register(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    cast.books(slot, "Amina")

    def call_off(db: Session) -> None:
        cancel_occurrence(db, slot.id, reason="Flood", by="Esi", now=world.now)

    world.store.write_now(call_off)
    await on_the_day(world, slot, esi)
    seen = await esi.open(path)
    assert "This session is cancelled. Flood" in seen.text
    assert not [f for f in seen.forms if f.action.endswith("/register")]
