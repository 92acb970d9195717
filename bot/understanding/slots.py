"""Everything a message says that has a slot of its own, found once and handed to the rest.

`Seen.masked` is the text with names, days and ages replaced by their slot's token, so that what
learns from it learns nothing about one council.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.content.values import Content
from bot.understanding import choices, lexicon
from bot.understanding.ages import find_ages
from bot.understanding.found import Found, mask
from bot.understanding.parts import find_parts
from bot.understanding.phrases import Hit, Phrases
from bot.understanding.places import Places
from bot.understanding.reading import SlotValue
from bot.understanding.times import find_days

TOKENS = {
    "what": "_what_",
    "where": "_where_",
    "elsewhere": "_elsewhere_",
    "when": "_when_",
    "not_when": "_when_",
    "new_when": "_when_",
    "daypart": "_daypart_",
    "age_m": "_age_",
}
_I_AM_AGED = re.compile(
    r"(?<!\w)(?:i'm|i am|me|im|mum|aged?|am) (?:only |just |nearly |almost |a )?(?:1[3-9]|2[0-4]|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty(?: one| two| three| four)?)(?! ?(?:weeks?|months?|days?|stone|%|minutes?|pregnant|am\b|pm\b|:))(?: years? old)?(?= |[.,!?]|$)"
)
#: What asks for a session of a subject that also has a help page.
_SESSION = re.compile(
    r"(?<!\w)(?:sessions?|groups?|what time|when(?:'s)? (?:is|are|does)|when's|what days?|which days?|timetable|opening times|next one|near)(?!\w)"
)
#: Common words too like an activity's name to be taken for it by their letters alone.
#: "Send me the postcode" is nobody with special needs.
_TO_SEND = re.compile(
    r"(?<!the )\bsend(?= (?:me|us|it|him|her|them|you|out|over|in|off|a|an|my|this|that|one|another|text|texts|reminders?|messages?|your|details|info|the (?:link|code|form|address|postcode|details|reminder|text|message|email|timetable|list))\b)"
)
_NOT_NAMES = frozenset(["message", "messages", "messaging", "passage", "massive"])
_NO_DAD = re.compile(
    r"(?:the |his |her |their |my |baby's |kids |child's |childs |that |no )(?:baby )?$"
)
_MY_DAD_FOR = re.compile(
    r"(?:for|as|i'm|new|being|be|stay at home|single|young|first time|am) (?:a |the |my |all )?(?:new |single |young |first time |stay at home )?$"
)
_DUE = re.compile(
    r"(?<!\w)(?:(?:i'm|i am|we're|she's|baby|babies|twins|wife is|partner is|and|baby's) (?:\w+ )?due(?! to)|(?:\d{1,2}|\w+) (?:weeks?|months?) (?:pregnant|gone|preg)|(?:i'm|i am|wife's|wife is|partner's|partner is) (?:about |around |nearly |only |just |now )?(?:1[2-9]|[23]\d|4[0-2]) weeks(?! (?:old|corrected|post|after))(?= |[.,!?]|$)|due (?:in|on|date|any day|this|next|around|early|late|soon)|expecting(?! (?:to|you|it|a (?:call|reply|text|email|letter))))(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one plain-English text says, slot by slot."""

    said: str
    masked: str
    slots: dict[str, SlotValue] = field(default_factory=dict)  # the ones any intent may have
    what: tuple[str, ...] = ()  # activities plainly named, in order
    hinted: tuple[str, ...] = ()  # activities only hinted at
    topics: tuple[tuple[str, int], ...] = ()  # help subjects with the length of what named them
    elsewhere: bool = False
    outside: bool = False


