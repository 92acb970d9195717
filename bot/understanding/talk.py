"""A message read in the light of the talk so far: what carries over, and what it answers.

What a message does not change carries over; a new subject drops the old. "Number 2" takes the
intent of the screen. A danger that was spoken of stays open for the rest of the talk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.understanding import facts
from bot.understanding.answers import SHORT, TALK_ONLY, answered, none_of_them, places_told
from bot.understanding.carrying import carried
from bot.understanding.loosening import loosened, other_than
from bot.understanding.reading import Reading, TalkTurn, Wish
from bot.understanding.screen import ABOUT_ONE, POINTED, Lookup, Slots, changed, picked, row_slots

_SEARCH = ("when", "daypart", "where", "what", "age_m", "who", "price", "booking")
_SEARCHES = {"whats_on"}
_OF_TOPIC = {"age_m", "where", "who"}  # with a day or an activity it is a session that is meant
_MINOR = {
    "thanks",
    "bye",
    "affirm",
    "deny",
    "help",
    "greeting",
    "unclear",
    "talk_to_person",
    "request_support",
    "out_of_scope",
    "topic",
    "feedback",
    "language_change",
    "my_data",
}
_JOINING = re.compile(
    r"^(?:and|or|ok|okay|what about|how about|what if|no|nope|nah|wrong|not|yes|so|but|then|maybe|actually|also|same|just|only|make it|i meant|i mean|sorry|oh|instead|try|anything|any|something|somewhere|for|with|without)\b"
)
_FRESH = re.compile(
    r"\b(?:what's on|what is on|timetable|programme|what groups|what sessions|do you have any groups)\b"
)
_CORRECTS = re.compile(r"^(?:no|nope|not|sorry|actually|i meant|i mean|wrong)\b")
#: What puts right what was said before, wherever it stands.
_MEANT = re.compile(
    r"\b(?:i (?:meant|mean|said|wanted|asked for)|not this one)\b|^(?:\w+ ){0,3}(?<!can't )(?<!to )make (?:it|that)\b"
)
#: The place that was just spoken of: "when is stay and play there", and not "is there".
_THERE = re.compile(
    r"(?<!is )(?<!are )(?<!if )(?<!hi )(?<!hello )(?<!hey )(?<!was )\bthere(?= (?:on|this|next|tomorrow|today|too|as well|at|in)\b|[?.! ]*$)|\b(?:same|that) (?:place|centre|venue)\b"
)
#: "mornings" is no greeting, "not mornings" no "no", and "now" asks what is on.
_PARTS_OF_DAYS = re.compile(r"\b(?:mornings|afternoons|evenings|now)\b")
#: Who they are, said within a search, is part of it: "i'm 30 weeks", "he's autistic".
_THEY_ARE = re.compile(
    r"^(?:and |but |oh |ok |sorry |btw )*(?:i'm|i am|we're|we are|he's|he is|she's|she is|they're)\b[^?]*$"
)
_ANY = re.compile(r"^(?:and |but |are |is )?(?:there )?(?:any|only|just|which|do any)\b")
#: The same session at another place or time than the one just shown.
_OTHERS = re.compile(
    r"\b(?:any ?where|somewhere|any (?:other|others|in|on|at|near\w*|ones?)|another|elsewhere|nearer|closer|is there one|(?:do|does|have) (?:they|you|it|u) (?:do|have|run|got|also)|one (?:in|at|on|near\w*)|miles away|(?:too|bit|so|very) far|near\w*(?= [a-z]{2}\d))\b"
)
_SHIFT = re.compile(
    r"\b(?:the |a )?(?:week(?:end)?|day) (?P<way>after|before|later)(?! (?:tomorrow|next)\b)|\bfollowing (?:week(?:end)?|day)\b"
)
_DATES = re.compile(r"\d{4}-\d\d-\d\d(?:/\d{4}-\d\d-\d\d)?")
_SATURDAY = 5
_INSTEAD_OF = re.compile(r"^(?:\w+ ){1,3}(?:instead of|rather than) (?:\w+ ?){1,3}[?.!]*$")
_IT = re.compile(
    r"\b(?:it|that|this|that one|this one|there|the session|the group|the class|the course|one)\b"
)


#: Children kept near, or bodies that are sore, at a session: alone these ask for childcare or health.
_WHILE_THERE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "siblings",
        re.compile(
            r"\b(?:creche|(?:watch|mind|look after|have|hold|take|leave) (?:the |my |his |her )?\w+(?: \w+){0,3} while (?:i|we)|(?:baby|he|she|they|lo|little one|toddler) (?:be |stay |sit |sleep |come |go )?(?:in|on) (?:the |a |his |her |my )?(?:sling|carrier|pram|buggy|lap|car seat)\b.*\b(?:while|when|during) (?:i|we|it))\b"
        ),
    ),
    (
        "food",
        re.compile(r"\b(?:do|will|can|is|are) (?:\w+ ){1,3}(?:a )?(?:brew|cuppa|cup of tea|hot drinks?|biscuits?)\b"),
    ),
    (
        "access",
        re.compile(
            r"\b(?:(?:am i|will i be|is it|would i be) (?:ok|okay|alright|able|fine|allowed|safe) (?:to |with )?(?:(?:my|a) (?:\w+ )?(?:back|knees?|hips?|stitches|scar|pelvis)|kneel\w*|sit\w*|ly(?:e|ing)|stand\w*|bend\w*|(?:get|getting) (?:down|up)))\b"
        ),
    ),
)  # fmt: skip


def resolve(reading: Reading, talk: Sequence[TalkTurn], lookup: Lookup) -> Reading:
    """The reading with what carries over from earlier turns, oldest first.

    `lookup` tells the slots of a line on the screen that came as words only.
    """
    if reading.crisis:
        return reading
    reading = _part_of_day(reading)
    if not talk:
        return reading
    last = talk[-1]
    for step in (
        none_of_them,
        places_told,
        answered,
        picked,
        _swapped,
        _moved_on,
        loosened,
        other_than,
        _refined,
        _asked_of_it,
        _at_there,
    ):
        found = step(reading, last, lookup)
        if found is not None:
            return _open_danger(found, talk)
    return _open_danger(reading, talk)


def _part_of_day(reading: Reading) -> Reading:
    """Parts of days in general are asked for, alone as well."""
    told = (
        "daypart" in reading.seen
        and set(reading.seen) <= {"daypart", "when"}
        and _PARTS_OF_DAYS.search(reading.said)
    )
    if not (told and reading.bare and reading.intent in {"greeting", "deny", "unclear"}):
        return reading
    return changed(reading, "whats_on", reading.seen, reading.seen)


def _open_danger(reading: Reading, talk: Sequence[TalkTurn]) -> Reading:
    """Once somebody spoke of danger the card stays in view."""
    opened = next((t for t in reversed(talk) if t.intent == "crisis"), None)
    if opened is None:
        return reading
    risk = str(opened.slots.get("risk", "general"))
    if reading.intent in _MINOR or reading.sure < 0.5:
        crisis = Wish("crisis", {"risk": risk})
        return replace(
            reading, wish=crisis, crisis=risk, urgent=True, also=(reading.wish, *reading.also)
        )
    return replace(reading, urgent=True, also=(*reading.also, Wish("crisis", {"risk": risk})))


def _refined(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """A search narrowed or changed: "and friday?", "in Welling", "only free ones"."""
    meant = bool(_MEANT.search(reading.said))
    told = {
        k: reading.seen[k]
        for k in _SEARCH
        if k in reading.seen
        and k
        in {*reading.delta, "when", "where", "age_m", "daypart", "who", "price", "booking", "what"}
    }
    short = len(reading.said.split()) <= SHORT
    joined = bool(_JOINING.match(reading.said)) or meant
    if (
        last.intent in _SEARCHES
        and short
        and joined
        and not reading.seen
        and reading.intent == "whats_on"
        and not _FRESH.search(reading.said)
    ):
        return carried(reading, last, {})
    if not told or _FRESH.search(reading.said):
        return None
    if last.intent in _SEARCHES:
        loose = (
            reading.bare
            or reading.intent in {"whats_on", "unclear", "affirm", "deny"}
            or (joined and (reading.sure < 0.9 or meant or _ANY.match(reading.said)))
            or (short and reading.sure < 0.6)
        )
        themselves = short and set(told) <= {"who", "age_m"} and bool(_THEY_ARE.match(reading.said))
        if themselves or (
            loose
            and (short or joined or reading.bare)
            and (reading.bare or meant or reading.intent not in {"book", "cancel_booking", "topic"})
        ):
            if (
                "what" in told
                and "what" in last.slots
                and told["what"] != last.slots["what"]
                and not joined
                and (not reading.bare or len(told) > 1)
            ):
                return None
            return carried(reading, last, told)
    if (
        last.intent == "session_detail"
        and "what" in last.slots
        and _OTHERS.search(reading.said)
        and facts.ask(reading.said) in {"", "time", "next_date", "late", "place"}
    ):
        kept: Slots = {k: v for k, v in last.slots.items() if k in {"what", "age_m", "who"}}
        return changed(reading, "whats_on", {**kept, **told}, told)
    if (
        last.intent == "topic"
        and reading.intent in {"whats_on", *TALK_ONLY}
        and (reading.bare or joined)
        and not set(told) <= _OF_TOPIC
    ):
        return changed(reading, "whats_on", told, told)
    if last.bot_asked == "confirm" and last.intent in ABOUT_ONE and (reading.bare or joined):
        return carried(reading, last, told)
    if last.intent == reading.intent == "topic" and "what" in told:
        return None  # "baby bank" has a page of its own
    if last.intent in ABOUT_ONE | {"topic", "centre_info", "my_bookings"} and (
        reading.bare or (joined and reading.intent in {"whats_on", "unclear", "deny"})
    ):
        if last.intent == "change_booking" and "when" in told:
            return carried(reading, last, {"new_when": told["when"]})
        if (
            last.intent == "session_detail"
            and last.slots.get("ask") in {"time", "next_date", None}
            and "what" not in told
            and "where" not in told
            and "when" not in told
        ):
            return None
        return carried(reading, last, told)
    return None


def _swapped(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """ "Sunday instead of saturday", "grandad instead of dad": one part of the search for another."""
    if last.intent not in _SEARCHES or not _INSTEAD_OF.match(reading.said):
        return None
    for name in _SEARCH:
        value = reading.slots.get("new_when" if name == "when" else name) or reading.seen.get(name)
        if name in last.slots and value:
            told = {name: value[0] if isinstance(value, tuple) else value}
            return carried(reading, last, told)
    return None


def _moved_on(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """ "the week after", "the day before": told from the day that was just spoken of."""
    found = _SHIFT.search(reading.said)
    if not found or last.intent not in {"whats_on", "book"}:
        return None
    when = last.slots.get("when")
    if when is None and "week" in found[0] and last.shown and last.shown[0].on:
        when = _week_of(last.shown[0].on)
    if not isinstance(when, str) or len(reading.said.split()) > SHORT:
        return None
    if not _DATES.fullmatch(when):
        return None
    back = found["way"] == "before"
    days = [date.fromisoformat(d) for d in when.split("/")]
    if "weekend" in found[0]:
        days = _weekend_beside(days, back=back)
    else:
        by = (7 if "week" in found[0] else 1) * (-1 if back else 1)
        days = [day + timedelta(days=by) for day in days]
    return carried(reading, last, {"when": "/".join(map(str, days))})


def _weekend_beside(days: Sequence[date], *, back: bool) -> list[date]:
    """The weekend after those days, or before them."""
    if back:
        saturday = days[0] - timedelta(days=(days[0].weekday() - _SATURDAY) % 7 or 7)
    else:
        saturday = days[-1] + timedelta(days=(_SATURDAY - days[-1].weekday()) % 7 or 7)
    return [saturday, saturday + timedelta(days=1)]


def _week_of(day: str) -> str:
    on = date.fromisoformat(day)
    monday = on - timedelta(days=on.weekday())
    return f"{monday}/{monday + timedelta(days=6)}"


def _asked_of_it(reading: Reading, last: TalkTurn, lookup: Lookup) -> Reading | None:
    """A fact about, or an act on, what was just shown or spoken of: "how much is it", "book that"."""
    if (
        last.intent == "centre_info"
        and reading.intent in {"centre_info", "session_detail"}
        and "where" in last.slots
        and not {"what", "where"} & set(reading.seen)
        and (ask := facts.centre_ask(reading.said) or facts.ask(reading.said))
    ):
        return changed(
            reading, "centre_info", {"where": last.slots["where"], "ask": ask}, {"ask": ask}
        )
    one = len(last.shown) == 1 or (last.intent in ABOUT_ONE and "what" in last.slots)
    of_it = _of_the_one(reading) if one and "what" not in reading.seen else ""
    if of_it:
        reading = changed(reading, "session_detail", {"ask": of_it}, {"ask": of_it})
    if reading.intent not in ABOUT_ONE or "what" in reading.slots:
        return None
    kept: Slots = {}
    if len(last.shown) == 1:
        row = last.shown[0]
        kept = {k: v for k, v in last.slots.items() if k in POINTED}
        kept = {**row_slots(row, lookup), **kept} if row.activity or not kept else kept
    elif last.intent in ABOUT_ONE | {"my_bookings"} or (
        "what" in last.slots and (not last.shown or reading.intent == "session_detail")
    ):
        kept = {k: v for k, v in last.slots.items() if k in POINTED}
    about_it = of_it or _IT.search(reading.said) or len(reading.said.split()) <= SHORT + 2
    if not kept or not about_it:
        return None
    return changed(reading, reading.intent, {**kept, **reading.slots}, reading.delta)


def _of_the_one(reading: Reading) -> str:
    """The fact asked of the one session shown in words that alone are another subject's."""
    return next((ask for ask, said in _WHILE_THERE if said.search(reading.said)), "")


def _at_there(reading: Reading, last: TalkTurn, lookup: Lookup) -> Reading | None:
    """ "when is stay and play there": at the one place on the screen."""
    if reading.intent not in {"whats_on", *ABOUT_ONE} or "where" in reading.slots:
        return None
    places = {row_slots(row, lookup).get("where") for row in last.shown} or {
        last.slots.get("where")
    }
    where = places.pop() if len(places) == 1 else None
    if not where or not _THERE.search(reading.said):
        return None
    return changed(reading, reading.intent, {**reading.slots, "where": where}, reading.delta)
