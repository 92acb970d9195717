"""Writes about families: first contact, what they ask us to remember, agreements, leaving."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
    LinkCode,
)  # fmt: skip
from bot.families.rules import AddressState, AdultState
from bot.store.columns import keys

TELEGRAM, WEB, EMAIL = "telegram", "web", "email"
SEEN_STEP = timedelta(hours=1)  # how exactly we know when somebody was last here
GUESSED_WITHIN = timedelta(days=92)  # of the day worked out from an age, to be the same child


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
    known, state = queries.find_writer(db, channel=channel, key=key) or (None, None)
    if known is not None and known.state is not AdultState.ERASED:
        if state is AddressState.GONE:  # who writes can be reached, whatever a send was told
            set_address_state(db, channel=channel, key=key, state=AddressState.WORKING)
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


def drop_email(db: Session, adult: Adult) -> None:
    """Reach this adult by e-mail no more."""
    db.execute(
        sa.delete(ChannelAddress).where(
            col(ChannelAddress.adult_id) == adult.id, col(ChannelAddress.channel) == EMAIL
        )
    )


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
    """Remember a child this adult speaks of in passing; one that we know changes nothing.

    With `about` the day is worked out from an age: it may be a child we know better, and it
    replaces an earlier guess. Twins are told in so many words, by `children.add_children`.
    """
    mine = queries.children_of(db, adult.id)
    facts = child_facts(born=born, due=due, about=about, first_name=first_name)
    same = next((c for c in mine if is_day(c, born=born, due=due)), None)
    if same is None and about and born is not None:
        same = next((c for c in mine if is_near(c, born) and not _is_guess(c)), None)
    guess = mine[0] if len(mine) == 1 and _is_guess(mine[0]) else None
    if same is None and guess is not None and born is not None and (about or is_near(guess, born)):
        guess.seal(facts)
        return guess
    if same is not None:
        if first_name:
            same.reseal(first_name=first_name)
        return same
    return new_child(db, adult, facts, now=now)


def child_facts(
    *, born: date | None, due: date | None, about: bool, first_name: str = ""
) -> dict[str, Any]:
    """What is sealed of a child."""
    return {
        "born": born.isoformat() if born else "", "due": due.isoformat() if due else "",
        "about": about or None, "first_name": first_name,
    }  # fmt: skip


def new_child(db: Session, adult: Adult, facts: Mapping[str, Any], *, now: datetime) -> Child:
    """A child that this adult alone sees, for now."""
    child = Child(family_id=adult.family_id, made_at=now)
    child.seal(facts)
    db.add(child)
    db.flush()
    db.add(CarerLink(adult_id=adult.id, child_id=child.id, since=now))
    db.flush()
    return child


def is_day(child: Child, *, born: date | None, due: date | None) -> bool:
    """Whether that is the day we have for a child."""
    known = (child.private.get("born", ""), child.private.get("due", ""))
    return known == (born.isoformat() if born else "", due.isoformat() if due else "")


def is_near(child: Child, born: date) -> bool:
    """Whether a day worked out from an age may be this child's."""
    known = str(child.private.get("born", ""))
    return known != "" and abs(date.fromisoformat(known) - born) <= GUESSED_WITHIN


def remember_place(_db: Session, adult: Adult, where: str) -> None:
    """Remember an area, venue or outcode for this adult; "" forgets it."""
    adult.reseal(where=where)


def forget_what_helps(db: Session, adult: Adult) -> None:
    """Forget the area, and children known only from an age."""
    remember_place(db, adult, "")
    for child in queries.children_of(db, adult.id):
        if _is_guess(child):
            forget_child(db, adult, child)


def forget_child(db: Session, adult: Adult, child: Child) -> None:
    """This adult no longer sees a child; nothing is kept of one that nobody sees."""
    db.execute(
        sa.delete(CarerLink).where(
            col(CarerLink.adult_id) == adult.id, col(CarerLink.child_id) == child.id
        )
    )
    if not queries.carers_of(db, child.id):
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
    """Remove what identifies this adult, chats that were joined to theirs, and every child that
    nobody else sees.

    Rows that count for statistics stay, empty. Bookings, messages and requests are their own
    subjects' to erase, in the same transaction.
    """
    merged = [db.get_one(Adult, i) for i in queries.merged_into(db, adult.id)]
    for person in (adult, *merged):
        for child in queries.children_of(db, person.id):
            forget_child(db, person, child)
        person.sealed, person.state, person.lang = None, AdultState.ERASED, ""
        person.shares_since = None
        for model in (ChannelAddress, CarerLink):
            db.execute(sa.delete(model).where(sa.column("adult_id") == person.id))
        db.execute(
            sa.delete(LinkCode).where(
                sa.or_(col(LinkCode.adult_id) == person.id, col(LinkCode.used_by) == person.id)
            )
        )
    for family in {p.family_id for p in (adult, *merged)}:
        if not queries.adults_in(db, family):
            empty = db.get_one(Family, family)
            empty.sealed, empty.erased_at = None, now
    db.flush()


def _is_guess(child: Child) -> bool:
    return bool(child.private.get("about")) and not child.private.get("first_name")
