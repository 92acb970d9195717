"""What can be done where a place can't be had: fewer places, the waiting list, other dates, a person."""

from __future__ import annotations

from datetime import date

from bot.bookings import ledger, may_book, queries, rules
from bot.bookings.rules import Step
from bot.conversation.turn import Turn
from bot.core.errors import PlannedError
from bot.families.rules import age_in_months
from bot.outbox.message import Button
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.wording.words import paragraphs

ALTERNATIVES = 2


def offer_others(turn: Turn, refused: PlannedError) -> None:
    """It can't be booked: what else there is."""
    slot = timetable.find_slot(turn.db, turn.talk.listed[0]) if turn.talk.listed else None
    if slot is None:
        return
    _ = turn._
    rows: list[tuple[Button, ...]] = []
    if isinstance(refused, rules.OccurrenceFullError):
        if not isinstance(refused, rules.ListPausedError):
            ledger.note(turn.db, Step.FULL, adult=turn.adult.id, subject=slot.subject, now=turn.now)
        rows += _instead_of_all(turn, slot, refused)
    if isinstance(refused, rules.AgeRefusedError):
        rows += _instead_for_age(turn)
    if isinstance(refused, rules.ClashError | rules.OccurrenceFullError):
        rows += [
            (turn.button(_("Book %(when)s") % {"when": telling.short_when(s, turn.words)}, "book", o=s.id),)
            for s in _alternatives(turn, slot)
        ]  # fmt: skip
    rows += [
        (turn.button(_("Other dates"), "dates", o=slot.id),),
        (turn.button(_("Ask a person to ring me"), "ring_me"),),
    ]
    rule = _age_rule(turn, slot) if isinstance(refused, rules.AgeRefusedError) else None
    turn.say(paragraphs(rule, _("Here is what you can do instead.")), *rows)


def _age_rule(turn: Turn, slot: Slot) -> str:
    """Who may come, in numbers: a note such as "until your baby crawls" refuses nobody."""
    ages = turn.words.ages(slot.age_from, slot.age_to)
    name = telling.name(slot, turn.content, turn.words)
    return turn._("%(session)s is for this age: %(ages)s.") % {"session": name, "ages": ages}


def _instead_of_all(
    turn: Turn, slot: Slot, full: rules.OccurrenceFullError
) -> list[tuple[Button, ...]]:
    """Fewer places than were wanted, or the waiting list for all."""
    form, left = turn.talk.form, full.left
    rows: list[tuple[Button, ...]] = []
    if left:
        label = turn.words.ngettext("Only %(num)d place", "Only %(num)d places", left)
        label %= {"num": left}
        if form is not None and form.name == "book":
            fewer = turn.button(label, "answer", key=form.key, step="size", value=str(left), shown=label)  # fmt: skip
        else:
            fewer = turn.button(label, "book", o=slot.id, n=left)
        rows.append((fewer,))
    wanted = full.size if full.size > 1 else 0  # one is what nobody has said
    rows.append((turn.button(turn._("Join the waiting list"), "wait", o=slot.id, n=wanted),))
    return rows


def _instead_for_age(turn: Turn) -> list[tuple[Button, ...]]:
    """For a child who is too old or too young: what fits, or another child."""
    form = turn.talk.form
    born = str(form.about.get("refused", "")) if form is not None else ""
    if not born:
        return []
    months = max(0, age_in_months(date.fromisoformat(born), turn.today))
    label = turn._("What's on for %(age)s") % {"age": turn.words.months(months)}
    return [
        (turn.button(label, "search", slots={"age_m": str(months)}),),
        (turn.button(turn._("Change the age"), "carry_on"),),
    ]


def _alternatives(turn: Turn, slot: Slot) -> list[Slot]:
    """The next two of the same kind that have room and don't clash with what is booked."""
    others = [
        s for s in timetable.activity_slots(turn.db, slot.activity, now=turn.now)
        if s.subject != slot.subject
    ]  # fmt: skip
    left = queries.places_left(turn.db, others, now=turn.now)
    found: list[Slot] = []
    for other in others:
        if len(found) == ALTERNATIVES:
            break
        if left.get(other.subject, 0) < 1:
            continue
        try:
            may_book.check_allowed(
                turn.db, turn.adult, other, policy=turn.desk.policy, now=turn.now
            )
        except PlannedError:
            continue
        found.append(other)
    return found
