"""The jobs: what there is, and that none rings in the hour that comes twice or never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from handlers.jobs.table import Job, job_table
from tests.conftest import LONDON


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
