"""Calls what staff pages call, in one transaction: a look, families who book and wait, the audit."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from bot.bookings import service, waiting
from bot.bookings.models import Claim, WaitingEntry
from bot.content import Content
from bot.families.models import Adult
from bot.families.service import welcome
from bot.staff.models import Audit
from bot.timetable.queries import find_slot
from bot.wording.words import Words
from handlers.http.look import Asked, Look
from handlers.staff import places
from tests.conftest import LONDON, MINUTE, NOW
from tests.sessions import POLICY

RANG = {"name": "Femi", "phone": "07700 900982", "size": "1", "born": "", "reason": "rang us"}


def look_at(content: Content, now: datetime = NOW) -> Look:
    """What a page function is given."""
    return Look(
        words=Words("en", LONDON), languages=content.council.languages, content=content,
        zone=LONDON, now=now, demo=True, sample=True, telegram="", address="https://x.test",
        asked=Asked("/staff", {}, "", "", ()),
    )  # fmt: skip


def adult_of(db: Session, name: str) -> Adult:
    return welcome(db, channel="telegram", key=name, lang="en", now=NOW)


def books(db: Session, name: str, occurrence: str, now: datetime = NOW) -> Claim:
    held = service.hold_place(
        db, adult=adult_of(db, name), occurrence=occurrence, size=1, key=f"b-{name}",
        policy=POLICY, now=now,
    )  # fmt: skip
    return service.confirm_place(db, held, facts={"name": name}, born=None, policy=POLICY, now=now)


def waits(db: Session, name: str, occurrence: str, size: int = 1, minutes: int = 0) -> WaitingEntry:
    slot = find_slot(db, occurrence)
    assert slot is not None
    return waiting.join(
        db, adult=adult_of(db, name), slot=slot, wish={"subjects": [slot.subject]}, size=size,
        facts={"name": name}, key=f"w-{name}", policy=POLICY, now=NOW + minutes * MINUTE,
    )  # fmt: skip


def audited(db: Session, act: str) -> list[Audit]:
    return list(db.exec(select(Audit).where(Audit.act == act)))


def shown(db: Session, look: Look, occurrence: str) -> dict[str, str]:
    return places.settings_of(db, look, places.bookable_slot(db, occurrence, now=look.now))
