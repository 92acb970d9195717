"""Talks to the service through `take_turn` alone: types, taps by label, and keeps a transcript."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session

from bot.bookings import queue, tending
from bot.content import Content
from bot.conversation.incoming import Incoming, Kind, Reply, Sender, TurnResult
from bot.conversation.taking import take_turn
from bot.conversation.turn import Desk
from bot.core.settings import Settings
from bot.delivery.channel import Channel
from bot.delivery.mail import plain
from bot.delivery.worker import Delivery, Parcel
from bot.opening import desk_of
from bot.outbox import service as outbox
from bot.outbox.message import Button
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind as Kind_
from bot.outbox.rules import OutboxState
from bot.outreach.notices import Voice
from bot.store.engine import Store
from bot.understanding.reader import Reader


class Office:
    """A council's desk on a store; makes talkers."""

    def __init__(self, store: Store, content: Content, reader: Reader, **settings: object) -> None:
        self.store, self.content, self.reader = store, content, reader
        self.desk: Desk = desk_of(Settings(**settings), content, lambda: reader)

    def talker(
        self, name: str = "7", *, channel: str = "telegram", now: datetime, lang: str = "en"
    ) -> Talker:
        return Talker(self, name, channel, now, lang)

    def tend(self, now: datetime) -> None:
        """What the jobs do about waiting lists."""
        policy = self.desk.policy
        for activity in self.store.read_now(queue.waited_activities):
            self.store.write_now(tending.tend, activity, policy=policy, now=now)

    def deliver(self, now: datetime) -> list[Parcel]:
        """Send every notice that is due to whoever is on Telegram; what was sent."""
        channels = {"telegram": cast(Channel, None)}  # only asked whether it is there
        voice = Voice(self.content, self.desk.words, self.desk.address)
        worker = Delivery(store=self.store, channels=channels, voice=voice, clock=lambda: now)
        self.store.write_now(_settle_replies, now=now)
        _taken, parcels = self.store.write_now(worker._prepare, now=now)
        for parcel in parcels:
            self.store.write_now(outbox.sent, parcel.outbox_id, external_id="m", now=now)
        return parcels


class Talker:
    """One person on one channel. `now` moves on a second with each thing done."""

    _keys = itertools.count(1)

    def __init__(self, office: Office, name: str, channel: str, now: datetime, lang: str) -> None:
        self.office, self.sender, self.now = office, Sender(channel, name, lang), now
        self.replies: list[Reply] = []
        self.transcript: list[str] = []

    def says(self, text: str, *, key: str = "") -> str:
        return self._do(Kind.TEXT, text, text, key=key)

    def command(self, name: str, argument: str = "") -> str:
        return self._do(Kind.COMMAND, name, f"/{name} {argument}".strip(), argument=argument)

    def location(self, lat: float, lon: float) -> str:
        return self._do(Kind.LOCATION, "", "(location)", point=(lat, lon))

    def sends_file(self, caption: str = "", *, album: str = "") -> str:
        return self._do(Kind.FILE, caption, f"(photo) {caption}".strip(), album=album)

    def edits(self, text: str) -> str:
        return self._do(Kind.EDITED, text, f"(edited) {text}")

    def taps(self, label: str, *, key: str = "") -> str:
        """Tap the newest button whose label is, or starts with, `label`."""
        return self.taps_token(self.button(label).token, label, key=key)

    def taps_token(self, token: str, label: str = "", *, key: str = "") -> str:
        return self._do(Kind.TAP, token, f"[{label or token}]", key=key)

    def hears(self, parcels: list[Parcel]) -> str:
        """Take what was delivered to this person as the newest messages on the screen."""
        mine = [p for p in parcels if p.to == self.sender.external]
        self.replies = [Reply(p.outbox_id, p.message) for p in mine]
        self._write_down(
            f"({self.now:%A %H:%M}, a notice arrives)" if mine else "(nothing arrives)"
        )
        return self.text

    def button(self, label: str) -> Button:
        for exact in (True, False):
            for reply in reversed(self.replies):
                for row in reply.message.rows:
                    for button in row:
                        if button.label == label or (not exact and label in button.label):
                            return button
        raise AssertionError(f"no button “{label}” among {self.labels}")

    @property
    def labels(self) -> list[str]:
        return [b.label for r in self.replies for row in r.message.rows for b in row]

    @property
    def text(self) -> str:
        return "\n\n".join(plain(r.message.text) for r in self.replies)

    def _do(
        self, kind: Kind, text: str, shown: str, *, key: str = "", argument: str = "",
        point: tuple[float, float] | None = None, album: str = "",
    ) -> str:  # fmt: skip
        self.now += timedelta(seconds=1)
        incoming = Incoming(
            self.sender, kind, key or f"k{next(self._keys)}", text=text, argument=argument,
            point=point, message_id="m1", album=album,
        )  # fmt: skip
        reading = (
            self.office.reader.read(text, now=self.now, lang=self.sender.lang)
            if text and kind in (Kind.TEXT, Kind.EDITED, Kind.FILE)
            else None
        )
        self.result: TurnResult = self.office.store.write_now(
            take_turn, incoming, reading, desk=self.office.desk, now=self.now
        )
        self.replies = list(self.result.replies)
        self._write_down(f"> {shown}")
        return self.text

    def _write_down(self, head: str) -> None:
        self.transcript.append(head)
        for reply in self.replies:
            self.transcript.append(plain(reply.message.text))
            for row in reply.message.rows:
                self.transcript.append("  " + " ".join(f"[{b.label}]" for b in row))
        self.transcript.append("")


def types(who: Talker, *said: str) -> str:
    """What comes last when somebody types these one after the other."""
    for text in said:
        who.says(text)
    return who.text


def _settle_replies(db: Session, *, now: datetime) -> None:
    """Replies were heard as they were said."""
    db.execute(
        sa.update(Outbox)
        .where(Outbox.kind == Kind_.REPLY, Outbox.state == OutboxState.SENDING)
        .values(state=OutboxState.SENT, settled_at=now, lease_until=None)
    )
