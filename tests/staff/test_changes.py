"""Cancel or move one date: shown first, made once, undone in its minute, told to everybody."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from bot.bookings.models import Claim
from bot.families.models import Adult
from bot.families.service import stop
from bot.outbox import service as outbox
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach.notices import Skip, Voice, render
from bot.staff.models import Audit
from bot.timetable.models import Change, Occurrence
from bot.timetable.queries import Slot, find_slot
from bot.timetable.rules import ChangeState
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast, rows
from tests.web.world import World

REASON = "The heating has broken down."


def notices(world: World) -> list[Outbox]:
    return [r for r in rows(world, Outbox) if r.kind in (Kind.CANCELLED, Kind.MOVED)]


def changes(world: World) -> list[Change]:
    return rows(world, Change)


def now_of(world: World, slot: Slot) -> Slot:
    found = world.store.read_now(find_slot, slot.id)
    assert found is not None
    return found


@pytest.fixture
def slot(cast: Cast) -> Slot:
    return cast.bookable()


@pytest.fixture
def path(slot: Slot) -> str:
    return f"/staff/session/{slot.id}"


@pytest.fixture
def crowd(world: World, cast: Cast, slot: Slot) -> None:
    """Two booked on Telegram, one of them in Polish; one booked on the web, who left a number;
    one stopped; two follow, one of them on the web and without a number."""
    cast.books(slot, "Amina")
    cast.books(slot, "Beata", lang="pl")
    cast.books(slot, "Carol", channel="web", phone="+447700900123")
    cast.books(slot, "Dev", phone="+447700900456")
    cast.follows(slot, "erin")
    cast.follows(slot, "femi", channel="web")

    dev = cast.adult_of("Dev")

    def dev_stops(db: Session) -> None:
        stop(db.get_one(Adult, dev))

    world.store.write_now(dev_stops)


@pytest.mark.usefixtures("crowd")
async def test_the_preview_says_who_is_told_and_the_exact_words(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    seen = await esi.send("/cancel", reason=REASON)
    assert seen.status == 200
    counts = {n: seen.number(n) for n in ("booked", "following", "by Telegram", "not reachable")}
    assert counts == {"booked": 4, "following": 2, "by Telegram": 3, "not reachable": 3}
    for told in ("Carol", "07700 900123", "Dev", "07700 900456", "No number or address given"):
        assert told in seen.text
    assert "Amina" not in seen.text
    assert "Cancelled:" in seen.text
    assert f"Why: {REASON}" in seen.text
    assert 'lang="pl"' in seen.body
    assert notices(world) == []
    assert changes(world) == []
    assert not now_of(world, slot).cancelled


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("kind", ["cancel", "move"])
async def test_what_the_preview_counts_is_what_is_posted_and_said(
    world: World, esi: Browser, path: str, kind: str
) -> None:
    await esi.open(f"{path}/{kind}")
    typed = {"reason": REASON} | ({"begin": "11:00", "end": "12:15"} if kind == "move" else {})
    preview = await esi.send(f"/{kind}", **typed)
    shown = {
        " ".join(re.sub(r"<[^>]+>", "", words).split())
        for words in re.findall(r'<p class="words"[^>]*>(.*?)</p>', preview.body, re.S)
    }
    done = await esi.send("/confirm")
    posted = notices(world)
    assert len(posted) == preview.number("booked") + preview.number("following") == 6
    assert done.number("waiting") == preview.number("by Telegram") == 3
    assert done.number("not reached") == preview.number("not reachable") == 3
    voice = Voice(world.content, world.opened.desk.words, world.settings.address)

    def said(db: Session) -> set[str]:
        made = [render(db, row, voice, now=world.now) for row in posted]
        assert not [m for m in made if isinstance(m, Skip)]
        return {" ".join(re.sub(r"<[^>]+>", "", str(m.text)).split()) for m in made}

    assert world.store.read_now(said) == shown


@pytest.mark.usefixtures("crowd")
async def test_a_double_tap_makes_one_change(world: World, esi: Browser, path: str) -> None:
    await esi.open(f"{path}/cancel")
    form = (await esi.send("/cancel", reason=REASON)).form("/confirm")
    first = await esi.post(form.action, form.fields)
    second = await esi.post(form.action, form.fields)
    assert first.path == second.path
    assert (first.status, second.status) == (200, 200)
    assert len(changes(world)) == 1
    assert len(notices(world)) == 6


@pytest.mark.usefixtures("crowd")
async def test_a_double_tap_on_a_move_makes_one_change(
    world: World, esi: Browser, path: str
) -> None:
    await esi.open(f"{path}/move")
    form = (await esi.send("/move", reason=REASON, begin="11:00", end="12:15")).form("/confirm")
    paths = {(await esi.post(form.action, form.fields)).path for _tap in range(3)}
    assert len(paths) == len(changes(world)) == 1


async def test_two_colleagues_at_once_make_one_change(
    world: World, esi: Browser, sign_in, slot: Slot, path: str
) -> None:
    kofi = await sign_in("Kofi")
    for browser in (esi, kofi):
        await browser.open(f"{path}/cancel")
        await browser.send("/cancel", reason=REASON)
    assert (await esi.send("/confirm")).status == 200
    late = await kofi.send("/confirm")
    assert late.status == 409
    assert "Somebody else changed this session" in late.text
    assert len(changes(world)) == 1
    again = await kofi.post(f"{path}/cancel", {"reason": REASON, "version": str(slot.version)})
    assert again.status == 409


@pytest.mark.usefixtures("crowd")
async def test_undo_within_the_minute_tells_nobody(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    await esi.send("/confirm")
    world.now += timedelta(seconds=59)
    seen = await esi.send("/undo")
    assert (seen.status, seen.title) == (200, "Undone: nothing has changed")
    assert not now_of(world, slot).cancelled
    assert {(n.state, n.reason) for n in notices(world)} == {(OutboxState.SKIPPED, "undone")}
    again = await esi.post(seen.path + "/undo")
    assert (again.status, again.title) == (200, "Undone: nothing has changed")
    assert [c.state for c in changes(world)] == [ChangeState.UNDONE]


@pytest.mark.usefixtures("crowd")
async def test_undo_after_the_minute_is_refused(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    page = await esi.send("/confirm")
    world.now += timedelta(seconds=60)
    late = await esi.post(page.path + "/undo")
    assert late.status == 409
    assert "too late to undo" in late.text
    assert not [f for f in late.forms if f.action.endswith("/undo")]
    assert now_of(world, slot).cancelled
    assert {n.state for n in notices(world)} == {OutboxState.QUEUED}


@pytest.mark.usefixtures("crowd")
async def test_undo_is_refused_once_a_notice_has_left(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    page = await esi.send("/confirm")
    early = world.now + timedelta(seconds=61)  # a worker whose clock is ahead of ours
    world.store.write_now(lambda db: len(outbox.lease_due(db, now=early, limit=1)))
    assert (await esi.post(page.path + "/undo")).status == 409
    assert now_of(world, slot).cancelled


async def test_an_undone_form_sent_again_changes_nothing(
    world: World, esi: Browser, slot: Slot, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    form = (await esi.send("/cancel", reason=REASON)).form("/confirm")
    await esi.post(form.action, form.fields)
    await esi.send("/undo")
    seen = await esi.post(form.action, form.fields)
    assert seen.title == "Undone: nothing has changed"
    assert not now_of(world, slot).cancelled


async def test_an_earlier_change_is_told_when_the_later_one_is_undone(
    world: World, esi: Browser, cast: Cast, path: str
) -> None:
    """The later change made the earlier one's notices skip; then it was undone."""
    cast.books(cast.bookable(), "Amina")
    await esi.open(f"{path}/move")
    await esi.send("/move", reason="First", begin="11:00", end="12:15")
    await esi.send("/confirm")
    world.now += timedelta(seconds=50)
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason="Second")
    page = await esi.send("/confirm")
    world.now += timedelta(seconds=20)
    voice = Voice(world.content, world.opened.desk.words, world.settings.address)

    def worker(db: Session) -> None:
        for row in outbox.lease_due(db, now=world.now, limit=10):
            made = render(db, row, voice, now=world.now)
            assert isinstance(made, Skip)
            outbox.skipped(db, row.id, reason=made.reason, now=world.now)

    world.store.write_now(worker)
    await esi.post(page.path + "/undo")
    assert [n.state for n in notices(world)] == [OutboxState.QUEUED, OutboxState.SKIPPED]


