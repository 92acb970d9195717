"""Stop, delete, what we know, permissions, and how information is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.bookings import queries as bookings
from bot.conversation import forms
from bot.conversation.childwords import child_words
from bot.conversation.flows import children, family, registering
from bot.conversation.formwords import SURE_ENOUGH
from bot.conversation.markdown import to_markup
from bot.conversation.retention import forget
from bot.conversation.turn import INTENTS, Turn, act, on_command, on_intent
from bot.families import queries as families
from bot.families import service as family_service
from bot.outbox.message import Button
from bot.outreach import service as outreach
from bot.staff import service as staff
from bot.timetable import telling
from bot.understanding.reading import Reading, Wish
from bot.wording.words import lines, paragraphs

#: No detail of a person has one.
_OF_A_BOOKING = re.compile(r"\b(?:day|date|time|week|session|course|class|booking)s?\b", re.I)


@act("privacy")
def privacy(turn: Turn, _args: Mapping[str, Any]) -> None:
    wording = turn.content.wordings["privacy"]
    text = wording.text.get(turn.words.lang) or wording.text["en"]
    turn.say(
        to_markup(text),
        (Button(turn._("Read it all"), url=f"{turn.desk.address}/privacy"),),
        (turn.button(turn._("What you know about me"), "my_data"),
         turn.button(turn._("Delete what you know about me"), "delete_me")),
    )  # fmt: skip


@on_command("privacy")
def privacy_command(turn: Turn, _argument: str) -> None:
    privacy(turn, {})


@act("my_data")
def my_data(turn: Turn, _args: Mapping[str, Any]) -> None:
    """What is held, read back in plain words."""
    _, words, private = turn._, turn.words, turn.adult.private
    told = [child_words(turn, c) for c in families.children_of(turn.db, turn.adult.id)]
    names = {"telegram": "Telegram", "web": _("the web chat")}
    ways = [
        names[a.channel] for a in families.addresses(turn.db, turn.adult.id) if a.channel in names
    ]
    booked = [
        f"{telling.discreet_name(b.next, turn.content, words)}, {telling.short_when(b.next, words)}"
        for b in bookings.bookings_of(turn.db, turn.adult.id, now=turn.now)
    ]
    facts = [
        (_("First name"), private.get("name")),
        (_("Phone"), private.get("phone")),
        (_("E-mail"), private.get("email")),
        (_("Postcode"), private.get("postcode")),
        (_("Children"), words.list(told)),
        (_("You write to me on"), words.list(ways)),
        (_("Bookings"), words.list(booked)),
        (_("Reminders"), _("on") if turn.adult.reminders else _("off")),
        (
            _("Who sees your bookings"),
            _("the adults in your family") if turn.adult.shares_since else _("only you"),
        ),
    ]
    turn.say(
        paragraphs(
            _("This is what I hold about you:"),
            lines(*(f"{label}: {value}" for label, value in facts if value)),
            _("What we write here is locked away, and gone after %(time)s. Staff at the centres see "
              "your bookings and requests and, without your name, questions I couldn't answer. For a "
              "full copy, ask a person.")
            % {"time": turn.content.council.keep.chats.said(words.lang)},
        ),
        (turn.button(_("How we use your information"), "privacy"),
         turn.button(_("Ask a person to ring me"), "ring_me"),
         turn.button(_("Delete what you know about me"), "delete_me")),
    )  # fmt: skip


@on_intent("my_data")
def my_data_wish(turn: Turn, _wish: Wish) -> None:
    my_data(turn, {})


@on_command("mydata")
def my_data_command(turn: Turn, _argument: str) -> None:
    my_data(turn, {})


@act("stop")
def stop(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Send nothing more. The bookings stay, and that is said."""
    forms.close(turn)
    turn.say(
        turn._("Okay. I won't send you anything unless you write to me again. Your bookings stay, "
               "but I can't tell you if one changes."),
        (turn.button(turn._("Start messages again"), "restart"),
         turn.button(turn._("My bookings"), "my_bookings")),
    )  # fmt: skip
    family_service.stop(turn.adult)
    outreach.withdraw(turn.db, turn.adult.id, now=turn.now)


@on_command("stop")
def stop_command(turn: Turn, _argument: str) -> None:
    stop(turn, {})


@act("restart")
def restart(turn: Turn, _args: Mapping[str, Any]) -> None:
    outreach.plan_reminders(turn.db, content=turn.content, now=turn.now, zone=turn.desk.zone)
    turn.say(turn._("Welcome back. I'll write to you again."))


@act("delete_me")
def delete_me(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Ask once, saying what goes."""
    forms.close(turn)
    count = len(bookings.bookings_of(turn.db, turn.adult.id, now=turn.now))
    going = (
        turn.words.ngettext(
            "This also cancels your %(num)d booking.", "This also cancels your %(num)d bookings.", count
        ) % {"num": count}
        if count
        else None
    )  # fmt: skip
    turn.say(
        paragraphs(turn._("Shall I delete everything I know about you? I can't undo that."), going),
        (turn.button(turn._("Yes, delete it all"), "delete_yes", n=turn.adult.id),),
        (turn.button(turn._("No, keep it"), "menu"),),
    )


@on_intent("delete_my_data")
def delete_wish(turn: Turn, _wish: Wish) -> None:
    delete_me(turn, {})


def heed(turn: Turn, reading: Reading) -> bool:
    """Nothing is deleted on a guess: what may mean something else shows what there is, with the
    button. Whether that was so."""
    if reading.intent != "delete_my_data" or reading.sure >= SURE_ENOUGH:
        return False
    my_data(turn, {})
    return True


@on_command("forget", "delete")
def delete_command(turn: Turn, _argument: str) -> None:
    delete_me(turn, {})


@act("delete_yes")
def delete_yes(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Remove it all in this one transaction."""
    db, adult, now = turn.db, turn.adult, turn.now
    forms.close(turn)
    forget(db, adult, now=now, policy=turn.desk.policy)
    staff.note(db, by="family", act="erased on request", about=adult.uid, now=now)
    turn.plain = True
    turn.say(turn._("Everything I knew about you is deleted. Take care. You can write again any "
                    "time, as somebody new."))  # fmt: skip


@on_intent("withdraw_consent")
def withdraw_wish(turn: Turn, wish: Wish) -> None:
    """Take back one permission, recorded against the wording it was given to."""
    wording = turn.content.wordings.get("register")
    if wording is not None and families.latest_agreement(turn.db, turn.adult.id, wording.id):
        family_service.agree(
            turn.db, turn.adult, wording, lang=turn.words.lang, value=False,
            channel=turn.channel, now=turn.now,
        )  # fmt: skip
        turn.say(turn._("Done. I've recorded that you take back your agreement to be registered."))
        return
    turn.say(
        turn._("I hold no permission like that from you. If you gave it on paper or at a session, "
               "a person can take it back for you."),
        (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
    )  # fmt: skip


@on_intent("update_details")
def update_wish(turn: Turn, wish: Wish) -> None:
    """Change the name, the number, the children; add an adult; the rest by a person."""
    match wish.slots.get("field"):
        case "child" | "new_baby":
            children.show(turn)
        case "partner":
            family.add_carer(turn, {})
        case None if _OF_A_BOOKING.search(turn.incoming.text):
            INTENTS["change_booking"](turn, wish)
        case field:
            registering.change(turn, turn.incoming.text, registering.FIELDS.get(str(field), ""))
