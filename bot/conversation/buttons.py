"""Buttons: what a tap does, and what is typed that plainly means one of those on the screen.

Everything that can be tapped can be typed: by its words or its number, as a yes or a no to the
question that it answers, or in one of the usual ways to say it (`sayings`). Where two messages on
the screen have such a button we ask which; where it isn't plain, what was typed is read as usual.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from markupsafe import Markup

from bot.conversation import forms, sayings
from bot.conversation.flows import menu
from bot.conversation.incoming import Kind
from bot.conversation.turn import ACTS, Turn
from bot.outbox import queries as outbox_queries
from bot.outbox import service as outbox
from bot.outbox.message import Button, Message
from bot.understanding.clean import flatten
from bot.understanding.reading import Reading
from bot.wording.words import paragraphs

LONGEST = 80  # characters of what may mean a button
_NUMBER = re.compile(r"^(\d+)\. ")
_TAKES_AWAY = "✕"  # before the words that a search is rid of
_SIGN = re.compile(rf"^[^\w{_TAKES_AWAY}]+")  # a picture before the words


class Fit(NamedTuple):
    """A button that what was typed may mean, the message it is on, and the act it asks for."""

    message: Message
    button: Button
    act: str = ""  # another one than the button's


def tap(turn: Turn, token: str, act: str = "") -> None:
    """Do what a button does; `act` is another act about the same."""
    if token.startswith(outbox.OPEN_TOKEN):
        work, args = ACTS.get(token.removeprefix(outbox.OPEN_TOKEN)), {}
    else:
        press = outbox_queries.find_press(turn.db, token)
        own = press is not None and press.adult_id == turn.adult.id
        work = ACTS.get(act or press.act) if press is not None and own else None
        args = press.args if press is not None else {}
    if work is None:
        menu.old_button(turn)
        return
    work(turn, args)


def typed(turn: Turn, reading: Reading) -> bool:
    """Do what one button on the screen does, where that is plainly meant; whether it was."""
    form, field = turn.talk.form, forms.open_field(turn)
    long = len(turn.incoming.text) > LONGEST
    if turn.incoming.kind is not Kind.TEXT or long or (field is not None and field.free_text):
        return False
    # An open question has the yes, the no and the numbers, unless something came in between.
    theirs = field is not None and form is not None and not form.waiting
    kept = outbox_queries.newest(turn.db, turn.adult.id, channel=turn.channel)
    screen, before = _screen(kept)
    said = {sayings.plain(flatten(turn.incoming.text)), sayings.plain(reading.said)}
    found = _labelled(screen, said)
    if not found and form is not None and field is None:  # its check is further up on the screen
        before = list(before)
        found = [f for f in _labelled(before, said) if f.button.act in sayings.OF_A_CHECK]
    if not found and form is not None and forms.plain(turn._("Carry on")) in said:
        return False  # it puts the open question or the check again, and finishes nothing
    found = found or _in_words(screen, said)
    if not found and not theirs:
        found = (
            _answering(screen, reading, said)
            or _offered(screen, reading, said)
            or _pointed(screen, said)
            or _in_words(chain(screen, before), said, only=sayings.LASTING)
        )
    return _do(turn, found)


def _screen(
    kept: Iterator[tuple[int | None, Message]],
) -> tuple[list[Message], Iterable[Message]]:
    """What they have before them: the newest answer, all of it, and the notices since; and what
    came before."""
    shown: list[Message] = []
    answered: int | None = None
    for inbox, message in kept:
        if answered is not None and inbox != answered:
            return shown, chain([message], (m for _, m in kept))
        shown.append(message)
        answered = inbox
    return shown, iter(())


def _labelled(screen: Iterable[Message], said: set[str]) -> list[Fit]:
    return [f for f in _all(screen) if not said.isdisjoint(_labels(f.button.label))]


def _in_words(
    screen: Iterable[Message], said: set[str], only: frozenset[str] = frozenset()
) -> list[Fit]:
    """The buttons of the first way to say it that anything on the screen has."""
    ways = [w for w in sayings.WAYS if any(w.said.fullmatch(s) for s in said)]
    there = list(_all(screen)) if ways else []
    for way in ways:
        if found := [f._replace(act=way.instead) for f in there if f.button.act == way.act]:
            return found if not only or way.act in only else []
    return []


def _answering(screen: Iterable[Message], reading: Reading, said: set[str]) -> list[Fit]:
    """What a yes or a no presses, in each message that asks a question."""
    keeps = any(sayings.KEEP.fullmatch(s) for s in said)
    yes = reading.intent == "affirm"
    if not (yes or keeps or reading.intent == "deny"):
        return []
    found: list[Fit] = []
    for message in screen:
        acts = [f.button.act for f in _all([message])]
        by_act = {f.button.act: f for f in _all([message])}
        for asked, refused in sayings.QUESTIONS.items():
            no = next((by_act[a] for a in refused if a in by_act), None)
            if asked not in by_act or no is None:
                continue
            if keeps and asked not in sayings.KEEPING:
                continue
            if keeps or not yes:
                found.append(no)
            elif acts.count(asked) == 1:  # of several dates yes means none
                found.append(by_act[asked])
    return found


def _offered(screen: Sequence[Message], reading: Reading, said: set[str]) -> list[Fit]:
    """What a yes takes: the one thing that the newest message offers."""
    if reading.intent != "affirm":
        return []
    newest = screen[:1]
    fits = [
        f for f in _all(newest)
        if f.button.act not in sayings.FURNITURE and f.button.act not in sayings.BESIDE
    ]  # fmt: skip
    if len(fits) != 1 or fits[0].button.act not in sayings.OFFERED:
        return []
    polite = any(sayings.POLITE.fullmatch(s) for s in said)
    if polite and fits[0].button.act == "ring_me" and "?" not in newest[0].text:
        return []
    return fits


def _pointed(screen: Sequence[Message], said: set[str]) -> list[Fit]:
    """The button that a number means: as they are numbered, else as they stand in the newest
    message; there, not one that loses something, unless it answers a question."""
    books = next((p for s in said if (p := sayings.to_book(s))), 0)
    at = books or next((p for s in said if (p := sayings.pointed(s))), 0)
    if not at:
        return []
    numbered = [(int(m[1]), f) for f in _all(screen) if (m := _NUMBER.match(f.button.label))]
    if numbered:
        wanted = at if at > 0 else max(n for n, _ in numbered)
        meant = [f for n, f in numbered if n == wanted]
        return [f._replace(act="book") if books and f.button.act == "session" else f for f in meant]
    if books:
        return []
    rows = [
        Fit(m, b) for m in screen[:1] for row in m.rows for b in row
        if b.act not in sayings.FURNITURE
    ]  # fmt: skip
    kept = [f for f in rows if not f.button.label.startswith(_TAKES_AWAY)]
    first = rows[0].button.act if rows else ""
    if first in ("carry_on", "form_done"):  # no yes, and a number is rather an answer
        return []
    answers = sayings.QUESTIONS.get(first, ())
    if not any(s.isdigit() for s in said):  # "the second one" is one of several that are alike
        alike = [f for f in kept if f.button.act == first]
        if len(alike) == 1:
            alike += [f for f in kept if f.button.act in answers]
        return [alike[at - 1 if at > 0 else at]] if 1 < len(alike) >= at else []
    return [
        f for f in rows[at - 1 : at]
        if f in kept and f.button.token
        and (f.button.act not in sayings.LOSING or f.button.act in answers)
    ]  # fmt: skip


def _all(screen: Iterable[Message]) -> Iterable[Fit]:
    """Every button that acts."""
    return (Fit(m, b) for m in screen for row in m.rows for b in row if b.token)


def _brief(words: str) -> str:
    """ "change age" for "change the age"."""
    return words.replace(" the ", " ")


@lru_cache(maxsize=1024)  # most buttons are the same few
def _labels(label: str) -> set[str]:
    """The words on a button, with its number and without."""
    label = flatten(_SIGN.sub("", label))
    return {sayings.plain(words) for words in (label, _NUMBER.sub("", label), _brief(label))}


def _do(turn: Turn, found: Sequence[Fit]) -> bool:
    """The one thing that all of them would do; else ask which, where they are about different
    messages."""
    different: dict[str, Fit] = {}
    for fit in found:
        press = outbox_queries.find_press(turn.db, fit.button.token)
        about = json.dumps([press.act, press.args], sort_keys=True) if press else fit.button.token
        different.setdefault(about, fit)
    fits = list(different.values())
    if len(fits) == 1:
        turn.talk.unsure = 0
        tap(turn, fits[0].button.token, fits[0].act)
        return True
    if len({id(f.message) for f in fits}) < len(fits) or not fits:
        return False
    turn.say(
        paragraphs(
            turn._("Which one do you mean?"),
            *(Markup("{}. {}").format(n, f.message.text) for n, f in enumerate(fits, 1)),
        ),
        *[
            (Button(f"{n}. {f.button.label}", act=f.button.act, token=f.button.token),)
            for n, f in enumerate(fits, 1)
        ],
    )
    return True
