"""What's on: a screenful at a time, every wish shown as a button that takes it away again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from bot.bookings import ledger
from bot.bookings import queries as bookings
from bot.content.values import Point
from bot.conversation import forms
from bot.conversation.flows import topics
from bot.conversation.talk import shown_line, slot_value
from bot.conversation.turn import Turn, act, on_intent
from bot.families import queries as families
from bot.outbox.message import Button
from bot.timetable import service as timetable
from bot.timetable import telling, wishes
from bot.timetable.queries import Slot, slots_by_id
from bot.timetable.searching import Found, called_off, is_over, search
from bot.understanding.reading import NOT, Reading, SlotValue, TalkTurn, Wish
from bot.understanding.when import spans
from bot.wording.words import lines, paragraphs

SCREENFUL = 5
COUNTED = 20  # a larger number of further sessions helps nobody to choose
MOST_GONE = 2  # cancelled ones that an answer begins with
_FOR_IT = re.compile(r"\b(?:for|about|with) (?:it|that|this)\b")
#: Goes on with the search before, whatever it names: "what about Sidcup on Friday".
_GOES_ON = re.compile(
    r"(?:(?:ok|okay|oh|so|hm+|well|but|then|thanks|yes|no)[ ,]+)*(?:(?:what|how) a?bout|and|or|plus|also)\b.*"
    r"|.*\b(?:instead|too|as well|also|the same)\b.*"
)
SEARCHED = ("when", "daypart", "where", "what", "age_m", "who", "price", "booking")


@on_intent("whats_on")
def wish(turn: Turn, wish: Wish) -> None:
    if not topics.not_run(turn, wish):
        show(turn, wish.slots)


def at_home(turn: Turn, reading: Reading) -> Reading:
    """A new search with what we remember of them, and of what the help page just spoke of where it
    asks for that: "is there a group for it"."""
    if reading.intent != "whats_on":
        return reading
    asked = dict(reading.slots)
    if _afresh(turn, reading):  # for whom it is to be stays
        asked = {k: v for k, v in asked.items() if k in (*reading.delta, "age_m", "who")}
    elif asked != dict(reading.delta):
        return reading
    known = remembered(turn)
    if reading.bare and turn.talk.turns and turn.talk.turns[-1].intent == "session_detail":
        known |= _last_search(turn)  # they looked at one of the list, and go on
    if {"what", "who", "age_m"} & set(asked):  # a session is named, or for whom it is to be
        known.pop("age_m", None)
    if _FOR_IT.search(reading.said) and not {"what", "who"} & set(asked):
        known |= spoken_of(turn)
    return replace(reading, wish=Wish("whats_on", {**known, **asked}))


def _afresh(turn: Turn, reading: Reading) -> bool:
    """Whether it begins a search of its own: it names a place and a day, or another thing than the
    search before. What was wished for earlier would only be in the way."""
    told = reading.delta
    if _GOES_ON.fullmatch(reading.said):
        return False
    before = _last_search(turn).get("what")
    other = "what" in told and before is not None and told["what"] != before
    return other or {"where", "when"} <= set(told)


@act("courses")
def courses(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.close(turn)
    show(turn, {"booking": "bookable"})


@act("by_place")
def by_place(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Areas as buttons; a postcode can be typed, a location sent."""
    inside = [a for a in turn.content.areas.values() if not a.outside]
    buttons = [
        find_button(turn, turn.words.said(a.name), merged(turn, where=f"area:{a.id}"))
        for a in inside
    ]
    turn.say(
        turn._("Where would suit you? Tap an area, or type a postcode. On a phone you can send "
               "your location too."),
        *pairs(buttons),
    )  # fmt: skip


@act("more")
@act("search")
def search_act(turn: Turn, args: Mapping[str, Any]) -> None:
    forms.close(turn)
    slots = {k: slot_value(v) for k, v in args.get("slots", {}).items()}
    show(turn, slots, page=int(args.get("page", 0)), ask=str(args.get("ask", "")),
         then=str(args.get("then", "session")))  # fmt: skip


