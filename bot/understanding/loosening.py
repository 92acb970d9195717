"""What a search lets go of when it is said so: "somewhere else", "the time doesn't matter"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.understanding.reading import NOT, Reading, TalkTurn
from bot.understanding.screen import Lookup, changed

_SEARCH = ("when", "daypart", "where", "what", "age_m", "who", "price", "booking")
_SHORT = 7  # words from which a message stands by itself
#: Anywhere, or anything, but what was just shown.
_ELSEWHERE = re.compile(
    r"\b(?:(?:some|any) ?where (?:else|different)|elsewhere|(?:an)?other (?:places?|centres?|venues?)|a different (?:place|centre|venue))\b"
)
_ELSE = re.compile(r"\b(?:any ?thing|some ?thing|what) (?:else|different|other)\b")
#: What was wished before and is no wish now: "am or pm doesn't matter".
_NO_MATTER = re.compile(
    r"\b(?:doesn't|does not|don't|do not) (?:really )?(?:matter|mind)\b|\b(?:any|either) (?:will|would|is) (?:do|fine|ok|okay)\b|\b(?:not|isn't) (?:bothered|fussed|important)\b|\bdoesn't (?:have|need) to be\b|^(?:\w+ ){0,2}(?:any|every) (?:days?|times?|dates?|places?|centres?|ages?)[.! ]*$"
)
_PARTS: Mapping[str, re.Pattern[str]] = {
    "when": re.compile(r"\b(?:when|days?|dates?)\b"),
    "daypart": re.compile(r"\b(?:times?|am|pm|mornings?|afternoons?|evenings?|when)\b"),
    "where": re.compile(r"\b(?:where|places?|centres?|venues?|areas?|far|distance)\b"),
    "what": re.compile(r"\b(?:what|which|activity|groups?)\b"),
    "age_m": re.compile(r"\bages?\b"),
    "price": re.compile(r"\b(?:price|cost|money|free|paying|pay)\b"),
    "booking": re.compile(r"\bbook\w*\b"),
}
#: Readings of few words that may be about the search before them.
_LOOSE = {"whats_on", "topic", "unclear", "affirm", "deny", "session_detail"}


def loosened(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """The search without the parts that no longer matter, and with all others."""
    said = reading.said
    if last.intent != "whats_on" or reading.intent not in _LOOSE or len(said.split()) > _SHORT:
        return None
    if not _NO_MATTER.search(said):
        return None
    left = {k: v for k, v in last.slots.items() if k not in _PARTS or not _PARTS[k].search(said)}
    return changed(reading, "whats_on", left, {})


def other_than(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """ "somewhere else", "anything else tomorrow": the search without what it was about."""
    if last.intent != "whats_on" or len(reading.said.split()) > _SHORT or "what" in reading.seen:
        return None
    told = {k: v for k, v in reading.seen.items() if k in _SEARCH}
    if _ELSEWHERE.search(reading.said) and "where" not in told:
        where = last.slots.get("where")
        left = {k: v for k, v in last.slots.items() if k != "where"}
        if isinstance(where, str) and not where.startswith((NOT, "pc:")) and where != "me":
            told["where"] = NOT + where
        return changed(reading, "whats_on", {**left, **told}, told)
    if _ELSE.search(reading.said) and "what" in last.slots:
        left = {k: v for k, v in last.slots.items() if k != "what"}
        return changed(reading, "whats_on", {**left, **told}, told)
    return None
