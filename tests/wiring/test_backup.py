"""Backup and restore: whole or not at all, on both databases and from one to the other."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from markupsafe import Markup
from sqlmodel import Session, select

from bot.bookings import allotting, waiting
from bot.bookings import service as bookings
from bot.bookings.rules import EndedWhy, RegisterMark
from bot.content import Content
from bot.enquiries import service as enquiries
from bot.enquiries.rules import EnquiryKind
from bot.families import linking
from bot.families import service as families
from bot.families.models import Adult
from bot.families.rules import LinkPurpose
from bot.opening import tables
from bot.outbox import service as outbox
from bot.outbox.message import Button, Message
from bot.outreach import service as outreach
from bot.staff import service as staff
from bot.store import backup
from bot.store.backup import BackupUnusableError, NotEmptyError, restore_backup, write_backup
from bot.store.engine import Store
from bot.store.models import KeyCheck
from bot.timetable import service as timetable
from bot.timetable.queries import find_slot
from bot.understanding.reader import Reader
from tests.cast import make_cast
from tests.conftest import DAY, HOUR, LONDON, NOW
from tests.sessions import POLICY, make_session
from tests.talker import Office

pytestmark = pytest.mark.long  # whole databases come and go

Open = Callable[[str], Store]


@pytest.fixture
def lived_in(laid: Store, content: Content) -> Store:
    """A database in which something of everything has happened."""
    laid.write_now(_live, content=content)
    office = Office(laid, content, Reader.from_content(content))
    zoe = office.talker("777", now=NOW)
    zoe.command("start")
    zoe.says("baby massage at west street")
    zoe.says("سلام 🎈")
    return laid


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens new, migrated, empty databases of a kind."""
    opened: list[Store] = []

    def make(kind: str) -> Store:
        if kind == "sqlite":
            path = tmp_path / f"fresh-{len(opened)}.sqlite3"
            shutil.copy(sqlite_template, path)
            url = f"sqlite:///{path}"
        else:
            url = request.getfixturevalue("postgres")()
        opened.append(Store(url, durable=False))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_every_row_comes_back_in_either_database(lived_in, fresh, target, tmp_path):
    path = write_backup(lived_in, tables(), tmp_path / "backups", now=NOW)
    other = fresh(target)
    rows = restore_backup(other, tables(), path)
    before, after = contents(lived_in), contents(other)
    assert after == before
    assert rows == sum(len(r) for r in before.values())
    assert [name for name, found in before.items() if not found] == []  # else this proves little


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_life_goes_on_after_a_restore(lived_in, fresh, target, content, tmp_path):
    """New rows get new numbers, and sealed ones open."""
    path = write_backup(lived_in, tables(), tmp_path, now=NOW)
    other = fresh(target)
    restore_backup(other, tables(), path)
    office = Office(other, content, Reader.from_content(content))
    assert "automatic" in office.talker("888", now=NOW + HOUR).command("start")
    if not other.sqlite:
        other.write_now(_numbers_go_on)
    names = other.read_now(lambda db: [a.private.get("name") for a in db.exec(select(Adult))])
    assert "Amina" in names


def test_it_is_one_moment_and_the_service_goes_on_meanwhile(lived_in, monkeypatch, tmp_path):
    """Whoever books while a backup is written must neither wait for it nor be half in it."""
    plain, done = backup._lines, []

    def slowly(store: Store, *args: Any) -> Iterator[dict[str, Any]]:
        for line in plain(store, *args):
            yield line
            if line.get("table") == "key_check" and not done:  # the first table is read
                done.append(store.write_now(somebody_comes))

    def somebody_comes(db: Session) -> int:
        return families.welcome(db, channel="telegram", key="999", lang="en", now=NOW).id

    before = len(contents(lived_in)["adult"])
    monkeypatch.setattr(backup, "_lines", slowly)
    path = write_backup(lived_in, tables(), tmp_path, now=NOW)
    assert done
    assert len(rows_in(path)["adult"]) == before
    assert len(contents(lived_in)["adult"]) == before + 1


