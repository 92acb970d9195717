"""A month of a full course: thirty families in line, places that come free at odd hours, one start.

Everything the families do they do in the chat; time goes from one thing that happens to the next.
With `-s` it prints what two of the families saw.
"""

from __future__ import annotations

import heapq
import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.bookings import allotting, promises, queries
from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.bookings.rules import ClosedWhy, EntryState, ListState, Step
from bot.content import Content
from bot.content.values import Counts
from bot.core.clock import to_utc
from bot.families.models import Adult, ChannelAddress
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach import adding, changing
from bot.outreach.adding import WeekDraft
from bot.outreach.changing import Draft
from bot.outreach.service import plan_reminders
from bot.outreach.story import tell
from bot.store.engine import Store
from bot.timetable.models import Series
from bot.timetable.queries import course_slots, find_slot
from bot.timetable.rules import ChangeKind
from bot.understanding.reader import Reader
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session
from tests.talker import Office, Talker

pytestmark = pytest.mark.long

PLACES, MORE, KEPT = 6, 2, 1
FAMILIES = 30
TWINS, LAPSES_ONCE, ANY_DATE, LEAVES = 2, 3, 25, 9
NEVER = timedelta(days=365)
#: After how long a family answers its first and its second offer; "no" for those that decline.
ANSWERS: dict[int, tuple[timedelta | str, ...]] = {
    LAPSES_ONCE: (NEVER, HOUR),
    4: ("no",),
    5: (NEVER, NEVER),
    6: (NEVER, NEVER),
    8: ("no",),
}
SILENT_WHEN_ASKED = {5}  # don't say whether they still want it
ANSWERED = (Step.ACCEPTED, Step.DECLINED, Step.LAPSED)


def london(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return to_utc(datetime(2026, month, day).date(), time(hour, minute), LONDON)


STARTS = london(4, 9, 10)  # a Thursday; the clocks change on 29 March


class Month:
    """The course, who has a place, who waits, and what is still to happen."""

    def __init__(self, office: Office) -> None:
        self.office, self.now = office, NOW
        self.course = office.store.write_now(self._open)
        self._coming: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._offers: dict[int, int] = defaultdict(int)
        self.booked = [self._talker(f"b{n}") for n in range(1, PLACES - KEPT + 1)]
        self.later_booked = self._talker("later")
        self.waiting = {n: self._talker(f"q{n}") for n in range(1, FAMILIES + 1)}

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (when, next(self._order), what))

    def runs_until(self, end: datetime) -> None:
        """Let everything happen in its order; what the jobs and the worker do, at each step."""
        while self._coming and self._coming[0][0] <= end:
            self.now, _, what = heapq.heappop(self._coming)
            what()
            self.looks_round()

    def looks_round(self) -> None:
        """The job, the worker, and whoever gets something. All that we promise holds."""
        self.office.tend(self.now)
        self.office.store.write_now(
            plan_reminders, content=self.office.content, now=self.now, zone=LONDON
        )
        parcels = self.office.deliver(self.now)
        for number, who in self.waiting.items():
            if any(p.to == who.sender.external for p in parcels):
                who.now = self.now
                self._heard(number, who.hears(parcels))
        for who in (*self.booked, self.later_booked):
            if any(p.to == who.sender.external for p in parcels):
                who.now = self.now
                who.hears(parcels)
        found = self.office.store.read_now(promises.broken, policy=POLICY, now=self.now)
        assert not any(found.values()), (self.now, found)
        for when in self.office.store.read_now(self._run_out):
            self.at(when + MINUTE, lambda: None)

    def cancels(self, who: Talker) -> None:
        who.now = self.now
        who.says("cancel my booking")
        who.taps("Cancel this booking")
        self.at(self.now + 2 * MINUTE, lambda: None)

    def _heard(self, number: int, said: str) -> None:
        who = self.waiting[number]
        if "kept for you until" in said:
            turn = self._offers[number]
            self._offers[number] += 1
            plan = ANSWERS.get(number, ())
            answer = plan[min(turn, len(plan) - 1)] if plan else (number % 5) * 25 * MINUTE
            if answer == "no":
                self.at(self.now + HOUR, lambda: self._taps(who, "No thanks"))
            elif isinstance(answer, timedelta) and answer < NEVER:
                self.at(self.now + answer, lambda: self._taps(who, "Yes please"))
        elif "first to say yes" in said:
            self.at(self.now + number * MINUTE, lambda: self._taps(who, "Yes, book it"))
        elif "still want to wait" in said and number not in SILENT_WHEN_ASKED:
            self.at(self.now + 3 * HOUR, lambda: self._taps(who, "Yes, keep my turn"))

    def _taps(self, who: Talker, label: str) -> None:
        who.now = self.now
        who.taps(label)

    def _talker(self, name: str) -> Talker:
        return self.office.talker(name, now=NOW)

    def _run_out(self, db: Session) -> set[datetime]:
        """When what is held now runs out, each moment once."""
        known = {when for when, _, _ in self._coming}
        query = select(Claim.expires_at).where(
            col(Claim.ended_at).is_(None), col(Claim.expires_at) > self.now
        )
        return {w for w in db.exec(query) if w is not None and w + MINUTE not in known}

    def _open(self, db: Session) -> str:
        first, *_ = make_session(
            db, starts_at=STARTS, capacity=PLACES, key="month", activity="baby_massage", weeks=4
        )
        make_session(
            db, starts_at=STARTS + 6 * DAY, capacity=1, key="later", activity="baby_massage",
            weeks=4,
        )  # fmt: skip
        for key in ("month", "later"):
            series = db.get_one(Series, f"test-{key}")
            series.counts, series.active = Counts.CHILDREN, True
        db.flush()
        allotting.keep_places(
            db, first.id, KEPT, release_at=london(4, 2, 9), by="Esi", policy=POLICY, now=NOW
        )
        return first.id


