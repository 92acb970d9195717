"""People whose rights never change: Amina, Ben and Carol are registered; Dev has said stop."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from bot.families import service as families
from bot.families.models import Adult
from bot.outreach import service as outreach
from tests.conftest import NOW


@dataclass(frozen=True)
class Cast:
    amina: Adult
    ben: Adult
    carol: Adult
    dev: Adult


def make_cast(db: Session) -> Cast:
    """Four adults of four families, on Telegram, in the given session."""
    people = []
    for number, name in enumerate(("Amina", "Ben", "Carol", "Dev"), 101):
        adult = families.welcome(db, channel="telegram", key=str(number), lang="en", now=NOW)
        adult.reseal(name=name)
        people.append(adult)
    families.stop(people[3])
    outreach.withdraw(db, people[3].id, now=NOW)
    db.flush()
    return Cast(*people)
