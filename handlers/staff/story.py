"""Who got a place of a session, who did not, and why: from the ledger, in sentences for staff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import queries, queue
from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.bookings.rules import ClaimKind, ClosedWhy, EntryState, Step
from bot.families.models import Adult
from bot.families.rules import AdultState
from bot.staff.service import note, reasons
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.staff.frame import Frame, frame_of, name_of_staff, session_id
from handlers.staff.people import person_of
from handlers.staff.states import clock
from handlers.staff.subject import About, about_of, bookable_slot

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Told:
    """One decision: when, what, and the reason that staff gave for theirs."""

    at: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Family:
    """`said` is how it stands now; `tone` is that of its badge."""

    id: int
    name: str
    said: str
    tone: str
    story: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class StoryPage:
    template: ClassVar[str] = "staff/story.html"
    title: str
    frame: Frame
    about: About
    families: tuple[Family, ...]


@routes.get("/session/{id}/story")
async def story(request: web.Request) -> web.Response:
    look, page = await write(request, story_page, session_id(request), name_of_staff(request))
    return render(request, look, page)


def story_page(db: Session, look: Look, occurrence: str, by: str) -> StoryPage:
    """Opens names, and notes who read them. Raises NoSuchSessionError, NotBookableError."""
    slot = bookable_slot(db, occurrence, now=look.now)
    note(db, by=by, act="read story", about=slot.subject, now=look.now)
    entries: dict[int, list[WaitingEntry]] = {}
    for entry in queue.line(db, slot, tuple(EntryState), zone=look.zone):
        entries.setdefault(entry.adult_id, []).append(entry)
    claims: dict[int, list[Claim]] = {}
    for claim in queries.claims_of(db, slot):
        claims.setdefault(claim.adult_id, []).append(claim)
    known = dict.fromkeys([*queue.adults_in(db, slot.subject), *entries])
    families = [_family(db, look, slot, a, claims.get(a, []), entries.get(a, [])) for a in known]
    return StoryPage(
        title=look._("Who got a place, and why"),
        frame=frame_of(db, by),
        about=about_of(db, look, slot, occurrence),
        families=tuple(f for f in families if f is not None and f.story),
    )


def told_of(
    db: Session,
    look: Look,
    adult_id: int,
    slot: Slot,
    *,
    claims: Collection[Claim],
    entries: Collection[WaitingEntry],
) -> tuple[Told, ...]:
    """What was decided about an adult and this session, in order, with the reasons of staff."""
    lines = queue.story(db, adult_id, subjects=[slot.subject], entries=[e.id for e in entries])
    about = [*(f"entry:{e.id}" for e in entries), *(f"claim:{c.id}" for c in claims)]
    why = {(r.at, r.by): r.reason for r in reasons(db, about)}
    return tuple(
        Told(clock(look, line.at), said, why.get((line.at, line.by), ""))
        for line in lines
        if (said := _sentence(db, look, line, slot))
    )


def _family(
    db: Session,
    look: Look,
    slot: Slot,
    adult_id: int,
    claims: list[Claim],
    entries: list[WaitingEntry],
) -> Family | None:
    """None where nobody is left to name: the time to keep it is over."""
    adult = db.get(Adult, adult_id) if adult_id is not None else None
    if adult is None or adult.state is AdultState.ERASED:
        return None
    booked = [c for c in claims if c.kind is ClaimKind.BOOKING and c.ended_at is None]
    known: list[Claim | WaitingEntry] = [*booked, *reversed(entries), *reversed(claims)]
    said, tone = look._("has no place"), "full"
    if booked:
        said, tone = look._("has a place"), ""
    elif any(e.ended_at is None for e in entries):
        said, tone = look._("waits"), "few"
    return Family(
        id=adult_id,
        name=person_of(db, look, adult_id, next(iter(known), None), on=()).name,
        said=said,
        tone=tone,
        story=told_of(db, look, adult_id, slot, claims=claims, entries=entries),
    )


def _sentence(db: Session, look: Look, line: StoryLine, slot: Slot) -> str:
    said = _step(look, line)
    if not said or line.subject in ("", slot.subject):
        return said
    return look._("%(what)s (%(session)s)") % {
        "what": said,
        "session": _session(db, look, line.subject),
    }


def _step(look: Look, line: StoryLine) -> str:
    """What was decided, in words; "" for what needs none."""
    _, facts = look.words._, {"by": line.by, **line.facts}
    match line.step:
        case Step.JOINED:
            facts["places"] = _places(look, facts.get("size", 1))
            return _("Joined the waiting list as number %(place)s, for %(places)s") % facts
        case Step.OFFERED:
            facts["until"] = clock(look, datetime.fromisoformat(facts["until"]))
            if line.by:
                return _("Offered a place out of turn by %(by)s, to answer by %(until)s") % facts
            return _("Offered a place, to answer by %(until)s") % facts
        case Step.PASSED_OVER:
            facts["places"] = _places(look, facts.get("left", 0))
            return _("%(places)s came free, too few for %(size)s; kept their turn") % facts
        case Step.GATHERED:
            facts["places"] = _places(look, facts.get("left", 0))
            facts["until"] = clock(look, datetime.fromisoformat(facts["until"]))
            said = _("%(places)s came free, too few for %(size)s; kept for them until %(until)s")
            return said % facts
        case Step.LAPSED if facts.get("withdrawn"):
            return _("The offer ended as the session was cancelled or moved; kept their turn")
        case Step.CLOSED:
            return _closed(look, facts)
    plain = {
        Step.HELD: _("Began to book"),
        Step.BOOKED: _("Booked"),
        Step.FULL: _("Asked for a place; every place was taken"),
        Step.CANCELLED: _("Cancelled by the family"),
        Step.UNDONE: _("Took the cancelled place back"),
        Step.MOVED: _("Changed to another session"),
        Step.TOLD: _("Told of a free place, first to say yes"),
        Step.TOO_LATE: _("Said yes; another family was first"),
        Step.ACCEPTED: _("Said yes and got the place"),
        Step.DECLINED: _("Said no to a place"),
        Step.LAPSED: _("Did not answer in time; the place was not kept any longer"),
        Step.STILL_WANTED: _("Still wants to wait; kept their turn"),
        Step.REORDERED: _("Made number %(place)s in the line by %(by)s"),
        Step.LEFT: _("Left the waiting list"),
        Step.GIVEN: _("Booked by %(by)s for them"),
    }
    return plain[line.step] % facts if line.step in plain else ""


def _closed(look: Look, facts: dict[str, Any]) -> str:
    _ = look.words._
    said = {
        ClosedWhy.STARTED.value: _("The list ended: nothing came free in time"),
        ClosedWhy.OUTGROWN.value: _("Off the list: the child is past the age for it"),
        ClosedWhy.LAPSED.value: _("Off the list: two offers went by without an answer"),
        ClosedWhy.LIST_CLOSED.value: _("Taken off the list by %(by)s"),
        ClosedWhy.CALLED_OFF.value: _("The list ended: it was cancelled"),
    }
    return said.get(str(facts.get("why")), "") % facts


def _places(look: Look, number: int) -> str:
    return look.words.ngettext("%(num)d place", "%(num)d places", number) % {"num": number}


def _session(db: Session, look: Look, subject: str) -> str:
    slots = timetable.course_slots(db, subject) or timetable.slots_by_id(db, [subject])
    return telling.short_when(slots[0], look.words) if slots else look._("another session")
