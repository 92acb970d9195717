"""Short forms in a talk: one question at a time, answered by typing or by a button.

A question in the middle of a form is answered, and the form waits with "Carry on". What a form
can't use twice is read as any other message. A form ends by its own last step, by "Never mind", by
a button that leads elsewhere, or when another one is opened; a place that it kept is let go of, and
that is said. Corrections are in `correcting`.
"""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.conversation import sayings
from bot.conversation.formwords import (
    ANSWERS,
    LEAVING,
    LONGEST_QUESTION,
    NEVER_MIND,
    SMALL_TALK,
    asks_something,
    asks_why,
    names_time,
    orders,
    yes_or_no,
)
from bot.conversation.formwords import plain as plain  # noqa: PLC0414  # here for all who read forms
from bot.conversation.talk import Form
from bot.conversation.turn import INTENTS, Turn, act, wishes
from bot.core.errors import PlannedError, Translate
from bot.outbox.message import Button
from bot.understanding.reading import Reading


class FormRefusedError(PlannedError):
    """An answer that can't be used, with a sentence that says what is wanted.

    `choices` are what it may have meant, as values and labels of buttons; `near` says that it was
    meant for an answer.
    """

    def __init__(
        self, sentence: str, choices: Sequence[tuple[str, str]] = (), *, near: bool = False
    ) -> None:
        super().__init__(sentence)
        self._sentence = sentence
        self.choices = choices
        self.near = near or bool(choices)

    def sentence(self, _: Translate) -> str:
        return self._sentence


@dataclass(frozen=True)
class Field:
    """One question. `choices` are value and label of its buttons; `read` gives the clean value.

    `told` says whether a message gives the answer in so many words, whatever is asked just now;
    `called` is a pattern of what a parent calls it.
    """

    name: str
    ask: Callable[[Turn, Form], Markup | str]
    read: Callable[[Turn, str, Reading | None], str]
    choices: Callable[[Turn, Form], list[tuple[str, str]]] = lambda _turn, _form: []
    wanted: Callable[[Turn, Form], bool] = lambda _turn, _form: True
    free_text: bool = False  # anything typed is an answer
    told: Callable[[Turn, Form, str, Reading], bool] = lambda _turn, _form, _text, _reading: False
    called: str = ""
    timed: bool = False  # a time is awaited, which no question is
    apart: Callable[[str], str] = lambda _text: ""  # the answer alone, of what tells of danger too


@dataclass(frozen=True)
class FormKind:
    """A form: its questions, what is shown to check, and what finishing does."""

    name: str
    fields: tuple[Field, ...]
    finish: Callable[[Turn, Form], None]
    review: Callable[[Turn, Form], None] | None = None
    leave: Callable[[Turn, Form], None] | None = None  # lets go of what it held
    changes: Callable[[Turn], list[tuple[str, str]]] | None = None  # fields and labels at the check
    yields: bool = False  # holds nothing: what is no answer leaves it, and is read as usual


KINDS: dict[str, FormKind] = {}


def define(kind: FormKind) -> FormKind:
    KINDS[kind.name] = kind
    return kind


def begin(turn: Turn, name: str, known: Mapping[str, str] | None = None, /, **about: Any) -> None:
    """Open a form and ask its first question that isn't `known`. An open one is let go."""
    leave(turn)
    answers = dict(known or {})
    turn.talk.form = Form(name=name, about=about, answers=answers, key=secrets.token_urlsafe(9))
    go_on(turn, turn.talk.form)


def close(turn: Turn) -> None:
    """Leave the open form for something else, saying so where it held a place.

    Where that is only a question in the middle of it, the form stays open: see `aside`.
    """
    if not turn.aside and leave(turn):
        turn.say(turn._("I've let go of the place that I was keeping for you."))


def leave(turn: Turn) -> bool:
    """Leave the open form, if any, and let go of what it held; whether it held something."""
    form = turn.talk.form
    turn.talk.form = None
    let_go = KINDS[form.name].leave if form is not None and form.name in KINDS else None
    if form is None or let_go is None:
        return False
    let_go(turn, form)
    return True


