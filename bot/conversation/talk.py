"""What one adult and we have said so far, and the form that is open. Kept sealed in one row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.conversation.models import Conversation
from bot.families.models import Adult
from bot.understanding.reading import Shown, SlotValue, TalkTurn

TURNS_KEPT = 3


@dataclass(slots=True)
class Form:
    """An open form: which, about what (ids), what was answered, and the question on the screen."""

    name: str
    about: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    step: str = ""
    key: str = ""  # finishing it twice acts once
    review: bool = False  # everything is answered: back to the check after a change


@dataclass(slots=True)
class Talk:
    """The last exchanges, the open form, and what must stay in reach or off the screen.

    `listed` are ids of the sessions (or bookings) on the screen, in order. `danger` are outbox ids
    of the exchange that "Hide this" removes, `danger_said` the channel's ids of what was written.
    """

    turns: list[TalkTurn] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    listed_kind: str = ""  # session | booking | course
    form: Form | None = None
    unsure: int = 0
    urgent: bool = False
    danger: list[int] = field(default_factory=list)
    danger_said: list[str] = field(default_factory=list)
    answers_counted: int = 0

    def remember(self, turn: TalkTurn) -> None:
        self.turns = [*self.turns[-(TURNS_KEPT - 1) :], turn]

    def to_json(self) -> dict[str, Any]:
        return {
            "turns": [
                {
                    "intent": t.intent,
                    "slots": {
                        k: list(v) if isinstance(v, tuple) else v for k, v in t.slots.items()
                    },
                    "shown": [[s.activity, s.venue, s.on] for s in t.shown],
                    "bot_asked": t.bot_asked,
                }
                for t in self.turns
            ],
            "listed": self.listed,
            "listed_kind": self.listed_kind,
            "form": dataclasses.asdict(self.form) if self.form else None,
            "unsure": self.unsure,
            "urgent": self.urgent,
            "danger": self.danger,
            "danger_said": self.danger_said,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Talk:
        if not kept:
            return cls()
        return cls(
            turns=[
                TalkTurn(
                    intent=t["intent"],
                    slots={k: slot_value(v) for k, v in t["slots"].items()},
                    shown=tuple(Shown(a, v, on) for a, v, on in t["shown"]),
                    bot_asked=t["bot_asked"],
                )
                for t in kept.get("turns", [])
            ],
            listed=list(kept.get("listed", [])),
            listed_kind=kept.get("listed_kind", ""),
            form=Form(**kept["form"]) if kept.get("form") else None,
            unsure=kept.get("unsure", 0),
            urgent=kept.get("urgent", False),
            danger=list(kept.get("danger", [])),
            danger_said=list(kept.get("danger_said", [])),
        )


def slot_value(value: Any) -> SlotValue:
    """A slot's value as kept in JSON: text, or several."""
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


def open_talk(db: Session, adult: Adult, *, now: datetime) -> tuple[Conversation, Talk]:
    """The adult's conversation, locked to the end of the transaction, and the talk in it."""
    row = db.exec(
        select(Conversation).where(Conversation.adult_id == adult.id).with_for_update()
    ).one_or_none()
    if row is None:
        row = Conversation(adult_id=adult.id, at=now)
        db.add(row)
        return row, Talk()
    return row, Talk.from_json(row.private)


def keep_talk(row: Conversation, talk: Talk, *, now: datetime) -> None:
    row.seal(talk.to_json())
    row.turn_no += 1
    row.at = now


def clear_talk(db: Session, adult: Adult, *, now: datetime) -> None:
    """Forget what was said and any open form."""
    row, _ = open_talk(db, adult, now=now)
    row.sealed, row.at = None, now
    db.flush()
