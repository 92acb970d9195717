"""Cancel or move one date: a form, then who would be told what, and only then the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from markupsafe import Markup
from sqlmodel import Session

from bot.outreach import changing
from bot.outreach.notices import Voice, change_text
from bot.staff.service import note
from bot.timetable import telling
from bot.timetable.queries import Slot, find_slot
from bot.timetable.rules import ChangeKind
from bot.timetable.service import NoSuchSessionError, NothingToChangeError
from bot.wording.words import Words
from handlers.http.forms import FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import read, render, write
from handlers.http.site import site_of
from handlers.staff.forms import REASON_LIMIT, ChangeForm, as_typed, venues_to_choose
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff, session_id
from handlers.staff.people import Person, channel_name, channels_on, language_name, person_of

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class ChangeFormPage:
    """Asks for a reason and, for a move, the new time and venue."""

    template: ClassVar[str] = "staff/change_form.html"
    title: str
    frame: Frame
    id: str
    kind: str  # cancel | move
    version: int
    name: str
    when: str
    place: str
    reason_limit: int
    reasons: tuple[str, ...]
    venues: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """The exact words in one language, for those who booked or those who follow."""

    heading: str
    lang: str
    direction: str
    text: Markup


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Who will be told, and what. Nothing has happened yet."""

    template: ClassVar[str] = "staff/preview.html"
    title: str
    frame: Frame
    id: str
    kind: str
    name: str
    was: str
    will_be: str
    booked: int
    followers: int
    by_channel: tuple[tuple[str, int], ...]
    unreachable: tuple[Person, ...]
    texts: tuple[Text, ...]
    fields: Mapping[str, str]

    @property
    def concerned(self) -> int:
        return self.booked + self.followers


@routes.get("/session/{id}/{kind:cancel|move}")
async def change_form(request: web.Request) -> web.Response:
    look, page = await read(
        request, form_page, session_id(request), _kind(request), name_of_staff(request)
    )
    return render(request, look, page)


@routes.post("/session/{id}/{kind:cancel|move}")
async def preview(request: web.Request) -> web.Response:
    """Show the effect. Changes nothing but the audit, since numbers are shown."""
    occurrence, kind, by = session_id(request), _kind(request), name_of_staff(request)
    form = await read_form(request)
    on = channels_on(site_of(request).settings)
    try:
        look, page = await write(request, preview_page, occurrence, kind, form, by, on)
    except FormRefusedError as refused:
        return await _again(request, refused)
    return render(request, look, page)


