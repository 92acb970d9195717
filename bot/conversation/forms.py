"""Short forms in a talk: one question at a time, answered by typing or by a button.

A question in the middle of a form is answered, and the form waits with "Carry on". A form ends by
its own last step, by "Never mind", by a button that leads elsewhere, or when another one is opened;
a place that it kept is let go of, and that is said.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.conversation import sayings
from bot.conversation.talk import Form
from bot.conversation.turn import INTENTS, Turn, act
from bot.core.errors import PlannedError, Translate
from bot.outbox.message import Button
from bot.understanding.reading import Reading

#: Above this we trust that a message in the middle of a form asks for something else.
SURE_ENOUGH = 0.75
_OH = r"(?:actually |sorry |oh |no |ok |okay |please )*"
_PLEASE = r"(?: please| thanks| thank you| now| actually| sorry)*"
#: Words that leave a form and can mean nothing else, and others that do.
NEVER_MIND = re.compile(
    rf"{_OH}(?:never ?mind|cancel(?: this| that| it)?|(?:i've |i have |i )changed my mind){_PLEASE}"
)
_LEAVING = re.compile(
    rf"{_OH}(?:stop (?:this|that|it)|back|go back|quit|exit|forget (?:it|this|that)|leave it"
    rf"|i (?:don't|do not|dont) want (?:to|this|it)(?: any ?more)?){_PLEASE}"
)
_ANSWERS = frozenset(
    {"affirm", "deny", "greeting", "thanks", "unclear", "out_of_scope", "update_details"}
)


class FormRefusedError(PlannedError):
    """An answer that can't be used, with a sentence that says what is wanted.

    `choices` are what it may have meant, as values and labels of buttons.
    """

    def __init__(self, sentence: str, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence)
        self._sentence = sentence
        self.choices = choices

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
    leave(turn)
    answers = dict(known or {})
    turn.talk.form = Form(name=name, about=about, answers=answers, key=secrets.token_urlsafe(9))
    _next(turn, turn.talk.form)


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
    turn.aside = True
    work()
    turn.aside = False
    if form is None or turn.dangerous:
        return
    if turn.talk.form is form:
        form.waiting, turn.plain = True, False
        turn.say(
            turn._("Shall we carry on where we were?"),
            (turn.button(turn._("Carry on"), "carry_on"),
             turn.button(turn._("Never mind"), "never_mind")),
        )  # fmt: skip
    elif turn.talk.form is not None and turn.talk.form.name != form.name:
        turn.say(turn._("We've left the questions from before. Nothing of them was kept."))
        turn.said.insert(said, turn.said.pop())


def answer(turn: Turn, text: str, reading: Reading | None) -> bool:
    """Take typed text as the answer to the open question. False where it asks for something else."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        return False
    kind = KINDS[form.name]
    typed = plain(text)
    if NEVER_MIND.fullmatch(typed) or _LEAVING.fullmatch(typed) or typed in _leaving_words(turn):
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
    asks = reading is not None and _asks_something(text, reading, waiting=form.waiting)
    if asks and not field.free_text and field.name == "name":
        _interrupted(turn, reading)  # to whoever asks for a name, anything looks like one
        return True
    try:
        value = field.read(turn, _labelled(turn, field, form, text), reading)
    except FormRefusedError as refused:
        if asks and not field.free_text and not refused.choices:
            _interrupted(turn, reading)
            return True
        turn.say(refused.sentence(turn._))
        _put(turn, form, field, refused.choices)
        return True
    form.answers[field.name] = value
    _next(turn, form)
    return True


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
    leave(turn)
    turn.say(turn._("That's fine. Nothing was kept."))


@act("carry_on")
def ask_again(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Put the open question again."""
    form = turn.talk.form
    if form is None or form.name not in KINDS:
        turn.say(turn._("That question is closed. What would you like to do?"))
        return
    _next(turn, form)


def plain(text: str) -> str:
    """Small letters, one kind of apostrophe, no commas and no punctuation around."""
    flat = text.casefold().replace("’", "'").replace(",", " ")
    return " ".join(flat.split()).strip(' .!?…"“”')


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
    form.waiting = False
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


def _put(turn: Turn, form: Form, field: Field, choices: Sequence[tuple[str, str]] = ()) -> None:
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


def _interrupted(turn: Turn, reading: Reading | None) -> None:
    """Answer the question that came in the middle, and keep the form in reach."""
    work = INTENTS.get(reading.intent) if reading is not None else None
    if reading is None or work is None or reading.intent in _ANSWERS:
        ask_again(turn, {})
        return
    aside(turn, lambda: work(turn, reading.wish))


def _asks_something(text: str, reading: Reading, *, waiting: bool) -> bool:
    """Whether a message plainly asks for something. Where the form waits, a word may be enough."""
    return (
        reading.intent not in _ANSWERS
        and reading.sure >= SURE_ENOUGH
        and (waiting or len(text.split()) > 2 or "?" in text)
    )


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
