"""The command that checks, compares or applies a council's timetable, and what it says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, select

from bot.bookings.queries import counts_by_occurrence
from bot.content import load, read_programme
from bot.content.problems import Problems
from bot.content.values import Programme
from bot.core.settings import Settings
from bot.opening import Opened, needed_by_people, open_all
from bot.staff import service as staff
from bot.timetable.importing import apply_programme
from bot.timetable.laying import Laid, Needed
from bot.timetable.models import Occurrence, Series
from bot.timetable.queries import slots_by_id
from bot.timetable.rules import HORIZON


def change_programme(settings: Settings, act: str, file: Path) -> str:
    """Check a programme file, say what applying it would do ("diff"), or apply it; in words.

    Raises ContentError with everything that is wrong with the file: it is taken whole or not at all.
    """
    programme = read_programme(file, load(settings.content_dir))
    if act == "check":
        return f"{file}: {len(programme.series)} series, no faults."
    opened = open_all(settings)
    try:
        if act == "apply":
            laid, left = opened.store.write_now(_apply, programme, file.name, opened)
        else:
            with Session(opened.store.engine) as db:
                laid, left = _apply(db, programme, file.name, opened)
                db.rollback()
        words = _laid_words(laid, left, done=act == "apply")
        return "\n".join([words, *_terms_end(programme, opened)])
    finally:
        opened.store.close()


def _apply(db: Session, programme: Programme, file: str, opened: Opened) -> tuple[Laid, list[str]]:
    now = opened.clock()
    needed = needed_by_people(db, now=now)
    _refuse_reused(db, programme, file, needed, now=now)
    laid = apply_programme(
        db, programme, content=opened.content, now=now, zone=opened.settings.zone, needed=needed
    )
    staff.note(db, by="console", act="programme applied", about=programme.name[:64], now=now)
    return laid, _left_words(db, laid, opened)


def _refuse_reused(
    db: Session, programme: Programme, file: str, needed: Needed, *, now: datetime
) -> None:
    """A row that becomes another activity would turn what people booked into it, untold."""
    coming = select(Occurrence).where(Occurrence.starts_at >= now)
    booked = {row.series_id for row in db.exec(coming) if needed.holds(row)}
    problems = Problems()
    for plan in programme.series:
        known = db.get(Series, plan.id) if plan.id in booked else None
        if known is not None and known.activity != plan.activity:
            what = f"column “activity”: “{plan.id}” was “{known.activity}”, and it is booked"
            problems.note(file, plan.line, what, f"another id for the row of “{plan.activity}”")
    problems.raise_any()


def _laid_words(laid: Laid, left: Sequence[str], *, done: bool) -> str:
    lines = [
        f"{'New' if done else 'Would be new'}: {', '.join(laid.added) or 'none'}",
        f"{'Changed' if done else 'Would change'}: {', '.join(laid.changed) or 'none'}",
        f"{'Ended' if done else 'Would end'}: {', '.join(laid.ended) or 'none'}",
        f"Dates: {laid.new_dates} new, {laid.dropped_dates} dropped.",
    ]
    if laid.dateless:
        lines.append(
            f"No date in the coming {HORIZON.days // 7} weeks: {', '.join(laid.dateless)}. Is the "
            "year right?"
        )
    if left:
        lines += [
            f"{'Left' if done else 'Would be left'} as they are, because they are booked, followed or "
            f"changed by staff: {len(left)}. Cancel or move each on the staff page, so that people are "
            "told:",
            *left,
        ]
    return "\n".join(lines)


def _terms_end(programme: Programme, opened: Opened) -> list[str]:
    """A line where term dates are missing within the weeks that are laid out."""
    last = max((term.ends for term in opened.content.calendar.terms), default=date.min)
    stop = [
        plan.id for plan in programme.series
        if plan.term_time_only and (plan.until is None or plan.until > last)
    ]  # fmt: skip
    if not stop or last >= opened.clock().date() + HORIZON:
        return []
    return [f"calendar.yaml has no term after {last:%d/%m/%Y}: {', '.join(stop)} stop there."]


def _left_words(db: Session, laid: Laid, opened: Opened) -> list[str]:
    """A line for each date that was left: its row, its day and time, and how many are booked."""
    slots = sorted(slots_by_id(db, laid.kept), key=lambda s: (s.series_id, s.starts_at))
    booked = counts_by_occurrence(db, slots)
    return [
        f"  {s.series_id}: {s.starts_at.astimezone(opened.settings.zone):%A %d/%m/%Y %H:%M}, "
        f"{booked.get(s.subject, 0)} booked"
        for s in slots
    ]