@routes.post("/session/{id}/{kind:cancel|move}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """Make the change and promise the notices. The same form again leads to the same change."""
    occurrence, kind, by = session_id(request), _kind(request), name_of_staff(request)
    form = await read_form(request)
    try:
        _look, change = await write(request, make_change, occurrence, kind, form, by)
    except FormRefusedError as refused:
        return await _again(request, refused)
    return go_to(request, f"/staff/change/{change}")


def form_page(
    db: Session,
    look: Look,
    occurrence: str,
    kind: ChangeKind,
    by: str,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> ChangeFormPage:
    """Raises NoSuchSessionError, NothingToChangeError."""
    slot = _slot(db, occurrence)
    if slot.cancelled or slot.starts_at <= look.now:
        raise NothingToChangeError
    _, moving = look.words._, kind is ChangeKind.MOVE
    return ChangeFormPage(
        title=_("Move this session") if moving else _("Cancel this session"),
        frame=frame_of(db, by),
        id=slot.id,
        kind=kind.value,
        version=slot.version,
        name=telling.name(slot, look.content, look.words),
        when=telling.when(slot, look.words, today=look.today),
        place=telling.place(slot, look.content, look.words),
        reason_limit=REASON_LIMIT,
        reasons=(
            _("We don't have enough staff that day."),
            _("The building is closed."),
            _("The room is needed for something else."),
            _("The weather makes it unsafe to travel."),
        ),
        venues=venues_to_choose(look, slot.venue),
        typed=typed or as_typed(slot, look),
        faults=faults or {},
    )


def preview_page(
    db: Session,
    look: Look,
    occurrence: str,
    kind: ChangeKind,
    typed: Mapping[str, str],
    by: str,
    on: tuple[str, ...],
) -> PreviewPage:
    """Raises FormRefusedError, NoSuchSessionError, NothingToChangeError, ChangedMeanwhileError."""
    slot = _slot(db, occurrence)
    form = ChangeForm.read(typed, look, kind=kind, slot=slot)
    form.check_differs(slot, typed, look)
    effect = changing.effect_of(db, form.draft(occurrence, look), now=look.now)
    people = [
        (person_of(db, look, c.adult_id, c.claim, on=on), c.claim is not None)
        for c in effect.concerned
    ]
    note(db, by=by, act="preview", about=f"session:{occurrence}", now=look.now)
    ways = [p.way for p, _booked in people if p.reachable]
    booked = sum(b for _p, b in people)
    _, content, words = look.words._, look.content, look.words
    after = effect.after
    return PreviewPage(
        title=_("Check before you move it")
        if kind is ChangeKind.MOVE
        else _("Check before you cancel it"),
        frame=frame_of(db, by),
        id=occurrence,
        kind=kind.value,
        name=telling.name(effect.before, content, words),
        was=_where_and_when(look, effect.before),
        will_be=_where_and_when(look, after) if kind is ChangeKind.MOVE else "",
        booked=booked,
        followers=len(people) - booked,
        by_channel=tuple((channel_name(look, w), ways.count(w)) for w in on if w in ways),
        unreachable=tuple(p for p, _booked in people if not p.reachable),
        texts=texts_of(
            look,
            people,
            lambda voice, words, booked: change_text(
                effect.change, effect.after, voice, words, booked=booked
            ),
        ),
        fields=form.fields(),
    )


def make_change(
    db: Session,
    look: Look,
    occurrence: str,
    kind: ChangeKind,
    typed: Mapping[str, str],
    by: str,
) -> int:
    """The id of the change. Raises as `preview_page` does."""
    form = ChangeForm.read(typed, look, kind=kind, slot=_slot(db, occurrence))
    change = changing.make(
        db, form.draft(occurrence, look),
        by=by, content=look.content, now=look.now, zone=look.zone,
    )  # fmt: skip
    return change.id


async def _again(request: web.Request, refused: FormRefusedError) -> web.Response:
    look, page = await read(
        request, form_page, session_id(request), _kind(request), name_of_staff(request),
        refused.faults, refused.typed,
    )  # fmt: skip
    return render(request, look, page, status=400)


def texts_of(
    look: Look, people: list[tuple[Person, bool]], say: Callable[[Voice, Words, bool], Markup]
) -> tuple[Text, ...]:
    """Each wording that somebody will read, once. People come with whether they booked."""
    tags = [x.tag for x in look.languages]
    wanted = dict.fromkeys(
        (p.lang if p.lang in tags else "en", booked)
        for p, booked in sorted(people, key=lambda pair: not pair[1])
    )
    voice = Voice(look.content, lambda tag: Words(tag, look.zone).on(look.now), look.address)
    _ = look.words._
    texts = []
    for lang, booked in wanted:
        words = voice.words(lang)
        who = _("To those who booked") if booked else _("To those who follow it")
        name = language_name(look, lang)
        texts.append(
            Text(
                heading=f"{who} · {name}" if name else who,
                lang=words.lang,
                direction=words.direction,
                text=say(voice, words, booked),
            )
        )
    return tuple(texts)


def _where_and_when(look: Look, slot: Slot) -> str:
    return look.words._("%(when)s, %(place)s") % {
        "when": telling.when(slot, look.words, today=look.today),
        "place": telling.place(slot, look.content, look.words),
    }


def _slot(db: Session, occurrence: str) -> Slot:
    slot = find_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    return slot


def _kind(request: web.Request) -> ChangeKind:
    return ChangeKind(request.match_info["kind"])