def near_me(turn: Turn, point: tuple[float, float] | None) -> None:
    """A shared location: nearest first. The position is used once and not kept."""
    if point is None:
        by_place(turn, {})
        return
    show(turn, merged(turn, where="me"), here=Point(*point))


def show(
    turn: Turn,
    slots: Mapping[str, SlotValue],
    *,
    page: int = 0,
    here: Point | None = None,
    ask: str = "",
    note: str = "",
    then: str = "session",
) -> None:
    """One screenful of sessions that fit, saying the day it understood and what was let go of.

    `ask` is a question about one of them: it is answered for the one they tap. `note` is said of
    the wish itself. `then` is the act of each: to see it, or to book it.
    """
    turn.from_timetable = True
    asked = wished(slots)
    if asked.get("where") == "me" and here is None:
        by_place(turn, {})
        return
    found = search(
        turn.db, asked, content=turn.content, now=turn.now, zone=turn.desk.zone, here=here
    )
    gone = _called_off(turn, asked, found)
    if not gone and (found.relaxed or not found.slots):
        timetable.count_empty_search(turn.db, wishes.plain(asked), on=turn.today)
    listed = found.slots[page * SCREENFUL : (page + 1) * SCREENFUL]
    _note_talk(turn, _kept(asked, found), found.slots[: (page + 1) * SCREENFUL])
    head = lines(_heading(turn, asked, found, gone, note=note))
    if not listed:
        turn.say(
            paragraphs(head, turn._("Nothing found, I'm sorry. Try another day or place, or ask a person.")),
            *chips(turn, asked),
            (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
        )  # fmt: skip
        return
    if ask:
        head = lines(head, turn._("Which session do you mean? Tap it and I'll answer that."))
    left = bookings.places_left(turn.db, listed, now=turn.now)
    items = [
        item(turn, s, n, left=left.get(s.subject), km=found.km.get(s.venue))
        for n, s in enumerate(listed, 1 + page * SCREENFUL)
    ]
    rows = [
        (turn.button(f"{n}. {_button_label(turn, s)}", then, o=s.id, ask=ask),)
        for n, s in enumerate(listed, 1 + page * SCREENFUL)
    ]
    rest = len(found.slots) - (page + 1) * SCREENFUL
    if rest > 0:
        more = turn.words.ngettext("%(num)d more", "%(num)d more", rest) % {"num": rest}
        if rest > COUNTED:
            more = turn._("Lots more")
        rows.append(
            (
                turn.button(
                    more, "more", slots=_plain(found.used), page=page + 1, ask=ask, then=then
                ),
            )
        )
    turn.say(paragraphs(head, *items), *rows, *chips(turn, found.used), *_keep_rows(turn, asked))


def item(turn: Turn, slot: Slot, number: int, *, left: int | None, km: float | None) -> Markup:
    """One session in a list."""
    content, words = turn.content, turn.words
    where = telling.place(slot, content, words)
    if km:  # nothing to say where they named this very place
        where = f"{where}, {words.distance(km)}"
    facts = [
        telling.short_ages(slot, content, words),
        telling.cost(slot, content, words),
        telling.way_in(slot, words, left=left),
    ]
    return lines(
        Markup("<b>{}. {}</b>").format(number, telling.name(slot, content, words)),
        telling.when(slot, words, today=turn.today),
        where,
        " · ".join(facts),
        telling.course_length(slot, words, begun=ledger.begun(turn.db, slot, now=turn.now)),
    )


def wished(slots: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    """The slots that a search has."""
    return {k: v for k, v in slots.items() if k in SEARCHED}


def in_words(turn: Turn, asked: Mapping[str, SlotValue]) -> str:
    """All of a wish: "Friday 13 March, morning, Erith"."""
    parts = [part(turn, p, asked[p]) for p in SEARCHED if p in asked]
    return ", ".join(p for p in parts if p)


def part(turn: Turn, part: str, value: SlotValue) -> str:
    return wishes.WishWords(turn.content, turn.words, turn.now, turn.desk.zone).part(part, value)


def _called_off(turn: Turn, asked: Mapping[str, SlotValue], found: Found) -> list[Slot]:
    """What was asked for and is cancelled: on the day that was named, or before the next one."""
    next_one = found.slots[0].starts_at if found.slots else None
    named = "what" in asked and "where" in asked and "when" not in found.used
    gone = called_off(
        turn.db, asked, content=turn.content, now=turn.now, zone=turn.desk.zone,
        until=next_one if named and set(found.relaxed) <= {"when"} else None,
    )  # fmt: skip
    return gone[:MOST_GONE]


def _kept(asked: Mapping[str, SlotValue], found: Found) -> dict[str, SlotValue]:
    """What of a search goes on to the next: a part of a day that had nothing went with that day."""
    gone = {"daypart"} & set(found.relaxed) if "when" in asked else set()
    return {k: v for k, v in asked.items() if k not in gone}


def _heading(
    turn: Turn, asked: Mapping[str, SlotValue], found: Found, gone: Sequence[Slot], *, note: str
) -> Markup:
    """What was understood, with its date; what is cancelled, or was let go of to find anything."""
    _ = turn._
    wish_text = in_words(turn, asked) or ("" if note else _("The next two weeks"))
    first = Markup("<b>{}</b>").format(wish_text[:1].upper() + wish_text[1:]) if wish_text else None
    let_go = list(found.relaxed)
    notes = [_is_cancelled(turn, slot) for slot in gone]
    if gone and found.relaxed == ("when",):
        notes.append(_("The next ones:"))
    elif found.slots and "when" in let_go and _over(turn, asked["when"]):
        let_go.remove("when")
        notes.append(_("That day is over.") + " " + ("" if let_go else _("The next ones:")))
    if let_go and found.slots and not (gone and found.relaxed == ("when",)):
        without = turn.words.list([part(turn, p, asked[p]) for p in let_go])
        notes.append(
            _("Nothing fits all of that. Without “%(gone)s” there is:") % {"gone": without}
        )
    notes += _outside(turn, asked)
    return lines(first, *notes, note)


def _over(turn: Turn, when: SlotValue) -> bool:
    zone = turn.desk.zone
    days = spans(when, now=turn.now, calendar=turn.content.calendar, zone=zone)
    return is_over(days, now=turn.now, zone=zone)


def _is_cancelled(turn: Turn, slot: Slot) -> str:
    said = turn._("%(name)s at %(place)s on %(day)s is cancelled.") % {
        "name": telling.name(slot, turn.content, turn.words),
        "place": telling.place(slot, turn.content, turn.words),
        "day": turn.words.day(slot.starts_at.astimezone(turn.desk.zone).date()),
    }
    return f"{said} {slot.reason}".strip()


def _outside(turn: Turn, asked: Mapping[str, SlotValue]) -> list[str]:
    """Another borough was named: we only know our own."""
    where = asked.get("where")
    area = (
        turn.content.areas.get(str(where).removeprefix("area:")) if isinstance(where, str) else None
    )
    if area is None or not area.outside:
        return []
    return [
        turn._("I only know sessions in %(borough)s. These are the nearest to %(place)s:")
        % {"borough": turn.content.council.borough, "place": turn.words.said(area.name)}
    ]


def _button_label(turn: Turn, slot: Slot) -> str:
    return f"{telling.name(slot, turn.content, turn.words)}, {telling.short_when(slot, turn.words)}"


def chips(turn: Turn, asked: Mapping[str, SlotValue]) -> list[tuple[Button, ...]]:
    """Every wish as a button that takes it away."""
    chips = [
        find_button(turn, "✕ " + part(turn, p, v), {k: x for k, x in asked.items() if k != p})
        for p, v in asked.items()
        if p in SEARCHED
    ]
    return pairs(chips) if len(chips) > 1 else [(c,) for c in chips]


def _keep_rows(turn: Turn, asked: Mapping[str, SlotValue]) -> list[tuple[Button, ...]]:
    """Offer to remember an age or an area that we don't know yet; a baby to come as a child."""
    rows: list[tuple[Button, ...]] = (
        [(turn.button(turn._("Add a child"), "child_add", many=1),)]
        if asked.get("who") == "expecting" and not families.children_of(turn.db, turn.adult.id)
        else []
    )
    wants = {k: asked[k] for k in ("age_m", "where") if k in asked and asked[k] != "me"}
    wants = {
        k: v for k, v in wants.items()
        if isinstance(v, str) and "/" not in v and not v.startswith(NOT)
    }  # fmt: skip
    if wants:
        known = remembered(turn)
        wants = {k: v for k, v in wants.items() if k not in known}
    if not wants:
        return rows
    label = turn.words.list([part(turn, k, v) for k, v in wants.items()])
    return [
        (
            turn.button(
                turn._("Remember “%(what)s”") % {"what": label}, "remember", slots=_plain(wants)
            ),
        ),
        *rows,
    ]


def _note_talk(turn: Turn, asked: Mapping[str, SlotValue], listed: tuple[Slot, ...]) -> None:
    """What can be pointed at by its number: all that was listed so far."""
    shown = tuple(shown_line(s, turn.desk.zone) for s in listed)
    turn.talk.listed, turn.talk.listed_kind = [s.id for s in listed], "session"
    turn.talk.remember(TalkTurn(intent="whats_on", slots=asked, shown=shown))


def remembered(turn: Turn) -> dict[str, SlotValue]:
    known: dict[str, SlotValue] = {}
    ages = [a for a in families.remembered_ages(turn.db, turn.adult, on=turn.today) if 0 <= a < 72]
    if ages:
        known["age_m"] = str(ages[0]) if len(ages) == 1 else tuple(str(a) for a in ages)
    if place := families.remembered_place(turn.db, turn.adult):
        known["where"] = place
    return known


def merged(turn: Turn, **slots: SlotValue) -> dict[str, SlotValue]:
    """The search on the screen, or what we remember, with something new on top."""
    last = turn.talk.turns[-1] if turn.talk.turns else None
    base = dict(last.slots) if last is not None and last.intent == "whats_on" else remembered(turn)
    return {**wished(base), **slots}


def spoken_of(turn: Turn) -> dict[str, SlotValue]:
    """What a question or a wish to book is about that names nothing: the sessions of the help page
    that was just shown, else the one on the screen, else the newest search."""
    if what := topics.spoken_of(turn):
        return {"what": what[0] if len(what) == 1 else tuple(what)}
    newest = turn.talk.turns[-1] if turn.talk.turns else None
    if newest is None or newest.intent != "whats_on":
        shown = slots_by_id(turn.db, turn.talk.listed if turn.talk.listed_kind == "session" else [])
        if len(shown) == 1:
            return {"what": shown[0].activity}
    return _last_search(turn)


def _last_search(turn: Turn) -> dict[str, SlotValue]:
    return next((wished(t.slots) for t in reversed(turn.talk.turns) if t.intent == "whats_on"), {})


def find_button(turn: Turn, label: str, slots: Mapping[str, SlotValue]) -> Button:
    return turn.button(label, "search", slots=_plain(slots))


def _plain(slots: Mapping[str, SlotValue]) -> dict[str, Any]:
    """Slots as a button keeps them; of a postcode only its first half, which is enough to search."""

    def kept(value: str) -> str:
        return value.split(maxsplit=1)[0] if value.startswith("pc:") else value

    return {k: [kept(x) for x in v] if isinstance(v, tuple) else kept(v) for k, v in slots.items()}


def pairs(buttons: list[Button]) -> list[tuple[Button, ...]]:
    return [tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2)]
