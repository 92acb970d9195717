"""Takes one turn, whole, in the transaction it is given."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.bookings.rules import (
    AgeRefusedError,
    ClashError,
    OccurrenceFullError,
    TooManyCoursesError,
)  # fmt: skip
from bot.conversation import anywhere, buttons, commonwords, correcting, flows, forms
from bot.conversation.flows import (
    along,
    booking,
    calls,
    cancelling,
    children,
    family,
    hinting,
    instead,
    menu,
    mine,
    paging,
    privacy,
    registering,
    removing,
    safety,
    searching,
    story,
    unsure,
    waiting,
)  # fmt: skip
from bot.conversation.flows import settings as language
from bot.conversation.incoming import Incoming, Kind, Reply, TurnResult
from bot.conversation.talk import keep_talk, open_talk
from bot.conversation.turn import COMMANDS, INTENTS, Desk, Turn, wishes
from bot.core.errors import PlannedError
from bot.families import service as families
from bot.families.models import Adult
from bot.families.rules import AddressState, AdultState
from bot.inbox import queries as inbox_queries
from bot.inbox import service as inbox
from bot.outbox import queries as outbox_queries
from bot.outbox import service as outbox
from bot.outbox.message import Message
from bot.understanding.reading import Reading

flows.register()

_HAS_ALTERNATIVES = (
    AgeRefusedError, ClashError, OccurrenceFullError, TooManyCoursesError
)  # fmt: skip
_SHOWN_BY_PAGE = "web"  # the page reads its messages itself: nothing is sent


def take_turn(
    db: Session, incoming: Incoming, reading: Reading | None, *, desk: Desk, now: datetime
) -> TurnResult:
    """Do what one message, tap or command asks for, once; the stored answer where it came before.

    `reading` is what the text was read to mean, None where there is none. Writes the person, the
    talk, the effects, the replies and the end of the inbox row.
    """
    inbox_id = _take_in(db, incoming, now)
    if inbox_id is None:
        return _stored_answer(db, incoming)
    sender = incoming.sender
    if incoming.kind in (Kind.BLOCKED, Kind.UNBLOCKED):
        blocked = incoming.kind is Kind.BLOCKED
        families.set_address_state(
            db, channel=sender.channel, key=sender.external,
            state=AddressState.GONE if blocked else AddressState.WORKING,
        )  # fmt: skip
        return TurnResult()
    adult = families.welcome(
        db, channel=sender.channel, key=sender.external, lang=_offered(desk, sender.lang), now=now
    )
    if adult.state is AdultState.STOPPED:
        adult.state = AdultState.ACTIVE  # writing to us again is wanting to be answered
    conversation, talk = open_talk(db, adult, now=now)
    turn = Turn(
        db=db, desk=desk, adult=adult, talk=talk, incoming=incoming,
        words=desk.words(adult.lang).on(now), now=now,
    )  # fmt: skip
    answer(turn, reading)
    # Two chats that became one go on as another adult, whose talk is another row.
    ended = turn.adult is not adult or adult.state is AdultState.ERASED
    replies = _post(turn, turn.adult, inbox_id)
    keep_talk(db, conversation, None if ended else talk, now=now)
    db.flush()
    return TurnResult(replies=tuple(replies), hide=tuple(turn.hide), toast=turn.toast)


def _take_in(db: Session, incoming: Incoming, now: datetime) -> int | None:
    """The inbox row of this turn, taken with it; None where it was taken before."""
    if incoming.inbox_id is not None:
        return incoming.inbox_id if inbox.take(db, incoming.inbox_id, now=now) else None
    sender = incoming.sender
    return inbox.take_form(
        db, channel=sender.channel, external_id=_form_id(incoming), person=sender.external, now=now
    )


def _stored_answer(db: Session, incoming: Incoming) -> TurnResult:
    row_id = incoming.inbox_id
    if row_id is None:
        channel, key = incoming.sender.channel, _form_id(incoming)
        row_id = inbox_queries.known(db, channel=channel, external_id=key) or 0
    kept = [r for r in outbox_queries.replies_to(db, row_id) if r.sealed is not None]
    return TurnResult(
        replies=tuple(Reply(r.id, Message.from_json(r.private)) for r in kept), repeated=True
    )


def answer(turn: Turn, reading: Reading | None) -> Reading | None:
    """Danger first; then do what was tapped, commanded, answered or asked for, or say why not.
    What the text was read to mean in this talk."""
    if reading is not None:
        if anywhere.heed_first(turn):
            return reading
        reading = turn.desk.resolve(reading, tuple(turn.talk.turns))
        if safety.heed(turn, reading):
            return reading
    try:
        _act(turn, reading)
    except PlannedError as refused:
        _refuse(turn, refused)
    return reading


def _act(turn: Turn, reading: Reading | None) -> None:
    """Raises PlannedError."""
    incoming = turn.incoming
    answered = incoming.album != "" and incoming.album == turn.talk.album
    turn.talk.album = incoming.album
    match incoming.kind:
        case Kind.TAP:
            buttons.tap(turn, incoming.text)
        case Kind.COMMAND:
            _command(turn, incoming.text, incoming.argument)
        case Kind.FILE if answered:  # one album, one answer
            pass
        case Kind.FILE:  # its words were heeded above; the rest can't be opened
            menu.no_files(turn)
        case Kind.LOCATION:
            searching.near_me(turn, incoming.point)
        case Kind.CONTACT if turn.talk.form is not None:
            forms.answer(turn, incoming.text, None)
        case _ if reading is not None:
            _read(turn, reading)
        case _:
            menu.show(turn)


def _command(turn: Turn, name: str, argument: str) -> None:
    if name.lower() != "urgent":
        forms.close(turn)
    COMMANDS.get(name.lower(), COMMANDS["menu"])(turn, argument)


def _read(turn: Turn, reading: Reading) -> None:
    """What was typed: words that act from anywhere, an answer put right, a button on the screen, an
    answer to the open question, or a wish."""
    text, reading = commonwords.heard(turn, reading)
    booking.hear(turn, reading)
    if anywhere.heed(turn) or unsure.soothe(turn, reading) or correcting.heed(turn, reading):
        return
    if buttons.typed(turn, reading):
        _asked_with_a_yes(turn, reading)
    elif turn.talk.form is None:
        _follow(turn, reading)
    elif _about_a_turn(turn, reading) or not forms.answer(turn, text, reading):
        forms.aside(turn, partial(_follow, turn, reading))
    else:
        _asked_with_a_yes(turn, reading)


def _asked_with_a_yes(turn: Turn, reading: Reading) -> None:
    """The question in "yes please, and what do I bring": about what the yes has done."""
    asked = next((wish for wish in reading.also if wish.intent == "session_detail"), None)
    if reading.intent == "affirm" and asked is not None and turn.talk.form is None:
        asking = dataclasses.replace(reading, wish=asked, also=(), delta=asked.slots)
        told = turn.desk.resolve(asking, tuple(turn.talk.turns))
        INTENTS["session_detail"](turn, told.wish)


def _about_a_turn(turn: Turn, reading: Reading) -> bool:
    """Whether it is about a waiting list and not an answer, which a message to staff may be."""
    field = forms.open_field(turn)
    staffs = field is not None and field.name == "text"
    return not staffs and (waiting.concerns(reading) or story.concerns(reading))


def _follow(turn: Turn, reading: Reading) -> None:
    """Answer what was meant: every wish in the message, or what we are unsure between."""
    text = turn.incoming.text
    if mine.open_by_code(turn, text) or family.open_by_code(turn, text):
        return
    if unsure.heed(turn, reading):
        return
    if along.heed(turn, reading) or calls.heed(turn, reading):
        return
    if (
        family.heed(turn, text)
        or removing.heed(turn, text, reading)
        or children.heed(turn, text, reading)
    ):
        return
    if (
        privacy.heed(turn, reading)
        or registering.heed(turn, reading)
        or hinting.heed(turn, reading)
    ):
        return
    if waiting.heed(turn, reading) or story.heed(turn, reading) or cancelling.heed(turn, reading):
        return
    if language.heed(turn, reading) or paging.heed(turn, reading):
        return
    if reading.intent == "unclear":
        unsure.ask(turn, reading)
        return
    turn.talk.unsure = 0
    reading = searching.at_home(turn, reading)
    first, *others = wishes(reading)
    INTENTS.get(first.intent, unsure.no_answer)(turn, first)
    for wish in others:  # the questions of a form that is open by now come last
        work = partial(INTENTS.get(wish.intent, unsure.no_answer), turn, wish)
        if turn.talk.form is None or turn.aside:
            work()
        else:
            forms.aside(turn, work)
    if reading.offers:
        unsure.did_you_mean(turn, reading)


def _refuse(turn: Turn, refused: PlannedError) -> None:
    """Say why not, in one sentence. What the act had written stays undone: services refuse first."""
    turn.say(refused.sentence(turn._))
    if isinstance(refused, _HAS_ALTERNATIVES):
        instead.offer_others(turn, refused)


def _post(turn: Turn, adult: Adult, inbox_id: int) -> list[Reply]:
    by_page = turn.channel == _SHOWN_BY_PAGE
    # The last word to somebody who was just erased is said, not kept.
    keep = adult.state is not AdultState.ERASED
    typed = turn.incoming.text if turn.incoming.kind is Kind.TEXT else turn.toast
    replies = []
    for n, answer in enumerate(turn.answers()):
        echoes = by_page and n == 0 and not turn.dangerous
        message = dataclasses.replace(answer, said=typed) if echoes else answer
        row_id, message = outbox.post_reply(
            turn.db, message, to=adult.id, channel=turn.channel, key=f"reply:{inbox_id}:{n}",
            now=turn.now, inbox_id=inbox_id, shown=by_page, keep=keep,
        )  # fmt: skip
        if turn.dangerous:
            turn.talk.danger.append(row_id)
        replies.append(Reply(row_id, message))
    return replies


def _form_id(incoming: Incoming) -> str:
    """The inbox's id of what did not come through it."""
    return f"{incoming.sender.external[:20]}:{incoming.key}"[:64]


def _offered(desk: Desk, lang: str) -> str:
    short = lang.split("-", maxsplit=1)[0].lower()
    return short if short in desk.languages else "en"
