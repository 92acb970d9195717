"""Answers a message on the terminal, from the live data or, where there is none yet, from the
content that ships. Stores nothing: what a turn writes is rolled back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel

from bot.content import Content, load
from bot.content.recurrence import monday_of
from bot.conversation.incoming import Incoming, Kind, Sender
from bot.conversation.taking import answer
from bot.conversation.talk import Talk, slot_value
from bot.conversation.turn import Desk, Turn
from bot.core import sealing
from bot.core.settings import Settings
from bot.delivery.mail import plain
from bot.families import service as families
from bot.opening import desk_of, find_store
from bot.store.columns import use_keys
from bot.store.engine import Store
from bot.timetable.importing import apply_programme
from bot.understanding.reader import Reader
from bot.understanding.reading import Reading, Shown, TalkTurn


class Asker:
    """Loads once, answers many."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._content: Content = load(settings.content_dir)
        self._reader = Reader.from_content(self._content)
        self._desk: Desk = desk_of(settings, self._content, lambda: self._reader)
        self._live = find_store(settings)
        self._sample = Store("sqlite://")
        SQLModel.metadata.create_all(self._sample.engine)
        self._blank = _driver(self._sample).serialize()
        self._laid: dict[date, bytes] = {}
        self._week: date | None = None  # that the sample shows now
        use_keys(sealing.make_keys())  # nothing sealed here is kept

    def ask(
        self, text: str, *, now: datetime, lang: str = "", context: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """One answer as the object of `--json`, with `ms`, the time of the whole chain.

        `context` are earlier turns, oldest first, as a file of questions gives them.
        """
        talk = _talk_of(context)
        store = self._live or self._sample_store(now)
        began = time.perf_counter()
        reading = self._reader.read(text, now=now, lang=lang)
        with Session(store.engine, expire_on_commit=False) as db:
            try:
                result = self._turn(db, text, reading, now, lang, talk)
            finally:
                db.rollback()
        result["ms"] = round((time.perf_counter() - began) * 1000, 2)
        return result

    def close(self) -> None:
        for store in [self._sample, *([self._live] if self._live else [])]:
            store.close()

    def _turn(
        self,
        db: Session,
        text: str,
        reading: Reading,
        now: datetime,
        lang: str,
        context: tuple[TalkTurn, ...],
    ) -> dict[str, Any]:
        sender = Sender("terminal", "terminal", lang)
        offered = lang.partition("-")[0] if lang.partition("-")[0] in self._desk.languages else "en"
        adult = families.welcome(db, channel="terminal", key="terminal", lang=offered, now=now)
        talk = Talk(turns=list(context))
        turn = Turn(
            db=db, desk=self._desk, adult=adult, talk=talk,
            incoming=Incoming(sender, Kind.TEXT, key="terminal", text=text),
            words=self._desk.words(offered).on(now), now=now,
        )  # fmt: skip
        read = answer(turn, reading) or reading
        answers = turn.answers()
        topics = [t.slots["topic"] for t in talk.turns[len(context) :] if t.intent == "topic"]
        return {
            "intent": read.intent,
            "intents": [read.intent, *(w.intent for w in read.also)],
            "slots": {k: list(v) if isinstance(v, tuple) else v for k, v in read.slots.items()},
            "occurrences": talk.listed if talk.listed_kind == "session" else [],
            "topics": topics,
            "crisis": bool(read.crisis),
            "urgent": bool(read.urgent),
            "reply": {
                "text": "\n\n".join(plain(m.text) for m in answers),
                "buttons": [b.label for m in answers for row in m.rows for b in row],
            },
        }

    def _sample_store(self, now: datetime) -> Store:
        """The shipped programme laid out in memory around a moment. One store for every week asked
        about, which is kept as its bytes, so that statements are prepared once, as in a service."""
        monday = monday_of(now.astimezone(self._settings.zone).date())
        if monday == self._week:
            return self._sample
        driver = _driver(self._sample)
        if monday in self._laid:
            driver.deserialize(self._laid[monday])
        else:
            driver.deserialize(self._blank)
            self._sample.write_now(
                apply_programme, self._content.programme, content=self._content,
                now=datetime.combine(monday, datetime.min.time(), self._settings.zone),
                zone=self._settings.zone,
            )  # fmt: skip
            self._laid[monday] = driver.serialize()
        self._week = monday
        return self._sample


def _driver(store: Store) -> sqlite3.Connection:
    """The one connection of a database in memory."""
    with closing(store.engine.raw_connection()) as lent:
        assert isinstance(lent.driver_connection, sqlite3.Connection)
        return lent.driver_connection


def _talk_of(earlier: Sequence[Mapping[str, Any]]) -> tuple[TalkTurn, ...]:
    """Lists on the screen are one line of words each."""
    return tuple(
        TalkTurn(
            intent=str(turn.get("intent", "")),
            slots={k: slot_value(v) for k, v in dict(turn.get("slots", {})).items()},
            shown=tuple(Shown(label=str(line)) for line in turn.get("shown", [])),
            bot_asked=str(turn.get("bot_asked", "")),
            text=str(turn.get("user", "")),
        )
        for turn in earlier
    )
