"""Every scheduled job, in one table. APScheduler only rings the bell: what is due is in rows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Job:
    """A name, when it rings, and what it does. No job is set to ring between 01:00 and 02:00 local.

    `at_start`: it rings then, too, for a service that is often down at its hour.
    """

    name: str
    trigger: BaseTrigger
    work: Work
    at_start: bool = False


def job_table(
    *, remind: Work, tend: Work, lay_out: Work, tidy: Work, zone: ZoneInfo, quick: bool = False
) -> list[Job]:
    """The jobs of the service. `quick` is for tests with a clock of their own: every second."""
    return [
        Job("plan reminders", IntervalTrigger(seconds=1 if quick else 20, timezone=zone), remind),
        Job("tend waiting lists", IntervalTrigger(seconds=1 if quick else 20, timezone=zone), tend),
        Job("lay out the timetable", CronTrigger(hour=3, minute=10, timezone=zone), lay_out),
        Job("keep no longer", CronTrigger(hour=4, minute=20, timezone=zone), tidy, at_start=True),
    ]


def start(jobs: list[Job], zone: ZoneInfo) -> AsyncIOScheduler:
    """A running scheduler. A late job runs late rather than never, and once."""
    scheduler = AsyncIOScheduler(
        timezone=zone,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        first = {"next_run_time": datetime.now(zone)} if job.at_start else {}
        scheduler.add_job(_guarded(job), job.trigger, name=job.name, id=job.name, **first)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler.start()
    return scheduler


def _guarded(job: Job) -> Work:
    async def ring() -> None:
        try:
            await job.work()
        except asyncio.CancelledError:
            return  # the service ends: it rings again at the next start, which is no fault to log
        except Exception:
            log.exception("a job failed", extra={"job": job.name})

    return ring
