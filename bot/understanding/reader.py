"""From a parent's message to a typed reading. Pure: no clock, no database, no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.values import Content
from bot.understanding import facts
from bot.understanding.clean import clean
from bot.understanding.danger import Danger
from bot.understanding.reading import Reading, SlotValue, TalkTurn, Wish
from bot.understanding.slots import SlotFinder
from bot.understanding.spoken import speak


class Reader:
    """Reads messages for one council. Built once, safe between threads."""

    def __init__(self, content: Content) -> None:
        self._zone = ZoneInfo(content.council.timezone)
        self._finder = SlotFinder(content)
        self._danger = Danger(content.safety.phrases)

    @classmethod
    def from_content(cls, content: Content) -> Reader:
        return cls(content)

    def read(self, text: str, *, now: datetime, lang: str = "") -> Reading:
        """The plain reading of one message, before the talk so far is known."""
        cleaned = clean(text)
        said = speak(cleaned.flat)
        alarm = self._danger.listen(said, cleaned.flat)
        if alarm.sure:
            wish = Wish("crisis", {"risk": alarm.risk})
            return Reading(cleaned.text, wish, lang or "en", crisis=alarm.risk, urgent=True, delta=wish.slots)
        seen = self._finder.find(said, now.astimezone(self._zone).date())
        slots: dict[str, SlotValue] = dict(seen.slots)
        if seen.what:
            slots["what"] = seen.what[0]
        fact = facts.ask(seen.masked)
        if fact:
            slots["ask"] = fact
        intent = (
            "session_detail"
            if fact and seen.what
            else "topic"
            if seen.topics and not seen.what
            else "whats_on"
        )
        if intent == "topic":
            slots["topic"] = seen.topics[0][0]
        return Reading(text=cleaned.text, wish=Wish(intent, slots), lang=lang or "en", urgent=alarm.possible, delta=slots)

    def resolve(self, reading: Reading, *, talk: Sequence[TalkTurn]) -> Reading:
        """The reading with what carries over from the talk so far, oldest turn first."""
        return reading

    def understand(
        self, text: str, *, now: datetime, lang: str = "", talk: Sequence[TalkTurn] = ()
    ) -> Reading:
        """`read` and `resolve` in one."""
        return self.resolve(self.read(text, now=now, lang=lang), talk=talk)
