"""What families looked for and did not find, and what they asked that we had no answer to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.enquiries.queries import open_questions
from bot.staff.service import note
from bot.timetable.queries import empty_searches
from bot.understanding.reading import NOT
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.staff.frame import Frame, frame_of, name_of_staff
from handlers.staff.people import language_name

SINCE = timedelta(days=28)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class EmptyWish:
    """One wish that nothing fitted, as chips, and how often it was asked for."""

    parts: tuple[str, ...]
    times: int
    last: str


@dataclass(frozen=True, slots=True)
class Question:
    on: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    template: ClassVar[str] = "staff/questions.html"
    title: str
    frame: Frame
    since: str
    searches: tuple[EmptyWish, ...]
    questions: tuple[Question, ...]


@routes.get("/questions")
async def questions(request: web.Request) -> web.Response:
    look, page = await write(request, questions_page, name_of_staff(request))
    return render(request, look, page)


def questions_page(db: Session, look: Look, by: str) -> QuestionsPage:
    """The last four weeks of empty searches, latest first, and the newest questions."""
    since = look.today - SINCE
    times: Counter[str] = Counter()
    last: dict[str, date] = {}
    for row in empty_searches(db, since=since):
        times[row.wish] += row.times
        last[row.wish] = max(last.get(row.wish, row.on), row.on)
    latest = sorted(times, key=lambda wish: (-last[wish].toordinal(), -times[wish], wish))
    asked = open_questions(db)
    if asked:  # people put their own lives into questions, whatever we mask
        note(db, by=by, act="read questions", now=look.now)
    return QuestionsPage(
        title=look._("Not found, not answered"),
        frame=frame_of(db, by),
        since=look.words.day(since),
        searches=tuple(
            EmptyWish(_parts(look, wish), times[wish], look.words.short_day(last[wish]))
            for wish in latest
        ),
        questions=tuple(
            Question(
                look.words.short_day(q.on),
                str(q.private.get("text", "")),
                language_name(look, q.lang),
            )
            for q in asked
        ),
    )


def _parts(look: Look, wish: str) -> tuple[str, ...]:
    """what=baby_massage where=area:erith, in words."""
    found = []
    for part in wish.split():
        name, _equals, values = part.partition("=")
        found.append(look.words.list([_said(look, name, v) for v in values.split(",") if v]))
    return tuple(p for p in found if p) or (look._("anything at all"),)


def _said(look: Look, name: str, value: str) -> str:
    _, content, said = look.words._, look.content, look.words.said
    plain = value.removeprefix("area:").removeprefix("pc:")
    match name:
        case "what" if value in content.activities:
            return said(content.activities[value].name)
        case "where" if value.startswith(NOT):
            return _("not %(place)s") % {"place": _said(look, name, value.removeprefix(NOT))}
        case "where" if value in content.venues:
            return said(content.venues[value].name)
        case "where" if plain in content.areas:
            return said(content.areas[plain].name)
        case "where":
            return plain.upper() if value.startswith("pc:") else plain
        case "when":
            return _days(look, value)
        case "age_m":
            return _("age in months: %(age)s") % {"age": value.replace("/", "–")}
        case "price":
            return _("free")
        case "booking":
            return _("drop in") if value == "drop_in" else _("to book")
    return plain.replace("_", " ").replace("/", " – ")


def _days(look: Look, value: str) -> str:
    """A date, a stretch of dates or a weekday in words; anything else as it stands."""
    if value.startswith("wd:") and value[3:] in _WEEKDAYS:
        return look.words.weekday(_WEEKDAYS.index(value[3:]))
    try:
        days = [look.words.short_day(date.fromisoformat(d)) for d in value.split("/")]
    except ValueError:
        return value.replace("_", " ")
    return " – ".join(days)
