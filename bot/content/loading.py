"""Reads one council's folder whole, and says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.content.activities import read_activities, read_topics
from bot.content.council import language_tags, read_contacts, read_council
from bot.content.fields import Context
from bot.content.gone import Kept, gone_activity, gone_venue
from bot.content.markup import digits_of
from bot.content.pages import check_pages
from bot.content.places import read_areas, read_outcodes, read_venues
from bot.content.problems import ContentError, Problem, Problems
from bot.content.programme import read_rows
from bot.content.safety import read_safety, read_wordings
from bot.content.terms import read_calendar
from bot.content.tree import Spot, read_tree
from bot.content.values import Content, Said

_FILES = (
    "council",
    "contacts",
    "areas",
    "venues",
    "activities",
    "topics",
    "safety",
    "wordings",
    "calendar",
)
_IDS = {"contact": "contacts", "venue": "venues", "activity": "activities", "topic": "topics"}


def load(folder: Path) -> Content:
    """The content of a folder. Raises ContentError with every problem in it."""
    problems = Problems()
    trees = {name: _tree(folder, name, problems) for name in _FILES}
    problems.raise_any()  # what can't be read as YAML would only bring false alarms below
    context = Context(
        problems,
        languages=language_tags(trees["council"]),
        numbers=_numbers(trees["contacts"]),
        ids={kind: _names(trees[file]) for kind, file in _IDS.items()},
    )
    areas, outcodes = _halves(context, trees["areas"])
    for spot in (areas, trees["venues"], trees["activities"], trees["topics"]):
        _check_nicknames(context, spot)
    context.ids["area"] = _names(areas)
    council, programme = read_council(context, trees["council"])
    activities = read_activities(context, trees["activities"])
    venues = read_venues(context, trees["venues"])
    calendar = read_calendar(context, trees["calendar"])
    content = Content(
        folder=folder,
        council=council,
        contacts=read_contacts(context, trees["contacts"]),
        areas=read_areas(context, areas),
        outcodes=read_outcodes(context, outcodes),
        venues=Kept(venues, gone_venue),
        activities=Kept(activities, gone_activity),
        topics=read_topics(context, trees["topics"], folder),
        programme=read_rows(
            folder / programme.file,
            programme.file,
            context,
            name=programme.name,
            sample=programme.sample,
            activities=activities,
            venues=venues,
            calendar=calendar,
        ),
        calendar=calendar,
        safety=read_safety(context, trees["safety"], folder),
        wordings=read_wordings(context, trees["wordings"], council.keep),
    )
    problems.raise_any()
    return content


def check(folder: Path) -> list[Problem]:
    """Every problem in a folder, by file and line; an empty list where it can be used."""
    problems = Problems()
    check_pages(folder / "pages", problems)
    try:
        load(folder)
    except ContentError as error:
        return sorted([*problems, *error.problems])
    return list(problems)


def missing_translations(content: Content) -> dict[str, list[str]]:
    """For each language but English, the names of what is shown in English instead."""
    tags = [language.tag for language in content.council.languages if language.tag != "en"]
    sayings = list(_sayings(content))
    return {
        tag: [name for name, said in sayings if said.get("en") and tag not in said] for tag in tags
    }


def _sayings(content: Content) -> Iterator[tuple[str, Said]]:
    """Everything said to parents, each under a name a council can find it by."""
    council = content.council
    yield from (("council: council", council.council), ("council: service", council.service))
    yield "council: assistant", council.assistant
    for kind, named in (
        ("contact", {key: one.label for key, one in content.contacts.items()}),
        ("area", {key: one.name for key, one in content.areas.items()}),
        ("venue", {key: one.name for key, one in content.venues.items()}),
        ("activity", {key: one.name for key, one in content.activities.items()}),
        ("topic", {key: one.name for key, one in content.topics.items()}),
        ("help page", {key: one.pages for key, one in content.topics.items()}),
        ("card", {key: one.text for key, one in content.safety.cards.items()}),
        ("wording", {key: one.text for key, one in content.wordings.items()}),
    ):
        yield from ((f"{kind}: {key}", said) for key, said in named.items())
    for key, activity in content.activities.items():
        for field in ("summary", "neutral", "instead", "age_note", "cost", "bring", "how"):
            if said := getattr(activity, field):
                yield f"activity: {key}: {field}", said


def _tree(folder: Path, name: str, problems: Problems) -> Spot:
    shown = f"{name}.yaml"
    spot = read_tree(folder / shown, shown, problems) or Spot(shown, 1, None)
    if spot.value is None and not len(problems):
        problems.note(shown, 1, "the file is empty", "names and values")
    return spot


def _names(spot: Spot) -> frozenset[str]:
    return frozenset(spot.value) if isinstance(spot.value, dict) else frozenset()


def _numbers(contacts: Spot) -> frozenset[str]:
    """The digits of every phone and text number in contacts.yaml."""
    found = set()
    entries = contacts.value if isinstance(contacts.value, dict) else {}
    for entry in entries.values():
        fields = entry.value if isinstance(entry.value, dict) else {}
        for name in ("phone", "text"):
            if name in fields and isinstance(fields[name].value, str):
                found.add(digits_of(str(fields[name].value)))
    return frozenset(found)


def _check_nicknames(context: Context, spot: Spot) -> None:
    """Note a nickname that two entries of one file share: a parent could mean either."""
    seen: dict[str, str] = {}
    for ident, entry in (spot.value if isinstance(spot.value, dict) else {}).items():
        nicknames = entry.value.get("nicknames") if isinstance(entry.value, dict) else None
        for one in nicknames.value if nicknames and isinstance(nicknames.value, list) else ():
            word = str(one.value).lower()
            if seen.setdefault(word, ident) != ident:
                what = f"nickname “{word[:60]}” of {ident} is also one of {seen[word]}"
                context.problems.note(one.file, one.line, what, "a nickname for one of them only")


def _halves(context: Context, spot: Spot) -> tuple[Spot, Spot]:
    """areas.yaml holds two lists: areas and outcodes."""
    entries = spot.value if isinstance(spot.value, dict) else {}
    for name, inner in entries.items():
        if name not in ("areas", "outcodes"):
            context.problems.note(
                spot.file, inner.line, f"“{name}” means nothing here", "areas, outcodes"
            )
    for name in ("areas", "outcodes"):
        if name not in entries:
            context.problems.note(spot.file, spot.line, f"no “{name}”", f"a list “{name}:”")
    empty = Spot(spot.file, spot.line, {})
    return entries.get("areas", empty), entries.get("outcodes", empty)
