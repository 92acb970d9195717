"""From a parent's message to a typed reading. Pure: no clock, no database, no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.content.values import Content
from bot.understanding import choices, lexicon, seconds
from bot.understanding.bars import load_bars
from bot.understanding.clean import clean
from bot.understanding.danger import Alarm, Danger, weighed
from bot.understanding.gloss import PLAINLY_ENGLISH, Glosses
from bot.understanding.intent import Guess, guess
from bot.understanding.languages import LANGUAGES, TAGS
from bot.understanding.model import load
from bot.understanding.reading import Reading, Shown, SlotValue, TalkTurn, Wish
from bot.understanding.slots import Seen, SlotFinder
from bot.understanding.sounds import Sounds
from bot.understanding.spoken import speak
from bot.understanding.talk import resolve
from bot.understanding.wishes import make
from bot.understanding.worries import worrying_features

WEIGHTS = lexicon.DATA / "weights.bin"
_CLAUSE = re.compile(
    r"(?<=[.!?;])\s+|\s+(?:and also|also|oh and|plus|btw|by the way|and (?=(?:can|could|how|what|where|when|is|do|please|i|my|cancel|book|tell|stop|change|remind|update|delete)\b))\s*"
)
_LEAST_WORDS = 3
#: Below this sureness a guess whose runner-up is "not ours" is not given: of the bank's unseen lines
#: that are not ours 5 in 100 more are kept from a wrong answer, for 1 in 100 of the others.
NEAR_REFUSAL = 0.55

#: Words of a message that the danger classifier must know to be asked: a name alone says nothing.
LEAST_KNOWN = 2
#: What a clause by itself wants is believed from here on: lower hears hardly any second wish more, and
#: answers what nobody asked.
CLAUSE_SURE = 0.8
#: Sentences of a message that are asked about on their own: a turn has to end.
MOST_PARTS = 16


class Reader:
    """Reads messages for one council. Built once, safe between threads."""

    def __init__(self, content: Content) -> None:
        self._zone = ZoneInfo(content.council.timezone)
        self._finder = SlotFinder(content)
        self._venues = frozenset(content.venues)
        self._danger = Danger(content.safety.phrases)
        models = load(WEIGHTS)
        self._model, self._alarm = models["intent"], models["danger"]
        english = PLAINLY_ENGLISH.union(self._model.words, self._finder.words)
        self._glosses = Glosses(english, Sounds(self._finder.called))
        self._bars = load_bars()

    @classmethod
    def from_content(cls, content: Content) -> Reader:
        return cls(content)

    def understand(
        self, text: str, *, now: datetime, lang: str = "", talk: Sequence[TalkTurn] = ()
    ) -> Reading:
        """`read` and `resolve` in one."""
        return self.resolve(self.read(text, now=now, lang=lang), talk=talk)

    def resolve(self, reading: Reading, *, talk: Sequence[TalkTurn]) -> Reading:
        """The reading with what carries over from the talk so far, oldest turn first."""
        return resolve(reading, talk, lambda row: self._told_by(row, reading.today))

    def _told_by(self, row: Shown, today: str) -> dict[str, SlotValue]:
        """The slots of a line on the screen that is known by its words only."""
        said = speak(clean(row.label).flat)
        seen = self._finder.find(said, date.fromisoformat(today))
        slots = {k: v for k, v in seen.slots.items() if k in {"when", "where"}}
        venue = str(slots.get("where", "")).removeprefix("area:")
        if venue in self._venues:  # a session is at a venue, also where its area has the same name
            slots["where"] = venue
        return {**slots, **({"what": seen.what[0]} if seen.what else {})}

    def read(self, text: str, *, now: datetime, lang: str = "") -> Reading:
        """The plain reading of one message, before the talk so far is known.

        `now` is aware; `lang` is the person's chosen language, a hint only.
        """
        cleaned = clean(text)
        spoken_in = self._glosses.language(cleaned.flat, hint=lang)
        said = self._plain(cleaned.flat, spoken_in)
        today = now.astimezone(self._zone).date()
        alarm = self._danger.listen(said, cleaned.flat)
        seen = self._finder.find(said[:READ_FOR_SLOTS], today, guess=len(said) < 300)
        chances = guess(seen, self._model, LANGUAGES)
        foreign = () if spoken_in == "en" else cleaned.words
        alarm = self._with_classifier(alarm, seen, chances, foreign, today)
        lines = [clean(line).flat for line in text.splitlines() if line.strip()]
        # a line is a sentence of its own, whatever it ends with
        apart = 1 < len(lines) <= MOST_PARTS and len(said) <= READ_FOR_SLOTS
        clauses = seconds.clauses(
            [self._plain(line, spoken_in) for line in lines] if apart else [seen.said]
        )
        plain = self._reading(cleaned.text, spoken_in, seen, chances, alarm, today, clauses)
        everything = dict(seen.slots)
        if seen.what or seen.hinted:
            everything["what"] = (seen.what or seen.hinted)[0]
        if ref := choices.ref(seen.masked):
            everything["ref"] = ref
        return replace(
            plain, seen=everything, bare=_is_bare(seen.masked), said=said, today=today.isoformat()
        )

    def _plain(self, flat: str, lang: str) -> str:
        return speak(flat if lang == "en" else self._glosses.gloss(flat, lang))

    def _with_classifier(
        self, alarm: Alarm, seen: Seen, chances: Guess, foreign: Sequence[str], today: date
    ) -> Alarm:
        """Each sentence is asked about on its own, too: one that cries for help must not be lost
        among ordinary ones."""
        asked = [worrying_features(seen, foreign)] if seen.said or foreign else []
        parts = [c for c in _CLAUSE.split(seen.said) if c and len(c.split()) >= LEAST_KNOWN]
        if len(parts) > 1:
            asked += [
                worrying_features(self._finder.find(part, today, guess=False), ())
                for part in parts[:MOST_PARTS]
            ]
        odds = [self._alarm.odds(features) for features in asked if self._knows(features)]
        if not odds:
            return alarm
        bars = self._bars
        plain = chances.sure >= bars.clear and not alarm.possible
        card = bars.card_foreign if foreign else bars.card_plain if plain else bars.card
        button = bars.button_foreign if foreign else bars.button
        return weighed(
            alarm,
            odds,
            seen.said,
            card=card,
            button=button,
            overrule=not foreign,  # of other languages the classifier knows too little
        )

    def _knows(self, features: Sequence[str]) -> bool:
        """Whether the danger classifier knows enough words to be asked."""
        known = sum(f[:2] in {"w ", "x "} and self._alarm.knows(f) for f in features)
        return known >= LEAST_KNOWN

    def _reading(
        self,
        text: str,
        lang: str,
        seen: Seen,
        chances: Guess,
        alarm: Alarm,
        today: date,
        clauses: Sequence[str],
    ) -> Reading:
        wish, sure, offers = self._wish(seen, chances)
        wish, also = self._others(seen, wish, self._clause_wishes(clauses, today))
        if alarm.sure:
            told = [wish] if sure >= self._bars.clear else []
            told += also or [
                w for w, _ in self._clause_wishes(seconds.beside_danger(seen.said), today)
            ]
            beside = {w.intent: w for w in reversed(told) if w.intent in _ACTS_BESIDE}
            other = tuple(reversed(beside.values()))[:2]
            crisis = Wish("crisis", {"risk": alarm.risk})
            return Reading(
                text, crisis, lang, also=other, crisis=alarm.risk, urgent=True, delta=crisis.slots
            )
        answered = {wish.intent, *(w.intent for w in also)}
        offers = tuple(o for o in offers if o.intent not in answered)
        return Reading(
            text, wish, lang, also, offers, sure, urgent=alarm.possible, delta=wish.slots
        )

    def _wish(self, seen: Seen, chances: Guess) -> tuple[Wish, float, tuple[Wish, ...]]:
        ranked = chances.ranked()
        wishes = [self._housed(make(intent, seen, chances, TAGS)) for intent in ranked[:4]]
        best, sure = wishes[0], chances.sure
        unsure = (
            sure < self._bars.answer
            # Few words that name no subject: a help page is a guess, and may be one about a loss.
            or (
                best.intent == "topic"
                and sure < NEAR_REFUSAL
                and not seen.topics
                and len(seen.said.split()) <= _LEAST_WORDS
            )
            or (ranked[1] == "out_of_scope" and sure < NEAR_REFUSAL)
            or (
                best.intent == "out_of_scope"
                and sure < self._bars.reject
                and "where" not in best.slots
            )
        )
        if not seen.said:
            return Wish("unclear"), 0.0, ()
        if unsure:
            offers = [
                w for w in wishes if w.intent not in {"out_of_scope", "crisis", "deny", "affirm"}
            ]
            return Wish("unclear"), sure, tuple(offers[:3])
        offers = [w for w in wishes[1:] if w.intent not in {"out_of_scope", "crisis"}]
        return best, sure, tuple(offers[:2]) if sure < self._bars.clear else ()

    def _housed(self, wish: Wish) -> Wish:
        """A question about a building means the one that an area gave its name to."""
        where = wish.slots.get("where")
        if wish.intent == "centre_info" and isinstance(where, str):
            venue = where.removeprefix("area:")
            if venue in self._venues:
                return Wish(wish.intent, {**wish.slots, "where": venue})
        return wish

    def _others(
        self, seen: Seen, main: Wish, told: Sequence[tuple[Wish, Seen]]
    ) -> tuple[Wish, tuple[Wish, ...]]:
        """The main wish, and further ones: clauses of the message that plainly want something else.

        What only such a clause told is no part of a search: "what's on tomorrow and can I book massage
        on tuesday".
        """
        found: dict[str, Wish] = {}
        if first := seconds.first_said(
            main, [wish for wish, _ in told], unwished=seconds.is_unwished(seen.said)
        ):
            main = first
        own = next((wish for wish, _ in told if wish.intent == main.intent), None)
        main = seconds.asked_by(own, [wish for wish, _ in told], main)
        for wish, part in told:
            if fact := seconds.another_fact(wish, part, main):
                found.setdefault("fact", fact)
            elif topic := seconds.another_topic(wish, part, main):
                found.setdefault("topic", topic)
            elif wish.intent not in {main.intent, *_NO_WISH} and seconds.is_own(wish, part, main):
                found.setdefault(wish.intent, wish)
        others = tuple(found.values())[:2]
        # of an act that names nothing, "it" may be what another clause named
        if own and (main.intent == "whats_on" or {"what", "when"} & own.slots.keys()):
            main = seconds.apart(main, own, others)
        return main, tuple(seconds.about_it(wish, main) for wish in others)

    def _clause_wishes(self, clauses: Sequence[str], today: date) -> list[tuple[Wish, Seen]]:
        """What each clause clearly wants by itself, in order."""
        told: list[tuple[Wish, Seen]] = []
        for clause in clauses:
            if seconds.is_unwished(clause):
                continue
            part = self._finder.find(clause, today, guess=False)
            wish, sure, _ = self._wish(part, guess(part, self._model, LANGUAGES))
            if sure >= CLAUSE_SURE or (wish.intent == "book" and seconds.is_booked(clause)):
                told.append((wish, part))
        return told


def _is_bare(masked: str) -> bool:
    words = re.findall(r"_\w+_|[^\W_]+(?:'[^\W_]+)*", masked)
    return (
        bool(words)
        and any(w[0] == "_" for w in words)
        and all(w[0] == "_" or w in _JOINS for w in words)
    )


#: Words that join slot values and say nothing themselves.
_JOINS = frozenset(
    [
        "and",
        "or",
        "in",
        "at",
        "on",
        "for",
        "the",
        "a",
        "an",
        "what",
        "about",
        "how",
        "ok",
        "okay",
        "please",
        "then",
        "one",
        "ones",
        "no",
        "not",
        "yes",
        "just",
        "only",
        "make",
        "it",
        "instead",
        "near",
        "around",
        "maybe",
        "actually",
        "sorry",
        "i",
        "meant",
        "mean",
        "try",
        "is",
        "he",
        "she",
        "old",
        "my",
        "baby",
        "they're",
        "he's",
        "she's",
        "to",
        "by",
        "from",
        "pls",
        "thanks",
        "hmm",
        "so",
        "but",
        "same",
        "oh",
        "that's",
        "also",
        "i'd",
        "rather",
        "prefer",
        "id",
        "any",
        "better",
        "there",
        "bit",
        "nearly",
        "almost",
        "about",
        "now",
        "boy",
        "girl",
        "son",
        "daughter",
        "little",
        "both",
        "all",
        "those",
        "them",
        "too",
        "btw",
    ]
)
#: Characters that the grammars read; danger is listened for in all of it.
READ_FOR_SLOTS = 900
_NO_WISH = {
    "unclear",
    "out_of_scope",
    "affirm",
    "deny",
    "greeting",
    "thanks",
    "bye",
    "crisis",
    "help",
}
_ACTS_BESIDE = {
    "whats_on",
    "session_detail",
    "book",
    "cancel_booking",
    "change_booking",
    "talk_to_person",
    "request_support",
    "my_bookings",
    "register",
    "update_details",
    "centre_info",
}
