"""Help pages, facts about centres, and activities parents ask for that are not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bot.content import naming
from bot.content.values import Topic
from bot.conversation import forms
from bot.conversation.flows import safety, unsure
from bot.conversation.markdown import to_markup
from bot.conversation.turn import ACTS, Turn, act, on_intent
from bot.outbox.message import Button
from bot.understanding.reading import SlotValue, TalkTurn, Wish
from bot.wording.words import lines, paragraphs


@act("topics")
def topics(turn: Turn, _args: Mapping[str, Any]) -> None:
    """The groups of help pages."""
    forms.close(turn)
    groups = list(dict.fromkeys(t.group for t in turn.content.topics.values() if t.pages))
    turn.say(
        turn._("What would you like to know about? You can also just ask."),
        *_pairs(
            [turn.button(naming.topic_group(turn.words, g), "topic_group", g=g) for g in groups]
        ),
    )


@act("topic_group")
def topic_group(turn: Turn, args: Mapping[str, Any]) -> None:
    found = [t for t in turn.content.topics.values() if t.group == args["g"] and t.pages]
    turn.say(
        naming.topic_group(turn.words, str(args["g"])),
        *_pairs([turn.button(turn.words.said(t.name), "topic", t=t.id) for t in found]),
        (turn.button(turn._("All topics"), "topics"),),
    )


@act("topic")
def topic_act(turn: Turn, args: Mapping[str, Any]) -> None:
    forms.close(turn)
    topic = turn.content.topics.get(str(args.get("t", "")))
    if topic is None:
        topics(turn, {})
        return
    show(turn, topic)


@on_intent("topic")
def topic_wish(turn: Turn, wish: Wish) -> None:
    named = wish.slots.get("topic")
    topic = turn.content.topics.get(named[0] if isinstance(named, tuple) else str(named or ""))
    if topic is None or not topic.pages:
        unsure.no_answer(turn, wish)
        return
    last = turn.talk.turns[-1] if turn.talk.turns else None
    asked = {k: wish.slots[k] for k in ("when", "where") if k in wish.slots}
    what = _run(turn, topic)
    if asked and what and last is not None and last.slots.get("topic") == topic.id:
        # The page was just shown: a day or a place asks for the sessions that it speaks of.
        ACTS["search"](turn, {"slots": {"what": what, **asked}})
        return
    show(turn, topic, asked)


@on_intent("request_support")
def support(turn: Turn, _wish: Wish) -> None:
    """One-to-one help: what it is, and a person to ring."""
    turn.say(
        turn._("Our team can help one to one, for example with sleep, routines, feeding or forms. "
               "You can ask for it yourself. It's free and it's your choice. Shall somebody ring "
               "you to talk about it?"),
        (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
        (turn.button(turn._("Help and advice"), "topics"),),
    )  # fmt: skip


#: What is asked of a building and, where a session is on the screen, is asked of that.
_OF_SESSION = {"hours": "time", "address": "place"}


@on_intent("centre_info")
def centre(turn: Turn, wish: Wish) -> None:
    """What we know of a building; what we don't know, we say."""
    where = wish.slots.get("where") or _on_screen(turn)
    place = where[0] if isinstance(where, tuple) else str(where or "")
    venue = turn.content.venues.get(place)
    ask = _OF_SESSION.get(str(wish.slots.get("ask")))
    if "where" not in wish.slots and ask and _alone(turn):
        ACTS["session"](turn, {"o": turn.talk.listed[0], "ask": ask})
        return
    if venue is None and place.startswith("area:"):
        area = place.removeprefix("area:")
        near = [v for v in turn.content.venues.values() if v.area == area and not v.former]
        if near:
            turn.say(
                turn._("Which place do you mean?"),
                *_pairs([turn.button(turn.words.said(v.name), "venue", v=v.id) for v in near]),
            )
            return
    if place == "me":  # "which is nearest"
        known = [t.slots["where"] for t in turn.talk.turns if "where" in t.slots]
        slots = {"where": known[-1]} if known else {}
        ACTS["search" if known else "by_place"](turn, {"slots": slots})
        return
    if venue is None and "when" in wish.slots and "where" not in wish.slots:
        ACTS["search"](turn, {"slots": {"when": wish.slots["when"]}})
        turn.say(
            paragraphs(
                turn._("This is what is on then, at every centre. If you need something else there "
                       "on that day, ring us first:"),
                safety.contact_line(turn.words, safety.line(turn.content)),
            )
        )  # fmt: skip
        return
    if venue is None:
        line = safety.contact_line(turn.words, safety.line(turn.content))
        centres = [v for v in turn.content.venues.values() if v.kind == "centre" and not v.former]
        turn.say(
            paragraphs(turn._("Which centre do you mean? For anything else, ring us:"), line),
            *_pairs([turn.button(turn.words.said(v.name), "venue", v=v.id) for v in centres]),
        )
        return
    venue_card(turn, {"v": venue.id})


