"""Loads the gettext catalogues. A `.mo` file that is missing or old is made from its `.po`."""

from __future__ import annotations

import contextlib
import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parents[2] / "locales"
DOMAIN = "bot"


@cache
def catalogue(tag: str) -> gettext.NullTranslations:
    """The translations of a language; English is the source and needs none."""
    po = FOLDER / tag / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not po.is_file():
        return gettext.NullTranslations()
    mo = po.with_suffix(".mo")
    if not mo.is_file() or mo.stat().st_mtime < po.stat().st_mtime:
        return gettext.GNUTranslations(BytesIO(_compile(po, mo)))
    with mo.open("rb") as file:
        return gettext.GNUTranslations(file)


def _compile(po: Path, mo: Path) -> bytes:
    with po.open("rb") as file:
        messages = read_po(file, locale=po.parts[-3], domain=DOMAIN)
    made = BytesIO()
    write_mo(made, messages)
    with contextlib.suppress(OSError):  # a read-only installation makes it again at each start
        mo.write_bytes(made.getvalue())
    return made.getvalue()
