"""A channel-neutral message: marked-up text with buttons.

The text is `Markup` limited to <b>, <i> and <a href>, with line breaks as they stand; that is
what Telegram's HTML mode and a web page both take. Build it with `Markup.format` or `%`, which
escape what they insert: that is the only place where a person's words become markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

#: Telegram's limit, in characters after entities are parsed.
TEXT_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Button:
    """Something to tap. `act` with `args` (ids only, never personal data) or a `url`.

    Acts become short opaque tokens when the message is posted.
    """

    label: str
    act: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    token: str = ""  # filled in by `outbox.service.post`


@dataclass(frozen=True, slots=True)
class Pin:
    """A place on the map, WGS84 degrees."""

    lat: float
    lon: float
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one bubble says.

    `rows` are rows of buttons. `protected` messages are not forwarded or previewed where the
    channel can help it, and a web page shows them once.
    """

    text: Markup
    rows: tuple[tuple[Button, ...], ...] = ()
    pin: Pin | None = None
    protected: bool = False
    said: str = ""  # what the person wrote, for the web chat's own bubble
    subject: str = ""  # of an e-mail; never names a sensitive session or a child
    code: str = ""  # of the booking it is about, for channels whose buttons can't act

    def to_json(self) -> dict[str, Any]:
        """The form kept (sealed) in the outbox."""
        return {
            "text": str(self.text),
            "rows": [
                [{"label": b.label, "token": b.token, "url": b.url, "act": b.act} for b in row]
                for row in self.rows
            ],
            "pin": None
            if self.pin is None
            else [self.pin.lat, self.pin.lon, self.pin.title, self.pin.address],
            "protected": self.protected,
            "said": self.said,
            "subject": self.subject,
            "code": self.code,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Message:
        return cls(
            text=Markup(body.get("text", "")),  # noqa: S704  # was Markup when it was kept
            rows=tuple(
                tuple(
                    Button(b["label"], b.get("act", ""), token=b["token"], url=b["url"])
                    for b in row
                )
                for row in body.get("rows", ())
            ),
            pin=Pin(*body["pin"]) if body.get("pin") else None,
            protected=body.get("protected", False),
            said=body.get("said", ""),
            subject=body.get("subject", ""),
            code=body.get("code", ""),
        )
