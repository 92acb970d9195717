"""Codes that people read to each other and type: bookings, and links between chats."""

from __future__ import annotations

import re
import secrets
import unicodedata

#: No vowels, no look-alikes: a code can be read out on the phone and spells nothing.
LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
LENGTH = 8
_HALF = rf"[{LETTERS}]{{{LENGTH // 2}}}"
_CODE = re.compile(rf"(?<![^\W_]){_HALF}[\s-]*{_HALF}(?![^\W_])", re.I)


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """The one code in a text, in capitals without its hyphen; "" where there is none, or two.

    Any keyboard will do: wide letters and Arabic or Bengali digits count as the plain ones.
    """
    plain = "".join(_plain(c) for c in unicodedata.normalize("NFKC", text))
    found = _CODE.findall(plain)
    return "".join(c for c in found[0].upper() if c.isalnum()) if len(found) == 1 else ""


def code_words(code: str, *, rtl: bool = False) -> str:
    """ABCD-EFGH: as it is read out. In right-to-left text its halves keep their order."""
    said = f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"
    return f"\u2068{said}\u2069" if rtl else said


def _plain(char: str) -> str:
    if unicodedata.category(char) == "Cf":  # marks of direction
        return ""
    digit = unicodedata.decimal(char, None)
    return str(digit) if digit is not None else char
