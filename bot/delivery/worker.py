"""Sends what is in the outbox, and nothing else does.

Replies are handed over right after their turn's commit. Everything else is leased when its time
has come: in one transaction the row is taken, its cause read again, its way chosen and its words
made; then, outside any transaction, it is sent; then how that ended is written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.content.values import Council
from bot.conversation.incoming import TurnResult
from bot.core.clock import Clock, quiet_until
from bot.delivery.channel import Channel, Outcome, Result
from bot.families import queries as families
from bot.families import service as family_service
from bot.families.rules import AddressState
from bot.families.service import EMAIL, TELEGRAM
from bot.outbox import service as outbox
from bot.outbox.message import Message
from bot.outbox.models import Outbox
from bot.outbox.rules import WAITS_FOR_MORNING, Kind
from bot.outreach.notices import Skip, Voice, render
from bot.store.engine import Store, is_away
from bot.timetable import queries as timetable
from bot.timetable.models import Change

log = logging.getLogger(__name__)

LOT = 50
AT_ONCE = 16
TICK = 1.0  # seconds between two looks at what is due
#: Seconds between tries to note how a send ended; their sum is below the lease, after which it
#: would be sent again.
NOTE_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_SOON_AFTER_QUIET = timedelta(hours=2)
_PREFERRED = (TELEGRAM, EMAIL)


Write = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to be sent."""

    outbox_id: int
    channel: str
    to: str
    message: Message