def books(who: Talker, which: str) -> None:
    who.says("baby massage at west street")
    who.taps(which)
    who.taps("Book a place")
    who.taps("1")
    who.says("Amina")
    who.taps("6 to 12 months")
    assert "Booked." in who.taps("Yes, book it")


def joins(who: Talker, *, children: int, dates: str) -> str:
    who.says("baby massage at west street")
    who.taps("1.")
    who.taps("Join the waiting list")
    who.taps(dates)
    who.taps(str(children))
    who.says("Ben")
    return who.taps("6 to 12 months")


@pytest.fixture
def month(sqlite_template: Path, tmp_path: Path, content: Content) -> Iterator[Month]:
    path = tmp_path / "bot.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", durable=False)
    yield Month(Office(store, content, Reader.from_content(content)))
    store.close()


def test_a_month_of_a_full_course_and_thirty_families_in_line(month: Month) -> None:
    store = month.office.store
    # Given a full course of six, one place kept back by staff, and another course a week later
    for who in month.booked:
        books(who, "1.")
    books(month.later_booked, "2.")
    for number, who in month.waiting.items():
        who.now = NOW + number * MINUTE
        said = joins(
            who, children=2 if number == TWINS else 1,
            dates="Any date, any place" if number == ANY_DATE else "Only this one",
        )  # fmt: skip
        assert f"number {number} in line" in said
    # When places come free in the night, on Sundays, and as the clocks change
    b = month.booked
    month.at(london(3, 14, 3, 12), lambda: month.cancels(b[0]))
    month.at(london(3, 18, 12), lambda: month._taps(month.waiting[LEAVES], "Leave the waiting"))
    month.at(london(3, 22, 23, 30), lambda: month.cancels(b[1]))
    month.at(london(3, 23, 14), lambda: raise_places(month))
    month.at(london(3, 29, 0, 50), lambda: month.cancels(b[2]))
    month.at(london(3, 29, 0, 51), lambda: month.cancels(b[3]))
    month.at(london(3, 31, 12), lambda: month.cancels(month.later_booked))
    # When the kept place is released while staff have paused the list
    month.at(london(4, 1, 12), lambda: sets_list(month, ListState.PAUSED))
    month.at(london(4, 2, 9), lambda: None)
    month.at(london(4, 2, 10), lambda: finds_it_paused(month))
    month.at(london(4, 2, 15), lambda: sets_list(month, ListState.OPEN))
    # And a week is cancelled and another added instead
    month.at(london(4, 6, 11), lambda: swaps_a_week(month))
    month.at(london(4, 7, 19, 30), lambda: month.cancels(b[4]))
    # And on the last day, late in the evening, and in the last two hours
    month.at(london(4, 8, 16), lambda: month.cancels(month.waiting[1]))
    month.at(london(4, 8, 22, 30), lambda: month.cancels(month.waiting[10]))
    month.at(london(4, 9, 8, 30), lambda: month.cancels(month.waiting[11]))
    for n, hour in itertools.product(range(31), (8, 18)):
        day = (NOW + n * DAY).date()
        month.at(to_utc(day, time(hour), LONDON), lambda: None)
    for minutes in (-60, 0, 30):
        month.at(STARTS + minutes * MINUTE, lambda: None)
    month.runs_until(STARTS + HOUR)
    # Then the course began full, and whoever waited for it alone is not left waiting
    assert store.read_now(taken, month) == PLACES + MORE
    for number in (TWINS, LAPSES_ONCE, 15):
        print(f"\n==== Family {number} ====\n" + "\n".join(month.waiting[number].transcript))
    for number, who in month.waiting.items():
        print(number, *store.read_now(story, who, month.office), sep="\n   ")
    twins = "\n".join(month.waiting[TWINS].transcript)
    assert twins.index("Thursday 16 April will not") < twins.index("Thursday 7 May")
    store.read_now(check_stories, month)
    store.read_now(check_notices)


def raise_places(month: Month) -> None:
    def work(db: Session) -> None:
        allotting.set_capacity(
            db, month.course, PLACES + MORE, by="Esi", policy=POLICY, now=month.now
        )

    month.office.store.write_now(work)


