"""activities.yaml and topics.yaml with help/: what is offered, and the help pages."""

from __future__ import annotations

import re
from pathlib import Path

from bot.content.fields import Context, Fields
from bot.content.markup import complaints
from bot.content.tree import Spot, read_text
from bot.content.values import Activity, Topic

GROUPS = ("money", "health", "play", "home", "worries", "send")
WHO = (
    "expecting", "dads", "twins", "send", "young_parent", "grandparent", "childminder", "foster",
    "single_parent", "premature",
)  # fmt: skip
_LONGEST_PAGE = 6000  # characters: two messages of a chat


def read_activities(context: Context, spot: Spot) -> dict[str, Activity]:
    top = Fields(context, spot, "activities")
    found = {}
    for ident in top.names():
        if (each := top.inner(ident)) is not None:
            found[ident] = _activity(ident, each)
            each.finish()
    for ident, activity in found.items():
        for other in activity.alike:
            if other not in found or other == ident:
                top.note(f"“alike” of activity {ident} is “{other}”", "the id of another activity", at=ident)  # fmt: skip
    return found


def _activity(ident: str, each: Fields) -> Activity:
    activity = Activity(
        id=ident,
        name=each.said("name"),
        summary=each.said("summary"),
        nicknames=each.texts("nicknames"),
        neutral=each.maybe_said("neutral"),
        run_by=each.text("run_by", ""),
        not_therapist=each.flag("not_therapist"),
        offered=each.flag("offered", default=True),
        instead=each.maybe_said("instead"),
        who=each.texts("who"),
        age_from=each.maybe_months("age_from"),
        age_to=each.maybe_months("age_to"),
        age_note=each.maybe_said("age_note"),
        until_crawling=each.flag("until_crawling"),
        cost=each.said("cost", {"en": ""}),
        free=each.flag("free", default=True),
        bring=each.maybe_said("bring"),
        size=each.maybe_said("size"),
        noise=each.maybe_said("noise"),
        quiet_room=each.maybe_said("quiet_room"),
        leave_early=each.maybe_said("leave_early"),
        how=each.maybe_said("how"),
        topic=each.id("topic", "topic", ""),
        alike=each.texts("alike"),
        source=each.text("source"),
    )
    for slug in activity.who:
        if slug not in WHO:
            each.note(
                f"“who” of activity {ident} is “{slug}”", "one of " + ", ".join(WHO), at="who"
            )
    low, high = activity.age_from, activity.age_to
    if low is not None and high is not None and high < low:
        each.note(
            f"ages of activity {ident}: {low} to {high} months",
            "the younger age first",
            at="age_to",
        )
    if not activity.offered and activity.instead is None:
        each.note(f"activity {ident} is not offered", "“instead”: what to tell a parent who asks")
    return activity


def read_topics(context: Context, spot: Spot, folder: Path) -> dict[str, Topic]:
    """Each topic with its pages, `help/<id>.<language>.md`."""
    top = Fields(context, spot, "topics")
    ids = top.names()
    pages = _pages(context, folder / "help", frozenset(ids))
    found = {}
    for ident in ids:
        if (each := top.inner(ident)) is None:
            continue
        found[ident] = Topic(
            id=ident,
            name=each.said("name"),
            pages=pages.get(ident, {}),
            nicknames=each.texts("nicknames"),
            group=each.one_of("group", GROUPS),
            contacts=each.ids("contacts", "contact"),
            activities=each.ids("activities", "activity"),
            sensitive=each.flag("sensitive"),
            sure=each.flag("sure", default=True),
            source=each.text("source"),
            checked=each.day("checked"),
            owner=each.text("owner"),
        )
        if "en" not in found[ident].pages:
            each.note(f"topic {ident} has no English page", f"a file help/{ident}.en.md")
        each.finish()
    return found


def _pages(context: Context, folder: Path, topics: frozenset[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        shown = f"help/{path.name}"
        match = re.fullmatch(r"([a-z0-9_]+)\.([A-Za-z-]+)\.md", path.name)
        if not match or match[1] not in topics or match[2] not in context.languages:
            expected = "<topic>.<language>.md, of topics.yaml and council.yaml"
            context.problems.note(shown, 1, "the file belongs to no topic and language", expected)
            continue
        text = read_text(path, shown, context.problems)
        if text is not None:
            _check_page(context, shown, text)
            found.setdefault(match[1], {})[match[2]] = text.strip() + "\n"
    return found


def _check_page(context: Context, shown: str, text: str) -> None:
    note = context.problems.note
    for below, what, expected in complaints(text, context.numbers):
        note(shown, below + 1, what, expected)
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"\s*(#|\||```|>)", line):
            note(
                shown,
                number,
                "a heading, table, quotation or code",
                "paragraphs, “- ” lists and **bold**",
            )
    if not text.strip():
        note(shown, 1, "the page is empty", "words")
    if len(text) > _LONGEST_PAGE:
        note(shown, 1, f"the page has {len(text)} characters", f"at most {_LONGEST_PAGE}")
