"""Gives each wish the slots that belong to it (questions' schema: which intent has which)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.understanding import choices, facts
from bot.understanding.intent import Guess
from bot.understanding.reading import NOT, SlotValue, Wish
from bot.understanding.slots import Seen
from bot.understanding.when import is_rest

_OF: Mapping[str, tuple[str, ...]] = {
    "whats_on": ("when", "daypart", "where", "what", "age_m", "who", "price", "booking"),
    "session_detail": ("what", "ask", "where", "when", "age_m", "who"),
    "book": ("what", "when", "daypart", "where", "party", "who", "ref", "age_m"),
    "join_waiting_list": ("what", "when", "where", "party", "ref"),
    "cancel_booking": ("what", "when", "daypart", "where", "ref"),
    "my_bookings": ("what", "when"),
    "change_booking": ("what", "when", "new_when", "daypart", "party", "where", "ref"),
    "reminders_settings": ("setting", "channel", "what"),
    "register": ("who",),
    "update_details": ("field",),
    "withdraw_consent": ("field",),
    "centre_info": ("where", "ask", "when"),
    "topic": ("topic", "age_m", "where", "when", "who"),
    "request_support": ("who",),
    "talk_to_person": ("what", "where"),
    "feedback": ("kind",),
    "language_change": ("language",),
    "out_of_scope": ("oos", "where"),
}
_OF_SEVERAL = {"whats_on", "book"}  # what a place can be ruled out of
_OF_ONE_DAY = {"cancel_booking", "session_detail", "my_bookings", "join_waiting_list"}
_OF_ONE_NAMED = {"session_detail", "book"}  # the name says whom it is for
_ASKED_ITSELF = {
    "who_can_come": "",
    "age": "",
    "siblings": "",
    "price": "price",
    "booking": "booking",
}
_NURSERY = re.compile(r"\b(?:nursery|hours|childcare|preschool|free place|childminder)\b")
#: Subjects that say for whom they are, or whose "childminder" is the thing looked for.
_WHO_IS_MEANT = {"send", "dla", "midwifery", "perinatal", "nursery_places"}
_BIRTH_CLASS = re.compile(r"antenatal|ante natal|birth|labour|class|course|parentcraft|nct")
#: Not a wish for English: "my english is not good", "i can't speak english well".
_LITTLE_ENGLISH = re.compile(
    r"\b(?:\w+n't|cannot|not|no|never|little|bad|poor|hardly|barely|weak) (?:\w+ ){0,3}english\b"
    r"|\benglish (?:is|isn't) (?:\w+ ){0,2}(?:good|great|bad|poor|weak|well|limited|strong|fluent|basic|terrible)\b"
)
#: What is booked as a whole: "which courses are there".
_COURSES = re.compile(
    r"(?:(?:so|and|ok|hi|hello|please)[ ,]+)*(?:(?:which|what|list|any|are there|do you (?:have|run|do|offer|put on)|(?:show|tell) me(?: about)?|have you got|can i see)(?: (?:any|the|your|all|other|kind of|sort of))* )?(?:courses|workshops)\b"
)
_LOW_INCOME = re.compile(
    r"\b(?:benefits?|universal credit|low income|not working|income support|don't work)\b"
)


def make(intent: str, seen: Seen, guess: Guess, languages: Mapping[str, str]) -> Wish:
    """The wish of that intent with every slot the text gives it."""
    slots: dict[str, SlotValue] = {}
    mine = _OF.get(intent, ())
    for name in mine:
        if name in seen.slots:
            slots[name] = seen.slots[name]
    own: Mapping[str, Callable[[], SlotValue]] = {
        "what": lambda: _what(intent, seen),
        "ask": lambda: _ask(intent, seen, guess),
        "topic": lambda: _topic(seen, guess),
        "party": lambda: choices.party(seen.masked),
        "ref": lambda: choices.ref(seen.masked),
        "setting": lambda: choices.setting(seen.said) or "on",
        "channel": lambda: choices.channel(seen.said),
        "field": lambda: choices.field_of(seen.said, consent=intent == "withdraw_consent"),
        "kind": lambda: _likeliest(guess, intent) or choices.kind(seen.said),
        "oos": lambda: _likeliest(guess, intent),
        "language": lambda: _language(seen.said, languages),
    }
    for name in mine:
        if name in own:
            value = own[name]()
            if value:
                slots[name] = value
    if intent == "whats_on" and "what" not in slots and _COURSES.match(seen.said):
        slots.setdefault("booking", "bookable")
    if intent not in _OF_SEVERAL and str(slots.get("where", "")).startswith(NOT):
        slots.pop("where")
    when = slots.get("when")
    if intent != "whats_on" and isinstance(when, tuple):
        # Days that are ruled out of a stretch narrow a search and nothing else.
        left = tuple(v for v in when if not is_rest(v))
        slots["when"] = left[0] if len(left) == 1 else left
    return Wish(intent, _fitted(intent, slots, seen))


def _fitted(intent: str, slots: dict[str, SlotValue], seen: Seen) -> dict[str, SlotValue]:
    if intent == "change_booking":
        _old_and_new(slots, seen)
    elif intent in _OF_ONE_DAY and "not_when" in seen.slots and is_rest(slots.get("when")):
        slots["when"] = seen.slots["not_when"]  # "we can't come on the 20th" names the day itself
    if intent == "whats_on" and slots.get("what") == "dads_group" and slots.get("who") == "dads":
        slots.pop("what") if "group" not in seen.said and "club" not in seen.said else slots.pop(
            "who"
        )
    if intent in _OF_ONE_NAMED and slots.get("what") == "dads_group" and slots.get("who") == "dads":
        slots.pop("who")
    if intent == "whats_on" and slots.get("what") == "young_parent_group" and "who" in slots:
        slots.pop("what")
    if (
        intent == "whats_on"
        and slots.get("what") == "antenatal"
        and slots.get("who") == "expecting"
    ):
        slots.pop("who" if _BIRTH_CLASS.search(seen.said) else "what")
    if (
        slots.get("what") in {"snap_under5s"}
        and slots.get("who") == "send"
        and "snap" not in seen.said
    ):
        slots.pop("what")
    if (
        intent == "session_detail"
        and slots.get("ask") not in {"age", "who_can_come", "siblings", "price", None}
        and slots.get("who") != "send"
    ):
        slots.pop("who", None)
    if intent == "out_of_scope" and slots.get("oos") != "other_area":
        slots.pop("where", None)
    if (
        intent in {"book", "session_detail"}
        and slots.get("ref") == "last"
        and "last" in seen.said
        and "place" in seen.said
    ):
        slots.pop("ref")
    if intent == "register" and slots.get("who") not in {
        "childminder",
        "expecting",
        "grandparent",
        "foster",
        "young_parent",
    }:
        slots.pop("who", None)
    if intent == "topic" and slots.get("topic") in _WHO_IS_MEANT:
        slots.pop("who", None)
    return slots


def _old_and_new(slots: dict[str, SlotValue], seen: Seen) -> None:
    """ "move my place to friday", "wednesday instead of monday": which day is the new one."""
    when = slots.get("when")
    new = slots.get("new_when")
    if (old := seen.slots.get("not_when")) is not None:
        # "thursday is no good, can i do friday": the day ruled out is the old one
        if not is_rest(when) and new is None and when is not None:
            slots["new_when"] = when
        slots["when"] = old
        return
    if when is None or new is not None:
        return
    if isinstance(when, tuple) and len(when) == 2:
        first_new = bool(
            re.search(r"_when_ .*\b(?:instead of|rather than|not)\b.*_when_", seen.masked)
        )
        old, new = (when[1], when[0]) if first_new else when
        # "from the monday one to thursday" begins like a time without an end
        slots["when"], slots["new_when"] = old.removesuffix("/"), new
    elif (
        "party" not in slots
        and re.search(
            r"\b(?:to|do|for|until|till|come|onto|on|make it|want|need|rather|is there)\b(?: \w+){0,3} _when_|^_when_|_when_ instead(?! of)",
            seen.masked,
        )
        and not re.search(
            r"\b(?:instead of|my|the|from|booked|can't (?:do|make|come)) (?:\w+ ){0,2}_when_",
            seen.masked,
        )
    ):
        slots["new_when"] = slots.pop("when")


def _what(intent: str, seen: Seen) -> SlotValue:
    if seen.what:
        return seen.what[0] if len(seen.what) == 1 or intent != "whats_on" else _best_what(seen)
    if (
        intent
        in {
            "whats_on",
            "session_detail",
            "book",
            "join_waiting_list",
            "cancel_booking",
            "my_bookings",
            "change_booking",
        }
        and seen.hinted
    ):
        return seen.hinted[0]
    return ""


def _best_what(seen: Seen) -> SlotValue:
    """Two activities named: both, unless one only says who it is for."""
    broad = {"baby_group", "toddler_group"}
    sharp = [w for w in seen.what if w not in broad]
    return sharp[0] if len(sharp) == 1 else tuple(sharp or seen.what)


def _ask(intent: str, seen: Seen, guess: Guess) -> str:
    shares = guess.share(intent)
    whole = sum(shares.values()) or 1.0
    score = {k: v / whole for k, v in shares.items()}
    if intent == "centre_info":
        pattern = facts.centre_ask(seen.masked) or facts.ask(seen.masked)
        if pattern:
            score[pattern] = score.get(pattern, 0.0) + 0.45
    else:
        for n, pattern in enumerate(facts.asks(seen.masked)[:3]):
            score[pattern] = score.get(pattern, 0.0) + (0.45, 0.15, 0.05)[n]
    return max(score, key=lambda k: score[k]) if score else ""


def _topic(seen: Seen, guess: Guess) -> str:
    shares = guess.share("topic")
    whole = sum(shares.values()) or 1.0
    score = {k: v / whole for k, v in shares.items()}
    longest = max((n for _, n in seen.topics), default=1)
    for slug, size in seen.topics:
        score[slug] = score.get(slug, 0.0) + 0.5 * size / max(longest, 6)
    best = max(score, key=lambda k: score[k]) if score else ""
    if (
        best in {"childcare_funding", "benefits", "nursery_places"}
        and seen.slots.get("age_m") == "24"
        and _LOW_INCOME.search(seen.said)
        and (best != "benefits" or _NURSERY.search(seen.said))
    ):
        return "funding_2yo"
    return best


def _likeliest(guess: Guess, intent: str) -> str:
    shares = guess.share(intent)
    return max(shares, key=lambda k: shares[k]) if shares else ""


def _language(said: str, languages: Mapping[str, str]) -> str:
    found = [
        (said.find(name), tag)
        for name, tag in languages.items()
        if re.search(rf"(?<!\w){name}(?!\w)", said)
    ]
    wanted = [f for f in found if f[1] != "en"] or found
    if wanted and min(wanted)[1] == "en" and _LITTLE_ENGLISH.search(said):
        return ""  # which one would be better is not said yet
    return min(wanted)[1] if wanted else ""
