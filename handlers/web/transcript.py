"""What the chat shows: a visitor's talk read from the outbox, and what takes it away again."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import sqlalchemy as sa
from markupsafe import Markup
from sqlmodel import Session, col

from bot.conversation.incoming import TurnResult
from bot.conversation.talk import clear_talk
from bot.families.models import Adult
from bot.families.queries import find_address
from bot.families.service import WEB
from bot.outbox import queries as outbox
from bot.outbox import service as outbox_service
from bot.outbox.message import Button, Message
from bot.outbox.models import Outbox
from handlers.http.cookies import REMEMBERED
from handlers.http.look import Look
from handlers.web.session import map_url_at
from handlers.web.tappable import Tappable, in_english
from handlers.web.tokens import new_key

SHOWN = 60  # the newest rows of a talk
LATELY = timedelta(minutes=10)  # how old a hidden row may be and still be on an open page


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of ours, with what the visitor had said before it."""

    id: int
    said: str
    text: Markup
    rows: tuple[tuple[Button, ...], ...]
    pin_url: str
    pin_title: Markup
    pin_address: Markup
    key: str  # of its buttons' form
    hides: bool  # it can be hidden, so the way to do it stays in sight


@dataclass(frozen=True, slots=True)
class ChatPage:
    """The talk so far. `once` are rows that this page shows and no later one will."""

    template: ClassVar[str] = "chat.html"
    title: str
    bubbles: tuple[Bubble, ...]
    last: int
    key: str
    once: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()  # rows that were hidden lately: off an open screen, too


def chat_page(db: Session, look: Look, *, after: int = 0, mark: bool = False) -> ChatPage:
    """The visitor's talk, oldest first. With `mark`, rows to be shown once are noted as shown."""
    rows: Sequence[Outbox] = ()
    if look.adult_id is not None:
        rows = [
            r
            for r in outbox.talk(db, look.adult_id, after=after, limit=SHOWN)
            if not (r.once and r.shown_at)
        ]
    once = tuple(r.id for r in rows if r.once)
    if mark:
        mark_shown(db, look, once)
    return ChatPage(
        title=look._("Chat"),
        bubbles=_bubbles(look, ((r.id, Message.from_json(r.private)) for r in rows)),
        last=rows[-1].id if rows else after,
        key=new_key(),
        once=once,
        hidden=lately_hidden(db, look),
    )


def lately_hidden(db: Session, look: Look) -> tuple[int, ...]:
    """Rows of this visitor that an open page may still show, though they were hidden."""
    if look.adult_id is None:
        return ()
    query = sa.select(col(Outbox.id)).where(
        col(Outbox.adult_id) == look.adult_id, col(Outbox.hidden_at) > look.now - LATELY
    )
    return tuple(db.execute(query).scalars())


def mark_shown(db: Session, look: Look, ids: Collection[int]) -> None:
    """Note that these rows have been on a screen."""
    if ids:
        db.execute(sa.update(Outbox).where(col(Outbox.id).in_(ids)).values(shown_at=look.now))


def kept(db: Session, _look: Look, ids: Collection[int]) -> bool:
    """Whether every one of these replies will be in the talk when the page is fetched again."""
    query = sa.select(sa.func.count()).where(
        col(Outbox.id).in_(ids), col(Outbox.sealed).is_not(None)
    )
    return int(db.execute(query).scalar_one()) == len(ids)


def answer_page(db: Session, look: Look, result: TurnResult) -> ChatPage:
    """The replies of one turn. Those to be shown once are noted as shown."""
    mark_shown(db, look, [r.outbox_id for r in result.replies if r.message.protected])
    return ChatPage(
        title=look._("Chat"),
        bubbles=_bubbles(look, ((r.outbox_id, r.message) for r in result.replies)),
        last=max((r.outbox_id for r in result.replies), default=0),
        key=new_key(),
        hidden=lately_hidden(db, look),
    )


def clear_chat(db: Session, look: Look) -> None:
    """Remove the words of every message, and the talk with its open form."""
    if look.adult_id is None:
        return
    ids = db.execute(sa.select(col(Outbox.id)).where(col(Outbox.adult_id) == look.adult_id))
    outbox_service.hide(db, list(ids.scalars()), now=look.now)
    clear_talk(db, db.get_one(Adult, look.adult_id), now=look.now)


def set_remembered(db: Session, look: Look, *, keep: bool) -> bool:
    """Set when the visitor's cookie ends; whether there is such a visitor."""
    address = find_address(db, channel=WEB, key=look.asked.key) if look.adult_id else None
    if address is None:
        return False
    address.expires_at = look.now + REMEMBERED if keep else None
    return True


def _bubbles(look: Look, rows: Iterable[tuple[int, Message]]) -> tuple[Bubble, ...]:
    tappable = Tappable(look.content.contacts.values())
    return tuple(_bubble(row, message, tappable) for row, message in rows)


def _bubble(row: int, message: Message, tappable: Tappable) -> Bubble:
    pin = message.pin
    return Bubble(
        id=row,
        said=message.said,
        text=tappable(message.text),
        rows=tuple(
            tuple(dataclasses.replace(b, label=in_english(b.label)) for b in buttons)
            for buttons in message.rows
        ),
        pin_url=map_url_at(pin.lat, pin.lon) if pin else "",
        pin_title=in_english(pin.title) if pin else Markup(),
        pin_address=in_english(pin.address) if pin else Markup(),
        key=new_key(),
        hides=any(b.act == "hide" for buttons in message.rows for b in buttons),
    )
