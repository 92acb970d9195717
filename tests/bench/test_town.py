"""The benchmark's database is one that the service could have made: every promise holds in it."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session, func, select

from bot.bookings.models import Claim
from bot.bookings.queries import bookings_of
from bot.core.sealing import Keys
from bot.core.settings import read_settings
from bot.doctor import examine, failed
from bot.families.service import welcome
from bot.opening import open_all
from bot.store.columns import keys, use_keys
from tests.bench.town import make_town
from tests.emulator.load import FIRST_PERSON


def test_a_town_has_its_families_and_bookings_and_a_clean_bill(tmp_path: Path) -> None:
    before: Keys = keys()
    opened = open_all(
        read_settings(
            data_dir=tmp_path / "data", key_file=tmp_path / "seal.keys",
            database_url=f"sqlite:///{tmp_path}/data/town.sqlite3",
        )
    )  # fmt: skip
    try:
        now = opened.clock()
        opened.store.write_now(make_town, families=200, bookings=2_000, now=now)

        def first_person(db: Session) -> tuple[int, str, int]:
            count = db.exec(select(func.count()).select_from(Claim)).one()
            adult = welcome(db, channel="telegram", key=str(FIRST_PERSON), lang="pl", now=now)
            return count, adult.private["name"], len(bookings_of(db, adult.id, now=now))

        count, name, coming = opened.store.write_now(first_person)
        assert (count, name) == (2_000, "Parent 1")
        assert coming >= 1
        assert not failed(examine(opened, now=now))
    finally:
        opened.store.close()
        use_keys(before)
