"""One person as staff see them: what to call them, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import phonenumbers
from sqlmodel import Session

from bot.core.settings import Settings
from bot.families.models import Adult
from bot.families.queries import addresses
from bot.families.rules import age_in_months
from bot.families.service import EMAIL, TELEGRAM
from bot.store.columns import SealedRow
from handlers.http.look import Look


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is read out, and as a phone dials it."""

    shown: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Person:
    """`ways` are the channels by which a notice can leave now, the preferred one first."""

    adult_id: int
    name: str
    phone: Phone | None
    email: str
    ways: tuple[str, ...]
    lang: str

    @property
    def reachable(self) -> bool:
        return bool(self.ways)

    @property
    def way(self) -> str:
        """The channel that is used, "" where there is none."""
        return self.ways[0] if self.ways else ""


def channels_on(settings: Settings) -> tuple[str, ...]:
    """The channels that send, in the order in which delivery prefers them."""
    on = (
        (TELEGRAM, settings.telegram_token.get_secret_value()),
        (EMAIL, settings.smtp_url.get_secret_value()),
    )
    return tuple(name for name, setting in on if setting)


def person_of(
    db: Session, look: Look, adult_id: int, claim: SealedRow | None, *, on: tuple[str, ...]
) -> Person:
    """`claim` is what they booked or wait for, None for who only follows.

    Opens the sealed fields: the caller notes in the audit that they were read.
    """
    adult = db.get_one(Adult, adult_id)
    told = {**adult.private, **(claim.private if claim is not None else {})}
    working = {a.channel for a in addresses(db, adult_id)}
    number = str(told.get("phone", ""))
    return Person(
        adult_id=adult_id,
        name=str(told.get("name", "")) or look._("No name given"),
        phone=phone_of(number),
        email=str(told.get("email", "")),
        ways=tuple(channel for channel in on if channel in working),
        lang=adult.lang,
    )


def phone_of(number: str) -> Phone | None:
    """A number kept as +44…, as it is said at home; None where there is none."""
    if not number:
        return None
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return Phone(number, "")
    home = phonenumbers.PhoneNumberFormat.NATIONAL
    abroad = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    kind = home if parsed.country_code == 44 else abroad
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(phonenumbers.format_number(parsed, kind), dialled)


def child_of(look: Look, claim: SealedRow, on: date) -> str:
    """How old the child is on a day, in months as the sessions count them."""
    told, words = claim.private, look.words
    if born := told.get("born"):
        months = age_in_months(date.fromisoformat(born), on)
        if months < 0:
            return look._("not born yet on that day")
        said = words.ngettext("%(num)d month old", "%(num)d months old", months) % {"num": months}
        return look._("about %(age)s") % {"age": said} if told.get("about") else said
    due = told.get("due", "")
    if due and due != "yes":
        day = date.fromisoformat(due)
        return look._("due %(day)s") % {
            "day": words.month(day) if told.get("about") else words.day(day)
        }
    return look._("not born yet") if due else ""


def channel_name(look: Look, channel: str) -> str:
    """A channel as staff call it."""
    return {TELEGRAM: look._("Telegram"), EMAIL: look._("E-mail")}.get(channel, channel)


def language_name(look: Look, tag: str) -> str:
    """A language in itself, "" for English and for one not chosen."""
    if tag in ("", "en"):
        return ""
    return next((x.name for x in look.content.council.languages if x.tag == tag), tag)