def aside(turn: Turn, work: Callable[[], None]) -> None:
    """Do something in the middle of an open form, which waits with "Carry on"."""
    form = turn.talk.form
    said = len(turn.said)
    turn.aside = form is not None  # what was no answer may have left it
    work()
    turn.aside = False
    if form is None or turn.dangerous:
        return
    if turn.talk.form is form:
        _keep_in_reach(turn, form)
    elif turn.talk.form is not None and turn.talk.form.name != form.name:
        text = turn._("We've left the questions from before. Nothing of them was kept.")
        turn.say_before(said, text)


def answer(turn: Turn, text: str, reading: Reading | None) -> bool:
    """Take typed text as the answer to the open question. False where it asks for something else
    that only a whole reading can tell."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        turn.talk.form = None
        return False
    kind = KINDS[form.name]
    typed = plain(text)
    if NEVER_MIND.fullmatch(typed) or LEAVING.fullmatch(typed) or typed in _leaving_words(turn):
        _never_mind(turn, {})
        return True
    said = reading.intent if reading is not None else ""
    if typed == plain(turn._("Carry on")) or (form.waiting and said == "affirm"):
        ask_again(turn, {})
        return True
    if (form.waiting or form.step == "") and said == "deny":
        _never_mind(turn, {})
        return True
    if form.step == "":  # the check: a yes finishes, anything else is read as usual
        if said == "affirm":
            done(turn, {"key": form.key})
        else:
            _interrupted(turn, reading)
        return True
    field = next(f for f in kind.fields if f.name == form.step)
    if asks_why(text, reading):
        _say_why(turn, form, field)
        return True
    return _answer(turn, form, field, text, reading)


def _answer(turn: Turn, form: Form, field: Field, text: str, reading: Reading | None) -> bool:
    asks = asks_something(text, reading, waiting=form.waiting)
    if field.free_text:  # anything will do but a plain order, or a question where none is awaited
        short = len(text.split()) <= LONGEST_QUESTION and field.name != "text"
        answers = field.timed and names_time(text, reading)
        question = text.rstrip().endswith("?") or (field.timed and yes_or_no(text))
        asks = not answers and (orders(text, reading) or (asks and short and question))
    yields = KINDS[form.name].yields and reading is not None and reading.intent != "affirm"
    if asks and yields:
        return leave(turn)
    asks = asks or (field.name == "name" and text.rstrip().endswith("?"))
    if asks and (field.free_text or field.name == "name"):
        return _interrupted(turn, reading)
    try:
        value = field.read(turn, _labelled(turn, field, form, text), reading)
    except FormRefusedError as refused:
        if yields and not refused.near:
            return leave(turn)
        if asks and not refused.near:
            return _interrupted(turn, reading)
        form.missed += not refused.near
        if form.missed > 1 and reading is not None and reading.intent not in SMALL_TALK:
            form.missed = 0
            return False
        turn.say(refused.sentence(turn._))
        put(turn, form, field, refused.choices)
        return True
    form.missed = 0
    form.answers[field.name] = value
    go_on(turn, form)
    return True


def keep_apart(turn: Turn, text: str) -> None:
    """Keep the answer in a message that brings the card, and nothing of what was told with it."""
    form, field = turn.talk.form, open_field(turn)
    if form is not None and field is not None and (answer := field.apart(text)):
        form.answers[field.name] = answer
        form.about["apart"] = field.name


def open_field(turn: Turn) -> Field | None:
    """The question that is open, None where there is none or everything is answered."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        return None
    return next((f for f in KINDS[form.name].fields if f.name == form.step), None)


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
    go_on(turn, form)


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
    reopen(form, str(args["field"]))
    go_on(turn, form)


def reopen(form: Form, field: str) -> None:
    """Ask for an answer again, also where we could know it."""
    form.answers.pop(field, None)
    form.about["changed"] = [*form.about.get("changed", []), field]
    form.step = field


