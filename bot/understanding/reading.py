"""The typed result of reading one message. Pure values; slugs are those of the content folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SlotValue = str | tuple[str, ...]

#: Before a place that is ruled out: "not:area:erith".
NOT = "not:"

#: Names of every intent. `unclear` is never meant by a person: it is how we say that we don't know.
INTENTS = (
    "whats_on", "session_detail", "book", "join_waiting_list", "cancel_booking", "my_bookings",
    "change_booking", "reminders_settings", "register", "update_details", "my_data",
    "delete_my_data", "withdraw_consent", "centre_info", "topic", "request_support",
    "talk_to_person", "feedback", "language_change", "greeting", "thanks", "bye", "help",
    "affirm", "deny", "crisis", "out_of_scope", "unclear",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing wanted, with what was said about it.

    Slot values are text: dates "2026-03-11", ranges "2026-03-16/2026-03-22", recurring days
    "wd:sat,sun", "hol:easter", "term:spring"; `daypart` morning | afternoon | evening | now |
    "after:15:00" | "before:10:00" | "10:00-12:00"; `where` a venue, "area:erith", "pc:DA8 3AB",
    "pc:DA8" or "me", or one of these that is ruled out, "not:area:erith"; `age_m` months, or "0/6". Several values are a tuple.
    """

    intent: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message means, as far as we can tell.

    `wish` is the main one; `also` holds further wishes in the same message; `offers` are the
    likeliest other wishes where `sure` (0 to 1) is under the bar, for "did you mean".
    `crisis` names the risk that brings the card and nothing else; `urgent` moves "Urgent help"
    to the top. `delta` are the slots this message itself gave, before anything carried over.
    """

    text: str  # cleaned
    wish: Wish
    lang: str = ""  # the language it seems to be in, "" where we can't tell
    also: tuple[Wish, ...] = ()
    offers: tuple[Wish, ...] = ()
    sure: float = 1.0
    crisis: str = ""
    urgent: bool = False
    delta: Mapping[str, SlotValue] = field(default_factory=dict)
    seen: Mapping[str, SlotValue] = field(default_factory=dict)  # every slot found, fitting or not
    bare: bool = False  # nothing but slot values and joining words: "and friday?"
    said: str = ""  # the plain English it was read as
    today: str = ""  # the local date it was read on

    @property
    def intent(self) -> str:
        return self.wish.intent

    @property
    def slots(self) -> Mapping[str, SlotValue]:
        return self.wish.slots


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the list on the screen."""

    activity: str = ""
    venue: str = ""
    on: str = ""  # "2026-03-12"
    label: str = ""  # its words, as far as they are needed: when it starts


@dataclass(frozen=True, slots=True)
class TalkTurn:
    """One earlier exchange: what was asked, what was shown, what we asked back.

    `bot_asked` is "", age, postcode, confirm or which_booking.
    """

    intent: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()
    bot_asked: str = ""
    text: str = ""
