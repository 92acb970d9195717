"""Short forms in a talk: one question at a time, answered by typing or by a button.

A question in the middle of a form is answered, and the form waits with "Carry on". A form ends by
its own last step, by "Never mind", or when another one is opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.conversation.talk import Form
from bot.conversation.turn import INTENTS, Turn, act
from bot.core.errors import PlannedError, Translate
from bot.outbox.message import Button
from bot.understanding.reading import Reading

#: Above this we trust that a message in the middle of a form asks for something else.
SURE_ENOUGH = 0.75
_ANSWERS = frozenset(
    {"affirm", "deny", "greeting", "thanks", "unclear", "out_of_scope", "update_details"}
)


class FormRefusedError(PlannedError):
    """An answer that can't be used, with a sentence that says what is wanted."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self._sentence = sentence

    def sentence(self, _: Translate) -> str:
        return self._sentence


@dataclass(frozen=True)
class Field:
    """One question. `choices` are value and label of its buttons; `read` gives the clean value."""

    name: str
    ask: Callable[[Turn, Form], Markup | str]
    read: Callable[[Turn, str, Reading | None], str]
    choices: Callable[[Turn, Form], list[tuple[str, str]]] = lambda _turn, _form: []
    wanted: Callable[[Turn, Form], bool] = lambda _turn, _form: True
    free_text: bool = False  # anything typed is an answer


@dataclass(frozen=True)
class FormKind:
    """A form: its questions, what is shown to check, and what finishing does."""

    name: str
    fields: tuple[Field, ...]
    finish: Callable[[Turn, Form], None]
    review: Callable[[Turn, Form], None] | None = None
    leave: Callable[[Turn, Form], None] | None = None  # lets go of what it held


KINDS: dict[str, FormKind] = {}


def define(kind: FormKind) -> FormKind:
    KINDS[kind.name] = kind
    return kind


def begin(turn: Turn, name: str, known: Mapping[str, str] | None = None, /, **about: Any) -> None:
    """Open a form and ask its first question that isn't `known`. An open one is let go."""
    close(turn)
    answers = dict(known or {})
    turn.talk.form = Form(name=name, about=about, answers=answers, key=secrets.token_urlsafe(9))
    _next(turn, turn.talk.form)


def close(turn: Turn) -> None:
    """Leave the open form, if any, and let go of what it held."""
    form = turn.talk.form
    turn.talk.form = None
    if form is not None and form.name in KINDS:
        leave = KINDS[form.name].leave
        if leave is not None:
            leave(turn, form)


