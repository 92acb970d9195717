"""A small council for the tests of understanding: enough names to read messages by."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from bot.content.keeping import NAMES, Keep, Period
from bot.content.values import (
    Activity,
    Approval,
    Area,
    Calendar,
    Content,
    Council,
    Language,
    OpeningHours,
    Outcode,
    Point,
    Programme,
    Safety,
    Topic,
    Venue,
)  # fmt: skip
from bot.understanding import lexicon

ROOT = Path(__file__).parents[2]
HERE = Point(51.48, 0.15)
AREAS = {
    "erith": ("Erith", ("DA8",)), "crayford": ("Crayford", ("DA1",)),
    "thamesmead": ("Thamesmead", ("SE28", "DA18")), "belvedere": ("Belvedere", ("DA17",)),
    "slade_green": ("Slade Green", ()), "welling": ("Welling", ("DA16",)),
    "bexleyheath": ("Bexleyheath", ("DA6", "DA7")), "sidcup": ("Sidcup", ("DA14", "DA15")),
    "barnehurst": ("Barnehurst", ()), "north_cray": ("North Cray", ()),
    "crook_log": ("Crook Log", ()), "northumberland_heath": ("Northumberland Heath", ()),
    "abbey_wood": ("Abbey Wood", ("SE2",)), "blackfen": ("Blackfen", ()),
}  # fmt: skip
OUTSIDE = {
    "dartford": "Dartford",
    "greenwich": "Greenwich",
    "lewisham": "Lewisham",
    "bromley": "Bromley",
}
VENUES = {
    "west_street": ("West Street Children's Centre", "erith"),
    "northumberland_heath": ("Northumberland Heath Children's Centre", "northumberland_heath"),
    "north_cray": ("North Cray Children's Centre", "north_cray"),
    "danson": ("Danson Children's Centre", "crook_log"),
    "northend": ("Northend Children's Centre", "slade_green"),
    "normandy": ("Normandy SEND Hub", "barnehurst"),
    "greenmead": ("Greenmead", "thamesmead"),
    "nest": ("The Nest", "thamesmead"),
    "east_wickham": ("East Wickham School", "welling"),
    "hook_lane": ("Hook Lane School", "welling"),
    "haberdashers_crayford": ("Haberdashers' Crayford", "crayford"),
    "howbury": ("Howbury Community Centre", "slade_green"),
    "lib_crayford": ("Crayford Library", "crayford"),
    "lib_welling": ("Welling Library", "welling"),
    "lib_erith": ("Erith Library", "erith"),
    "lib_upper_belvedere": ("Upper Belvedere Library", "belvedere"),
    "lib_bexleyheath": ("Central Library", "bexleyheath"),
    "lib_sidcup": ("Sidcup Library", "sidcup"),
    "lib_blackfen": ("Blackfen Library", "blackfen"),
    "lib_slade_green": ("Slade Green Library", "slade_green"),
}
NICKNAMES = {"northumberland_heath": ("North Heath", "N Heath"), "nest": ("nest library",)}


def _said(text: str) -> dict[str, str]:
    return {"en": text}


def stand_in(phrases: dict[str, Path] | None = None) -> Content:
    """A council like Bexley with names only: no programme, no pages, no calendar of its own."""
    folder = ROOT / "content"
    found = {p.stem: p for p in sorted((folder / "safety" / "phrases").glob("*.yaml"))}
    areas = {k: Area(k, _said(name), HERE, codes, "test") for k, (name, codes) in AREAS.items()}
    areas |= {
        k: Area(k, _said(name), HERE, (), "test", outside=True) for k, name in OUTSIDE.items()
    }
    return Content(
        folder=folder,
        council=Council(
            id="test", council=_said("Test Council"), service=_said("Children's Centres"),
            assistant=_said("Assistant"), borough="Test", line="line", timezone="Europe/London",
            hours=OpeningHours({}), languages=(Language("en", "English", "ltr", Approval()),),
            colour="#000000", ink="#ffffff", reminder_hour=18, quiet_from=time(21),
            quiet_to=time(8), exit_url="https://example.org", privacy_contact="line",
            keep=Keep(**dict.fromkeys(NAMES, Period(1, "day"))),
        ),
        contacts={},
        areas=areas,
        outcodes={c: Outcode(c, HERE, a.id, "test") for a in areas.values() for c in a.outcodes},
        venues={
            k: Venue(k, _said(name), "centre", "", "", area, HERE, nicknames=NICKNAMES.get(k, ()))
            for k, (name, area) in VENUES.items()
        },
        activities={
            k: Activity(k, _said(k.replace("_", " ")), _said("")) for k, _ in lexicon.entries("activities")
        },
        topics={k: Topic(k, _said(k.replace("_", " ")), {}) for k, _ in lexicon.entries("topics")},
        programme=Programme("none", sample=True, series=()),
        calendar=Calendar((), {}, sample=True),
        safety=Safety({}, _said(""), found if phrases is None else phrases),
        wordings={},
    )  # fmt: skip
