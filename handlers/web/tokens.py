"""Keys of forms: what makes a form that is sent twice act once."""

from __future__ import annotations

import hashlib
import re
import secrets

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def new_key() -> str:
    """A fresh key for the forms of one page."""
    return secrets.token_urlsafe(12)


def deed_key(form_key: str, *what: str) -> str:
    """One key for one deed: the same form with other words in it is another deed.

    A page fetched from history still holds its old key; somebody who types something new into it
    must not get the old answer. A form without a usable key is a deed of its own.
    """
    if not _KEY.fullmatch(form_key):
        form_key = new_key()
    said = "\0".join((form_key, *what))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:40]
