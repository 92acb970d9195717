"""A prepared statement gives what SQLAlchemy's own way gives, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.families.models import Adult, Family
from bot.families.rules import AdultState
from bot.outbox.models import ButtonPress
from bot.store.columns import table_of
from bot.store.engine import Store
from bot.store.models import Fact
from bot.store.prepared import Prepared, loaded

AT = datetime(2026, 3, 10, 10, 0, 0, 123, tzinfo=UTC)
ADULT, BUTTON, FACT = table_of(Adult), table_of(ButtonPress), table_of(Fact)
CLAIM = table_of(Claim)
BY_LANG = Prepared(sa.select(ADULT).where(ADULT.c.lang == sa.bindparam("lang")))
STOP = Prepared(
    sa.update(ADULT)
    .where(ADULT.c.id == sa.bindparam("row"), ADULT.c.state == AdultState.ACTIVE)
    .values(state=sa.bindparam("to"), seen_at=sa.bindparam("at"))
)
MAKE = Prepared(sa.insert(ADULT).returning(ADULT.c.id, ADULT.c.made_at, ADULT.c.state))
PRESSES = Prepared(sa.insert(BUTTON))
NAME = Prepared(sa.insert(FACT))
#: With an index of the live bookings alone.
BOOKED = Prepared(
    sa.select(CLAIM.c.id).where(
        CLAIM.c.adult_id == sa.bindparam("adult"), CLAIM.c.kind == ClaimKind.BOOKING,
        CLAIM.c.ended_at.is_(None),
    )
)  # fmt: skip


def adult(db: Session, lang: str = "pl") -> Adult:
    family = Family(made_at=AT)
    db.add(family)
    db.flush()
    row = Adult(family_id=family.id, lang=lang, made_at=AT, seen_at=AT)
    row.seal({"name": "Amina"})
    db.add(row)
    db.flush()
    return row


def test_it_reads_what_the_orm_wrote(store: Store) -> None:
    def work(db: Session) -> None:
        row = adult(db)
        (found,) = BY_LANG.rows(db, {"lang": "pl"})
        assert list(found) == list(db.execute(sa.select(ADULT)).one())
        assert found[list(ADULT.c.keys()).index("made_at")] == AT
        assert BY_LANG.one(db, {"lang": "ar"}) is None
        assert row.state is AdultState.ACTIVE

    store.write_now(work)


def test_it_writes_what_the_orm_reads(store: Store) -> None:
    def write(db: Session) -> int:
        family = adult(db).family_id
        new = Adult(family_id=family, lang="ar", reminders=False, made_at=AT, seen_at=AT)
        made = MAKE.one(db, new.model_dump(exclude={"id"}))
        assert made is not None
        assert (made[1], made[2]) == (AT, AdultState.ACTIVE)
        assert STOP.change(db, {"row": made[0], "to": AdultState.STOPPED, "at": AT}) == 1
        assert STOP.change(db, {"row": made[0], "to": AdultState.STOPPED, "at": AT}) == 0
        PRESSES.change_all(
            db,
            [
                {"token": t, "adult_id": made[0], "act": "menu", "args": {"o": t}, "made_at": AT}
                for t in "ab"
            ],
        )
        return int(made[0])

    row_id = store.write_now(write)

    def read(db: Session) -> None:
        row = db.get_one(Adult, row_id)
        assert (row.state, row.seen_at, row.reminders) == (AdultState.STOPPED, AT, False)
        assert {b.token: b.args for b in db.exec(sa.select(ButtonPress)).scalars()} == {
            "a": {"o": "a"}, "b": {"o": "b"},
        }  # fmt: skip

    store.read_now(read)


def test_what_it_wrote_is_undone_with_the_transaction(store: Store) -> None:
    def fails(db: Session) -> None:
        NAME.change(db, {"name": "a", "value": "b"})
        raise LookupError

    with pytest.raises(LookupError):
        store.write_now(fails)
    assert store.read_now(lambda db: db.get(Fact, "a")) is None


def test_a_loaded_row_is_the_sessions_own(store: Store) -> None:
    store.write_now(adult)

    def change(db: Session) -> None:
        row = BY_LANG.one(db, {"lang": "pl"})
        assert row is not None
        found = loaded(db, Adult, row)
        assert found in db
        assert not db.dirty
        assert found.private == {"name": "Amina"}
        assert loaded(db, Adult, row) is found
        assert db.get(Adult, found.id) is found
        found.lang = "en"

    store.write_now(change)
    langs = store.read_now(lambda db: [a.lang for a in db.execute(sa.select(Adult)).scalars()])
    assert langs == ["en"]


def test_a_loaded_row_does_not_overwrite_what_was_changed(store: Store) -> None:
    def change(db: Session) -> None:
        row = adult(db)
        as_kept = BY_LANG.one(db, {"lang": "pl"})
        row.lang = "ar"
        assert as_kept is not None
        assert loaded(db, Adult, as_kept).lang == "ar"

    store.write_now(change)


def test_anew_a_loaded_row_is_what_it_is_now(store: Store) -> None:
    def change(db: Session) -> None:
        row = adult(db)
        db.execute(sa.update(ADULT).values(state=AdultState.STOPPED))
        as_kept = BY_LANG.one(db, {"lang": "pl"})
        assert as_kept is not None
        assert loaded(db, Adult, as_kept).state is AdultState.ACTIVE
        assert loaded(db, Adult, as_kept, anew=True) is row
        assert (row.state, row.private) == (AdultState.STOPPED, {"name": "Amina"})
        assert not db.dirty

    store.write_now(change)


def test_sqlite_plans_a_statement_once_though_an_index_of_some_rows_could_help(
    sqlite_template: Path,
) -> None:
    def work(db: Session) -> None:
        driver, planned = db.connection().connection.driver_connection, list[object]()
        assert driver is not None
        driver.set_authorizer(lambda *asked: planned.append(asked) or 0)  # asked as it plans
        for adult_id in range(3):
            planned.clear()
            assert BOOKED.rows(db, {"adult": adult_id}) == []
        driver.set_authorizer(None)
        assert not planned

    opened = Store(f"sqlite:///{sqlite_template}")
    opened.read_now(work)
    opened.close()
