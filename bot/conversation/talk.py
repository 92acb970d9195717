"""What one adult and we have said so far, and the form that is open. Kept sealed in one row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from bot.conversation.models import Conversation
from bot.families.models import Adult
from bot.store.columns import open_row, seal_row, table_of
from bot.store.prepared import Prepared
from bot.timetable.queries import Slot
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
    waiting: bool = False  # something else was asked meanwhile: "Carry on" puts the question again
    missed: int = 0  # answers in a row that were none


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
    told: dict[str, str] = field(default_factory=dict)  # answers given before a form was open
    unsure: int = 0
    urgent: bool = False
    danger: list[int] = field(default_factory=list)
    danger_said: list[str] = field(default_factory=list)
    spoken_of: str = ""  # the language we last said we don't speak, or offered
    album: str = ""  # the photos that were answered last

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
                    "shown": [[s.activity, s.venue, s.on, s.label] for s in t.shown],
                    "bot_asked": t.bot_asked,
                }
                for t in self.turns
            ],
            "listed": self.listed,
            "listed_kind": self.listed_kind,
            "form": dataclasses.asdict(self.form) if self.form else None,
            "told": self.told,
            "unsure": self.unsure,
            "urgent": self.urgent,
            "danger": self.danger,
            "danger_said": self.danger_said,
            "spoken_of": self.spoken_of,
            "album": self.album,
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
                    shown=tuple(Shown(*line) for line in t["shown"]),
                    bot_asked=t["bot_asked"],
                )
                for t in kept.get("turns", [])
            ],
            listed=list(kept.get("listed", [])),
            listed_kind=kept.get("listed_kind", ""),
            form=Form(**kept["form"]) if kept.get("form") else None,
            told=dict(kept.get("told", {})),
            unsure=kept.get("unsure", 0),
            urgent=kept.get("urgent", False),
            danger=list(kept.get("danger", [])),
            danger_said=list(kept.get("danger_said", [])),
            spoken_of=kept.get("spoken_of", ""),
            album=kept.get("album", ""),
        )


def shown_line(slot: Slot, zone: ZoneInfo) -> Shown:
    """A session as it stands on the screen, with the day and the time it starts in our time."""
    starts = slot.starts_at.astimezone(zone)
    return Shown(slot.activity, slot.venue, f"{starts:%Y-%m-%d}", f"{starts:%H:%M}")


def slot_value(value: Any) -> SlotValue:
    """A slot's value as kept in JSON: text, or several."""
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


_CONVERSATION = table_of(Conversation)
_OPEN = Prepared(
    sa.select(_CONVERSATION.c.id, _CONVERSATION.c.uid, _CONVERSATION.c.sealed)
    .where(_CONVERSATION.c.adult_id == sa.bindparam("adult"))
    .with_for_update()
)
_KEEP = Prepared(
    sa.update(_CONVERSATION)
    .where(_CONVERSATION.c.id == sa.bindparam("row"))
    .values(
        sealed=sa.bindparam("seal"), turn_no=_CONVERSATION.c.turn_no + 1, at=sa.bindparam("now")
    )
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The row in which an adult's talk is kept."""

    id: int
    uid: str


def open_talk(db: Session, adult: Adult, *, now: datetime) -> tuple[Kept, Talk]:
    """The row of the adult's talk, locked to the end of the transaction, and the talk in it."""
    found = _OPEN.one(db, {"adult": adult.id})
    if found is None:
        row = Conversation(adult_id=adult.id, at=now)
        db.add(row)
        db.flush()
        return Kept(row.id, row.uid), Talk()
    row_id, uid, sealed = found
    return Kept(row_id, uid), Talk.from_json(open_row(Conversation, uid, sealed))


def keep_talk(db: Session, row: Kept, talk: Talk | None, *, now: datetime) -> None:
    """Keep the talk as it is now; None forgets it."""
    sealed = seal_row(Conversation, row.uid, talk.to_json() if talk is not None else {})
    _KEEP.change(db, {"row": row.id, "seal": sealed, "now": now})


def clear_talk(db: Session, adult: Adult, *, now: datetime) -> None:
    """Forget what was said and any open form."""
    row, _ = open_talk(db, adult, now=now)
    keep_talk(db, row, None, now=now)