async def test_a_move_that_cannot_be_is_refused_beside_its_field(
    world: World, esi: Browser, path: str
) -> None:
    cases: tuple[tuple[dict[str, str], str], ...] = (
        ({"day": "2026-03-09"}, "day"),
        ({"day": "2026-03-10", "begin": "09:59", "end": "11:00"}, "begin"),
        ({"day": "tomorrow"}, "day"),
        ({"day": ""}, "day"),
        ({"day": "2101-01-01"}, "day"),
        ({"begin": "25:00"}, "begin"),
        ({"begin": "ten"}, "begin"),
        ({"end": ""}, "end"),
        ({"begin": "12:00", "end": "12:00"}, "end"),
        ({"venue": "moon"}, "venue"),
        ({"venue": "<b>"}, "venue"),
        ({"reason": "   "}, "reason"),
        ({"reason": "x" * 201, "begin": "11:00", "end": "12:00"}, "reason"),
        ({}, "day"),  # nothing would be different
    )
    for typed, field in cases:
        await esi.open(f"{path}/move")
        seen = await esi.send("/move", **{"reason": REASON, **typed})
        assert seen.status == 400, typed
        assert f'href="#{field}"' in seen.body, typed
        assert f'id="{field}-fault"' in seen.body, typed
        assert seen.body.count('class="error-summary"') == 1
        for name, value in typed.items():
            if name != "venue" and value.strip() and len(value) < 50:
                assert seen.form("/move").fields[name] == value
        again = await esi.post(f"{path}/move/confirm", {"version": "0", "reason": REASON, **typed})
        assert again.status in (400, 409), typed
    assert changes(world) == []


