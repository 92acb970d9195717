"""Messages lose their words, then go; buttons go with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from bot.outbox.models import ButtonPress, Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.store.lifetimes import Lifetime

_ENDED = col(Outbox.state).not_in([OutboxState.QUEUED, OutboxState.SENDING])


def replies(*, before: datetime) -> Lifetime:
    """Replies settled before then go. The newest row stays: its number must not be given again."""
    newest = sa.select(sa.func.max(Outbox.id)).scalar_subquery()
    return Lifetime(
        "replies",
        Outbox.id,
        sa.select(col(Outbox.id)).where(
            _ENDED,
            col(Outbox.kind) == Kind.REPLY,
            col(Outbox.settled_at) < before,
            col(Outbox.id) < newest,
        ),
        lambda db, ids: db.execute(sa.delete(Outbox).where(col(Outbox.id).in_(ids))),
    )


def words(*, before: datetime) -> Lifetime:
    """Notices settled before then lose their words; who was told of what stays, for staff."""
    return Lifetime(
        "words of notices",
        Outbox.id,
        sa.select(col(Outbox.id)).where(
            _ENDED, col(Outbox.settled_at) < before, col(Outbox.sealed).is_not(None)
        ),
        lambda db, ids: db.execute(
            sa.update(Outbox).where(col(Outbox.id).in_(ids)).values(sealed=None, external_id="")
        ),
    )


def notices(*, before: datetime) -> Lifetime:
    """Notices settled before then go."""
    newest = sa.select(sa.func.max(Outbox.id)).scalar_subquery()
    return Lifetime(
        "notices",
        Outbox.id,
        sa.select(col(Outbox.id)).where(
            _ENDED,
            col(Outbox.kind) != Kind.REPLY,
            col(Outbox.settled_at) < before,
            col(Outbox.id) < newest,
        ),
        lambda db, ids: db.execute(sa.delete(Outbox).where(col(Outbox.id).in_(ids))),
    )


def buttons(*, before: datetime, claims: sa.Select[Any]) -> Lifetime:
    """Buttons made before then go, but for those of `claims`: their "cancel" goes on working."""
    claim = col(ButtonPress.args)["c"].as_integer()
    return Lifetime(
        "buttons",
        ButtonPress.token,
        sa.select(col(ButtonPress.token)).where(
            col(ButtonPress.made_at) < before, sa.or_(claim.is_(None), claim.not_in(claims))
        ),
        lambda db, keys: db.execute(sa.delete(ButtonPress).where(col(ButtonPress.token).in_(keys))),
    )