def test_the_file_is_for_its_owner_and_tells_nothing_without_the_key(lived_in, tmp_path):
    path = write_backup(lived_in, tables(), tmp_path / "new" / "folder", now=NOW)
    assert path.name == "backup-20260310T100000Z.jsonl.gz"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = gzip.decompress(path.read_bytes()).decode()
    for secret in ("Amina", "07700900982", "seal ", "DA8 3AB"):
        assert secret not in text
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_database_that_is_not_empty_is_left_alone(lived_in, tmp_path):
    path = write_backup(lived_in, tables(), tmp_path, now=NOW)
    before = contents(lived_in)
    with pytest.raises(NotEmptyError) as refused:
        restore_backup(lived_in, tables(), path)
    assert "not empty" in refused.value.sentence(str)
    assert contents(lived_in) == before


@pytest.fixture
def small(store: Store, tmp_path: Path) -> bytes:
    """A small backup."""
    store.write_now(make_cast)
    return write_backup(store, tables(), tmp_path, now=NOW).read_bytes()


def test_a_file_cut_off_anywhere_leaves_nothing(small, fresh, store, tmp_path):
    empty = fresh("sqlite" if store.sqlite else "postgres")
    for length in {0, 1, 10, 20, len(small) // 3, len(small) // 2, len(small) - 9, len(small) - 1}:
        refused(empty, small[:length], tmp_path)


def test_a_file_whose_end_is_missing_leaves_nothing(small, fresh, store, tmp_path):
    """Cut off before it was compressed: a crash of the disk's own making."""
    empty = fresh("sqlite" if store.sqlite else "postgres")
    lines = gzip.decompress(small).splitlines(keepends=True)
    for kept in range(len(lines)):
        refused(empty, gzip.compress(b"".join(lines[:kept])), tmp_path)
    row = next(i for i, line in enumerate(lines) if line.startswith(b'{"row"'))
    refused(empty, gzip.compress(b"".join(lines[:row] + lines[row + 1 :])), tmp_path)


def test_a_damaged_file_leaves_nothing(small, fresh, store, tmp_path):
    empty = fresh("sqlite" if store.sqlite else "postgres")
    dice = random.Random(4)
    for _ in range(60):
        at = dice.randrange(10, len(small) - 8)
        damaged = bytearray(small)
        damaged[at] ^= 1 << dice.randrange(8)
        with contextlib.suppress(Exception):
            if gzip.decompress(damaged) == gzip.decompress(small):
                continue  # a padding bit: it damaged nothing
        refused(empty, bytes(damaged), tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"format": "something else 1"}', "not a backup of this service"),
        (b'{"format": "family-assistant backup 1", "revision": "0000"}', "another version"),
        (b"[1]", ""),
        (b"7", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_another_file_is_refused_with_the_reason(line, said, fresh, tmp_path):
    assert said in refused(fresh("sqlite"), gzip.compress(line + b"\n"), tmp_path)


def test_a_file_that_is_no_backup_at_all_is_refused(fresh, tmp_path):
    empty = fresh("sqlite")
    refused(empty, b"PK\x03\x04 a zip", tmp_path)
    refused(empty, b"", tmp_path)
    with pytest.raises(BackupUnusableError) as missing:
        restore_backup(empty, tables(), tmp_path / "nowhere.gz")
    assert "no such file" in missing.value.sentence(str)
    with pytest.raises(BackupUnusableError):
        restore_backup(empty, tables(), tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        {"row": [1]},
        {"row": [None] * 9},
        {"row": "text"},
        {"table": "no_such_table"},
        {"table": 7},
        {"what": 1},
        ["row"],
        {"row": [{"b": "not base64!"}] * 8},
        {"row": [{"t": "yesterday"}] * 8},
    ],
    ids=str,
)
def test_a_line_that_makes_no_sense_is_refused(line, small, fresh, tmp_path):
    lines = gzip.decompress(small).splitlines(keepends=True)
    at = next(i for i, x in enumerate(lines) if json.loads(x).get("table") == "adult") + 1
    wrong = [*lines[:at], json.dumps(line).encode() + b"\n", *lines[at:]]
    refused(fresh("sqlite"), gzip.compress(b"".join(wrong)), tmp_path)


def refused(empty: Store, data: bytes, folder: Path) -> str:
    """What is said of a file that can't be used; the database stays empty."""
    path = folder / "damaged.jsonl.gz"
    path.write_bytes(data)
    with pytest.raises(BackupUnusableError) as problem:
        restore_backup(empty, tables(), path)
    assert not any(contents(empty).values())
    said = problem.value.sentence(str)
    assert said.startswith(f"{path}: ")
    return said


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of its key."""
    with store.engine.connect() as db:
        return {
            t.name: [tuple(r) for r in db.execute(sa.select(t).order_by(*t.primary_key.columns))]
            for t in tables()
        }


def rows_in(path: Path) -> dict[str, list[Any]]:
    """The rows of a backup by table."""
    found: dict[str, list[Any]] = {}
    name = ""
    for text in gzip.decompress(path.read_bytes()).splitlines():
        line = json.loads(text)
        name = line.get("table", name)
        if "row" in line:
            found.setdefault(name, []).append(line["row"])
    return found


def _live(db: Session, *, content: Content) -> None:
    """Something in every table."""
    cast = make_cast(db)
    one, two, *_ = [
        make_session(db, starts_at=NOW + n * DAY, capacity=3, key=f"k{n}")[0] for n in (1, 2)
    ]
    [week, *_] = make_session(db, starts_at=NOW + 3 * DAY, capacity=3, key="course", weeks=3)
    families.remember_child(db, cast.amina, now=NOW, born=NOW.date() - timedelta(days=200))
    families.use_email(db, cast.ben, "ben@example.org", now=NOW)
    families.agree(db, cast.amina, content.wordings["register"], lang="en", value=True,
                   channel="telegram", now=NOW)  # fmt: skip
    for who, what, key in ((cast.amina, one, "a"), (cast.ben, one, "b"), (cast.carol, week, "c")):
        claim = bookings.hold_place(
            db, adult=who, occurrence=what.id, size=1, key=key, policy=POLICY, now=NOW
        )
        bookings.confirm_place(db, claim, facts={"name": "Amina", "phone": "07700900982"},
                               born=None, policy=POLICY, now=NOW)  # fmt: skip
    bookings.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    bookings.mark_register(db, one.id, mark=RegisterMark.WALK_IN, by="Esi", now=NOW, count=4)
    slot = find_slot(db, week.id)
    waiting.join(db, adult=cast.ben, slot=slot, wish={"subjects": [slot.subject]}, size=3,
                 facts={"name": "Ben"}, key="w", policy=POLICY, now=NOW)  # fmt: skip
    allotting.keep_places(db, two.id, 1, release_at=NOW + DAY, by="Esi", policy=POLICY, now=NOW)
    linking.show_code(db, cast.amina, purpose=LinkPurpose.SAME_PERSON, channel="telegram", now=NOW)
    outreach.follow(db, cast.carol, two.id, now=NOW)
    change = timetable.move_occurrence(
        db, two.id, starts_at=NOW + 4 * DAY, ends_at=NOW + 4 * DAY + HOUR, venue="west_street",
        reason="The heating is broken.", by="Esi", now=NOW,
    )  # fmt: skip
    outreach.tell_of_change(db, change)
    outreach.plan_reminders(db, content=content, now=NOW, zone=LONDON)
    timetable.count_empty_search(db, "messy play on a Sunday", on=NOW.date())
    message = Message(Markup("Hello <b>Amina</b>"), rows=((Button("Yes", "coming", {"c": 1}),),))
    outbox.post_reply(db, message, to=cast.amina.id, channel="telegram", key="r1", now=NOW)
    secret = staff.make_link(db, now=NOW)
    staff.open_session(db, secret, name="Esi", now=NOW)
    staff.note(db, by="Esi", act="moved", about="a session", now=NOW)
    facts = {"name": "Amina", "phone": "07700900982"}
    enquiries.ask(
        db, kind=EnquiryKind.RING_ME, key="e", facts=facts, adult_id=cast.amina.id, now=NOW
    )
    enquiries.keep_question(db, "where is DA8 3AB 🎈", lang="ar", on=NOW.date())
    proof = KeyCheck()
    proof.seal({"check": "this key fits"})
    db.add(proof)
    db.flush()


def _numbers_go_on(db: Session) -> None:
    """PostgreSQL counts apart from the rows: its next number must be a new one."""
    for table in tables():
        column = table.autoincrement_column
        if column is not None:
            top = db.execute(sa.select(sa.func.max(column))).scalar_one() or 0
            sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            assert db.execute(sa.select(sa.func.nextval(sequence))).scalar_one() > top
