"""Talks to the service through `take_turn` alone: types, taps by label, and keeps a transcript."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from bot.content import Content
from bot.conversation.incoming import Incoming, Kind, Reply, Sender, TurnResult
from bot.conversation.taking import take_turn
from bot.conversation.turn import Desk
from bot.core.settings import Settings
from bot.delivery.mail import plain
from bot.opening import desk_of
from bot.outbox.message import Button
from bot.store.engine import Store
from bot.understanding.reader import Reader


class Office:
    """A council's desk on a store; makes talkers."""

    def __init__(self, store: Store, content: Content, reader: Reader, **settings: object) -> None:
        self.store, self.content, self.reader = store, content, reader
        self.desk: Desk = desk_of(Settings(**settings), content, reader)

    def talker(
        self, name: str = "7", *, channel: str = "telegram", now: datetime, lang: str = "en"
    ) -> Talker:
        return Talker(self, name, channel, now, lang)


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

    def sends_file(self) -> str:
        return self._do(Kind.FILE, "", "(photo)")

    def edits(self, text: str) -> str:
        return self._do(Kind.EDITED, text, f"(edited) {text}")

    def taps(self, label: str, *, key: str = "") -> str:
        """Tap the newest button whose label is, or starts with, `label`."""
        return self.taps_token(self.button(label).token, label, key=key)

    def taps_token(self, token: str, label: str = "", *, key: str = "") -> str:
        return self._do(Kind.TAP, token, f"[{label or token}]", key=key)

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
        point: tuple[float, float] | None = None,
    ) -> str:  # fmt: skip
        self.now += timedelta(seconds=1)
        incoming = Incoming(
            self.sender, kind, key or f"k{next(self._keys)}", text=text, argument=argument,
            point=point, message_id="m1",
        )  # fmt: skip
        reading = (
            self.office.reader.read(text, now=self.now, lang=self.sender.lang)
            if kind in (Kind.TEXT, Kind.EDITED)
            else None
        )
        self.result: TurnResult = self.office.store.write_now(
            take_turn, incoming, reading, desk=self.office.desk, now=self.now
        )
        self.replies = list(self.result.replies)
        self.transcript.append(f"> {shown}")
        for reply in self.replies:
            self.transcript.append(plain(reply.message.text))
            for row in reply.message.rows:
                self.transcript.append("  " + " ".join(f"[{b.label}]" for b in row))
        self.transcript.append("")
        return self.text