class Delivery:
    """The worker, and the way for a turn to have its replies sent at once."""

    def __init__(
        self, *, store: Store, channels: Mapping[str, Channel], voice: Voice, clock: Clock
    ) -> None:
        self._store, self._channels, self._voice, self._clock = store, channels, voice, clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()
        self._wake = asyncio.Event()

    def hand_over(self, result: TurnResult, *, channel: str, to: str) -> None:
        """Send a turn's replies, which the turn itself leased, behind those of the turns before.

        Returns at once: a person's next tap need not wait for the network, other people never do.
        """
        before = self._lanes.get(to)
        task = asyncio.create_task(self._send_turn(before, result, channel, to))
        self._lanes[to] = task
        task.add_done_callback(lambda done: self._leave(to, done))

    async def drain(self) -> None:
        """Wait until every turn that was handed over has been sent."""
        while self._lanes:
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _send_turn(
        self, before: asyncio.Task[None] | None, result: TurnResult, channel: str, to: str
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        settling = []
        for reply in result.replies:
            parcel = Parcel(reply.outbox_id, channel, to, reply.message)
            ended = await self._send(parcel)
            settling.append(asyncio.create_task(self._note(self._store.write_soon, parcel, ended)))
        await asyncio.gather(*settling)
        if result.hide and channel in self._channels:
            await self._channels[channel].erase(to, result.hide)

    def _leave(self, to: str, done: asyncio.Task[None]) -> None:
        if self._lanes.get(to) is done:
            del self._lanes[to]
        if not done.cancelled() and (problem := done.exception()) is not None:
            # The rows stay leased; when that runs out the worker sends them.
            log.error("a reply was not sent", exc_info=problem)

    async def run(self) -> None:
        """Send what is due until `stop`. One fault doesn't end it."""
        while not self._stop.is_set():
            try:
                busy = await self.run_due()
            except Exception:
                log.exception("sending failed")
                busy = 0
            if busy < LOT:
                try:
                    await asyncio.wait_for(self._wake.wait(), TICK)
                except TimeoutError:
                    continue
                finally:
                    self._wake.clear()

    async def run_due(self) -> int:
        """Send one lot of what is due now; how many rows were taken."""
        taken, parcels = await self._store.write(self._prepare, now=self._clock())
        await asyncio.gather(*(self._gated(p) for p in parcels))
        return taken

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    def stop(self) -> None:
        """End `run` after the lot it is sending."""
        self._stop.set()
        self._wake.set()

    async def _gated(self, parcel: Parcel) -> None:
        async with self._gate:
            result = await self._send(parcel)
        await self._note(self._store.write, parcel, result)

    async def _note(self, write: Write, parcel: Parcel, result: Result) -> None:
        """How a send ended; patiently, since what nobody noted is sent again."""
        for pause in NOTE_PAUSES:
            try:
                await write(_settle, parcel, result, now=self._clock())
            except Exception as problem:
                if not is_away(problem):
                    raise
                await asyncio.sleep(pause)
            else:
                return
        await write(_settle, parcel, result, now=self._clock())

    async def _send(self, parcel: Parcel) -> Result:
        channel = self._channels.get(parcel.channel)
        if channel is None:
            return Result(Outcome.REFUSED, reason="channel is off")
        reference = f"outbox-{parcel.outbox_id}"
        try:
            return await channel.send(parcel.to, parcel.message, reference=reference)
        except Exception as problem:  # a bug of ours: tried again, but not for ever
            log.exception("a channel failed", extra={"outbox": parcel.outbox_id})
            return Result(Outcome.RETRY, reason=f"failed here: {type(problem).__name__}")

    def _prepare(self, db: Session, *, now: datetime) -> tuple[int, list[Parcel]]:
        rows = outbox.lease_due(db, now=now, limit=LOT)
        return len(rows), [p for row in rows if (p := self._packed(db, row, now)) is not None]

    def _packed(self, db: Session, row: Outbox, now: datetime) -> Parcel | None:
        """The row's parcel; one that can't be made fails alone, and keeps no other from leaving."""
        row_id = row.id
        try:
            with db.begin_nested():
                return self._parcel(db, row, now)
        except Exception as problem:
            if is_away(problem):
                raise
            log.exception("a message could not be made", extra={"outbox": row_id})
            outbox.failed(db, row_id, reason=f"not made: {type(problem).__name__}", now=now)
            return None

    def _parcel(self, db: Session, row: Outbox, now: datetime) -> Parcel | None:
        if row.kind is Kind.REPLY:
            if row.sealed is None:
                outbox.skipped(db, row.id, reason="hidden", now=now)
                return None
            message = Message.from_json(row.private)
        else:
            if later := self._held(db, row, now):
                outbox.hold(row, until=later, reason="quiet hours")
                return None
            rendered = render(db, row, self._voice, now=now)
            if isinstance(rendered, Skip):
                outbox.skipped(db, row.id, reason=rendered.reason, now=now)
                return None
            message = outbox.with_tokens(db, rendered, owner=row.adult_id, now=now)
            row.seal(message.to_json())
        return self._addressed(db, row, message, now)

    def _addressed(
        self, db: Session, row: Outbox, message: Message, now: datetime
    ) -> Parcel | None:
        ways = {a.channel: a for a in families.addresses(db, row.adult_id)}
        wanted = (row.channel,) if row.channel else _PREFERRED
        name = next((n for n in wanted if n in ways and n in self._channels), None)
        if name is None:
            outbox.failed(db, row.id, reason="no working channel", now=now)
            return None
        row.channel = name
        db.flush()
        return Parcel(row.id, name, str(ways[name].private.get("address", "")), message)

    def _held(self, db: Session, row: Outbox, now: datetime) -> datetime | None:
        """Until when a notice waits in quiet hours; a change to an early session doesn't wait."""
        council: Council = self._voice.content.council
        zone = self._voice.words("en").zone
        until = quiet_until(
            now, zone=zone, quiet_from=council.quiet_from, quiet_to=council.quiet_to
        )
        if until is None or row.kind in WAITS_FOR_MORNING:
            return until
        change = db.get(Change, int(row.about.partition(":")[2] or 0))
        slot = timetable.find_slot(db, change.occurrence_id) if change else None
        was = datetime.fromisoformat(change.before["starts_at"]) if change else until
        first = min(was, slot.starts_at) if slot else was
        return until if first > until + _SOON_AFTER_QUIET else None


def _settle(db: Session, parcel: Parcel, result: Result, *, now: datetime) -> None:
    match result.outcome:
        case Outcome.SENT:
            outbox.sent(db, parcel.outbox_id, external_id=result.external_id, now=now)
        case Outcome.RETRY:
            outbox.try_again(
                db, parcel.outbox_id, after=result.retry_after, reason=result.reason, now=now
            )
        case Outcome.UNKNOWN:
            outbox.unknown(db, parcel.outbox_id, now=now)
        case Outcome.REFUSED:
            outbox.failed(db, parcel.outbox_id, reason=result.reason or "refused", now=now)
        case Outcome.GONE:
            outbox.failed(db, parcel.outbox_id, reason=result.reason or "gone", now=now)
            if parcel.channel == TELEGRAM:
                family_service.set_address_state(
                    db, channel=TELEGRAM, key=parcel.to, state=AddressState.GONE
                )
