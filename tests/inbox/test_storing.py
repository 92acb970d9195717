"""Updates are kept once, in order, and taken once."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.inbox import queries, service
from bot.inbox.rules import Arrival
from bot.store.engine import Store
from tests.conftest import NOW


def arrivals(*ids: int) -> list[Arrival]:
    return [Arrival(str(i), f"p{i % 2}", f"body {i}".encode() + b"\xff\x00") for i in ids]


def keep(store: Store, *ids: int) -> dict[str, int]:
    return dict(store.write_now(service.store_all, arrivals(*ids), channel="telegram", now=NOW))


def test_a_batch_is_kept_in_its_order(store: Store) -> None:
    kept = keep(store, *range(10, 120))
    assert list(kept) == [str(n) for n in range(10, 120)]
    waiting = store.read_now(queries.waiting, channel="telegram", limit=500)
    assert [kept[str(n)] for n in range(10, 120)] == [row for row, _ in waiting]
    assert [person for _, person in waiting[:3]] == ["p0", "p1", "p0"]


def test_bytes_come_back_as_they_were(store: Store) -> None:
    kept = keep(store, 1)
    assert store.read_now(queries.body_of, kept["1"]) == b"body 1\xff\x00"


def test_what_we_have_is_not_kept_again(store: Store) -> None:
    keep(store, 1, 2)
    assert list(keep(store, 1, 2, 3, 3)) == ["3"]
    assert keep(store, 1, 2, 3) == {}
    other = store.write_now(service.store_all, arrivals(1), channel="web", now=NOW)
    assert list(other) == ["1"]


def test_it_is_taken_once_and_blanked(store: Store) -> None:
    row = keep(store, 1)["1"]
    assert store.write_now(service.take, row, now=NOW)
    assert not store.write_now(service.take, row, now=NOW + timedelta(seconds=1))
    assert store.read_now(queries.body_of, row) is None
    assert store.read_now(queries.waiting, channel="telegram", limit=5) == []


def test_what_is_ignored_or_parked_is_not_taken(store: Store) -> None:
    kept = keep(store, 1, 2)
    store.write_now(service.ignore, kept["1"], now=NOW)
    store.write_now(service.park, kept["2"], reason="ValueError", now=NOW)
    for row in kept.values():
        assert not store.write_now(service.take, row, now=NOW)
    assert store.read_now(queries.parked) == 1


def test_a_take_that_is_undone_leaves_it_waiting(store: Store) -> None:
    row = keep(store, 1)["1"]

    def fails(db: Session) -> None:
        assert service.take(db, row, now=NOW)
        raise LookupError

    try:
        store.write_now(fails)
    except LookupError:
        assert store.read_now(queries.body_of, row) == b"body 1\xff\x00"


def test_a_form_is_taken_as_it_comes(store: Store) -> None:
    how = {"channel": "web", "external_id": "v:1", "person": "v", "now": NOW}
    first = store.write_now(service.take_form, **how)
    assert first is not None
    assert store.write_now(service.take_form, **how) is None
    assert store.read_now(queries.waiting, channel="web", limit=5) == []
