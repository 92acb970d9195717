"""A place on a waiting list by its code: the answer to an e-mail, from any device."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.bookings import queries, service, waiting
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState
from bot.families.service import welcome
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import Slot
from tests.sessions import POLICY
from tests.web.client import PageClient
from tests.web.test_booking import open_with
from tests.web.test_timetable import first
from tests.web.world import World


@pytest.fixture
def queue_of_one(world: World) -> tuple[Claim, WaitingEntry, Slot]:
    """A session with one place: Amina has it, Ben waits."""
    slot = first(world, bookable=True)

    def work(db: Session) -> tuple[Claim, WaitingEntry, Slot]:
        holder = Course if slot.course_id else Occurrence
        db.get_one(holder, slot.subject).capacity = 1
        amina, ben = (
            welcome(db, channel="telegram", key=k, lang="en", now=world.now) for k in ("1", "2")
        )
        claim = service.hold_place(
            db, adult=amina, occurrence=slot.id, size=1, key="k", policy=POLICY, now=world.now
        )
        service.confirm_place(db, claim, facts={}, born=None, policy=POLICY, now=world.now)
        entry = waiting.join(
            db, adult=ben, slot=slot, wish={"subjects": [slot.subject]}, size=1,
            facts={"name": "Ben"}, key="w", policy=POLICY, now=world.now,
        )  # fmt: skip
        return claim, entry, slot

    return world.store.write_now(work)


def free(world: World, claim: Claim) -> None:
    def work(db: Session) -> None:
        mine = queries.find_claim(db, claim.id)
        service.cancel(db, mine, why=EndedWhy.CANT_COME, policy=POLICY, now=world.now)

    world.store.write_now(work)


def state(world: World, entry: WaitingEntry) -> EntryState:
    return world.store.read_now(lambda db: db.get_one(WaitingEntry, entry.id).state)


async def test_the_code_shows_the_place_in_line(client: PageClient, queue_of_one):
    _claim, entry, _slot = queue_of_one
    page = await open_with(client, entry.code.lower())
    assert "You are number 1 in line." in page.text
    assert f"{entry.code[:4]}-{entry.code[4:]}" in page.text
    page = await client.press(page, "Leave the waiting list")
    assert "not on this waiting list" in page.text


async def test_an_offer_is_answered_from_any_device(client: PageClient, world, queue_of_one):
    claim, entry, _slot = queue_of_one
    free(world, claim)
    page = await open_with(client, entry.code)
    assert "It is kept for you until" in page.text
    page = await client.press(page, "Yes please, book it")
    assert "You are booked." in page.text
    assert state(world, entry) is EntryState.BOOKED
    await client.press(page, "Close this booking on this device")
    again = await open_with(client, entry.code)
    assert "not on this waiting list" in again.text


async def test_no_thanks_gives_it_up(client: PageClient, world, queue_of_one):
    claim, entry, slot = queue_of_one
    free(world, claim)
    await client.press(await open_with(client, entry.code), "No thanks")
    assert state(world, entry) is EntryState.LEFT
    live = world.store.read_now(lambda db: queries.live_size(db, slot, now=world.now))
    assert live == 0


async def test_a_yes_without_a_code_books_nothing(client: PageClient, world, queue_of_one):
    claim, _entry, slot = queue_of_one
    free(world, claim)
    await client.post("/waiting/yes", {"session": slot.id}, status=404)
    kinds = world.store.read_now(lambda db: [c.kind for c in queries.claims_of(db, slot)])
    assert kinds.count(ClaimKind.BOOKING) == 0
