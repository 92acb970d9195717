"""Reads what a form sends, and refuses what no form of ours would send."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from bot.core.errors import Kind, PlannedError, Translate

LARGEST = 64 * 1024  # bytes of a whole form
_MOST_FIELDS = 200
_PLAIN = "application/x-www-form-urlencoded"

#: What reading a body raises where it breaks off, or isn't packed as its headers say.
BROKEN_OFF = (ConnectionError, aiohttp.ClientError, web.RequestPayloadError)


class BadFormError(PlannedError):
    """Not a form of ours: another type or charset, bytes that are no text, a field twice, cut off."""

    kind = Kind.INVALID

    def sentence(self, _: Translate) -> str:
        return _("We could not read that form. Please go back, and try again.")


class FormRefusedError(PlannedError):
    """What was typed can't be used. `faults` has a sentence by field; `typed` is given back."""

    kind = Kind.INVALID

    def __init__(self, faults: Mapping[str, str], typed: Mapping[str, str]) -> None:
        super().__init__("fields: " + ", ".join(faults))
        self.faults, self.typed = dict(faults), dict(typed)

    def sentence(self, _: Translate) -> str:
        return " ".join(self.faults.values())


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a form, trimmed, each once. Raises BadFormError, HTTPRequestEntityTooLarge."""
    length = request.content_length or 0
    if length > LARGEST:
        raise web.HTTPRequestEntityTooLarge(LARGEST, length)
    try:
        raw = await request.read()
    except BROKEN_OFF as problem:
        raise BadFormError from problem
    if len(raw) > LARGEST:
        raise web.HTTPRequestEntityTooLarge(LARGEST, len(raw))
    charset = (request.charset or "utf-8").lower().replace("_", "-")
    if request.content_type != _PLAIN or charset not in ("utf-8", "utf8", "us-ascii"):
        raise BadFormError
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as problem:  # which UnicodeDecodeError is, too
        raise BadFormError from problem
    fields = {name: value.replace("\0", "").strip() for name, value in pairs}
    if len(fields) != len(pairs):
        raise BadFormError
    return fields
