"""Codes between chats: one person on two channels becomes one adult; a second adult joins a family.

A code is shown in one chat and typed in another, once, within fifteen minutes. Only its blind index
is kept. Whoever showed it can take the link back for a month; the other side is not told.
Joining shows nothing but the children that were chosen; leaving is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from bot.core.codes import new_code, read_code
from bot.core.errors import Kind, PlannedError, Translate
from bot.families import children, queries, service
from bot.families.models import (
    Adult,
    Agreement,
    CarerLink,
    ChannelAddress,
    Child,
    Family,
    LinkCode,
)
from bot.families.rules import (
    CODE_LASTS,
    UNLINK_WITHIN,
    WRONG_CODES,
    AdultState,
    LinkPurpose,
    tries_left,
)
from bot.families.service import EMAIL, TELEGRAM
from bot.store.columns import keys

REGISTER = "register"  # the wording a family agrees to when it registers
_PASSED: tuple[tuple[type[SQLModel], str], ...] = (
    (ChannelAddress, "addresses"), (CarerLink, "links"), (Agreement, "agreements"),
)  # fmt: skip


class WrongCodeError(PlannedError):
    """Never shown, used, or too old: which of them is nobody's to know."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("I don't know that code. Check it and try again. A code that joins two chats "
                 "works once, for fifteen minutes.")  # fmt: skip


class TooManyCodesError(PlannedError):
    """This chat typed too many wrong codes."""

    kind = Kind.TOO_MANY

    def sentence(self, _: Translate) -> str:
        return _("That was a few wrong codes in a row. Please try again in an hour.")


class OwnCodeError(PlannedError):
    """Typed where it was shown."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That is your own code. Type it in the other chat.")


class TwoTelegramsError(PlannedError):
    """Two Telegram accounts are two people to us: a notice must know where to go."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That code joins Telegram and the web chat. For two people on Telegram, choose "
                 "“Add another parent or carer”.")  # fmt: skip


def show_code(
    db: Session,
    adult: Adult,
    *,
    purpose: LinkPurpose,
    channel: str,
    now: datetime,
    shown: Sequence[int] = (),
) -> str:
    """A new code of this adult; the earlier one for the same purpose no longer works.

    `shown` are ids of the children that another carer will see.
    """
    _forget_old(db, adult, purpose, now)
    code = new_code()
    db.add(
        LinkCode(
            digest=_digest(code), adult_id=adult.id, channel=channel, purpose=purpose,
            children=list(shown), made_at=now, expires_at=now + CODE_LASTS, moved={},
        )
    )  # fmt: skip
    db.flush()
    return code


def find_code(db: Session, adult: Adult, typed: str, *, now: datetime) -> LinkCode:
    """The code that was typed, if it may be used by this adult. A wrong one is counted.

    Raises WrongCodeError, TooManyCodesError, OwnCodeError, TwoTelegramsError.
    """
    left = tries_left(adult.wrong_codes, adult.wrong_code_at, now)
    if not left:
        raise TooManyCodesError
    found = db.exec(select(LinkCode).where(LinkCode.digest == _digest(read_code(typed)))).first()
    if found is None or found.used_at is not None or found.expires_at <= now:
        adult.wrong_codes, adult.wrong_code_at = WRONG_CODES - left + 1, now
        raise WrongCodeError
    _check_may_use(db, found, adult)
    return found


