"""What a chat message has more of on a page: numbers and addresses to tap, and words left in English
marked as such. The words themselves stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from bot.content.values import Contact
from bot.wording.words import END, LEFT_TO_RIGHT

_ENGLISH = re.compile(f"{LEFT_TO_RIGHT}([^\u2066-\u2069]*){END}")


def in_english(text: str) -> Markup:
    """Text in which what was left in English says so to the browser and to who reads aloud."""
    marked = _ENGLISH.sub(r'<span lang="en" dir="ltr">\1</span>', str(escape(text)))
    return Markup(marked)  # noqa: S704  # escaped just above


class Tappable:
    """Makes links of the numbers and addresses of these contacts, wherever a message has them."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._links: dict[str, str] = {}
        for one in contacts:
            for shown, scheme in ((one.web, ""), (one.text, "sms:"), (one.phone, "tel:")):
                if shown:
                    address = scheme + shown.replace(" ", "") if scheme else shown
                    self._links[str(escape(shown))] = address
        known = "|".join(re.escape(x) for x in sorted(self._links, key=len, reverse=True))
        # Tags and whole links are passed over; a number inside a longer one is not that number.
        self._found = re.compile(
            rf"<a\b.*?</a>|<[^>]*>|(?<![\w£/])(?<!\d )(?:{known})(?![\w/]| \d)"
            if known
            else r"(?!)",
            re.DOTALL,
        )

    def __call__(self, text: Markup) -> Markup:
        linked = Markup(self._found.sub(self._link, str(text)))  # noqa: S704  # was Markup before
        return in_english(linked)

    def _link(self, found: re.Match[str]) -> str:
        address = self._links.get(found[0])
        if address is None:
            return found[0]
        rel = Markup(' rel="noreferrer"') if address.startswith("http") else ""
        shown = Markup(found[0])  # noqa: S704  # escaped, as it stood
        return Markup('<a href="{}"{}>{}</a>').format(address, rel, shown)