def sets_list(month: Month, state: ListState) -> None:
    month.office.store.write_now(
        allotting.set_list, month.course, state, most=None, by="Esi", policy=POLICY, now=month.now
    )


def finds_it_paused(month: Month) -> None:
    """A place is free, and neither who waits nor somebody new gets it."""
    assert month.office.store.read_now(taken, month) == PLACES + MORE - KEPT
    new = month.office.talker("new", now=month.now)
    new.says("baby massage at west street")
    new.taps("1.")
    assert "has paused the list" in new.text


def swaps_a_week(month: Month) -> None:
    """The boiler breaks in the second week; one is added at the end."""

    def work(db: Session) -> None:
        weeks = course_slots(db, "course-month")
        how: Any = {"by": "Esi", "content": month.office.content, "now": month.now, "zone": LONDON}
        off = Draft(weeks[1].id, weeks[1].version, ChangeKind.CANCEL, "The boiler broke.")
        changing.make(db, off, **how)
        starts_at = weeks[-1].starts_at + 7 * DAY
        new = WeekDraft("course-month", len(weeks), starts_at, starts_at + HOUR, weeks[0].venue)
        adding.add_week(db, new, **how)

    month.office.store.write_now(work)
    month.at(month.now + 2 * MINUTE, lambda: None)


def taken(db: Session, month: Month) -> int:
    slot = find_slot(db, month.course)
    assert slot is not None
    return queries.live_size(db, slot, now=month.now)


def entry_of(db: Session, who: Talker) -> WaitingEntry:
    address = db.exec(select(ChannelAddress).where(ChannelAddress.key == who.sender.external)).one()
    return db.exec(select(WaitingEntry).where(WaitingEntry.adult_id == address.adult_id)).one()


def story(db: Session, who: Talker, office: Office) -> list[str]:
    entry = entry_of(db, who)
    adult = db.get_one(Adult, entry.adult_id)
    subjects = [str(s) for s in entry.wish.get("subjects", ())]
    return tell(
        db, adult, subjects=subjects, entries=[entry.id], content=office.content,
        words=office.desk.words("en"),
    )  # fmt: skip


def check_stories(db: Session, month: Month) -> None:
    """Each family's story is in order, answers every offer, and ends as the family ended."""
    states = {n: entry_of(db, who) for n, who in month.waiting.items()}
    for entry in states.values():
        lines = db.exec(
            select(StoryLine).where(StoryLine.entry_id == entry.id).order_by(col(StoryLine.id))
        ).all()
        steps = [line.step for line in lines]
        assert steps[0] is Step.JOINED
        assert [x.at for x in lines] == sorted(x.at for x in lines)
        for n, step in enumerate(steps):
            if step is Step.OFFERED:
                assert steps[n + 1] in ANSWERED, steps
        ends = {
            EntryState.BOOKED: {Step.ACCEPTED},
            EntryState.LEFT: {Step.LEFT, Step.DECLINED},
            EntryState.CLOSED: {Step.CLOSED},
        }
        assert steps[-1] in ends[entry.state], steps
    assert states[TWINS].state is EntryState.BOOKED
    assert states[ANY_DATE].state is EntryState.BOOKED
    assert states[4].state is states[LEAVES].state is EntryState.LEFT
    assert (states[6].state, states[6].ended_why) == (EntryState.CLOSED, ClosedWhy.LAPSED)
    assert states[5].ended_why is ClosedWhy.STARTED


def said_yes_too_late(db: Session, what: str, first: datetime, last: datetime) -> bool:
    entry = int(what.partition(":")[2].partition("/")[0])
    query = select(StoryLine.at).where(StoryLine.entry_id == entry, StoryLine.step == Step.TOO_LATE)
    return any(first <= at <= last for at in db.exec(query))


def check_notices(db: Session) -> None:
    """None in the night, none twice for the same place, and nobody's waiting ends in silence."""
    told: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for row in db.exec(select(Outbox).where(Outbox.kind != Kind.REPLY).order_by(col(Outbox.id))):
        if row.state is OutboxState.SENT:
            assert row.settled_at is not None
            local = row.settled_at.astimezone(LONDON).time()
            assert time(8) <= local < time(21), (row.kind, row.settled_at)
            told[row.adult_id, f"{row.kind} {row.about}"].append(row.settled_at)
    for (_adult, what), times in told.items():
        assert len(times) == 1 or what.startswith(Kind.FREE_PLACE), (what, times)
        for a, b in itertools.pairwise(times):
            # Only who said yes too late hears of the next free place any sooner.
            assert b - a >= 2 * HOUR or said_yes_too_late(db, what, a, b), (what, times)
    closed = db.exec(select(WaitingEntry).where(WaitingEntry.state == EntryState.CLOSED)).all()
    for entry in closed:
        assert (entry.adult_id, f"{Kind.LIST_CLOSED} entry:{entry.id}") in told
