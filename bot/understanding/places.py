"""Where: postcodes by pattern, venues and areas by the council's own names, "near me"."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.content.values import Content
from bot.understanding import lexicon
from bot.understanding.found import Found, overlaps
from bot.understanding.phrases import Phrases
from bot.understanding.reading import NOT

_FULL = re.compile(r"(?<!\w)([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})(?!\w)")
_OUT = re.compile(r"(?<!\w)([a-z]{1,2})\s?(\d{1,2}[a-z]?)(?!\w)")
_ME = re.compile(
    r"(?<!\w)(?:near(?:est)?(?: to)? (?:me|us|my (?:home|house|place|flat)|here|where i (?:live|am))|close(?:st)?(?: to| by)? (?:me|us|home|my (?:house|home))|(?:in|round|around) my area|round here|around here|round my way|local to me|near ?by|nearest|closest|locally|walking distance|in walking distance|near home|my local|local(?= (?:groups?|sessions?|classes|playgroups?|baby|toddler|stay|activities|centre|one))|where i live|close by|within walking)(?!\w)"
)
#: What stands before a place that is ruled out: "sidcup, not welling".
_MOVED_FROM = re.compile(r"\b(?:mov(?:ed|ing)|relocat\w+) (?:\w+ ){0,3}from $")
_UNWANTED = re.compile(
    r"\b(?:not|instead of|rather than|other than|except|apart from|any ?where but|can't (?:do|get to))(?: in| at| near)?(?: the)? $"
)
_OR = re.compile(r"(?:,|,? (?:or|nor|and))(?: in| at)? ")
_UNWANTED_AFTER = re.compile(r"^ (?:is|'s) (?:a bit |just |way )?(?:too far|no good)(?!\w)")
#: Common words too like a name to be taken for it by their letters alone.
_NOT_NAMES = frozenset(
    [
        "dancing",
        "dance",
        "dawson",
        "wedding",
        "willing",
        "calling",
        "telling",
        "selling",
        "walling",
        "feeling",
        "well",
        "weaning",
        "wellbeing",
        "swelling",
        "nearest",
        "eldest",
        "rest",
        "test",
        "best",
        "west",
        "next",
        "north",
        "south",
        "east",
        "earth",
        "birth",
        "hearth",
        "crying",
        "craft",
        "child",
        "children",
        "booking",
        "looking",
        "belfast",
    ]
)


class Places:
    """The gazetteer of one council: built once from its content."""

    def __init__(self, content: Content) -> None:
        self._outcodes = {o.upper() for o in content.outcodes} | {
            code.upper() for a in content.areas.values() for code in a.outcodes
        }
        entries: list[tuple[str, list[str]]] = []
        for area in content.areas.values():
            entries.append(
                (f"area:{area.id}", [area.name["en"], *area.nicknames, area.id.replace("_", " ")])
            )
        for venue in content.venues.values():
            entries.append(
                (venue.id, _venue_names(venue.name["en"], venue.id) + list(venue.nicknames))
            )
        taken = {name for _, names in entries for name in (n.casefold() for n in names)}
        self._names = Phrases(sorted(entries, key=lambda e: not e[0].startswith("area:")))
        self._elsewhere = Phrases(
            (key, [n for n in names if n not in taken])
            for key, names in lexicon.entries("elsewhere")
        )
        self.outside = {f"area:{a.id}" for a in content.areas.values() if a.outside}
        self.words = self._names.words | self._elsewhere.words
        #: English names with those in other languages; a venue's without its kind as well.
        self.called = (
            *((a.name["en"], tuple(a.name.values())) for a in content.areas.values()),
            *(
                (n, tuple(v.name.values()))
                for v in content.venues.values()
                for n in _venue_names(v.name["en"], v.id)[::-1]
            ),
        )

    def find(self, text: str, taken: list[Found], *, guess: bool = True) -> list[Found]:
        """`where` values; a place of another council that has no slug gives slot `elsewhere`."""
        found: list[Found] = []
        for m in _FULL.finditer(text):
            found.append(Found("where", f"pc:{m[1].upper()} {m[2].upper()}", m.start(), m.end()))
        for m in _OUT.finditer(text):
            code = (m[1] + m[2]).upper()
            if code in self._outcodes and not overlaps(m.start(), m.end(), found):
                found.append(Found("where", f"pc:{code}", m.start(), m.end()))
        for hit in self._names.find(text):
            if not overlaps(hit.start, hit.end, [*found, *taken]):
                found.append(Found("where", hit.key, hit.start, hit.end))
        if guess and not found:
            spans = [(f.start, f.end) for f in taken]
            for hit in self._names.guess(text, spans):
                if not _is_common(text[hit.start : hit.end]):
                    found.append(Found("where", hit.key, hit.start, hit.end))
        for hit in self._elsewhere.find(text):
            if not overlaps(hit.start, hit.end, [*found, *taken]):
                found.append(Found("elsewhere", hit.key, hit.start, hit.end))
        found = _moved_to(found, text)
        ruled_out = _unwanted(found, text)
        if len(ruled_out) < len(found):
            found = [f for f in found if f not in ruled_out]
        if not found and (near := _ME.search(text)):
            found.append(Found("where", "me", near.start(), near.end()))
        best = sorted(_best_of_doubles(found), key=lambda f: f.start)
        return [
            replace(f, value=f"{NOT}{f.value}") if f in ruled_out and f.slot == "where" else f
            for f in best
        ]


def _moved_to(found: list[Found], text: str) -> list[Found]:
    """ "Moved from Lewisham to Welling": they live in Welling."""
    return [f for f in found if not _MOVED_FROM.search(text[: f.start])] or found


def _unwanted(found: list[Found], text: str) -> list[Found]:
    """The places that are ruled out; a list of them is, where its first one is."""
    out: list[Found] = []
    for place in sorted(found, key=lambda f: f.start):
        before, after = text[: place.start], text[place.end :]
        listed = out and _OR.fullmatch(text[out[-1].end : place.start])
        if listed or _UNWANTED.search(before) or _UNWANTED_AFTER.match(after):
            out.append(place)
    return out


def _is_common(words: str) -> bool:
    """Nothing but common and small words: "the next" is no "The Nest"."""
    return all(w in _NOT_NAMES or len(w) <= len("the") for w in words.split(" "))


def _venue_names(name: str, slug: str) -> list[str]:
    """A venue's name with and without its kind: "West Street Children's Centre", "West Street"."""
    short = re.sub(
        r"(?i)\s*\b(?:children'?s'? centre|neighbourhood centre|community centre|send hub|family hub|"
        r"primary (?:school|academy)|school|academy)\b.*$",
        "",
        name.replace("’", "'"),
    ).strip()
    names = [name]
    if len(short) > 3 and short.casefold() != "the":
        names.append(short)
    if slug.startswith("lib_"):
        place = slug[4:].replace("_", " ")
        names = [
            name,
            f"{place} library",
            f"{place} lib",
            f"library {place}",
            f"library in {place}",
            f"library at {place}",
        ]
    return names


def _best_of_doubles(found: list[Found]) -> list[Found]:
    """Where a venue and its area are both named, the venue says it all."""
    venues = [f for f in found if f.slot == "where" and ":" not in str(f.value) and f.value != "me"]
    if not venues:
        return found
    return [f for f in found if f.slot != "where" or f in venues or str(f.value).startswith("pc:")]