def _on_screen(turn: Turn) -> str:
    """The one place of what was just shown: "what's the address" asks for no other."""
    last = turn.talk.turns[-1] if turn.talk.turns else None
    places = {row.venue for row in last.shown} if last is not None else set()
    return places.pop() if len(places) == 1 else ""


def _alone(turn: Turn) -> bool:
    """Whether one session is on the screen, and they don't go on about a building."""
    last = turn.talk.turns[-1] if turn.talk.turns else None
    building = last is not None and last.intent == "centre_info"
    return not building and turn.talk.listed_kind == "session" and len(turn.talk.listed) == 1


@act("venue")
def venue_card(turn: Turn, args: Mapping[str, Any]) -> None:
    """One place: where it is, how to get in, what's on there."""
    venue = turn.content.venues.get(str(args.get("v", "")))
    if venue is None:
        topics(turn, {})
        return
    _, words = turn._, turn.words
    contact = turn.content.contacts.get(venue.contact) or safety.line(turn.content)
    address = ", ".join(p for p in (venue.address, venue.postcode) if p)
    turn.talk.remember(TalkTurn("centre_info", {"where": venue.id}))
    gone = _("We have nothing listed there now.") if venue.former else None
    buttons: list[tuple[Button, ...]] = []
    if not venue.former:
        buttons.append((turn.button(_("What's on here"), "search", slots={"where": venue.id}),))
        buttons.append(
            (Button(_("More about this place"), url=f"{turn.desk.address}/venue/{venue.id}"),)
        )
    else:
        area = turn.content.areas[venue.area]
        near = _("What's on in %(area)s") % {"area": words.said(area.name)}
        buttons.append((turn.button(near, "search", slots={"where": f"area:{area.id}"}),))
    turn.say(
        paragraphs(
            lines(Markup("<b>{}</b>").format(words.said(venue.name)), address or None, gone),
            words.said(venue.about) or None,
            lines(*(words.said(a) for a in venue.access)) if venue.access else None,
            _("We have no opening hours or phone number of its own that we can be sure of. Ring:")
            if not venue.former
            else None,
            safety.contact_line(words, contact),
        ),
        *buttons,
    )


def show(turn: Turn, topic: Topic, asked: Mapping[str, SlotValue] | None = None) -> None:
    """One help page, its numbers, where it comes from and when that was read. `asked`: the day or
    place that the sessions it speaks of are searched with."""
    _, words = turn._, turn.words
    turn.talk.remember(TalkTurn("topic", {"topic": topic.id}))
    text = topic.pages.get(words.lang) or topic.pages["en"]
    contacts = [
        safety.contact_line(words, turn.content.contacts[c])
        for c in topic.contacts
        if c in turn.content.contacts
    ]
    checked = words.day(topic.checked, year=True) if topic.checked else ""
    source = _("Checked: %(day)s.") % {"day": checked} if checked else None
    related = [turn.content.activities[a] for a in _run(turn, topic)]
    turn.say(
        paragraphs(
            Markup("<b>{}</b>").format(words.said(topic.name)),
            to_markup(text),
            lines(*contacts) if contacts else None,
            Markup("<i>{}</i>").format(source) if source else None,
        ),
        *_pairs([
            turn.button(words.said(a.name), "search", slots={"what": a.id, **(asked or {})})
            for a in related
        ]),
        (turn.button(_("Ask a person to ring me"), "ring_me"), turn.button(_("All topics"), "topics")),
    )  # fmt: skip


def spoken_of(turn: Turn) -> list[str]:
    """The activities of the help page that was just shown."""
    last = turn.talk.turns[-1] if turn.talk.turns else None
    topic = turn.content.topics.get(str(last.slots.get("topic"))) if last is not None else None
    return _run(turn, topic) if topic is not None else []


def _run(turn: Turn, topic: Topic) -> list[str]:
    """The activities of a help page that are run."""
    known = turn.content.activities
    return [a for a in topic.activities if a in known and known[a].offered]


def not_run(turn: Turn, wish: Wish) -> bool:
    """Say kindly where an activity is asked for that we don't run; whether that was so."""
    what = wish.slots.get("what")
    activity = turn.content.activities.get(what) if isinstance(what, str) else None
    if activity is None or activity.offered:
        return False
    said = turn.words.said(activity.instead) or turn._("We don't run that.")
    if wish.intent == "whats_on":  # what they ask next is not about what isn't there
        kept = {k: v for k, v in wish.slots.items() if k != "what"}
        turn.talk.remember(TalkTurn("whats_on", kept))
    turn.say(said, (turn.button(turn._("What's on"), "whats_on"),))
    return True


def _pairs(buttons: list[Button]) -> list[tuple[Button, ...]]:
    return [tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2)]