@act("never_mind")
def _never_mind(turn: Turn, _args: Mapping[str, Any]) -> None:
    form = turn.talk.form
    changes = form is not None and form.name in KINDS and KINDS[form.name].yields
    leave(turn)
    nothing = turn._("That's fine. Nothing was kept.")
    turn.say(turn._("That's fine. Nothing has changed.") if changes else nothing)


@act("carry_on")
def ask_again(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Put the open question again."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        turn.say(turn._("That question is closed. What would you like to do?"))
        return
    go_on(turn, form)


def go_on(turn: Turn, form: Form) -> None:
    """Ask the next question that is open, else show the check, else finish."""
    kind = KINDS[form.name]
    form.waiting = False
    for field in kind.fields:
        if field.name not in form.answers and field.wanted(turn, form):
            form.step = field.name
            put(turn, form, field)
            return
    form.step = ""
    if kind.review is not None:
        kind.review(turn, form)
    else:
        turn.talk.form = None
        kind.finish(turn, form)


def put(turn: Turn, form: Form, field: Field, choices: Sequence[tuple[str, str]] = ()) -> None:
    """Ask a question, with its buttons, or with those of what an answer may have meant."""
    rows = [
        (turn.button(label, "answer", key=form.key, step=field.name, value=value, shown=label),)
        for value, label in choices or field.choices(turn, form)
    ]
    turn.plain = True
    turn.say(
        field.ask(turn, form), *rows,
        (turn.button(turn._("Never mind"), "never_mind"), turn.button(turn._("Urgent help"), "urgent")),
    )  # fmt: skip


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


def _keep_in_reach(turn: Turn, form: Form) -> None:
    """After something else was asked. A yes or a no belongs to whichever question stands last: the
    form's own, the one that was just put, or else whether to carry on."""
    turn.plain = False
    field = open_field(turn)
    if field is not None and any(value == "no" for value, _ in field.choices(turn, form)):
        put(turn, form, field)
        return
    form.waiting = True
    carry_on = turn.button(turn._("Carry on"), "carry_on")
    last = turn.said[-1] if turn.said else None
    if last is not None and any(b.act in sayings.QUESTIONS for row in last.rows for b in row):
        turn.said[-1] = dataclasses.replace(last, rows=(*last.rows, (carry_on,)))
        return
    turn.say(turn._("Shall we carry on where we were?"),
             (carry_on, turn.button(turn._("Never mind"), "never_mind")))  # fmt: skip


def _interrupted(turn: Turn, reading: Reading | None) -> bool:
    """Answer the question that came in the middle, and keep the form in reach. False where it was
    not understood."""
    if reading is not None and reading.intent == "unclear" and "?" in turn.incoming.text:
        return False
    if reading is None or reading.intent not in INTENTS or reading.intent in ANSWERS:
        ask_again(turn, {})
        return True

    def both() -> None:
        for wish in wishes(reading):
            INTENTS.get(wish.intent, INTENTS[reading.intent])(turn, wish)

    aside(turn, both)
    return True


def _say_why(turn: Turn, form: Form, field: Field) -> None:
    turn.say(
        turn._("We ask only for what we need to do this for you. Our team sees it, and you can "
               "have it deleted at any time."),
        (turn.button(turn._("How we use your information"), "privacy"),),
    )  # fmt: skip
    put(turn, form, field)


def _labelled(turn: Turn, field: Field, form: Form, text: str) -> str:
    """What was typed, or the value of the button whose label was typed."""
    typed = text.strip().casefold()
    choices = field.choices(turn, form)
    for value, label in choices:
        if typed == label.casefold():
            return value
    at = sayings.pointed(sayings.plain(typed))
    numbers = any(re.search(r"\d", label) for _, label in choices)  # "2" is an age, or how many
    if at and at <= len(choices) and not (numbers and typed.isdigit()):
        return choices[at - 1 if at > 0 else -1][0]
    return text


def _leaving_words(turn: Turn) -> set[str]:
    return {plain(turn._("Never mind")), plain(turn._("cancel"))}