async def test_a_move_keeps_local_time_across_the_change_of_clocks(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    cast.books(slot, "Amina")
    other = next(v for v in world.content.venues.values() if v.id != slot.venue and not v.former)
    await esi.open(f"{path}/move")
    preview = await esi.send(
        "/move", day="2026-03-30", begin="10:00", end="11:00", venue=other.id, reason=REASON
    )
    assert "Monday 30 March, 10am to 11am" in preview.text
    done = await esi.send("/confirm")
    moved = now_of(world, slot)
    assert moved.starts_at.isoformat() == "2026-03-30T09:00:00+00:00"  # summer time
    assert moved.venue == other.id
    assert "The session is moved" in done.text
    seen = await esi.open("/staff?day=2026-03-30")
    assert "Moved" in seen.text


async def test_what_is_over_or_cancelled_cannot_be_changed(
    world: World, esi: Browser, path: str, slot: Slot
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    await esi.send("/confirm")
    for kind in ("cancel", "move"):
        assert (await esi.open(f"{path}/{kind}")).status == 409
        fields = {"version": str(now_of(world, slot).version), "reason": REASON,
                  "day": "2026-04-01", "begin": "10:00", "end": "11:00", "venue": slot.venue}  # fmt: skip
        assert (await esi.post(f"{path}/{kind}", fields)).status == 409
        assert (await esi.post(f"{path}/{kind}/confirm", fields)).status == 409
    assert len(changes(world)) == 1


async def test_a_session_that_has_begun_cannot_be_cancelled(world: World, esi: Browser) -> None:
    begun = world.slots(1)[0]

    def start_it(db: Session) -> None:
        row = db.get_one(Occurrence, begun.id)
        row.starts_at = world.now - timedelta(minutes=1)

    world.store.write_now(start_it)
    seen = await esi.open(f"/staff/session/{begun.id}")
    assert "/cancel" not in seen.body
    fields = {"version": "0", "reason": REASON}
    for part in ("cancel", "cancel/confirm"):
        assert (await esi.post(f"/staff/session/{begun.id}/{part}", fields)).status == 409


async def test_forms_without_what_ours_send_are_refused(
    world: World, esi: Browser, path: str
) -> None:
    for fields in ({}, {"version": "x", "reason": "y"}, {"version": "-1", "reason": "y"},
                   {"version": "9" * 30, "reason": "y"}, {"version": "٣", "reason": "y"}):  # fmt: skip
        for part in ("cancel", "move", "cancel/confirm", "move/confirm"):
            assert (await esi.post(f"{path}/{part}", fields)).status == 400
    assert (await esi.post(f"{path}/delete", {"version": "0"})).status == 404
    assert changes(world) == []


@pytest.mark.usefixtures("crowd")
async def test_who_was_not_reached_is_ticked_off_by_name(
    world: World, esi: Browser, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    page = await esi.send("/confirm")
    ids = {n.id for n in notices(world)}
    to_ring = [int(n) for n in re.findall(r"/rung/(\d+)", page.body)]
    assert len(to_ring) == 3
    assert set(to_ring) <= ids
    for notice in to_ring:
        await esi.send(f"/rung/{notice}")
    assert "All done. Thank you." in esi.seen.text
    assert "Told by phone by Esi" in esi.seen.text
    found = {n.id: n for n in notices(world)}
    assert sorted(found[n].reason for n in to_ring) == [
        "no way to tell: Esi", "told by phone: Esi", "told by phone: Esi",
    ]  # fmt: skip
    assert {found[n].state for n in to_ring} == {OutboxState.SKIPPED}
    await esi.post(page.path + f"/rung/{to_ring[0]}")  # tapped twice
    await esi.send(f"/not-rung/{to_ring[0]}")
    assert "Nobody has rung them yet" in esi.seen.text
    assert esi.seen.number("not reached") == 1


@pytest.mark.usefixtures("crowd")
async def test_the_state_of_each_notice_and_what_the_first_page_says(
    world: World, esi: Browser, sign_in, slot: Slot, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    page = await esi.send("/confirm")
    world.now += timedelta(minutes=2)
    names = {c.adult_id: c.private["name"] for c in rows(world, Claim)}

    def worker(db: Session) -> None:
        for row in outbox.lease_due(db, now=world.now, limit=10):
            match names.get(row.adult_id):
                case "Amina":
                    row.channel = "telegram"
                    outbox.sent(db, row.id, external_id="1", now=world.now)
                case "Beata":
                    row.channel = "telegram"
                    row.state, row.settled_at = OutboxState.UNKNOWN, world.now
                case _:
                    outbox.failed(db, row.id, reason="no working channel", now=world.now)

    world.store.write_now(worker)
    seen = await esi.open(page.path)
    assert "Told by Telegram at 10:02am" in seen.text
    assert "Sent by Telegram, but it may not have arrived" in seen.text
    assert "We have no way to send to them" in seen.text
    assert (seen.number("told"), seen.number("not reached")) == (1, 5)
    desk = await esi.open("/staff")
    assert "5 people may not know of a change. Ring them." in desk.text
    assert f'href="{page.path}"' in desk.body
    world.now = slot.ends_at  # nobody can be spared the way any more
    assert "may not know" not in (await (await sign_in("Kofi")).open("/staff")).text


@pytest.mark.usefixtures("crowd")
async def test_who_was_rung_is_rung_again_after_an_undo(
    world: World, esi: Browser, path: str
) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    page = await esi.send("/confirm")
    [first, *_rest] = re.findall(r"/rung/(\d+)", page.body)
    await esi.send(f"/rung/{first}")
    seen = await esi.send("/undo")
    assert "told by phone already. Ring them again." in seen.text


async def test_nobody_concerned(world: World, esi: Browser, path: str) -> None:
    await esi.open(f"{path}/cancel")
    seen = await esi.send("/cancel", reason=REASON)
    assert "Nobody needs to know" in seen.text
    done = await esi.send("/confirm")
    assert "Nobody had booked this session or followed it." in done.text
    assert notices(world) == []


async def test_a_notice_of_another_change_cannot_be_ticked_off_here(
    world: World, esi: Browser, cast: Cast, path: str
) -> None:
    cast.books(cast.bookable(), "Carol", channel="web")
    await esi.open(f"{path}/move")
    await esi.send("/move", reason=REASON, begin="11:00", end="12:15")
    page = await esi.send("/confirm")
    [notice] = [n.id for n in notices(world)]
    other = int(page.path.rpartition("/")[2]) + 1
    assert (await esi.post(f"/staff/change/{other}/rung/{notice}")).status == 404
    assert (await esi.post(f"{page.path}/rung/{notice + 1}")).status == 404


async def test_every_act_is_in_the_audit(world: World, esi: Browser, path: str) -> None:
    await esi.open(f"{path}/cancel")
    await esi.send("/cancel", reason=REASON)
    await esi.send("/confirm")
    await esi.send("/undo")

    acts = [a.act for a in rows(world, Audit) if a.by == "Esi"]
    assert [a for a in acts if not a.startswith("read")] == [
        "signed in", "preview", "cancel", "undo",
    ]  # fmt: skip


async def test_a_moved_session_gets_new_reminders(
    world: World, esi: Browser, cast: Cast, slot: Slot, path: str
) -> None:
    cast.books(slot, "Amina")
    await esi.open(f"{path}/move")
    day = date(2026, 3, 11)
    await esi.send("/move", day=day.isoformat(), begin="14:00", end="15:00", reason=REASON)
    await esi.send("/confirm")

    version = now_of(world, slot).version
    found = [r.dedupe for r in rows(world, Outbox) if r.kind.value.startswith("reminder")]
    assert len(found) == 2
    assert all(f":{version}:" in d for d in found)
