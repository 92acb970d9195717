"""The jobs: what there is, and that none rings in the hour that comes twice or never."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlmodel import Session

from bot import main
from bot.opening import open_all
from handlers.jobs.table import Job, job_table, start
from tests.conftest import LONDON
from tests.wiring.conftest import MakeSettings


async def _nothing() -> None:
    return


def _jobs() -> list[Job]:
    return job_table(remind=_nothing, tend=_nothing, lay_out=_nothing, tidy=_nothing, zone=LONDON)


def test_every_job_has_a_name_of_its_own():
    names = [job.name for job in _jobs()]
    assert names == [
        "plan reminders",
        "tend waiting lists",
        "lay out the timetable",
        "keep no longer",
    ]


async def test_what_a_service_that_is_down_at_night_would_miss_rings_at_its_start():
    rung = asyncio.Event()

    async def ring() -> None:
        rung.set()

    jobs = job_table(remind=_nothing, tend=_nothing, lay_out=_nothing, tidy=ring, zone=LONDON)
    scheduler = start(jobs, LONDON)
    await asyncio.wait_for(rung.wait(), 10)
    scheduler.shutdown(wait=False)


async def test_a_job_cut_short_by_the_end_of_the_service_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rung = asyncio.Event()

    async def ring() -> None:
        rung.set()
        await asyncio.Event().wait()

    jobs = job_table(remind=_nothing, tend=_nothing, lay_out=_nothing, tidy=ring, zone=LONDON)
    scheduler = start(jobs, LONDON)
    await asyncio.wait_for(rung.wait(), 10)
    scheduler.shutdown(wait=False)
    for _ in range(5):  # the cancelled task ends, and then its callback
        await asyncio.sleep(0)
    assert caplog.records == []


async def test_a_waiting_list_that_fails_keeps_no_other_from_being_tended(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tend(_db: Session, activity: str, **_more: object) -> int:
        if activity == "henry":
            raise RuntimeError("a bug")
        return 1

    monkeypatch.setattr(main.tending, "tend", tend)
    monkeypatch.setattr(main.queue, "waited_activities", lambda _db: ["henry", "sing_and_sign"])
    opened = open_all(settings())
    assert await main.tend_all(opened) == 1
    opened.store.close()


def test_no_nightly_job_rings_in_the_hour_that_clocks_skip_or_repeat():
    for job in _jobs():
        if not isinstance(job.trigger, CronTrigger):
            continue
        last, at = None, datetime(2026, 1, 1, tzinfo=UTC)
        for _day in range(400):
            last = job.trigger.get_next_fire_time(last, at)
            assert not 1 <= last.hour < 2, job.name
            at = last + timedelta(seconds=1)
        assert at.year == 2027, job.name  # once a day
