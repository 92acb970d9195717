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


ROW = "a,baby_group,west_street,weekly,Tue,10:00,11:30,2026-03-10,,drop in,,"
ROOMS = (
    "id,activity,venue,room,repeats,day,from time,to time,first date,dates,term time only,booking"
)


def faults(tmp_path: Path, content: Content, *rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(ContentError) as caught:
        read(tmp_path, content, *rows, header=header)
    return [f"{p.line}: {p.what}" for p in caught.value.problems]


def test_a_quote_that_is_never_closed_hides_no_rows(tmp_path: Path, bexley: Content) -> None:
    header = HEADER.replace("sample days", "notes")
    found = faults(tmp_path, bexley, ROW + '"Tea', ROW.replace("a,", "b,", 1), header=header)
    assert found == ["2: not CSV: unexpected end of data"]


def test_a_workbook_is_told_from_csv(tmp_path: Path, bexley: Content) -> None:
    path = tmp_path / "spring.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)))
    with pytest.raises(ContentError) as caught:
        read_programme(path, bexley)
    assert [p.what for p in caught.value.problems] == ["this is a workbook"]


def test_a_column_that_is_missing_is_one_fault_not_one_a_row(
    tmp_path: Path, bexley: Content
) -> None:
    header = HEADER.replace("from time", "starts")
    found = faults(tmp_path, bexley, ROW, ROW.replace("a,", "b,", 1), header=header)
    assert found == ["1: column “starts” means nothing here", "1: no column “from time”"]


def test_holidays_leave_a_room_to_others(tmp_path: Path, bexley: Content) -> None:
    term = "a,baby_group,west_street,Hall,weekly,Tue,10:00,11:30,2026-09-08,,yes,drop in"
    half = "b,messy_play,west_street,hall,dates,,10:00,12:00,,2026-10-27,,drop in"
    assert len(read(tmp_path, bexley, term, half, header=ROOMS).series) == 2
    (found,) = faults(tmp_path, bexley, term, half.replace("10-27", "10-20"), header=ROOMS)
    assert found == (
        "3: column “room”: “b” and “a” (line 2) are both in room “hall” of west_street on "
        "Tuesday 20/10/2026 at 10:00"
    )


def test_a_row_of_which_no_session_comes_is_told(tmp_path: Path, bexley: Content) -> None:
    summer = "a,baby_group,west_street,,weekly,Tue,10:00,11:30,2030-08-06,,yes,drop in"
    (found,) = faults(tmp_path, bexley, summer, header=ROOMS)
    assert found == "2: column “first date”: no session comes of this row"


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("west_street", "old_the_oval", "venue"),
        (",weekly,,,", ",weekly,,last,", "which"),
        (",weekly,,,", ",dates,2,,", "every weeks"),
        (",weekly,,,", ",fortnightly,1,,", "every weeks"),
        ("Tea", "T" * 501, "notes"),
        ("Bumps", "B" * 121, "name"),
    ],
)
def test_what_would_be_left_out_quietly_is_told(
    tmp_path: Path, bexley: Content, old: str, new: str, column: str
) -> None:
    header = "id,activity,venue,name,repeats,every weeks,which,day,from time,to time,first date,dates,booking,notes"
    row = "a,baby_group,west_street,Bumps,weekly,,,Tue,10:00,11:30,2026-03-10,,drop in,Tea"
    assert read(tmp_path, bexley, row, header=header).series
    row = row.replace(old, new)
    if ",dates," in row:
        row = row.replace("2026-03-10,", ",2026-03-10")
    (found,) = faults(tmp_path, bexley, row, header=header)
    assert found.startswith(f"2: column “{column}”")


def test_a_cell_that_cant_be_read_is_one_fault(tmp_path: Path, bexley: Content) -> None:
    header = "id,activity,venue,repeats,weeks,day,from time,to time,first date,booking,places"
    row = "a,baby_massage,west_street,course,4,Tue,10:00,11:00,2026-03-10,book,8"
    for old, new, what in (
        (",book,", ",bookable,", "2: column “booking”: “bookable”"),
        (",8", ",eight", "2: column “places”: “eight”"),
        (",course,", ",a course,", "2: column “repeats”: “a course”"),
    ):
        assert faults(tmp_path, bexley, row.replace(old, new), header=header) == [what]


def test_a_title_above_the_columns_is_told(tmp_path: Path, bexley: Content) -> None:
    found = faults(tmp_path, bexley, HEADER, ROW, header="Autumn timetable")
    assert found == ["1: the first line has no column names"]


@pytest.mark.parametrize("typed", ["Fortnightly", "every-other week", "Every 2 weeks"])
def test_every_other_week_in_any_words(tmp_path: Path, bexley: Content, typed: str) -> None:
    (plan,) = read(tmp_path, bexley, ROW.replace("weekly", typed)).series
    assert (plan.repeat, plan.every) == (Repeat.WEEKLY, 2)
