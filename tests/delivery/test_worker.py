"""The worker: what keeps one message from leaving keeps back no other, and what was sent is noted."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from bot.conversation.incoming import Reply, TurnResult
from bot.delivery import worker
from bot.delivery.channel import Outcome, Result
from bot.delivery.worker import Delivery
from bot.families.queries import addresses
from bot.families.rules import AddressState
from bot.families.service import TELEGRAM, set_address_state, welcome
from bot.outbox import service as outbox
from bot.outbox.message import Message
from bot.outbox.models import Outbox
from bot.outbox.rules import OutboxState
from bot.outreach.notices import Voice
from bot.store.engine import Store
from bot.wording.words import Words
from tests.conftest import LONDON, MINUTE, NOW


class Heard:
    """A channel that takes everything, and raises for one address."""

    name = TELEGRAM

    def __init__(self, *, breaks_for: str = "") -> None:
        self.told: list[tuple[str, str]] = []
        self._breaks_for = breaks_for

    async def send(self, to: str, message: Message, *, reference: str) -> Result:
        if to == self._breaks_for:
            raise RuntimeError("a bug")
        self.told.append((to, str(message.text)))
        return Result(Outcome.SENT, external_id=reference)

    async def erase(self, to: str, external_ids: Sequence[str]) -> int:
        del to, external_ids
        return 0


def delivery_of(store: Store, content, channel: Heard, *, now: datetime = NOW) -> Delivery:
    voice = Voice(content, lambda lang: Words(lang or "en", LONDON), "http://here")
    return Delivery(store=store, channels={TELEGRAM: channel}, voice=voice, clock=lambda: now)


def promise(db: Session, person: str, text: str) -> int:
    """A reply that waits for its time, as after a first try that failed."""
    adult = welcome(db, channel=TELEGRAM, key=person, lang="en", now=NOW)
    row_id, _ = outbox.post_reply(
        db, Message(Markup(text)), to=adult.id, channel=TELEGRAM, key=text, now=NOW
    )
    db.get_one(Outbox, row_id).state = OutboxState.QUEUED
    return row_id


def states(db: Session) -> dict[int, tuple[OutboxState, str]]:
    return {row.id: (row.state, row.reason) for row in db.exec(select(Outbox))}


async def test_a_message_that_cannot_be_made_fails_alone(store: Store, content) -> None:
    broken = store.write_now(promise, "7", "broken")
    whole = store.write_now(promise, "8", "whole")

    def damage(db: Session) -> None:
        db.get_one(Outbox, broken).sealed = b"nothing that was sealed"

    store.write_now(damage)
    channel = Heard()
    await delivery_of(store, content, channel).run_due()
    assert channel.told == [("8", "whole")]
    assert store.read_now(states) == {
        broken: (OutboxState.FAILED, "not made: SealBrokenError"),
        whole: (OutboxState.SENT, ""),
    }


async def test_a_bug_of_a_channel_is_tried_again_and_no_other_waits(store: Store, content) -> None:
    first = store.write_now(promise, "7", "one")
    store.write_now(promise, "8", "two")
    channel = Heard(breaks_for="7")
    await delivery_of(store, content, channel).run_due()
    assert channel.told == [("8", "two")]
    assert store.read_now(states)[first] == (OutboxState.QUEUED, "failed here: RuntimeError")


async def test_while_the_database_is_away_what_was_sent_is_noted_later(
    store: Store, content, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id = store.write_now(promise, "7", "hello")
    monkeypatch.setattr(worker, "NOTE_PAUSES", (0.0, 0.0))
    channel = Heard()
    delivery = delivery_of(store, content, channel)
    away = [2]
    settle = worker._settle

    def failing(db: Session, *args: object, **named: object) -> None:
        if away[0]:
            away[0] -= 1
            locked = sqlite3.OperationalError("database is locked")
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise OperationalError(None, None, locked)
        settle(db, *args, **named)

    monkeypatch.setattr(worker, "_settle", failing)
    reply = Reply(row_id, Message(Markup("hello")))
    delivery.hand_over(TurnResult(replies=(reply,)), channel=TELEGRAM, to="7")
    await delivery.drain()
    assert channel.told == [("7", "hello")]
    assert store.read_now(states)[row_id][0] is OutboxState.SENT


async def test_leases_are_released_on_the_29th_of_february_too(store: Store, content) -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)

    def leased(db: Session) -> int:
        row_id = promise(db, "7", "hello")
        row = db.get_one(Outbox, row_id)
        row.state, row.lease_until = OutboxState.SENDING, leap + MINUTE
        return row_id

    row_id = store.write_now(leased)
    assert store.write_now(outbox.release_leases, now=leap) == 1
    await delivery_of(store, content, Heard(), now=leap).run_due()
    assert store.read_now(states)[row_id][0] is OutboxState.SENT


def test_who_writes_again_can_be_reached_again(store: Store) -> None:
    def gone(db: Session) -> int:
        adult = welcome(db, channel=TELEGRAM, key="7", lang="en", now=NOW)
        set_address_state(db, channel=TELEGRAM, key="7", state=AddressState.GONE)
        return adult.id

    adult_id = store.write_now(gone)
    assert store.read_now(addresses, adult_id) == []
    store.write_now(welcome, channel=TELEGRAM, key="7", lang="en", now=NOW)
    assert [a.key for a in store.read_now(addresses, adult_id)] == ["7"]
