"""What may stand in words meant for parents.

Council words end up in web pages and in Telegram, so no HTML, no script links and no
characters that reorder the line. Every phone number in them has to be one of contacts.yaml:
that is the only place where a number has a source, a date and an owner.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

_TAG = re.compile(r"</?[a-zA-Z!?]")
_LINK = re.compile(r"\]\(\s*([^)\s]*)")
_SAFE_LINK = re.compile(r"(https://|mailto:|tel:|/)[^\s\"'<>\\]*")
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufeff]")
_NUMBER = re.compile(r"(?<![\d.,/£-])(?:\+44 ?|0)\d(?:[ -]?\d){7,10}(?!\d)")


def complaints(text: str, numbers: Container[str] | None) -> Iterator[tuple[int, str, str]]:
    """Each thing wrong with a text: lines below its first, what, expected.

    `numbers` are the known ones as `digits_of` gives them; None turns that check off.
    """
    for below, line in enumerate(text.split("\n")):
        if _TAG.search(line):
            yield (
                below,
                "HTML in the text",
                "plain words; **bold** and [links](https://…) are allowed",
            )
        if _HIDDEN.search(line):
            yield below, "a hidden or direction-changing character", "characters that can be seen"
        if "![" in line:
            yield below, "a picture in the text", "words: many parents have little data"
        if "javascript:" in line.lower():
            yield below, "a script in the text", "plain words"
        for link in _LINK.findall(line):
            if not _SAFE_LINK.fullmatch(link):
                yield (
                    below,
                    f"a link to “{link}”",
                    "a link that begins with https://, mailto:, tel: or /",
                )
        if numbers is not None:
            for number in _NUMBER.findall(line):
                if digits_of(number) not in numbers:
                    yield (
                        below,
                        f"the number {number} is not in contacts.yaml",
                        "a number listed there",
                    )


def digits_of(number: str) -> str:
    """A phone number to compare by: digits only, +44 as 0."""
    return re.sub(r"\D", "", number.replace("+44", "0"))
