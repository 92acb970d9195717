"""Writes about families: first contact, what they ask us to remember, agreements, leaving."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.content.values import Wording
from bot.families import queries
from bot.families.models import (
    Adult,
    Agreement,
    CarerLink,
    ChannelAddress,
    Child,
    Family,
)  # fmt: skip
from bot.families.rules import AddressState, AdultState
from bot.store.columns import keys

TELEGRAM, WEB, EMAIL = "telegram", "web", "email"
SEEN_STEP = timedelta(hours=1)  # how exactly we know when somebody was last here


def welcome(
    db: Session,
    *,
    channel: str,
    key: str,
    lang: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> Adult:
    """The adult who writes from an address; a family of one at the first contact.

    `key` is a Telegram user id or the hash of a web cookie.
    """
    known = queries.find_adult(db, channel=channel, key=key)
    if known is not None and known.state is not AdultState.ERASED:
        if now - known.seen_at > SEEN_STEP:
            known.seen_at = now
        return known
    family = Family(made_at=now)
    db.add(family)
    db.flush()
    adult = Adult(family_id=family.id, lang=lang, made_at=now, seen_at=now)
    db.add(adult)
    db.flush()
    address = ChannelAddress(
        adult_id=adult.id, channel=channel, key=key, made_at=now, expires_at=expires_at
    )
    if channel == TELEGRAM:
        address.seal({"address": key})
    db.add(address)
    db.flush()
    return adult


def enter(db: Session, *, name: str, phone: str, now: datetime) -> Adult:
    """A family that staff write down: it rang or was referred, and has no chat with us."""
    family = Family(made_at=now)
    db.add(family)
    db.flush()
    adult = Adult(family_id=family.id, made_at=now, seen_at=now)
    adult.seal({"name": name, "phone": phone})
    db.add(adult)
    db.flush()
    return adult


def set_address_state(
    db: Session, *, channel: str, key: str, state: AddressState
) -> ChannelAddress | None:
    """Mark one way of reaching somebody as working, gone or unsafe."""
    address = queries.find_address(db, channel=channel, key=key)
    if address is not None:
        address.state = state
    return address


def use_email(db: Session, adult: Adult, email: str, *, now: datetime) -> None:
    """Reach this adult by e-mail from now on. One address an adult: a new one replaces the old."""
    key = keys().blind("email", f"{adult.id}:{email.casefold()}")
    old = db.exec(
        select(ChannelAddress).where(
            ChannelAddress.adult_id == adult.id, ChannelAddress.channel == EMAIL
        )
    ).first()
    if old is not None and old.key == key:
        old.state = AddressState.WORKING
        return
    if old is not None:
        db.delete(old)
        db.flush()
    address = ChannelAddress(adult_id=adult.id, channel=EMAIL, key=key, made_at=now)
    address.seal({"address": email})
    db.add(address)
    db.flush()


def remember_child(
    db: Session,
    adult: Adult,
    *,
    now: datetime,
    born: date | None = None,
    due: date | None = None,
    about: bool = False,
    first_name: str = "",
) -> Child:
    """Remember a child of this adult's family; the same date again changes nothing."""
    facts: dict[str, Any] = {
        "born": born.isoformat() if born else "",
        "due": due.isoformat() if due else "",
        "about": about,
        "first_name": first_name,
    }
    for child in queries.children(db, adult.family_id):
        if child.private.get("about") and about:
            child.seal(facts)  # a guess from an age replaces the earlier guess
            return child
        same = (child.private.get("born", ""), child.private.get("due", ""))
        if same == (facts["born"], facts["due"]):
            child.reseal(**{k: v for k, v in facts.items() if v})
            return child
    child = Child(family_id=adult.family_id, made_at=now)
    child.seal(facts)
    db.add(child)
    db.flush()
    db.add(CarerLink(adult_id=adult.id, child_id=child.id, since=now))
    db.flush()
    return child


def remember_place(db: Session, adult: Adult, where: str) -> None:
    """Remember an area, venue or outcode for this family; "" forgets it."""
    db.get_one(Family, adult.family_id).reseal(where=where)


def forget_what_helps(db: Session, adult: Adult) -> None:
    """Forget the area, and children known only from an age."""
    remember_place(db, adult, "")
    for child in queries.children(db, adult.family_id):
        if child.private.get("about"):
            db.execute(sa.delete(CarerLink).where(col(CarerLink.child_id) == child.id))
            db.delete(child)
    db.flush()


def agree(
    db: Session,
    adult: Adult,
    wording: Wording,
    *,
    lang: str,
    value: bool,
    channel: str,
    now: datetime,
) -> Agreement:
    """Record a yes or no against the exact text that was shown."""
    text = wording.text.get(lang) or wording.text["en"]
    row = Agreement(
        adult_id=adult.id,
        purpose=wording.id,
        value=value,
        wording=wording.id,
        version=wording.version,
        lang=lang if lang in wording.text else "en",
        digest=hashlib.sha256(text.encode()).hexdigest(),
        channel=channel,
        at=now,
    )
    db.add(row)
    db.flush()
    return row


def stop(adult: Adult) -> None:
    """Send nothing more until this adult writes again."""
    adult.state = AdultState.STOPPED


def erase(db: Session, adult: Adult, *, now: datetime) -> None:
    """Remove what identifies this adult, and the family's children where nobody else is left.

    Rows that count for statistics stay, empty. Bookings, messages and requests are their own
    subjects' to erase, in the same transaction.
    """
    adult.sealed, adult.state, adult.lang = None, AdultState.ERASED, ""
    for model in (ChannelAddress, CarerLink):
        db.execute(sa.delete(model).where(sa.column("adult_id") == adult.id))
    others = db.exec(
        select(Adult.id).where(
            Adult.family_id == adult.family_id,
            Adult.id != adult.id,
            Adult.state != AdultState.ERASED,
        )
    ).first()
    if others is None:
        family = db.get_one(Family, adult.family_id)
        family.sealed, family.erased_at = None, now
        orphans = [c.id for c in queries.children(db, adult.family_id)]
        db.execute(sa.delete(CarerLink).where(col(CarerLink.child_id).in_(orphans)))
        db.execute(sa.delete(Child).where(col(Child.id).in_(orphans)))
    db.flush()
