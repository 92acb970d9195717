"""Which language a page is in: asked for in the address, chosen before, or the browser's."""

from __future__ import annotations

from collections.abc import Sequence

from bot.content.values import Content, Language
from bot.core.settings import Mode

_LONGEST_HEADER = 400  # characters of Accept-Language that are looked at


def offered(content: Content, mode: Mode) -> tuple[Language, ...]:
    """English, and each further language; in live mode only once a person approved it."""
    return tuple(
        language
        for language in content.council.languages
        if language.tag == "en" or mode is Mode.DEMO or language.approved.given
    )


def accepted(header: str) -> tuple[str, ...]:
    """The tags of an Accept-Language header, the most wanted first. Nonsense is left out."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:_LONGEST_HEADER].split(",")):
        tag, _semicolon, weight = part.partition(";")
        tag = tag.strip()
        if not tag or not tag.replace("-", "").isalnum() or not tag.isascii():
            continue
        try:
            wanted = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            wanted = 1.0
        if 0 < wanted <= 1:
            found.append((-wanted, place, tag))
    return tuple(tag for _weight, _place, tag in sorted(found))


def choose(languages: Sequence[Language], *wishes: str) -> str:
    """The first wish that is offered, by its whole tag or its first part; else English."""
    tags = {language.tag.lower(): language.tag for language in languages}
    for wish in wishes:
        for tried in (wish.lower(), wish.partition("-")[0].lower()):
            if tried in tags:
                return tags[tried]
    return "en"