def use_code(db: Session, code_id: int, adult: Adult, *, now: datetime) -> LinkCode:
    """Use up a code for this adult, before anything follows from it. Of two at once one wins.

    Raises WrongCodeError, OwnCodeError, TwoTelegramsError.
    """
    owner = db.exec(select(LinkCode.adult_id).where(LinkCode.id == code_id)).first()
    # Both rows, in one order: two chats that type each other's code wait for each other.
    query = select(Adult).where(col(Adult.id).in_([owner, adult.id])).order_by(col(Adult.id))
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    gone = [a for a in db.exec(locked) if a.state in (AdultState.MERGED, AdultState.ERASED)]
    code = db.get(LinkCode, code_id, populate_existing=True)
    if code is None or gone:
        raise WrongCodeError
    _check_may_use(db, code, adult)
    used = db.execute(
        sa.update(LinkCode)
        .where(
            col(LinkCode.id) == code_id,
            col(LinkCode.used_at).is_(None),
            col(LinkCode.expires_at) > now,
        )
        .values(used_at=now, used_by=adult.id)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise WrongCodeError
    db.refresh(code)
    return code


def access_used(db: Session, adult: Adult, code_id: int, *, now: datetime) -> LinkCode | None:
    """A link this adult may take back, locked; None where it is taken back or too long ago."""
    code = db.get(LinkCode, code_id, with_for_update=True, populate_existing=True)
    if code is None or code.adult_id != adult.id or code.used_at is None or code.used_by is None:
        return None
    return code if now - code.used_at <= UNLINK_WITHIN else None


def join_family(db: Session, code: LinkCode, newcomer: Adult, *, now: datetime) -> None:
    """Another adult joins the family of whoever showed the code, and sees the chosen children."""
    giver = db.get_one(Adult, code.adult_id)
    if newcomer.family_id != giver.family_id:
        leave_family(db, newcomer, now=now)
        _move(db, newcomer, giver.family_id, now=now)
    chosen = [c for c in queries.children_of(db, giver.id) if c.id in code.children]
    mine = queries.children_of(db, newcomer.id)
    same = children.pair_off(mine, [c for c in chosen if c not in mine])
    for own in mine:
        if own.id in same:
            _end_link(db, newcomer.id, own.id, now=now)
    links = [
        CarerLink(adult_id=newcomer.id, child_id=c.id, since=now) for c in chosen if c not in mine
    ]
    db.add_all(links)
    db.flush()
    code.moved = {"links": [link.id for link in links], "hidden": list(same)}
    db.flush()


def leave_family(db: Session, adult: Adult, *, now: datetime) -> None:
    """Be a family of one, with the own children; of shared ones each side keeps its own.

    Nobody is told, and nothing that the others see changes. A family of one stays one.
    """
    if len(queries.adults_in(db, adult.family_id)) == 1:
        return
    family = Family(made_at=now)
    db.add(family)
    db.flush()
    _move(db, adult, family.id, now=now)


def put_out(db: Session, code: LinkCode, *, now: datetime) -> Adult:
    """Undo `join_family`: the newcomer is a family of one and no longer sees those children."""
    newcomer = db.get_one(Adult, code.used_by)
    db.execute(sa.delete(CarerLink).where(col(CarerLink.id).in_(code.moved.get("links", []))))
    _show_again(db, newcomer.id, code.moved.get("hidden", []))
    if newcomer.family_id == db.get_one(Adult, code.adult_id).family_id:
        leave_family(db, newcomer, now=now)
    db.delete(code)
    db.flush()
    return newcomer


def become_one(db: Session, code: LinkCode, newcomer: Adult, *, now: datetime) -> dict[str, Any]:
    """Give what the newcomer told us to whoever showed the code: addresses, children, details.

    Their row stays, empty of addresses, so that it can be taken back. What moved, by subject.
    """
    owner = db.get_one(Adult, code.adult_id)
    old, own = newcomer.family_id, owner.family_id
    if len(queries.adults_in(db, old)) > 1 and len(queries.adults_in(db, own)) == 1:
        _move(db, owner, old, now=now)  # who lives with others on one channel does on both
    moved: dict[str, Any] = {
        "addresses": _pass_addresses(db, newcomer.id, owner.id),
        "links": _pass_children(db, newcomer, owner),
        "agreements": _pass_agreements(db, newcomer.id, owner.id),
        "details": _pass_details(newcomer, owner),
    }
    # Back on their own they show nothing: meanwhile they could not see what others booked.
    newcomer.state, newcomer.shares_since = AdultState.MERGED, None
    unused = sa.and_(col(LinkCode.adult_id) == newcomer.id, col(LinkCode.used_at).is_(None))
    db.execute(sa.delete(LinkCode).where(unused))
    db.flush()
    return moved


def become_two(db: Session, code: LinkCode, *, now: datetime) -> Adult:
    """Undo `become_one`: the other chat is somebody of their own again, with what they brought."""
    owner, newcomer = db.get_one(Adult, code.adult_id), db.get_one(Adult, code.used_by)
    newcomer.state = AdultState.ACTIVE
    for model, name in _PASSED:
        mine = sa.and_(
            sa.column("id").in_(code.moved.get(name, [])), sa.column("adult_id") == owner.id
        )
        db.execute(sa.update(model).where(mine).values(adult_id=newcomer.id))
    for child in queries.children_of(db, newcomer.id):
        if queries.carers_of(db, child.id) == [newcomer.id]:
            child.family_id = newcomer.family_id
    theirs = newcomer.private
    owner.reseal(
        **{k: "" for k in code.moved.get("details", []) if owner.private.get(k) == theirs.get(k)}
    )
    if newcomer.family_id == owner.family_id:
        leave_family(db, owner, now=now)
    db.delete(code)
    db.flush()
    return newcomer


def _digest(code: str) -> str:
    return keys().blind("link_code", code)


def _check_may_use(db: Session, code: LinkCode, adult: Adult) -> None:
    if code.adult_id == adult.id:
        raise OwnCodeError
    if code.purpose is LinkPurpose.SAME_PERSON:
        query = select(sa.func.count()).where(
            col(ChannelAddress.adult_id).in_([code.adult_id, adult.id]),
            ChannelAddress.channel == TELEGRAM,
        )
        if db.exec(query).one() > 1:
            raise TwoTelegramsError


def _forget_old(db: Session, adult: Adult, purpose: LinkPurpose, now: datetime) -> None:
    """Codes that are replaced or ran out, and what was kept so that a link could be taken back."""
    mine = sa.and_(col(LinkCode.adult_id) == adult.id, col(LinkCode.purpose) == purpose)
    stale = sa.or_(mine, col(LinkCode.expires_at) <= now)
    db.execute(sa.delete(LinkCode).where(col(LinkCode.used_at).is_(None), stale))
    for old in db.exec(select(LinkCode).where(col(LinkCode.used_at) < now - UNLINK_WITHIN)).all():
        if old.purpose is LinkPurpose.SAME_PERSON:
            service.erase(db, db.get_one(Adult, old.used_by), now=now)
        else:
            db.delete(old)


def _move(db: Session, adult: Adult, family_id: int, *, now: datetime) -> None:
    children.keep_own_copies(db, adult, family_id=family_id, now=now)
    agreed = queries.latest_agreement(db, adult.id, REGISTER)
    new = db.get_one(Family, family_id)
    if agreed is not None and agreed.value and new.registered_at is None:
        new.registered_at = db.get_one(Family, adult.family_id).registered_at
    adult.family_id, adult.shares_since = family_id, None
    db.flush()


def _end_link(db: Session, adult_id: int, child_id: int, *, now: datetime) -> None:
    db.execute(
        sa.update(CarerLink)
        .where(col(CarerLink.adult_id) == adult_id, col(CarerLink.child_id) == child_id)
        .values(until=now)
    )


def _show_again(db: Session, adult_id: int, child_ids: Sequence[int]) -> None:
    db.execute(
        sa.update(CarerLink)
        .where(col(CarerLink.adult_id) == adult_id, col(CarerLink.child_id).in_(child_ids))
        .values(until=None)
    )


def _pass_addresses(db: Session, from_adult: int, to_adult: int) -> list[int]:
    """All but a second e-mail address: one an adult is enough, and the first was theirs."""
    kept = {a.channel for a in queries.addresses(db, to_adult) if a.channel == EMAIL}
    query = select(ChannelAddress).where(
        ChannelAddress.adult_id == from_adult, col(ChannelAddress.channel).not_in(kept)
    )
    rows = list(db.exec(query))
    for row in rows:
        row.adult_id = to_adult
    return [row.id for row in rows]


def _pass_children(db: Session, newcomer: Adult, owner: Adult) -> list[int]:
    """Links to children that the owner doesn't have; the others stay behind, seen by nobody."""
    theirs = queries.children_of(db, newcomer.id)
    same = children.pair_off(theirs, queries.children_of(db, owner.id))
    query = select(CarerLink).where(
        CarerLink.adult_id == newcomer.id, col(CarerLink.until).is_(None)
    )
    moved = [link for link in db.exec(query) if link.child_id not in same]
    for link in moved:
        if queries.carers_of(db, link.child_id) == [newcomer.id]:
            db.get_one(Child, link.child_id).family_id = owner.family_id
    for link in moved:
        link.adult_id = owner.id
    return [link.id for link in moved]


def _pass_agreements(db: Session, from_adult: int, to_adult: int) -> list[int]:
    rows = list(db.exec(select(Agreement).where(Agreement.adult_id == from_adult)))
    for row in rows:
        row.adult_id = to_adult
    return [row.id for row in rows]


def _pass_details(newcomer: Adult, owner: Adult) -> list[str]:
    """Name, number, address and area, where we had none."""
    new = {k: v for k, v in newcomer.private.items() if not owner.private.get(k)}
    owner.reseal(**new)
    return list(new)
