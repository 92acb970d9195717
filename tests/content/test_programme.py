"""A council's real programme, as its spreadsheet saved it."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from bot.content import Content, ContentError, read_programme
from bot.content.values import Counts, Mode, Programme, Repeat, SeriesPlan

HEADER = (
    "id,activity,venue,repeats,day,from time,to time,first date,dates,booking,places,sample days"
)


def read(tmp_path: Path, content: Content, *rows: str, header: str = HEADER) -> Programme:
    path = tmp_path / "spring.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return read_programme(path, content)


def test_the_small_council_s_programme_is_read_as_it_was_meant(thornbury: Content) -> None:
    assert not thornbury.programme.sample
    plans = {plan.id: plan for plan in thornbury.programme.series}
    assert plans["mill-play"] == SeriesPlan(
        id="mill-play",
        line=2,
        activity="stay_and_play",
        venue="old_mill",
        name="",
        repeat=Repeat.WEEKLY,
        weekday=1,
        begins=time(9, 30),
        ends=time(11),
        starts=date(2026, 1, 13),
        until=date(2026, 7, 21),
        except_on=(date(2026, 3, 31),),
        term_time_only=True,
        mode=Mode.DROP_IN,
        age_from=0,
        age_to=59,
        free=True,
        notes="Tea for grown-ups",
        room="Big room",
    )
    assert (plans["barn-play"].every, plans["barn-play"].age_to) == (2, 36)
    massage = plans["mill-massage"]
    assert (massage.line, massage.weeks, massage.every, massage.capacity) == (5, 4, 0, 6)
    assert (massage.age_from, massage.cost, massage.free) == (1, "£12 for the course", False)
    assert massage.counts is Counts.FAMILIES
    assert plans["mill-forest"].weekday == 5
    assert plans["mill-forest-may"].dates == (date(2026, 5, 16), date(2026, 5, 31))
    assert plans["mill-listening"].nth == -1


def test_a_real_programme_names_its_dates(tmp_path: Path, bexley: Content) -> None:
    row = "a,baby_group,west_street,weekly,Tue,10:00,11:30,2026-03-10,,drop in,,"
    assert read(tmp_path, bexley, row).series[0].starts == date(2026, 3, 10)
    with pytest.raises(ContentError) as caught:
        read(tmp_path, bexley, row.replace("2026-03-10", ""), row.replace("a,", "b,", 1) + "8")
    assert [(p.file, p.line, p.what) for p in caught.value.problems] == [
        ("spring.csv", 2, "column “first date”: is empty"),
        ("spring.csv", 3, "column “sample days”: is filled in"),
    ]


def test_a_date_that_is_none_is_one_fault_not_two(tmp_path: Path, bexley: Content) -> None:
    row = "a,baby_group,west_street,weekly,Tue,10:00,11:30,31/02/2026,,drop in,,"
    with pytest.raises(ContentError) as caught:
        read(tmp_path, bexley, row)
    assert [p.what for p in caught.value.problems] == ["column “first date”: “31/02/2026”"]


def test_a_number_in_the_notes_has_to_be_a_known_one(tmp_path: Path, bexley: Content) -> None:
    header = HEADER.replace("sample days", "notes")
    row = "a,baby_group,west_street,weekly,Tue,10:00,11:30,2026-03-10,,drop in,,Ring {}"
    assert read(tmp_path, bexley, row.format("020 8303 7777"), header=header).series
    with pytest.raises(ContentError, match=r"not in contacts\.yaml"):
        read(tmp_path, bexley, row.format("020 3045 5480"), header=header)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_spreadsheet_s_file_will_do(
    tmp_path: Path, bexley: Content, encoding: str, separator: str, end: str
) -> None:
    rows = [
        HEADER.replace("id", "ID", 1)
        .replace("from time", "From_Time")
        .replace("sample days", "name"),
        "",
        ",,,,,,,,,,,",
        "a,baby_group,west_street,WEEKLY,tuesday,9.30,11:00 AM,10/03/2026,,Drop-in,,Café",
    ]
    path = tmp_path / "spring.csv"
    path.write_bytes(end.join(rows).replace(",", separator).encode(encoding))
    (plan,) = read_programme(path, bexley).series
    assert (plan.name, plan.begins, plan.line) == ("Café", time(9, 30), 4)


def test_a_cell_of_several_lines_does_not_shift_the_line_numbers(
    tmp_path: Path, bexley: Content
) -> None:
    good = 'a,baby_group,west_street,weekly,Tue,10:00,11:30,2026-03-10,,drop in,,"one\ntwo"'
    bad = "b,baby_grop,west_street,weekly,Wed,10:00,11:30,2026-03-11,,drop in,,"
    with pytest.raises(ContentError) as caught:
        read(tmp_path, bexley, good, bad, header=HEADER.replace("sample days", "notes"))
    (problem,) = caught.value.problems
    assert problem.line == 4
    assert problem.what == "column “activity”: “baby_grop” is an unknown activity"
    assert problem.expected == "“baby_group”?"


def test_an_empty_file_is_told(tmp_path: Path, bexley: Content) -> None:
    with pytest.raises(ContentError, match="no columns"):
        read(tmp_path, bexley, header="")
    with pytest.raises(ContentError, match="no rows"):
        read(tmp_path, bexley)
    with pytest.raises(ContentError, match="missing"):
        read_programme(tmp_path / "none.csv", bexley)