def answer(turn: Turn, text: str, reading: Reading | None) -> bool:
    """Take typed text as the answer to the open question. False where it asks for something else."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        return False
    kind = KINDS[form.name]
    if text.strip().casefold() in _leaving_words(turn):
        _never_mind(turn, {})
        return True
    if form.step == "":  # the check: a yes finishes, anything else is read as usual
        if reading is not None and reading.intent == "affirm":
            done(turn, {"key": form.key})
            return True
        if reading is not None and reading.intent == "deny":
            _never_mind(turn, {})
            return True
        _interrupted(turn, reading)
        return True
    field = next(f for f in kind.fields if f.name == form.step)
    asks = reading is not None and _asks_something(text, reading)
    if asks and not field.free_text:
        try:
            value = field.read(turn, text, reading)
        except FormRefusedError:
            _interrupted(turn, reading)
            return True
        if reading is not None and "?" in text and field.name == "name":
            _interrupted(turn, reading)
            return True
    else:
        try:
            value = field.read(turn, _labelled(turn, field, form, text), reading)
        except FormRefusedError as refused:
            turn.say(refused.sentence(turn._))
            _put(turn, form, field)
            return True
    form.answers[field.name] = value
    _next(turn, form)
    return True


@act("answer")
def chosen(turn: Turn, args: Mapping[str, Any]) -> None:
    """A button under a question. An old one shows the question that is open now."""
    form = turn.talk.form
    if form is None or form.key != args["key"]:
        turn.say(turn._("That question is closed. What would you like to do?"))
        return
    field = next((f for f in KINDS[form.name].fields if f.name == args["step"]), None)
    if field is None:
        ask_again(turn, {})
        return
    turn.toast = str(args.get("shown", ""))
    form.answers[field.name] = field.read(turn, str(args["value"]), None)
    _next(turn, form)


@act("form_done")
def done(turn: Turn, args: Mapping[str, Any]) -> None:
    """The last button. Tapping it twice finishes once."""
    form = turn.talk.form
    if form is None or form.key != args["key"]:
        turn.say(turn._("That is done already, or was left. You can see it in “My bookings”."),
                 (turn.button(turn._("My bookings"), "my_bookings"),))  # fmt: skip
        return
    turn.talk.form = None
    KINDS[form.name].finish(turn, form)


@act("form_change")
def change(turn: Turn, args: Mapping[str, Any]) -> None:
    """Answer one question again, then come back to the check."""
    form = turn.talk.form
    if form is None or form.key != args["key"]:
        turn.say(turn._("That question is closed. What would you like to do?"))
        return
    form.answers.pop(str(args["field"]), None)
    form.about["changed"] = [*form.about.get("changed", []), str(args["field"])]
    _next(turn, form)


@act("never_mind")
def _never_mind(turn: Turn, _args: Mapping[str, Any]) -> None:
    close(turn)
    turn.say(turn._("That's fine. Nothing was kept."))


@act("carry_on")
def ask_again(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Put the open question again."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        turn.say(turn._("That question is closed. What would you like to do?"))
        return
    _next(turn, form)


def check_rows(
    turn: Turn, form: Form, yes: str, *fields: tuple[str, str]
) -> list[tuple[Button, ...]]:
    """Buttons below a check: do it, change an answer, leave."""
    rows: list[tuple[Button, ...]] = [(turn.button(yes, "form_done", key=form.key),)]
    rows += [
        (turn.button(label, "form_change", key=form.key, field=name),) for name, label in fields
    ]
    rows.append((turn.button(turn._("Never mind"), "never_mind"),))
    return rows


def _next(turn: Turn, form: Form) -> None:
    kind = KINDS[form.name]
    for field in kind.fields:
        if field.name not in form.answers and field.wanted(turn, form):
            form.step = field.name
            _put(turn, form, field)
            return
    form.step = ""
    if kind.review is not None:
        kind.review(turn, form)
    else:
        turn.talk.form = None
        kind.finish(turn, form)


def _put(turn: Turn, form: Form, field: Field) -> None:
    rows = [
        (turn.button(label, "answer", key=form.key, step=field.name, value=value, shown=label),)
        for value, label in field.choices(turn, form)
    ]
    turn.plain = True
    turn.say(
        field.ask(turn, form), *rows,
        (turn.button(turn._("Never mind"), "never_mind"), turn.button(turn._("Urgent help"), "urgent")),
    )  # fmt: skip


def _interrupted(turn: Turn, reading: Reading | None) -> None:
    """Answer the question that came in the middle, and keep the form in reach."""
    form = turn.talk.form
    work = INTENTS.get(reading.intent) if reading is not None else None
    if reading is None or work is None or reading.intent in _ANSWERS:
        ask_again(turn, {})
        return
    work(turn, reading.wish)
    if turn.talk.form is form:
        turn.say(
            turn._("Shall we carry on where we were?"),
            (turn.button(turn._("Carry on"), "carry_on"),
             turn.button(turn._("Never mind"), "never_mind")),
        )  # fmt: skip


def _asks_something(text: str, reading: Reading) -> bool:
    return (
        reading.intent not in _ANSWERS
        and reading.sure >= SURE_ENOUGH
        and (len(text.split()) > 2 or "?" in text)
    )


def _labelled(turn: Turn, field: Field, form: Form, text: str) -> str:
    """What was typed, or the value of the button whose label was typed."""
    typed = text.strip().casefold()
    for value, label in field.choices(turn, form):
        if typed == label.casefold():
            return value
    return text


def _leaving_words(turn: Turn) -> set[str]:
    return {"cancel", "never mind", "nevermind", "stop this", "back", "quit",
            turn._("Never mind").casefold(), turn._("cancel").casefold()}  # fmt: skip