class SlotFinder:
    """The grammars and gazetteers of one council. Built once, safe between threads."""

    def __init__(self, content: Content) -> None:
        self._calendar = content.calendar
        self._places = Places(content)
        own = [(a.id, [a.name["en"], *a.nicknames]) for a in content.activities.values()]
        known = [(k, v) for k, v in lexicon.entries("activities") if k in content.activities]
        self._activities = Phrases([*own, *known])
        self._common = frozenset(k for k, _ in known)
        self._subject = {
            a.id: a.topic for a in content.activities.values() if a.id not in self._common
        }
        topics = [(t.id, [t.name["en"], *t.nicknames]) for t in content.topics.values()]
        common = [(k, v) for k, v in lexicon.entries("topics") if k in content.topics]
        self._topics = Phrases([*topics, *common])
        self._who = Phrases(lexicon.entries("who"))
        self.words = frozenset(
            self._activities.words | self._topics.words | self._places.words | self._who.words
        )
        self.names = frozenset(self._activities.words | self._places.words)
        self.called = (
            *self._places.called,
            *((a.name["en"], tuple(a.name.values())) for a in content.activities.values()),
        )

    def find(self, said: str, today: date, *, guess: bool = True) -> Seen:
        """`said` is plain English (spoken.speak). Ages, days, places and names in it."""
        found = find_ages(said, today)
        found += find_days(said, today, self._calendar, found)
        found += find_parts(said, found)
        hits = [
            self._doubted(h, said)
            for h in self._activities.find(said)
            if not (said[h.start : h.end] == "signing" and said.startswith(" up", h.end))
        ]
        dated = any(f.slot in {"when", "not_when", "daypart"} for f in found)
        hits = [h for h in hits if dated or not h.weak or not self._is_subject(h, said)]
        strong = [h for h in hits if not h.weak]
        named = [Found("what", h.key, h.start, h.end) for h in strong]
        found += self._places.find(said, [*found, *named], guess=guess)
        if guess and not strong:
            guesses = self._activities.guess(said, [(f.start, f.end) for f in found])
            strong = [
                g
                for g in guesses[:2]
                if said[g.start : g.end] not in _NOT_NAMES
                and (dated or not self._is_subject(g, said))
            ]
            named = [Found("what", h.key, h.start, h.end) for h in strong]
        clear = [
            n
            for n in named
            if not any(n.start < f.end and f.start < n.end for f in found if f.slot != "daypart")
        ]
        # "coffee morning" and "Crayford library" are one name each: no part of the day, no session
        found = [f for f in found if f.slot != "daypart" or not _inside(f, clear)] + clear
        placed = [f for f in found if f.slot == "where"]
        masked = mask(said, found, TOKENS)
        slots = _values(found)
        unsent = _TO_SEND.sub("give", said)
        who = self._who_for(unsent)
        if who:
            slots["who"] = who[0] if len(who) == 1 else tuple(who)
        for name, value in (("price", choices.price(masked)), ("booking", choices.booking(masked))):
            if value:
                slots[name] = value
        return Seen(
            said=said,
            masked=masked,
            slots=slots,
            what=_once(n.value for n in clear),
            hinted=_once(h.key for h in hits if h.weak and not _inside(h, placed)),
            topics=_by_weight(self._topics.find_all(unsent)),
            elsewhere=any(f.slot == "elsewhere" for f in found),
            outside=any(f.value in self._places.outside for f in found),
        )

    def _doubted(self, hit: Hit, said: str) -> Hit:
        """A council's own activity by the name of its help subject is only a hint of it."""
        if hit.key in self._common or hit.weak:
            return hit
        words = said[hit.start : hit.end]
        named = [t for t in self._topics.find(words) if not t.weak]
        whole = any((t.start, t.end) == (0, len(words)) for t in named)
        own = any(t.key == self._subject.get(hit.key) for t in named)
        return replace(hit, weak=True) if whole or (own and not _SESSION.search(words)) else hit

    def _is_subject(self, hit: Hit, said: str) -> bool:
        """Whether that hint is the subject and not its session: no day, no time, no "session"."""
        return bool(self._subject.get(hit.key)) and not _SESSION.search(said)

    def _who_for(self, said: str) -> list[str]:
        kinds: list[str] = []
        for hit in self._who.find_all(said):
            before = said[: hit.start]
            if (
                hit.key == "dads"
                and said[hit.start : hit.end] in {"dad", "father"}
                and (_NO_DAD.search(before) or not _MY_DAD_FOR.search(before))
            ):
                continue
            if hit.key not in kinds:
                kinds.append(hit.key)
        if "expecting" not in kinds and _DUE.search(said):
            kinds.append("expecting")
        if "young_parent" not in kinds and _I_AM_AGED.search(said):
            kinds.append("young_parent")
        if "young_parent" in kinds and "dads" in kinds and "young dad" in said:
            kinds.remove("dads")
        return kinds


def _inside(one: Found | Hit, others: Iterable[Found]) -> bool:
    return any(o.start <= one.start and one.end <= o.end for o in others)


def _values(found: Sequence[Found]) -> dict[str, SlotValue]:
    slots: dict[str, SlotValue] = {}
    for name in ("when", "not_when", "new_when", "daypart", "where", "age_m"):
        values: list[str] = []
        for item in found:
            if item.slot == name:
                values += [item.value] if isinstance(item.value, str) else item.value
        values = list(dict.fromkeys(values))
        if name == "when":
            values = _merged_days(values)
        if values:
            slots[name] = values[0] if len(values) == 1 else tuple(values)
    return slots


def _merged_days(values: list[str]) -> list[str]:
    """Recurring days said apart become one value: wd:tue and wd:thu are wd:tue,thu."""
    days = [v[3:] for v in values if v.startswith("wd:")]
    if len(days) < 2:
        return values
    together = "wd:" + ",".join(dict.fromkeys(",".join(days).split(",")))
    return [v for v in values if not v.startswith("wd:")] + [together]


def _once(values: Iterable[SlotValue]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(v) for v in values))


def _by_weight(hits: Sequence[Hit]) -> tuple[tuple[str, int], ...]:
    """Topics by how much of the text named them, the weightiest first."""
    weight: dict[str, int] = {}
    for hit in hits:
        size = (hit.end - hit.start) // (3 if hit.weak else 1)
        weight[hit.key] = max(weight.get(hit.key, 0), size)
    return tuple(sorted(weight.items(), key=lambda kv: -kv[1]))
