"""Opens what every command needs: content, database, keys; and refuses what isn't fit to open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from bot.bookings.allotting import resized
from bot.bookings.models import Attendance, Claim, PlaceSetting, StoryLine, WaitingEntry
from bot.bookings.queries import claimed_occurrences, live_sizes
from bot.content import Content, load
from bot.conversation.models import Conversation
from bot.conversation.turn import Desk
from bot.core import sealing
from bot.core.clock import Clock, file_clock, system_clock
from bot.core.errors import Kind, PlannedError, Translate
from bot.core.sealing import KeyFileError, Keys, SealBrokenError
from bot.core.settings import Mode, Settings
from bot.enquiries.models import Enquiry, OpenQuestion
from bot.families.models import (
    Adult,
    Agreement,
    CarerLink,
    ChannelAddress,
    Child,
    Family,
    LinkCode,
)
from bot.inbox.models import Inbox
from bot.outbox.models import ButtonPress, Outbox
from bot.outreach.models import Follow
from bot.outreach.service import followed_sessions
from bot.staff.models import Audit, StaffLink, StaffSession
from bot.store.columns import use_keys
from bot.store.engine import Store
from bot.store.migrate import migrate
from bot.store.models import Fact, KeyCheck
from bot.timetable.importing import apply_folder, is_sample
from bot.timetable.laying import Laid, Needed
from bot.timetable.models import Change, Course, EmptySearch, Occurrence, Series

if TYPE_CHECKING:
    from bot.understanding.reader import Reader

#: Every table, parents before children. Backups and migrations read it; a test keeps it whole.
TABLES = (
    Fact, KeyCheck, Family, Adult, Child, CarerLink, ChannelAddress, Agreement, LinkCode, Series,
    Course, Occurrence, Change, EmptySearch, WaitingEntry, Claim, PlaceSetting, StoryLine,
    Attendance, Follow, Conversation, Inbox, Outbox, ButtonPress, Enquiry, OpenQuestion,
    StaffLink, StaffSession, Audit,
)  # fmt: skip


def tables() -> list[sa.Table]:
    """Every table, parents before children."""
    return [SQLModel.metadata.tables[str(t.__tablename__)] for t in TABLES]


class NotFitForLiveError(PlannedError):
    """Live mode refuses; one plain sentence a fault, each with what to do."""

    kind = Kind.UNAVAILABLE

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults

    def sentence(self, _: Translate) -> str:
        return "\n".join([_("This can't go live yet:"), *(f"- {f}" for f in self.faults)])


@dataclass(frozen=True)
class Opened:
    """An open database with the content, keys and words that belong to it."""

    settings: Settings
    content: Content
    store: Store
    keys: Keys
    desk: Desk
    reader: Callable[[], Reader]
    clock: Clock
    laid: Laid


def clock_of(settings: Settings) -> Clock:
    if settings.test_clock and settings.mode is Mode.DEMO:
        return file_clock(Path(settings.test_clock))
    return system_clock


def find_store(settings: Settings) -> Store | None:
    """The database as it is, not migrated; None where nothing was ever stored."""
    if settings.sqlite and not Path(settings.database.removeprefix("sqlite:///")).is_file():
        return None
    return Store(settings.database)


def open_all(settings: Settings) -> Opened:
    """Read the content, open and migrate the database, check the key, lay out the timetable.

    Raises ContentError, KeyFileError, NewerDatabaseError, NotFitForLiveError.
    """
    content = load(settings.content_dir)
    clock = clock_of(settings)
    store = Store(settings.database)
    try:
        migrate(store.engine)
        keys = fit_keys(store, settings)
        if settings.mode is Mode.LIVE:
            refuse_live(settings, content, keys, store)
        laid = store.write_now(lay_out_content, content=content, settings=settings, now=clock())
    except BaseException:
        store.close()
        raise
    reader = late_reader(content)
    return Opened(
        settings, content, store, keys, desk_of(settings, content, reader), reader, clock, laid
    )


def late_reader(content: Content) -> Callable[[], Reader]:
    """The reader of this content, made when first asked for: pages and most commands do without its
    word lists, which take a second to load."""
    lock = Lock()
    made: list[Reader] = []

    def reader() -> Reader:
        with lock:
            if not made:
                from bot.understanding.reader import Reader  # noqa: PLC0415  # half of that second

                made.append(Reader.from_content(content))
        return made[0]

    return reader


def desk_of(settings: Settings, content: Content, reader: Callable[[], Reader]) -> Desk:
    return Desk(
        content=content,
        zone=settings.zone,
        address=settings.address,
        demo=settings.mode is Mode.DEMO,
        mail=bool(settings.smtp_url.get_secret_value()),
        resolve=lambda reading, talk: reader().resolve(reading, talk=talk),
    )


def lay_out_content(db: Session, *, content: Content, settings: Settings, now: datetime) -> Laid:
    """Lay out the folder's programme, or what was imported since, around what people have."""
    needed = needed_by_people(db, now=now)
    return apply_folder(db, content=content, now=now, zone=settings.zone, needed=needed)


