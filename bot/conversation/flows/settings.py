"""Language, reminders, and what we remember to make searching easier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.conversation import forms
from bot.conversation.flows.safety import said_in
from bot.conversation.talk import slot_value
from bot.conversation.turn import Turn, act, on_command, on_intent
from bot.families import service as families
from bot.families.rules import born_from_age
from bot.outreach import service as outreach
from bot.understanding.reading import Reading, Wish
from bot.wording.words import paragraphs


@act("settings")
def settings(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.close(turn)
    _, b = turn._, turn.button
    on = turn.adult.reminders
    turn.say(
        _("Settings and privacy"),
        (b(_("My children"), "children"), b(_("My family"), "family")),
        (b(_("Turn reminders off"), "reminders_off") if on else b(_("Turn reminders on"), "reminders_on"),
         b(_("Change my details"), "details")),
        (b(_("Language"), "language"), b(_("Forget my child's age and area"), "forget")),
        (b(_("How we use your information"), "privacy"), b(_("What you know about me"), "my_data")),
        (b(_("Tell us what you think"), "feedback"), b(_("Stop messages"), "stop")),
        (b(_("Delete what you know about me"), "delete_me"),),
    )  # fmt: skip


@on_intent("reminders_settings")
def reminders_wish(turn: Turn, wish: Wish) -> None:
    _set_reminders(turn, on=wish.slots.get("setting") != "off")
    channel = wish.slots.get("channel")
    if channel == "sms" or (channel == "email" and not turn.desk.mail):
        turn.say(turn._("I can't send reminders that way yet. I'll use this chat or your e-mail "
                        "where I can."))  # fmt: skip


@act("reminders_on")
def reminders_on(turn: Turn, _args: Mapping[str, Any]) -> None:
    _set_reminders(turn, on=True)


@act("reminders_off")
def reminders_off(turn: Turn, _args: Mapping[str, Any]) -> None:
    _set_reminders(turn, on=False)


def _set_reminders(turn: Turn, *, on: bool) -> None:
    turn.adult.reminders = on
    if not on:
        turn.say(
            turn._("Reminders are off. I'll still tell you if something you booked changes."),
            (turn.button(turn._("Turn reminders on"), "reminders_on"),),
        )
        return
    outreach.plan_reminders(turn.db, content=turn.content, now=turn.now, zone=turn.desk.zone)
    text = turn._("Reminders are on: the evening before and two hours before what you book.")
    if not outreach.can_reach(turn.db, turn.adult.id):
        text += " " + (
            turn._("On the web I can only remind you if you give an e-mail address when you book.")
            if turn.desk.mail
            else turn._("On the web I can't remind you: add what you book to your calendar.")
        )
    turn.say(text, (turn.button(turn._("Turn reminders off"), "reminders_off"),))


@act("language")
def language(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Languages as buttons, each in its own name."""
    offered = [x for x in turn.content.council.languages if x.tag in turn.desk.languages]
    turn.say(
        turn._("Which language would you like?"),
        *[(turn.button(x.name, "set_language", tag=x.tag),) for x in offered],
    )


@on_command("language")
def language_command(turn: Turn, _argument: str) -> None:
    language(turn, {})


@act("set_language")
def set_language(turn: Turn, args: Mapping[str, Any]) -> None:
    use(turn, str(args["tag"]))


@on_intent("language_change")
def language_wish(turn: Turn, wish: Wish) -> None:
    """One we speak is offered; for one we don't, that language's own words say what there is."""
    wanted = str(wish.slots.get("language", ""))
    short = wanted.partition("-")[0]
    if short in turn.desk.languages and short != turn.words.lang:
        use(turn, short)
    elif short == turn.words.lang or not unsupported(turn, wanted):
        language(turn, {})  # "my English is not good" asks for another than the one we write in


def use(turn: Turn, tag: str) -> None:
    turn.adult.lang = tag
    turn.words = turn.desk.words(tag).on(turn.now)
    draft = next((x for x in turn.content.council.languages if x.tag == tag), None)
    note = None
    if draft is not None and tag != "en" and not draft.approved.given:
        note = turn._("This translation is a draft that nobody has checked yet.")
    turn.say(
        paragraphs(turn._("I'll write in English from now on."), note),
        (turn.button(turn._("What's on"), "whats_on"),),
    )


def unsupported(turn: Turn, tag: str) -> bool:
    """In a language we recognise but don't speak, what there is; whether there were words for it."""
    text = said_in(turn, tag)
    if text:
        turn.say(text, (turn.button("English", "set_language", tag="en"),))
    return bool(text)


def heed(turn: Turn, reading: Reading) -> bool:
    """A message in another language: offer it where we speak it, else say in it what there is;
    whether that may be all they want, being unclear and about languages.

    Said once, and never switched by itself: one short message proves little.
    """
    tag = reading.lang
    if not tag or tag.partition("-")[0] in ("en", turn.words.lang) or tag == turn.talk.spoken_of:
        return False
    if _one_word(turn.incoming.text) and reading.wish.intent in {"unclear", "out_of_scope"}:
        return False
    short = tag.partition("-")[0]
    if short in turn.desk.languages:
        turn.talk.spoken_of = tag
        theirs = turn.desk.words(short)
        name = next(x.name for x in turn.content.council.languages if x.tag == short)
        turn.say(
            theirs._("Shall I write in your language?"),
            (turn.button(name, "set_language", tag=short),),
        )
    elif unsupported(turn, tag):
        turn.talk.spoken_of = tag
    said = turn.talk.spoken_of == tag
    return said and any(
        w.intent == "language_change" and "language" not in w.slots
        for w in (reading.wish, *reading.offers)
    )


def _one_word(text: str) -> bool:
    """Whether it may be a name, which is no language: one word in Latin letters."""
    return text.isascii() and len(text.split()) == 1


@act("remember")
def remember(turn: Turn, args: Mapping[str, Any]) -> None:
    """Keep an age or an area, with one tap."""
    slots = {k: slot_value(v) for k, v in args["slots"].items()}
    ages = slots.get("age_m", ())
    for age in (ages,) if isinstance(ages, str) else ages:
        if age.isdigit():
            born = born_from_age(int(age), turn.today)
            families.remember_child(turn.db, turn.adult, born=born, about=True, now=turn.now)
    if isinstance(slots.get("where"), str):
        families.remember_place(turn.db, turn.adult, str(slots["where"]))
    turn.say(
        turn._("I'll remember that for your next searches."),
        (turn.button(turn._("Forget that"), "forget"),),
    )


@act("forget")
def forget(turn: Turn, _args: Mapping[str, Any]) -> None:
    families.forget_what_helps(turn.db, turn.adult)
    turn.say(turn._("Forgotten. What you booked stays."))
