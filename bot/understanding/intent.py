"""Which wish a message makes: patterns where they are certain, else the trained layer.

The trained layer's odds are nudged by what the grammars saw; the bars were set on unseen lines
of the example bank (docs/understanding.md says how).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.understanding import facts
from bot.understanding.acts import certain
from bot.understanding.features import features
from bot.understanding.model import Model
from bot.understanding.slots import Seen

#: Sureness of a pattern: in 20 of its matches on the bank, 19 were right.
PATTERN_SURE = 0.95
_LANGUAGE = "_language_"
_IS_FREE = re.compile(
    r"_what_ (?:\w+ ){0,3}free\b(?! (?:on|at|for|place|space))|free (?:\? )?_what_ \?"
)
#: A name with a day or a place and nothing asked of it: sessions that fit are wanted.
_NAMED_WHEN = re.compile(r"(?=.*_what_)(?:_what_|_when_|_where_|_daypart_|on|in|at|near|the| )+")
#: "Next week but not thursday": the day ruled out is no day of a booking.
_WHEN_BUT = re.compile(
    r"(?:and )?_when_,? (?:(?:but|just|only) )?(?:not|except|apart from) (?:(?:on|in|the|for) )*(?:_when_|_daypart_)[.! ]*"
)
#: A yes has a word of yes in it, a no one of no, a goodbye one of leaving and a permission taken back
#: one of taking back; without, the trained layer is not believed.
_SAYS = {
    "affirm": re.compile(
        r"\b(?:y|ye\w*|yup|yh|ok\w*|sure|correct|right|fine|good|great|perfect|please|do|go|confirm\w*|agree\w*|course|definitely|absolutely|sounds|happy|true|exactly|alright|cool|lovely|works?|aye|suits?|spot on|book it|why not|i am|it is|he is|she is|we are|accept\w*)\b|[👍✅👌]"
    ),
    "deny": re.compile(
        r"\b(?:no\w*|nah|na|never|wrong|neither|don't|didn't|isn't|wasn't|aren't|can't|won't|doesn't|haven't|stop|forget|leave|other|cancel|incorrect|rather|instead|mistake|keep)\b|[👎❌🙅]"
    ),
    "bye": re.compile(
        r"\b(?:by+e+\w*|goodbye|good ?night|night|cya|see|later|laters|cheers|ta|thanks?\w*|ttyl|done|all|soon|care|tomorrow|enough|nothing|go|gone|going|off|end|exit|quit|stop|close|leave|day|weekend|evening|that|that's|farewell|cheerio|toodle\w*|tara|ra|so long|speak|talk|catch|over|finish\w*|god bless)\b|👋"
    ),
    "withdraw_consent": re.compile(
        r"\b(?:no\w*|\w+n't|dont|stop\w*|remove\w*|delet\w+|tak(?:e|en|ing) (?:\w+ )?(?:\w+ )?(?:back|down|off|away|out)|withdraw\w*|revok\w+|cancel\w*|chang\w+|without|opt\w*|undo|retract\w*|consent\w*|permission|agree\w*|refuse\w*|object\w*|rather|unsubscribe|off|end|pull\w*|wipe|hate|uncomfortable|less|out)\b"
    ),
}
_UNSAID = 0.03
#: Nothing but groups and slots: "baby groups thursday or friday in Erith".
_GROUPS = re.compile(
    r"(?=.*(?:group|session|class|activit|stuff|thing|_what_))(?:(?:_what_|_when_|_where_|_daypart_|_age_|on|in|at|near|around|the|for|any|some|and|or|either|both|baby|babies|toddlers?|kids?|children|please|groups?|sessions?|class(?:es)?|activit(?:y|ies)|playgroups?|stuff|things?|anything|something)[ ,?]*)+"
)
_HOURS = re.compile(r"\b(?:open|opens|opening|close|closes|closed|closing|shut|shuts)\b")


@dataclass(frozen=True, slots=True)
class Guess:
    """Intents by likelihood, and for each of them its labels' shares ("price": 0.8)."""

    odds: Mapping[str, float]
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sure: float = 0.0

    @property
    def best(self) -> str:
        return max(self.odds, key=lambda k: self.odds[k])

    def ranked(self) -> list[str]:
        return sorted(self.odds, key=lambda k: -self.odds[k])

    def share(self, intent: str) -> Mapping[str, float]:
        return self.shares.get(intent, {})


def guess(seen: Seen, model: Model, languages: re.Pattern[str]) -> Guess:
    """What is wanted, by what was seen of one text."""
    asked = languages.sub(_LANGUAGE, seen.masked)
    odds = _nudged(model.odds(features(seen)), seen)
    label = certain(asked)
    unsaid = tuple(act for act, said in _SAYS.items() if label != act and not said.search(asked))
    odds = {k: v * _UNSAID if k.startswith(unsaid) else v for k, v in odds.items()}
    placed = any(slot in seen.slots for slot in ("when", "where", "age_m", "daypart"))
    if not label and not placed and _IS_FREE.search(seen.masked):
        label = "session_detail ask=price"
    if (
        not label
        and placed
        and (
            _NAMED_WHEN.fullmatch(seen.masked.strip())
            or _GROUPS.fullmatch(seen.masked)
            or _WHEN_BUT.fullmatch(seen.masked)
        )
    ):
        label = "whats_on"
    intents: dict[str, float] = {}
    shares: dict[str, dict[str, float]] = {}
    for name, chance in odds.items():
        intent, _, rest = name.partition(" ")
        intents[intent] = intents.get(intent, 0.0) + chance
        if rest:
            shares.setdefault(intent, {})[rest.partition("=")[2]] = chance
    if label:
        intent, _, rest = label.partition(" ")
        intents = {k: v * (1 - PATTERN_SURE) for k, v in intents.items()}
        intents[intent] = intents.get(intent, 0.0) + PATTERN_SURE
        if rest:
            shares[intent] = {rest.partition("=")[2]: 1.0}
    best = max(intents.values())
    return Guess(intents, shares, best / sum(intents.values()))


def _nudged(odds: Mapping[str, float], seen: Seen) -> dict[str, float]:
    """The odds, moved by what the grammars are sure of."""
    asked = facts.asks(seen.masked)
    named = dict(seen.topics)
    top = seen.topics[0][0] if seen.topics else ""
    told = sum(s in seen.slots for s in ("when", "where", "age_m", "daypart", "price", "booking"))
    whole = max(1, len(seen.said))
    out: dict[str, float] = {}
    for name, chance in odds.items():
        intent, _, rest = name.partition(" ")
        slug = rest.partition("=")[2]
        factor = 1.0
        if intent == "topic" and slug in named:
            factor = 1.5 + 8 * named[slug] / whole + (1.5 if slug == top else 0)
        elif (
            intent == "centre_info"
            and slug == "hours"
            and not seen.what
            and _HOURS.search(seen.masked)
        ):
            factor = 8.0
        elif intent == "session_detail" and slug in asked:
            factor = 3.0 if slug == asked[0] else 1.6
        elif intent == "whats_on" and (told or seen.what):
            factor = 1.3 + 0.5 * told
        elif intent == "centre_info" and seen.what:
            factor = 0.15
        elif intent == "out_of_scope":
            factor = 4.0 if slug == "other_area" and (seen.elsewhere or seen.outside) else 0.5
            if seen.what or told > 1:
                factor *= 0.6
        out[name] = (chance + 0.002) * factor
    total = sum(out.values())
    return {k: v / total for k, v in out.items()}