def needed_by_people(db: Session, *, now: datetime) -> Needed:
    """What people have of the timetable; nobody takes or follows more until the commit."""
    if db.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        db.execute(sa.text("LOCK TABLE occurrence, course IN EXCLUSIVE MODE"))
    followed = followed_sessions(db)
    return Needed(
        taken=live_sizes(db, now=now),
        followed=frozenset(session for session, still in followed.items() if still),
        named=frozenset(claimed_occurrences(db) | followed.keys()),
        resized=resized(db),
    )


def fit_keys(store: Store, settings: Settings) -> Keys:
    """The keys of this database. Made only for SQLite, and only where nothing is sealed yet.

    Raises KeyFileError with what to do.
    """
    path = settings.key_file
    if path.resolve().is_relative_to(settings.data_dir.resolve()):
        raise KeyFileError(
            path, "The key file is inside DATA_DIR.",
            "Keep keys and data apart: set KEY_FILE to another folder.",
        )  # fmt: skip
    if not path.exists():
        if store.read_now(_anything_sealed):
            raise KeyFileError(
                path, "The key file is missing, and the database holds sealed data.",
                "Put the key file back: a new key can't open it.",
            )  # fmt: skip
        if not settings.sqlite:
            raise KeyFileError(
                path, "There is no key file.",
                "Make one with: python -m bot keys make, and keep a copy in a safe place.",
            )  # fmt: skip
        with contextlib.suppress(FileExistsError):  # another command made it at this moment
            sealing.write_keys(path, sealing.make_keys())
    keys = sealing.read_keys(path)
    use_keys(keys)
    try:
        store.write_now(_prove_keys)
    except SealBrokenError:
        raise KeyFileError(
            path, "This key doesn't fit this database.",
            "Put back the key file that belongs to it.",
        ) from None  # fmt: skip
    return keys


def refuse_live(settings: Settings, content: Content, keys: Keys, store: Store) -> None:
    """Raise NotFitForLiveError naming everything that keeps families from being served safely."""
    faults = []
    if content.programme.sample and store.read_now(is_sample):
        faults.append(
            "The timetable is the sample. Import a real one: python -m bot programme apply FILE.csv."
        )
    if content.calendar.sample:
        faults.append("The term dates are a sample. Put the real ones in content/calendar.yaml.")
    offered = ["en", *(x.tag for x in content.council.languages if x.approved.given)]
    for card in content.safety.cards.values():
        if any(tag not in card.approved or not card.approved[tag].given for tag in offered):
            faults.append(
                f"Nobody has approved the card “{card.risk}”. Have it approved and note who and "
                "when in content/safety.yaml."
            )
    for wording in content.wordings.values():
        if any(tag not in wording.approved or not wording.approved[tag].given for tag in offered):
            faults.append(
                f"Nobody has approved the wording “{wording.id}”. Have it approved and note who "
                "and when in content/wordings.yaml."
            )
    if not settings.secure:
        faults.append("PUBLIC_URL must start with https://. Set it to the address families use.")
    if keys.made_here:
        faults.append(
            "The key was made by the service itself. Make one and keep a copy: python -m bot keys make."
        )
    if settings.backup_dir is None:
        faults.append("There is nowhere to keep backups. Set BACKUP_DIR.")
    if settings.test_clock:
        faults.append("TEST_CLOCK is set. Unset it: it is for tests only.")
    if faults:
        raise NotFitForLiveError(faults)


def _anything_sealed(db: Session) -> bool:
    for table in tables():
        if "sealed" in table.columns:
            column = table.columns["sealed"]
            if db.execute(sa.select(sa.literal(1)).where(column.is_not(None)).limit(1)).first():
                return True
    return False


def _prove_keys(db: Session) -> None:
    row = db.exec(select(KeyCheck)).first()
    if row is None:
        row = KeyCheck()
        row.seal({"check": "this key fits"})
        db.add(row)
    elif row.private.get("check") != "this key fits":
        raise SealBrokenError("key_check")
