"""The children of a family: twins stay two, a slip is corrected, each carer has a list of their own."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from bot.families import children, queries, service
from bot.families.models import Adult, CarerLink, Child
from tests.cast import make_cast
from tests.conftest import NOW

BORN = date(2026, 2, 3)


@pytest.fixture
def amina(db: Session) -> Adult:
    return make_cast(db).amina


def names(db: Session, adult: Adult) -> list[str]:
    return [str(c.private.get("first_name", "")) for c in queries.children_of(db, adult.id)]


def test_twins_are_two_and_saying_it_again_adds_nobody(db, amina):
    children.add_children(db, amina, born=BORN, count=2, now=NOW)
    assert len(queries.children_of(db, amina.id)) == 2
    children.add_children(db, amina, born=BORN, count=2, names=["Ada", "Max"], now=NOW)
    assert sorted(names(db, amina)) == ["Ada", "Max"]
    children.add_children(db, amina, born=BORN, names=["max"], now=NOW)
    service.remember_child(db, amina, born=BORN, now=NOW)
    assert len(queries.children_of(db, amina.id)) == 2
    assert queries.remembered_ages(db, amina, on=NOW.date()) == [1]


def test_another_name_on_the_same_day_is_another_child(db, amina):
    children.add_children(db, amina, born=BORN, names=["Ada"], now=NOW)
    children.add_children(db, amina, born=BORN, names=["Max"], now=NOW)
    assert names(db, amina) == ["Ada", "Max"]


def test_an_age_said_in_passing_is_no_new_child_where_it_may_be_one_we_know(db, amina):
    children.add_children(db, amina, born=BORN, now=NOW)
    service.remember_child(db, amina, born=date(2026, 1, 10), about=True, now=NOW)
    assert len(queries.children_of(db, amina.id)) == 1
    service.remember_child(db, amina, born=date(2023, 3, 10), about=True, now=NOW)
    assert len(queries.children_of(db, amina.id)) == 2


def test_a_guess_gives_way_to_a_later_guess_and_to_the_birthday(db, amina):
    service.remember_child(db, amina, born=date(2025, 6, 10), about=True, now=NOW)
    service.remember_child(db, amina, born=date(2024, 3, 10), about=True, now=NOW)
    service.remember_child(db, amina, born=date(2024, 4, 2), now=NOW)
    (child,) = queries.children_of(db, amina.id)
    assert (child.private["born"], child.private.get("about")) == ("2024-04-02", None)


def test_an_expected_baby_becomes_one_that_is_here_and_keeps_its_row(db, amina):
    (baby,) = children.add_children(db, amina, due=date(2026, 3, 9), now=NOW)
    children.set_day(db, baby, born=date(2026, 3, 8), about=False)
    children.rename(db, baby, "Ada")
    (same,) = queries.children_of(db, amina.id)
    assert same.id == baby.id
    assert dict(same.private) == {"born": "2026-03-08", "first_name": "Ada"}


def test_who_is_taken_off_the_list_leaves_nothing_behind(db, amina):
    (child,) = children.add_children(db, amina, born=BORN, names=["Ada"], now=NOW)
    service.forget_child(db, amina, child)
    assert db.exec(select(Child)).all() == []
    assert db.exec(select(CarerLink)).all() == []


def test_a_list_has_an_end(db, amina):
    for n in range(children.MOST_CHILDREN):
        children.add_children(db, amina, born=BORN.replace(year=2010 + n), now=NOW)
    with pytest.raises(children.TooManyChildrenError) as refused:
        children.add_children(db, amina, born=BORN, now=NOW)
    assert "12" in refused.value.sentence(str)


def test_a_child_of_somebody_else_is_on_no_list_of_mine(db):
    cast = make_cast(db)
    (child,) = children.add_children(db, cast.ben, born=BORN, now=NOW)
    with pytest.raises(children.NoSuchChildError):
        children.access_child(db, cast.amina, child.id)
