"""What staff should know is wrong, in plain sentences, the most pressing first."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.inbox.queries import parked
from bot.outbox.queries import troubled
from bot.store.engine import sqlite_is_safe
from bot.timetable.models import Change
from bot.timetable.queries import find_change, find_slot
from bot.timetable.rules import ChangeState
from handlers.http.look import Look

LATELY = timedelta(days=14)  # what failed longer ago is past mending
_CHANGE = "change:"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `url` leads to where it can be put right; `details` name what it is."""

    said: str
    url: str = ""
    details: tuple[str, ...] = ()
    pressing: bool = False


def faults_of(db: Session, look: Look) -> tuple[Fault, ...]:
    """Everything wrong at the moment."""
    return (*_sending(db, look), *_content(look), *_machine(db, look))


def _sending(db: Session, look: Look) -> list[Fault]:
    found, other, ngettext = [], 0, look.words.ngettext
    for about, count in troubled(db, since=look.now - LATELY).items():
        if not about.startswith(_CHANGE):
            other += count
            continue
        change = find_change(db, int(about.removeprefix(_CHANGE)))
        if change is None or not _matters(db, look, change):
            continue
        said = ngettext(
            "%(num)d person may not know of a change. Ring them.",
            "%(num)d people may not know of a change. Ring them.",
            count,
        )
        url = look.url(f"/staff/change/{change.id}")
        found.append(Fault(said % {"num": count}, url, pressing=True))
    if other:
        said = ngettext(
            "%(num)d message was not delivered.", "%(num)d messages were not delivered.", other
        )
        found.append(Fault(said % {"num": other}))
    if count := parked(db):
        said = ngettext(
            "%(num)d message from a family could not be read by the service. Tell your IT team.",
            "%(num)d messages from families could not be read by the service. Tell your IT team.",
            count,
        )
        found.append(Fault(said % {"num": count}, pressing=True))
    return found


def _matters(db: Session, look: Look, change: Change) -> bool:
    """Whether somebody could still come to the wrong time or place."""
    slot = find_slot(db, change.occurrence_id)
    was = datetime.fromisoformat(change.before["starts_at"])
    last = max(was, slot.ends_at) if slot is not None else was
    return change.state is ChangeState.MADE and look.now < last


def _content(look: Look) -> list[Fault]:
    _, content, said = look.words._, look.content, look.words.said
    tags = [language.tag for language in look.languages]
    old = [said(c.label) for c in content.contacts.values() if c.stale(look.today)]
    unread = [
        name
        for name, approved in (
            *((f"{_('Card')}: {c.risk}", c.approved) for c in content.safety.cards.values()),
            *((f"{_('Wording')}: {w.id}", w.approved) for w in content.wordings.values()),
        )
        if any(tag not in approved or not approved[tag].given for tag in tags)
    ]
    found = []
    if look.sample:
        found.append(Fault(_("The programme is a sample: these are not real sessions.")))
    if unread:
        said_ = look.words.ngettext(
            "%(num)d text that families read has not been approved by anybody.",
            "%(num)d texts that families read have not been approved by anybody.",
            len(unread),
        )
        found.append(Fault(said_ % {"num": len(unread)}, details=tuple(unread)))
    if old:
        said_ = look.words.ngettext(
            "%(num)d number for families was not checked in the last six months.",
            "%(num)d numbers for families were not checked in the last six months.",
            len(old),
        )
        found.append(Fault(said_ % {"num": len(old)}, details=tuple(old)))
    if not content.council.hours.sure:
        found.append(Fault(_("Nobody has confirmed the opening hours that families are told.")))
    return found


def _machine(db: Session, look: Look) -> list[Fault]:
    if db.get_bind().dialect.name != "sqlite" or sqlite_is_safe():
        return []
    said = look._(
        "SQLite %(version)s on this computer has a rare fault. Ask your IT team to use PostgreSQL."
    )
    return [Fault(said % {"version": sqlite3.sqlite_version})]
