"""Who we serve: families, their adults and children, and how to reach them.

A booker is a family of one adult from the first tap. Names, dates of birth, numbers and addresses
are sealed; what is clear is what sending and searching need.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.families.rules import AddressState, AdultState, LinkPurpose
from bot.store.columns import SealedRow, choice


class Family(SealedRow, table=True):
    """One or more adults with their children. Sealed: `postcode`, as told when registering."""

    id: int = Field(default=None, primary_key=True)
    made_at: datetime
    registered_at: datetime | None = None
    erased_at: datetime | None = None


class Adult(SealedRow, table=True):
    """A parent or carer. Sealed: `name`, `phone`, `email`; `where`, the area to search near.

    What one adult tells is theirs: other adults of the family never see it.
    """

    id: int = Field(default=None, primary_key=True)
    family_id: int = Field(foreign_key="family.id", index=True)
    lang: str = Field(default="", max_length=12)  # "" until chosen or taken from the app
    reminders: bool = True
    shares_since: datetime | None = None  # lets the other adults of the family see their bookings
    wrong_codes: int = 0  # typed since `wrong_code_at` began to count
    wrong_code_at: datetime | None = None
    state: AdultState = Field(
        default=AdultState.ACTIVE, sa_column=choice(AdultState, "adult_state")
    )
    made_at: datetime
    seen_at: datetime


class Child(SealedRow, table=True):
    """Born or expected. Sealed: `first_name`, `born` or `due` (ISO dates), `about` where only an
    age was told, so that the date is a guess to the month."""

    id: int = Field(default=None, primary_key=True)
    family_id: int = Field(foreign_key="family.id", index=True)
    made_at: datetime


class CarerLink(SQLModel, table=True):
    """Who cares for whom: an adult sees a child while their link to it lives."""

    __tablename__ = "carer_link"

    id: int = Field(default=None, primary_key=True)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    since: datetime
    until: datetime | None = None


class ChannelAddress(SealedRow, table=True):
    """One way of reaching an adult.

    `key` is the Telegram user id, the hash of a web visitor's cookie, or the blind index of an
    e-mail address or number. Sealed: `address` where we write to it.
    """

    __tablename__ = "channel_address"
    __table_args__ = (sa.UniqueConstraint("channel", "key"),)

    id: int = Field(default=None, primary_key=True)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    channel: str = Field(max_length=12)
    key: str = Field(max_length=64)
    state: AddressState = Field(
        default=AddressState.WORKING, sa_column=choice(AddressState, "address_state")
    )
    made_at: datetime
    expires_at: datetime | None = None  # of a web visitor's cookie


class Agreement(SQLModel, table=True):
    """What was said yes or no to: the exact wording, when, where. Only ever added to."""

    id: int = Field(default=None, primary_key=True)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    purpose: str = Field(max_length=30)
    value: bool
    wording: str = Field(max_length=30)
    version: str = Field(max_length=20)
    lang: str = Field(max_length=12)
    digest: str = Field(max_length=64)  # SHA-256 of the text shown
    channel: str = Field(max_length=12)
    at: datetime


class LinkCode(SQLModel, table=True):
    """A code that one adult shows and another chat types, once, within a quarter of an hour.

    `digest` is its blind index. `moved` are ids of what came along when it was used, by subject,
    so that all of it goes back where the link was a mistake.
    """

    __tablename__ = "link_code"

    id: int = Field(default=None, primary_key=True)
    digest: str = Field(unique=True, max_length=64)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    channel: str = Field(max_length=12)  # on which it was shown
    purpose: LinkPurpose = Field(sa_column=choice(LinkPurpose, "link_code_purpose"))
    children: list[int] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: int | None = Field(default=None, foreign_key="adult.id", index=True)
    moved: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
