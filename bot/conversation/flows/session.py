"""One session: all that helps to decide, and "Tell me if this changes"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from markupsafe import Markup

from bot.bookings import ledger, may_book, queue
from bot.bookings import queries as bookings
from bot.bookings.rules import ClaimKind, DroppedError, ListPausedError, suits
from bot.content.values import Activity, Mode
from bot.conversation import forms
from bot.conversation.flows import searching, topics, whocomes
from bot.conversation.flows.safety import contact_line
from bot.conversation.talk import shown_line
from bot.conversation.turn import Turn, act, on_intent
from bot.outbox.message import Button, Pin
from bot.outreach import service as outreach
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.timetable.searching import search
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import SlotValue, TalkTurn, Wish
from bot.wording.words import lines, paragraphs

SHOWN_ALONE = 1


@on_intent("session_detail")
def wish(turn: Turn, wish: Wish) -> None:
    """A fact about a session that was pointed at, named, or just shown."""
    if topics.not_run(turn, wish):
        return
    ask = str(wish.slots.get("ask", ""))
    slot = pick(turn, wish.slots) or _of_one_series(turn, wish.slots)
    if slot is None and whocomes.asks_for_pets(turn):
        line = contact_line(turn.words, turn.content.contacts[turn.content.council.line])
        said = turn._("I don't know whether you can bring an animal. These people can tell you:")
        turn.say(paragraphs(said, line), (turn.button(turn._("What's on"), "whats_on"),))
        return
    if slot is None:
        asked, note = whocomes.of_any(turn, wish.slots, ask)
        if ask in _ON_EACH_LINE and searching.wished(asked) and not note:
            note = turn._("It says so below, for each session.")
        searching.show(turn, asked, ask="" if ask in _LISTED else ask, note=note)
        return
    show(turn, slot, ask=ask, fits=whocomes.answer(turn, slot, wish.slots, ask))


def pick(turn: Turn, slots: Mapping[str, SlotValue]) -> Slot | None:
    """The session meant: by its number on the screen, else the only one that fits, else the one
    that was just shown. None where several may be meant."""
    listed = turn.talk.listed if turn.talk.listed_kind == "session" else []
    ref = str(slots.get("ref", ""))
    if ref == "last" and listed:
        return timetable.find_slot(turn.db, listed[-1])
    if ref.isdigit() and 0 < int(ref) <= len(listed):
        return timetable.find_slot(turn.db, listed[int(ref) - 1])
    named = {k: v for k, v in slots.items() if k in searching.SEARCHED}
    shown = timetable.slots_by_id(turn.db, listed)
    if not named:
        return shown[0] if len(shown) == SHOWN_ALONE else None
    what = named.get("what")
    fitting = [
        s for s in shown
        if (what is None or s.activity in (what if isinstance(what, tuple) else (what,)))
        and named.get("where") in (None, s.venue)
        and named.get("when") in (None, s.starts_at.astimezone(turn.desk.zone).date().isoformat())
    ]  # fmt: skip
    if len(fitting) == 1:
        return fitting[0]
    found = search(turn.db, named, content=turn.content, now=turn.now, zone=turn.desk.zone)
    same_answer = slots.get("ask") in _OF_ACTIVITY
    meant = {s.activity if same_answer else s.series_id for s in found.slots}
    return found.slots[0] if not found.relaxed and len(meant) == 1 else None


def _of_one_series(turn: Turn, slots: Mapping[str, SlotValue]) -> Slot | None:
    """The next date of the list on the screen, where all of it is one series and nothing else is
    asked of it."""
    last = turn.talk.turns[-1] if turn.talk.turns else None
    if last is None or last.intent != "whats_on" or turn.talk.listed_kind != "session":
        return None
    if any(last.slots.get(k) != v for k, v in searching.wished(slots).items()):
        return None
    shown = timetable.slots_by_id(turn.db, turn.talk.listed)
    return shown[0] if len({s.series_id for s in shown}) == 1 else None


@act("session")
def open_session(turn: Turn, args: Mapping[str, Any]) -> None:
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    show(turn, slot, ask=str(args.get("ask", "")))


def show(turn: Turn, slot: Slot, *, ask: str = "", fits: str = "") -> None:
    """All there is to say, the fact that was asked for first. `fits`: the yes or no to whether
    somebody may come."""
    forms.close(turn)
    turn.from_timetable = True
    content, words, _ = turn.content, turn.words, turn._
    activity, venue = content.activities[slot.activity], content.venues[slot.venue]
    left = bookings.places_left(turn.db, [slot], now=turn.now).get(slot.subject)
    turn.talk.listed, turn.talk.listed_kind = [slot.id], "session"
    turn.talk.remember(
        # Its place was shown and not asked for: another search is not tied to it.
        TalkTurn("session_detail", {"what": slot.activity},
                 shown=(shown_line(slot, turn.desk.zone),))
    )  # fmt: skip

    def fact(label: str, text: str | Markup | None) -> Markup | None:
        return Markup("<b>{}</b> {}").format(label, text) if text else None

    facts = {
        "when": fact(_("When:"), telling.when(slot, words, today=turn.today)),
        "where": fact(_("Where:"), telling.where(slot, content, words)),
        "gone": telling.nothing_more(slot, content, words),
        "age": fact(_("Who for:"), telling.ages(slot, content, words)),
        "price": fact(_("Cost:"), telling.cost(slot, content, words)),
        "booking": fact(_("How to come:"), _how(turn, slot, left)),
        "bring": fact(_("Bring:"), words.said(activity.bring)),
        "size": fact(_("How many come:"), words.said(activity.size)),
        "noise": fact(_("Noise:"), words.said(activity.noise)),
        "quiet": fact(_("Quiet space:"), words.said(activity.quiet_room)),
        "leave": fact(_("If you need to leave:"), words.said(activity.leave_early)),
        "access": fact(_("Getting in:"), ". ".join(words.said(a) for a in venue.access)),
        "staff": fact(_("Run by:"), words.english(slot.run_by)),
        "therapist": _("The people who run it are not therapists.") if activity.not_therapist else None,
        "notes": words.english(slot.notes),
    }  # fmt: skip
    first: list[str | Markup | None] = [facts.pop(k) for k in _ASKED.get(ask, ()) if facts.get(k)]
    if whocomes.asks_for_pets(turn):
        first = []  # to bring a dog along is no question of what to bring
    first = [fits, *first] if fits else first
    asked_in_vain = (ask in _ASKED or whocomes.asks_for_pets(turn)) and not first
    head = Markup("<b>{}</b>").format(telling.name(slot, content, words))
    has, theirs = _theirs(turn, slot, left)
    called_off = None
    if slot.cancelled:
        called_off = turn.words.fill(
            _("<b>This session is cancelled.</b> %(reason)s"), reason=slot.reason
        )
    turn.say(
        paragraphs(
            lines(
                head,
                called_off,
                Markup("<b>{}</b>").format(has) if has else None,
                None if slot.cancelled else moved_from(turn, slot),
                telling.course_length(slot, words, begun=ledger.begun(turn.db, slot, now=turn.now)),
                *course_dates(turn, _coming(turn, slot)),
            ),
            lines(*first) if first else None,
            _("We don't have that fact. The number below can tell you.") if asked_in_vain else None,
            lines(*facts.values()),
            words.said(activity.summary),
            _alike(turn, activity),
            contact_line(words, content.contacts[content.council.line]) if asked_in_vain else None,
        ),
        *_rows(turn, slot, theirs),
        *(
            (
                turn.button(
                    words.said(content.activities[a].name), "search", slots={"what": a}, page=0
                ),
            )
            for a in activity.alike
        ),
        pin=_pin(turn, slot),
    )


#: Which facts answer a question about a session.
_ASKED: dict[str, tuple[str, ...]] = {
    "time": ("when",), "next_date": ("when",), "is_on": ("when",), "duration": ("when",),
    "place": ("where",), "getting_there": ("where", "access"), "parking": ("access",),
    "access": ("access",), "buggy": ("access",), "facilities": ("access",),
    "price": ("price",), "payment": ("price",), "refund": ("price",),
    "age": ("age",), "who_can_come": ("age",), "siblings": ("siblings",),
    "booking": ("booking",), "spaces": ("booking",), "bring": ("bring",), "food": ("bring",),
    "what_happens": ("size", "noise"), "late": ("leave",), "staff": ("staff", "therapist"),
    "contact": ("staff",), "term_dates": ("notes",), "illness": ("illness",),
}  # fmt: skip
#: Questions that a line of the list answers, and those with one answer for all of an activity.
_ON_EACH_LINE = frozenset(
    {"time", "next_date", "is_on", "place", "price", "age", "booking", "spaces"}
)
_LISTED = _ON_EACH_LINE | {"", "who_can_come"}
_OF_ACTIVITY = frozenset({"bring", "food", "what_happens", "late"})


@act("follow")
def follow(turn: Turn, args: Mapping[str, Any]) -> None:
    """Tell this person if the session changes, drop-ins too."""
    slot = _slot(turn, args)
    outreach.follow(turn.db, turn.adult, slot.id, now=turn.now)
    name = telling.discreet_name(slot, turn.content, turn.words)
    text = turn._("I'll tell you if %(name)s on %(day)s is cancelled or moved.") % {
        "name": name,
        "day": turn.words.day(slot.starts_at.astimezone(turn.desk.zone).date()),
    }
    if turn.channel == "web" and not outreach.can_reach(turn.db, turn.adult.id):
        text += " " + turn._("On the web I can only show it here in this chat. Keep this page, or "
                             "look again before you set out.")  # fmt: skip
    turn.say(text, (turn.button(turn._("Don't tell me"), "unfollow", o=slot.id),))


@act("unfollow")
def unfollow(turn: Turn, args: Mapping[str, Any]) -> None:
    outreach.unfollow(turn.db, turn.adult, str(args["o"]), now=turn.now)
    turn.say(
        turn._("Okay, I won't tell you about that session."),
        (turn.button(turn._("Undo"), "follow", o=str(args["o"])),),
    )


@act("dates")
def other_dates(turn: Turn, args: Mapping[str, Any]) -> None:
    """The next dates of the same session."""
    slot = _slot(turn, args)
    searching.show(turn, {"what": slot.activity, "where": slot.venue})


def calendar_url(turn: Turn, slot: Slot) -> str:
    return f"{turn.desk.address}/session/{slot.id}.ics"


def _slot(turn: Turn, args: Mapping[str, Any]) -> Slot:
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    return slot


def _how(turn: Turn, slot: Slot, left: int | None) -> str | Markup:
    activity = turn.content.activities[slot.activity]
    how = telling.way_in(slot, turn.words, left=left)
    said = turn.words.said(activity.how)
    contact = turn.content.contacts.get(slot.contact)
    if contact is not None and slot.mode in (Mode.PARTNER, Mode.REFERRAL):
        return lines(f"{how}. {said}".strip(), contact_line(turn.words, contact))
    return f"{how}. {said}" if said and slot.mode is not Mode.DROP_IN else how


def course_dates(turn: Turn, slots: Sequence[Slot]) -> list[str]:
    """The dates of a course that are on, where there are several, and those the centre cancelled."""
    on = [
        turn.words.short_day(s.starts_at.astimezone(turn.desk.zone).date())
        for s in slots
        if not s.cancelled
    ]
    off = [telling.short_when(s, turn.words) for s in slots if s.cancelled]
    every = turn._("Every date: %(dates)s") % {"dates": turn.words.list(on)}
    gone = turn._("Cancelled by the centre: %(dates)s") % {"dates": turn.words.list(off)}
    return [*([every] if len(on) > 1 else []), *([gone] if on and off else [])]


def _coming(turn: Turn, slot: Slot) -> list[Slot]:
    """What is still to come of its course, where it is of one."""
    course = timetable.course_slots(turn.db, slot.course_id or "")
    return [s for s in course if s.ends_at > turn.now]


def moved_from(turn: Turn, slot: Slot) -> str:
    """When and where it was first planned; "" where it still is."""
    change = timetable.first_moves(turn.db, [slot.id]).get(slot.id)
    if change is None:
        return ""
    return telling.moved_from(slot, change.before, turn.content, turn.words)


def _rows(turn: Turn, slot: Slot, theirs: Sequence[tuple[Button, ...]]) -> list[tuple[Button, ...]]:
    _ = turn._
    if slot.cancelled:
        return [(turn.button(_("Other dates"), "dates", o=slot.id),)]
    rows = [*theirs]
    rows.append((turn.button(_("Tell me if this changes"), "follow", o=slot.id),))
    rows.append((Button(_("Add to calendar"), url=calendar_url(turn, slot)),
                 Button(_("Map"), url=map_url(turn, slot))))  # fmt: skip
    rows.append((turn.button(_("Other dates"), "dates", o=slot.id),))
    return rows


def _theirs(
    turn: Turn, slot: Slot, left: int | None
) -> tuple[str | None, list[tuple[Button, ...]]]:
    """What this adult has of a session and what they can do about it; else how to get a place."""
    _ = turn._
    if not slot.bookable or slot.cancelled:
        return None, []
    claim = may_book.has_one(turn.db, slot, turn.adult, now=turn.now)
    if claim is not None and claim.kind is ClaimKind.BOOKING:
        return _("You have a place."), [(turn.button(_("Your booking"), "booking", c=claim.id),)]
    if claim is not None and claim.kind is ClaimKind.OFFER:
        offer = turn.button(_("Answer the offer"), "entry", e=claim.entry_id)
        return _("A place is kept for you."), [(offer,)]
    if not slot.active:
        return DroppedError().sentence(_), []
    paused = queue.paused(turn.db, slot, zone=turn.desk.zone)
    entry = next((e for e in queue.entries_of(turn.db, turn.adult.id)
                  if suits(e.wish, slot, turn.desk.zone)), None)  # fmt: skip
    book = turn.button(_("Book a place"), "book", o=slot.id)
    rows: list[tuple[Button, ...]] = [(book,)] if left != 0 and not paused else []
    if entry is not None:
        rows += [(turn.button(_("My place in line"), "entry", e=entry.id),),
                 (turn.button(_("Leave the waiting list"), "ask_leave", e=entry.id),)]  # fmt: skip
        return _("You are on the waiting list."), rows
    wait = turn.button(_("Join the waiting list"), "wait", o=slot.id)
    if paused and left:
        return ListPausedError().sentence(_), [(wait,)]
    return None, rows or [(wait,)]


def _alike(turn: Turn, activity: Activity) -> Markup | None:
    """The same help, longer or shorter, side by side."""
    if not activity.alike:
        return None
    others = [turn.content.activities[a] for a in activity.alike]
    return lines(
        turn._("The same help also comes as:"),
        *(
            Markup("<b>{}</b>: {}").format(turn.words.said(o.name), turn.words.said(o.summary))
            for o in others
        ),
    )


def map_url(turn: Turn, slot: Slot) -> str:
    """A map of the venue: by its point where that is sure, else by its address."""

    venue = turn.content.venues[slot.venue]
    if venue.point is not None:
        lat, lon = venue.point.lat, venue.point.lon
        return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"
    where = telling.address(slot, turn.content) or venue.name["en"]
    return "https://www.openstreetmap.org/search?query=" + quote_plus(
        f"{where}, {turn.content.council.borough}"
    )


def _pin(turn: Turn, slot: Slot) -> Pin | None:
    venue = turn.content.venues[slot.venue]
    if venue.point is None:
        return None
    return Pin(venue.point.lat, venue.point.lon, turn.words.said(venue.name),
               telling.address(slot, turn.content))  # fmt: skip
