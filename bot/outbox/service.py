"""Writes what must go out, in the transaction of its cause, and settles how each send ended."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.outbox.message import Button, Message
from bot.outbox.models import ButtonPress, Outbox
from bot.outbox.rules import (
    LEASE,
    PRIORITY,
    SENT_AGAIN_WHEN_IN_DOUBT,
    TRIES,
    Kind,
    OutboxState,
    next_try,
)  # fmt: skip
from bot.store.columns import new_uid, seal_row, table_of
from bot.store.prepared import Prepared

#: A token that starts so names its act itself: for acts that need no owner and no arguments.
OPEN_TOKEN = "="  # noqa: S105  # no secret: a sign

#: Reasons of a notice that staff settled by hand; the name of who did it follows.
BY_PHONE = "told by phone: "
NO_WAY = "no way to tell: "
NOBODY_YET = "nobody rang yet"
WEB = "web"  # a page shows its messages itself: nothing is sent


_OUTBOX = table_of(Outbox)
_POST_REPLY = Prepared(sa.insert(_OUTBOX).returning(_OUTBOX.c.id))
_BUTTONS = Prepared(sa.insert(table_of(ButtonPress)))
_SENT = Prepared(
    sa.update(_OUTBOX)
    .where(_OUTBOX.c.id == sa.bindparam("row"))
    .values(
        state=OutboxState.SENT, settled_at=sa.bindparam("at"), lease_until=None,
        external_id=sa.bindparam("theirs"),
    )
)  # fmt: skip


def post_reply(
    db: Session,
    message: Message,
    *,
    to: int,
    channel: str,
    key: str,
    now: datetime,
    inbox_id: int | None = None,
    shown: bool = False,
    keep: bool = True,
) -> tuple[int, Message]:
    """Write a reply of a turn, leased: the caller sends it right after the commit.

    With `shown` a page shows it by itself and it counts as sent; without `keep` its words are not
    stored. Returns the row's id and the message with its buttons' tokens.
    """
    message = with_tokens(db, message, owner=to, now=now)
    uid = new_uid()
    values = {
        "uid": uid, "sealed": seal_row(Outbox, uid, message.to_json()) if keep else None,
        "adult_id": to, "kind": Kind.REPLY, "about": "", "dedupe": key,
        "priority": PRIORITY[Kind.REPLY], "send_after": now,
        "state": OutboxState.SENT if shown else OutboxState.SENDING, "channel": channel,
        "attempts": 1, "lease_until": None if shown else now + LEASE,
        "settled_at": now if shown else None, "external_id": "", "reason": "",
        "inbox_id": inbox_id, "once": message.protected,
    }  # fmt: skip
    return int(_POST_REPLY.rows(db, values)[0][0]), message


def tell_on(
    db: Session, message: Message, *, to: int, channel: str, dedupe: str, now: datetime
) -> None:
    """Say something once on the channel where it belongs, though the turn is on another."""
    row_id, _ = post_reply(
        db, message, to=to, channel=channel, key=dedupe, now=now, shown=channel == WEB
    )
    if channel != WEB:
        row = db.get_one(Outbox, row_id)
        row.state, row.lease_until, row.attempts = OutboxState.QUEUED, None, 0
        db.flush()


def post(
    db: Session, *, to: int, kind: Kind, about: str, dedupe: str, send_after: datetime
) -> bool:
    """Promise a notice. It is rendered when it is sent. False where it was promised before."""
    if db.exec(select(Outbox.id).where(Outbox.dedupe == dedupe)).first() is not None:
        return False
    db.add(
        Outbox(
            adult_id=to, kind=kind, about=about, dedupe=dedupe, priority=PRIORITY[kind],
            send_after=send_after,
        )
    )  # fmt: skip
    db.flush()
    return True


def with_tokens(db: Session, message: Message, *, owner: int, now: datetime) -> Message:
    """The message with a token on every button that acts; tokens with arguments become rows."""
    made: list[dict[str, object]] = []

    def named(button: Button) -> Button:
        if not button.act or button.token:
            return button
        if not button.args:
            return dataclasses.replace(button, token=OPEN_TOKEN + button.act)
        token = secrets.token_urlsafe(12)
        made.append(
            {"token": token, "adult_id": owner, "act": button.act, "args": dict(button.args),
             "made_at": now}
        )  # fmt: skip
        return dataclasses.replace(button, token=token)

    rows = tuple(tuple(named(b) for b in row) for row in message.rows)
    if made:
        _BUTTONS.change_all(db, made)
    return dataclasses.replace(message, rows=rows)


def lease_due(db: Session, *, now: datetime, limit: int) -> list[Outbox]:
    """Take rows whose time has come, most urgent first, for one send each.

    Rows whose lease ran out are in doubt: replies and reminders are taken again, the others
    become unknown and staff see them.
    """
    doubtful = col(Outbox.state) == OutboxState.SENDING
    expired = sa.and_(doubtful, col(Outbox.lease_until) < now)
    again = col(Outbox.kind).in_(SENT_AGAIN_WHEN_IN_DOUBT)
    db.execute(
        sa.update(Outbox)
        .where(expired, sa.not_(again))
        .values(state=OutboxState.UNKNOWN, settled_at=now, lease_until=None)
    )
    due = sa.and_(col(Outbox.state) == OutboxState.QUEUED, col(Outbox.send_after) <= now)
    rows = list(
        db.exec(
            select(Outbox)
            .where(sa.or_(due, sa.and_(expired, again)))
            .order_by(col(Outbox.priority), col(Outbox.send_after), col(Outbox.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for row in rows:
        row.state, row.lease_until = OutboxState.SENDING, now + LEASE
        row.attempts += 1
    db.flush()
    return rows


def release_leases(db: Session, *, now: datetime) -> int:
    """At the start of the only process: nothing can be on its way, so every lease has run out."""
    past = now - LEASE
    result = db.execute(
        sa.update(Outbox).where(col(Outbox.state) == OutboxState.SENDING).values(lease_until=past)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def sent(db: Session, outbox_id: int, *, external_id: str, now: datetime) -> None:
    _SENT.change(db, {"row": outbox_id, "at": now, "theirs": external_id[:120]})


def skipped(db: Session, outbox_id: int, *, reason: str, now: datetime) -> None:
    """It was no longer true or wanted when its time came."""
    _end(db, outbox_id, OutboxState.SKIPPED, reason, now)


def failed(db: Session, outbox_id: int, *, reason: str, now: datetime) -> None:
    _end(db, outbox_id, OutboxState.FAILED, reason, now)


def unknown(db: Session, outbox_id: int, *, now: datetime) -> None:
    """Cut off after sending. Kinds that may come twice are tried once more."""
    row = db.get_one(Outbox, outbox_id)
    if row.kind in SENT_AGAIN_WHEN_IN_DOUBT and row.attempts < 2:
        row.state, row.lease_until = OutboxState.QUEUED, None
        row.send_after = next_try(row.attempts, now)
    else:
        row.state, row.settled_at, row.lease_until = OutboxState.UNKNOWN, now, None
    db.flush()


def try_again(
    db: Session, outbox_id: int, *, after: float | None, reason: str, now: datetime
) -> None:
    """Not delivered: queue it for later, or give up after `TRIES` sends."""
    row = db.get_one(Outbox, outbox_id)
    if row.attempts >= TRIES:
        _end(db, outbox_id, OutboxState.FAILED, reason, now)
        return
    row.state, row.lease_until = OutboxState.QUEUED, None
    row.send_after = next_try(row.attempts, now, after)
    row.reason = reason[:80]
    db.flush()


def hold(row: Outbox, *, until: datetime, reason: str) -> None:
    """Put a leased row back until later; that was no attempt."""
    row.state, row.lease_until, row.send_after = OutboxState.QUEUED, None, until
    row.attempts -= 1
    row.reason = reason[:80]


def skip_notices(db: Session, about: Iterable[str], *, reason: str, now: datetime) -> int:
    """Take back notices about these causes that have not left yet; how many."""
    result = db.execute(
        sa.update(Outbox)
        .where(col(Outbox.about).in_(list(about)), col(Outbox.state) == OutboxState.QUEUED)
        .values(state=OutboxState.SKIPPED, reason=reason[:80], settled_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def put_back(db: Session, about: Iterable[str], *, reason: str) -> int:
    """Queue notices again that were skipped for a reason that no longer holds; how many."""
    result = db.execute(
        sa.update(Outbox)
        .where(
            col(Outbox.about).in_(list(about)),
            col(Outbox.state) == OutboxState.SKIPPED,
            col(Outbox.reason) == reason,
        )
        .values(state=OutboxState.QUEUED, reason="", settled_at=None)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def settle_by_hand(db: Session, row: Outbox, how: str, *, by: str, now: datetime) -> None:
    """Somebody saw to it, `how` is BY_PHONE or NO_WAY: the notice is no longer wanted.

    One that is on its way or sent stays so.
    """
    if row.state not in (OutboxState.SENDING, OutboxState.SENT):
        _end(db, row.id, OutboxState.SKIPPED, how + by, now)


def unsettle_by_hand(db: Session, row: Outbox, *, now: datetime) -> None:
    """Nobody saw to it after all: the person is on the list of those not reached again."""
    if row.state is OutboxState.SKIPPED and row.reason.startswith((BY_PHONE, NO_WAY)):
        _end(db, row.id, OutboxState.FAILED, NOBODY_YET, now)


def hide(db: Session, outbox_ids: Iterable[int], *, now: datetime) -> None:
    """Take messages off every screen for good: their words are removed too."""
    db.execute(
        sa.update(Outbox)
        .where(col(Outbox.id).in_(list(outbox_ids)))
        .values(sealed=None, hidden_at=now)
    )


def pass_on(
    db: Session, *, from_adult: int, to_adult: int, only: Collection[int] | None = None
) -> list[int]:
    """Give one adult's messages to another, who is the same person; their ids.

    `only` some of them, where that is taken back.
    """
    query = sa.update(Outbox).where(col(Outbox.adult_id) == from_adult)
    if only is not None:
        query = query.where(col(Outbox.id).in_(only))
    return list(db.scalars(query.values(adult_id=to_adult).returning(col(Outbox.id))))


def pass_on_buttons(
    db: Session, *, from_adult: int, to_adult: int, only: Collection[str] | None = None
) -> list[str]:
    """The same for buttons, so that those on the screen still act; their tokens."""
    query = sa.update(ButtonPress).where(col(ButtonPress.adult_id) == from_adult)
    if only is not None:
        query = query.where(col(ButtonPress.token).in_(only))
    return list(db.scalars(query.values(adult_id=to_adult).returning(col(ButtonPress.token))))


def erase(db: Session, adult_id: int, *, now: datetime) -> None:
    """Remove every message and button of an adult; what has not left will not."""
    db.execute(
        sa.update(Outbox)
        .where(col(Outbox.adult_id) == adult_id)
        .values(sealed=None, hidden_at=now, external_id="")
    )
    db.execute(
        sa.update(Outbox)
        .where(
            col(Outbox.adult_id) == adult_id,
            col(Outbox.state).in_([OutboxState.QUEUED, OutboxState.SENDING]),
        )
        .values(state=OutboxState.SKIPPED, reason="erased", settled_at=now)
    )
    db.execute(sa.delete(ButtonPress).where(col(ButtonPress.adult_id) == adult_id))


def _end(db: Session, outbox_id: int, state: OutboxState, reason: str, now: datetime) -> None:
    db.execute(
        sa.update(Outbox)
        .where(col(Outbox.id) == outbox_id)
        .values(state=state, reason=reason[:80], settled_at=now, lease_until=None)
    )
