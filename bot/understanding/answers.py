"""What a message answers that we asked: an age, a postcode, yes or no, which booking; and what it adds."""

from __future__ import annotations

import re

from bot.understanding import choices
from bot.understanding.carrying import carried
from bot.understanding.found import NUM, number
from bot.understanding.reading import Reading, SlotValue, TalkTurn
from bot.understanding.screen import POINTED, Lookup, Slots, changed

TALK_ONLY = {"unclear", "affirm", "deny", "greeting", "help", "out_of_scope"}
_YES = re.compile(r"^(?:ok |oh )?(?:yes|yeah|yep|yup|sure|ok|okay|please do|go ahead|do it)\b")
_YES_AT_END = re.compile(r"\b(?:yes|yeah|yep|yup|please)[.! ]*$")
_NONE_OF_THEM = re.compile(
    r"^(?:(?:oh|no|er|um|sorry|actually|nah|wait),? )*(?:none of (?:them|those|these)|neither|not any of (?:them|those)|(?:leave|keep) (?:them|em|it|all|everything|both))\b"
)
_KEPT = re.compile(
    r"^(?:no|nah|nope|wait|hang on|actually|oh|stop|don't)\b.*\b(?:(?:can|will|'ll|able to) (?:now )?(?:come|make it|go|be there|do it)|keep|changed my mind|after all)\b"
)
_MOVES = re.compile(r"\b(?:mov|chang|swap|switch|transfer|re-?book|re-?schedul)\w*(?! my mind)\b")
#: "Yes, sorry, she's poorly": a reason is no new subject.
_YES_BECAUSE = re.compile(r"^(?:yes|yeah|yep|yup)\b(?!.*(?:\?|\bbut\b))")
_REASON = {"topic", "unclear", "feedback", "update_details"}
_ME_AND = re.compile(
    r"\b(?:me|myself) (?:and|n|&|plus) (?:(?:my|the|a|his|her) )?(?:husband|hubby|wife|mrs|missus|partner|mum|mam|dad|nan|gran\w*|sister|brother|mate|friend|other half|oh|fella|boyfriend|girlfriend|cousin|neighbour)\b"
)
#: Who is in an answer to "how old".
_WITH_AGE = {"twins", "foster", "premature"}
_UNBORN = re.compile(
    r"\b(?:(?:not|isn't|hasn't been|aren't) (?:\w+ )?(?:born|here|out) (?:yet|till?|until)|unborn|still (?:pregnant|in my (?:tummy|belly))|(?:not|isn't) due (?:till?|until))\b"
)
#: What a longer answer to "where do you live" may look like.
_OF_HOME = {"whats_on", "centre_info", "update_details", *TALK_ONLY}
_ANY_WILL_DO = re.compile(
    r"\b(?:(?:any|all) ages?|doesn't matter|don't mind|not bothered|not fussed|any ?where|rather not|don't want to (?:say|tell|give)|just show|skip|(?:see|show) (?:me )?(?:them |it )?(?:all|everything))\b"
)
SHORT = 7  # words from which a message stands by itself
_BARE_AGE = re.compile(
    rf"^(?:.*(?:\b(?:about|around|maybe|probably|nearly|almost)|[,.]) )?(?:(?:two|three|both) of (?:them|em),? )?(?:(?:he|she|they|baby|it|and|about|around|maybe|probably|nearly|almost|just|is|'s|he's|she's|they're) ?)*(?P<list>(?:{NUM}(?: and a half)?)(?:(?: ?, ?| and | & ){NUM})*)(?: ?(?:please|now|old|today|i think))?[.!]?$"
)


def answered(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """An answer to what we asked: an age, a postcode, a yes."""
    if (
        last.bot_asked == "confirm"
        and reading.intent == last.intent
        and _YES.match(reading.said)
        and all(reading.slots.get(k) in {None, v} for k, v in last.slots.items())
    ):
        return changed(reading, "affirm", {}, {})
    if (
        last.bot_asked == "confirm"
        and _YES_BECAUSE.match(reading.said)
        and reading.intent in _REASON
    ):
        return changed(reading, "affirm", {}, {})
    if last.bot_asked in {"age", "postcode"} and _ANY_WILL_DO.search(reading.said):
        return carried(reading, last, {})
    if last.bot_asked == "age":
        who: Slots = {"who": reading.seen["who"]} if reading.seen.get("who") in _WITH_AGE else {}
        if _UNBORN.search(reading.said) or "expecting" in str(reading.seen.get("who", "")):
            return carried(reading, last, {"who": "expecting"})
        age = reading.seen.get("age_m") or _bare_age(reading.said)
        if age and (
            reading.bare
            or who
            or reading.intent in {"whats_on", *TALK_ONLY}
            or len(reading.said.split()) <= SHORT
        ):
            return carried(reading, last, {"age_m": age, **who})
    if (
        last.bot_asked == "postcode"
        and "where" in reading.seen
        and (
            reading.bare
            or len(reading.said.split()) <= SHORT
            or (reading.intent in _OF_HOME and "?" not in reading.said)
        )
    ):
        return carried(reading, last, {"where": reading.seen["where"]})
    return None


def none_of_them(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """ "None of them, we can make it" where we asked which booking goes, or whether it does."""
    if _MOVES.search(reading.said) or reading.intent == "talk_to_person":
        return None
    none = last.bot_asked == "which_booking" and _NONE_OF_THEM.match(reading.said)
    kept = (
        last.bot_asked == "confirm"
        and last.intent == "cancel_booking"
        and _KEPT.match(reading.said)
    )
    if not (none or kept):
        return None
    return changed(reading, "deny", {}, {})


def places_told(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """How many are coming, where one session is about to be booked: "yes but make it 2 kids"."""
    if len(last.shown) != 1 or last.intent not in {"book", "session_detail"}:
        return None
    party = choices.party(reading.said) or ("2" if _ME_AND.search(reading.said) else "")
    agreed = _YES.match(reading.said) or _YES_AT_END.search(reading.said)
    if not party or not (last.bot_asked == "confirm" or agreed):
        return None
    if not agreed and reading.intent not in {"book", "change_booking", *TALK_ONLY}:
        return None
    kept: Slots = {k: v for k, v in last.slots.items() if k in POINTED}
    return changed(reading, "book", {**kept, "party": party}, {"party": party})


def _bare_age(said: str) -> SlotValue:
    """ "6" or "2 and 4" where an age was asked for: up to 4 it is years, above that months."""
    m = _BARE_AGE.match(said.strip())
    if not m:
        return ""
    ages = [number(n) for n in re.findall(NUM, m["list"].replace(" and a half", ""))]
    if "and a half" in m["list"] and len(ages) == 1:
        ages = [ages[0] + 0.5]
    years = 6 if len(ages) > 1 and min(ages) <= 4 else 4  # "3 and 5" are not 3 years and 5 months
    months = tuple(str(int(a * 12) if a <= years else int(a)) for a in ages if 0 < a <= 60)
    return months[0] if len(months) == 1 else months
