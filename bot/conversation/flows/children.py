"""My children: tell us of one or several, correct, take off the list. By buttons and by typing.

We ask for no name. Taking a child off is asked once; of an expected baby we never ask why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from bot.conversation import forms
from bot.conversation.childwords import (
    age_words,
    child_words,
    expected,
    how_many,
    is_about,
    names_in,
    typed_day,
)
from bot.conversation.flows.ages import child_choices, read_child
from bot.conversation.forms import Field, FormKind, FormRefusedError, define
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act
from bot.families import children as service
from bot.families import queries
from bot.families.models import Child
from bot.families.rules import age_in_months
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_MOST_AT_ONCE = 4
_OLDEST_MONTHS = 19 * 12  # a typing slip, not a child, beyond this
_MONTHS_AHEAD = 9
_NO_NAME = "-"
_LIST = re.compile(r"(show |see |who are )?(my|our) (children|child|kids?|family list)[?.!]*", re.I)
_ADD = re.compile(r"\b(add|new|another|also have)\b", re.I)
CHILD = re.compile(r"\b(child|children|baby|babies|kids?|son|daughter|twins?|triplets)\b", re.I)
_BORN = re.compile(r"\b(born|birthday|due|expecting|pregnant)\b", re.I)
_EXPECTING = re.compile(r"\b(expecting|due|pregnant)\b", re.I)
#: Nothing but the fact, however the sentence may be read: it asks for no session.
_FACT = re.compile(
    r"((i have|i've got|we have|we've got|my|our)\b[^,.?!]{0,40}\b(born|due)\b[^,?!]{0,30}"
    r"|(i'm|i am|we're|we are) (expecting|having|pregnant with) (twins|triplets)[^,?!]{0,30})[.!]*",
    re.I,
)
#: A sentence about a child that is one of these asks for something else.
ASKS = frozenset({"whats_on", "session_detail", "book", "join_waiting_list", "topic",
                   "request_support", "cancel_booking", "my_bookings"})  # fmt: skip


@act("children")
def children(turn: Turn, _args: Mapping[str, Any]) -> None:
    show(turn)


def show(turn: Turn, head: str = "") -> None:
    """The list, with what can be done."""
    forms.close(turn)
    found = queries.children_of(turn.db, turn.adult.id)
    _, b = turn._, turn.button
    if found:
        text = paragraphs(
            head or None,
            Markup("<b>{}</b>").format(_("My children")),
            lines(*(f"• {child_words(turn, c)}" for c in found)),
        )
    else:
        text = paragraphs(
            head or None,
            _("There is nobody on your list yet. If you tell me of a child, I can show what "
              "suits their age. I need no name."),
        )  # fmt: skip
    turn.say(
        text,
        *[(b(child_words(turn, c), "child", n=c.id),) for c in found],
        (b(_("Add a child"), "child_add", many=1), b(_("Add twins or more"), "child_add", many=2)),
        (b(_("My family"), "family"),),
    )


@act("child")
def child(turn: Turn, args: Mapping[str, Any]) -> None:
    """One child, and what can be corrected."""
    forms.close(turn)
    found = own(turn, args)
    _, b, n = turn._, turn.button, found.id
    day = (
        [
            (
                b(_("The baby is here"), "child_day", n=n),
                b(_("Change the due date"), "child_due", n=n),
            )
        ]
        if expected(found)
        else [(b(_("Change the birthday"), "child_day", n=n),)]
    )
    name = _("Change the first name") if found.private.get("first_name") else _("Add a first name")
    turn.say(
        _told(turn, found),
        *day,
        (b(name, "child_name", n=n),),
        (b(_("Take off my list"), "child_remove", n=n), b(_("My children"), "children")),
    )


@act("child_add")
def add(turn: Turn, args: Mapping[str, Any]) -> None:
    many = int(args.get("many", 1))
    forms.begin(turn, "child", {} if many > 1 else {"many": "1"})


@act("child_name")
def change_name(turn: Turn, args: Mapping[str, Any]) -> None:
    forms.begin(turn, "child_name", n=own(turn, args).id)


@act("child_day")
def change_day(turn: Turn, args: Mapping[str, Any]) -> None:
    forms.begin(turn, "child_day", n=own(turn, args).id)


@act("child_due")
def change_due(turn: Turn, args: Mapping[str, Any]) -> None:
    forms.begin(turn, "child_due", n=own(turn, args).id)


def heed(turn: Turn, text: str, reading: Reading) -> bool:
    """Whether what was typed is about the list of children, and was done or begun."""
    said = f"{text} {reading.said}" if reading.said else text
    if _LIST.fullmatch(text.strip()) or text.strip().casefold() == turn._("My children").casefold():
        show(turn)
        return True
    asks = reading.intent in ASKS and not _FACT.fullmatch(text.strip())
    if asks or "?" in text or not CHILD.search(said):
        return False
    day = typed_day(turn, text) if _BORN.search(said) else None
    many = how_many(said)
    if day is not None and _plausible(turn, day):
        known = {"day": f"born:{day}" if day <= turn.today else f"due:{day}"}
    elif many > 1 and _EXPECTING.search(said):
        known = {"day": "due:"}
    elif _ADD.search(said) and reading.intent == "update_details":
        known = {}
    else:
        return False
    forms.begin(turn, "child", {"many": str(many), **known})
    return True


def own(turn: Turn, args: Mapping[str, Any]) -> Child:
    return service.access_child(turn.db, turn.adult, int(args.get("n", 0)))


def _told(turn: Turn, child: Child) -> Markup:
    name, born = (str(child.private.get(k, "")) for k in ("first_name", "born"))
    exact = born and not is_about(child)
    day = turn.words.day(date.fromisoformat(born), year=True) if exact else ""
    return lines(
        Markup("<b>{}</b>").format(name or age_words(turn, child)),
        age_words(turn, child) if name else None,
        turn._("Born %(day)s") % {"day": day} if day else None,
    )


def _count(form: Form) -> int:
    return int(form.answers.get("many", "1"))


def _read_many(turn: Turn, text: str, _reading: Reading | None) -> str:
    number = int(text) if text.strip().isdecimal() else how_many(text)
    if not 2 <= number <= _MOST_AT_ONCE:
        raise FormRefusedError(turn._("Please tap or type a number from 2 to 4."))
    return str(number)


def _read_day(turn: Turn, text: str, reading: Reading | None) -> str:
    """As `read_child`, also out of a sentence; a day that no child of ours can have is refused."""
    day = None if text.startswith(("born:", "about:", "due:")) else typed_day(turn, text)
    value = read_child(turn, text, reading) if day is None else (
        f"born:{day}" if day <= turn.today else f"due:{day}"
    )  # fmt: skip
    iso = value.partition(":")[2]
    if not iso and turn.talk.form is not None and turn.talk.form.name != "child":
        raise FormRefusedError(turn._("Please type a date, like 27 3 2026."))
    if iso and not _plausible(turn, date.fromisoformat(iso)):
        raise FormRefusedError(turn._("Please check the date: is it right?"))
    return value


def _plausible(turn: Turn, day: date) -> bool:
    return -_MONTHS_AHEAD - 1 <= age_in_months(day, turn.today) <= _OLDEST_MONTHS


def _read_due(turn: Turn, text: str, reading: Reading | None) -> str:
    """A day or a month to come."""
    value = text if text.startswith("month:") else _read_day(turn, text, reading)
    kind, _sep, day = value.partition(":")
    if kind not in ("month", "due") or not day:
        raise FormRefusedError(turn._("Please type when the baby is due, like 3 8 2026."))
    return value


def _due_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    """This month and those to come, by their middle."""
    first = turn.today.year * 12 + turn.today.month - 1
    days = []
    for n in range(_MONTHS_AHEAD + 1):
        year, month = divmod(first + n, 12)
        days.append(max(date(year, month + 1, 15), turn.today))
    return [(f"month:{d}", turn.words.month(d)) for d in days]


def _day_choices(turn: Turn, form: Form) -> list[tuple[str, str]]:
    choices = child_choices(turn, form)
    return choices if form.name == "child" else [c for c in choices if c[0] != "due:"]


def _ask_day(turn: Turn, form: Form) -> str:
    if form.name == "child" and _count(form) > 1:
        return turn._("When were they born? For example 27 3 2026. Or tap an age, or type when "
                      "they are due.")  # fmt: skip
    return turn._("When was your child born? For example 27 3 2026. Or tap an age, or type when "
                  "the baby is due.")  # fmt: skip


def _ask_names(turn: Turn, form: Form) -> str:
    if _count(form) > 1:
        return turn._("What are their first names? Like Sam and Kim. You can leave this out.")
    return turn._("What is your child's first name? You can leave this out.")


def _read_names(turn: Turn, text: str, _reading: Reading | None) -> str:
    if text == _NO_NAME:
        return text
    names = names_in(text)
    if not names:
        raise FormRefusedError(turn._("Please type a first name, like Sam."))
    return " & ".join(names)


def _day_of(value: str) -> dict[str, Any]:
    """`born:`, `about:`, `due:` or `month:` with a day, as the service takes it."""
    kind, _sep, iso = value.partition(":")
    key = "born" if kind in ("born", "about") else "due"
    return {key: date.fromisoformat(iso), "about": kind in ("about", "month")}


def _wants_due(_turn: Turn, form: Form) -> bool:
    return form.answers.get("day") == "due:"


def _wants_names(_turn: Turn, form: Form) -> bool:
    return form.answers.get("day", "").startswith(("born:", "about:"))


def _finish(turn: Turn, form: Form) -> None:
    names = names_in(form.answers.get("names", ""))
    day = form.answers.get("due") or form.answers["day"]
    service.add_children(
        turn.db, turn.adult, **_day_of(day), count=_count(form), names=names, now=turn.now
    )
    show(turn, turn._("Thank you, I'll remember that."))


def _finish_name(turn: Turn, form: Form) -> None:
    name = form.answers["names"]
    service.rename(turn.db, own(turn, form.about), "" if name == _NO_NAME else name)
    show(turn, turn._("Changed. Thank you."))


def _finish_day(turn: Turn, form: Form) -> None:
    found = own(turn, form.about)
    here = expected(found) and form.name == "child_day"
    service.set_day(turn.db, found, **_day_of(form.answers.get("day") or form.answers["due"]))
    show(
        turn,
        turn._("Congratulations! Welcome, little one.") if here else turn._("Changed. Thank you."),
    )


_DAY = Field("day", _ask_day, _read_day, choices=_day_choices)
_DUE = Field("due", lambda t, _f: t._("When is the baby due? A rough month is fine."), _read_due,
             choices=_due_choices, wanted=_wants_due)  # fmt: skip
_NAMES = Field(
    "names", _ask_names, _read_names, choices=lambda t, _f: [(_NO_NAME, t._("Leave it out"))],
    wanted=_wants_names, free_text=True,
)  # fmt: skip

define(
    FormKind(
        name="child",
        fields=(
            Field("many", lambda t, _f: t._("How many are they?"), _read_many,
                  choices=lambda t, _f: [("2", t._("Two: twins")), ("3", t._("Three: triplets")),
                                         ("4", t._("Four"))]),
            _DAY, _DUE, _NAMES,
        ),
        finish=_finish,
    )
)  # fmt: skip
define(
    FormKind(
        name="child_name",
        fields=(Field("names", _ask_names, _read_names, free_text=True,
                      choices=lambda t, _f: [(_NO_NAME, t._("No name"))]),),
        finish=_finish_name,
    )
)  # fmt: skip
define(FormKind(name="child_day", fields=(_DAY,), finish=_finish_day))
define(
    FormKind(
        name="child_due",
        fields=(Field("due", _DUE.ask, _read_due, choices=_due_choices),),
        finish=_finish_day,
    )
)
