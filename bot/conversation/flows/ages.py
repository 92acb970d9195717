"""How old a child is, as it is answered: an age, a birthday, or when the baby is due."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.conversation.childwords import how_many
from bot.conversation.forms import FormRefusedError
from bot.conversation.talk import Form
from bot.conversation.turn import Turn
from bot.families.rules import born_from_age
from bot.understanding.ages import find_ages
from bot.understanding.births import told_day
from bot.understanding.reading import Reading
from bot.understanding.when import spans

_OLDEST_MONTHS = 120
#: A number alone may be that many weeks, months or years.
_MOST_WEEKS, _MOST_MONTHS, _MOST_YEARS = 12, 23, 5
_SOON = timedelta(days=14)  # a day as near as this is rather a session's than a baby's


def read_child(turn: Turn, text: str, reading: Reading | None) -> str:
    """`born:<date>`, `about:<date>` worked out from an age, `due:<date>`, `month:<date>` for a
    rough one, or `due:`."""
    if text.startswith(("born:", "about:", "due:", "month:")):
        return text
    typed = _typed_date(text)
    if typed is not None and typed <= turn.today:
        return f"born:{typed}"
    if typed is not None:
        return f"due:{typed}"
    if text.strip().isdecimal():
        return _bare_age(turn, int(text))
    said = reading.said if reading is not None and reading.said else text.casefold()
    value = _read_words(turn, said, reading)
    if value:
        return value
    if how_many(said) > 1:
        raise FormRefusedError(
            turn._("How old are they? Type an age, like 10 months, or a birthday."), near=True
        )
    raise FormRefusedError(
        turn._("Please type an age, like 10 months, a birthday, like 27 3 2026, or when the baby "
               "is due.")
    )  # fmt: skip


def child_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    def about(months: int) -> str:
        return f"about:{born_from_age(months, turn.today)}"

    _ = turn._
    return [
        ("due:", _("Not born yet")), (about(1), _("Under 3 months")), (about(4), _("3 to 6 months")),
        (about(9), _("6 to 12 months")), (about(18), _("1 year old")), (about(30), _("2 years old")),
        (about(42), _("3 or 4 years old")),
    ]  # fmt: skip


def _read_words(turn: Turn, said: str, reading: Reading | None) -> str:
    """The day or the age in plain words, "" where there is none."""
    alone = reading is None or reading.bare  # a day in the middle of a question is a session's
    if (told := told_day(said, turn.today)) is not None:
        kind, day = told
        if not kind.startswith("either"):
            return f"{kind}:{day}"
        if alone:
            raise _which_year(turn, day, month=kind == "either_month")
    seen = reading.seen if reading is not None else {}
    age = seen.get("age_m")
    if isinstance(age, str) and age.isdigit() and int(age) <= _OLDEST_MONTHS:
        return f"about:{born_from_age(int(age), turn.today)}"
    ages = [f.value for f in find_ages(said, turn.today)]
    if len(ages) == 1 and isinstance(ages[0], str) and ages[0].isdigit():
        return f"about:{born_from_age(int(ages[0]), turn.today)}"
    if alone and (when := seen.get("when")):
        days = spans(when, now=turn.now, calendar=turn.content.calendar, zone=turn.desk.zone)
        if days.single is not None and days.single > turn.today + _SOON:
            return f"due:{days.single}"
    if seen.get("who") == "expecting":
        return "due:"
    return ""


def _bare_age(turn: Turn, number: int) -> str:
    """A number alone: of months where it can be nothing else. Raises FormRefusedError to ask."""
    words, choices = turn.words, list[tuple[str, str]]()
    if 0 < number <= _MOST_WEEKS:
        label = words.ngettext("%(num)d week", "%(num)d weeks", number) % {"num": number}
        choices.append((f"born:{turn.today - timedelta(weeks=number)}", label))
    for months in (number, 12 * number):
        if 0 < number <= (_MOST_MONTHS if months == number else _MOST_YEARS):
            label = words.months(months)
            if months == number and months >= 2 * 12:
                label = words.ngettext("%(num)d month", "%(num)d months", months) % {"num": months}
            choices.append((f"about:{born_from_age(months, turn.today)}", label))
    if len(choices) == 1:
        return choices[0][0]
    if not choices:
        raise FormRefusedError(
            turn._("Please type an age with its word, like 10 months or 3 years.")
        )
    raise FormRefusedError(turn._("Is that weeks, months or years?"), choices)


def _which_year(turn: Turn, coming: date, *, month: bool) -> FormRefusedError:
    """A day or a month alone: a birthday, or when a baby is due?"""
    past = coming.replace(year=coming.year - 1, day=min(coming.day, 28) if month else coming.day)
    if month:
        born, due = turn.words.month(past), turn.words.month(coming)
        values = (f"about:{past}", f"month:{coming}")
    else:
        born, due = turn.words.day(past, year=True), turn.words.day(coming, year=True)
        values = (f"born:{past}", f"due:{coming}")
    _ = turn._
    return FormRefusedError(
        _("Is that a birthday, or when the baby is due?"),
        ((values[0], _("Born %(day)s") % {"day": born}), (values[1], _("Due %(day)s") % {"day": due})),
    )  # fmt: skip


def _typed_date(text: str) -> date | None:
    """27 3 2026, 27/3/26 or 2026-03-27."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if len(numbers) != 3 or re.search(r"[a-z]", text, re.I):
        return None
    day, month, year = numbers if numbers[0] <= 31 else reversed(numbers)
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
