"""The forms for a change of one date: what was typed becomes a draft, or a sentence by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from bot.core.clock import to_utc
from bot.outreach.changing import Draft
from bot.timetable.queries import Slot
from bot.timetable.rules import ChangeKind
from handlers.http.forms import BadFormError, FormRefusedError
from handlers.http.look import Look

REASON_LIMIT = 200
CANCEL_FIELDS = ("reason",)
MOVE_FIELDS = ("day", "begin", "end", "venue", "reason")


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """A change as it was typed, clean; `version` is the session's that staff looked at."""

    kind: ChangeKind
    version: int
    reason: str
    day: date | None = None
    begin: time | None = None
    end: time | None = None
    venue: str = ""

    @classmethod
    def read(
        cls, typed: Mapping[str, str], look: Look, *, kind: ChangeKind, slot: Slot
    ) -> ChangeForm:
        """Raises FormRefusedError with a sentence for each field, BadFormError."""
        version = typed.get("version", "")
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise BadFormError
        faults: dict[str, str] = {}
        reason = " ".join(typed.get("reason", "").split())
        _ = look.words._
        if not reason:
            faults["reason"] = _("Enter a reason. Families read it.")
        elif len(reason) > REASON_LIMIT:
            faults["reason"] = _("Use at most %(num)d letters for the reason.") % {
                "num": REASON_LIMIT
            }
        form = cls(kind, int(version), reason[:REASON_LIMIT])
        if kind is ChangeKind.MOVE:
            form = cls(
                kind, form.version, form.reason,
                *read_when_and_where(typed, look, faults, present=slot.venue),
            )  # fmt: skip
        if faults:
            raise _refused(faults, typed, kind)
        return form

    def check_differs(self, slot: Slot, typed: Mapping[str, str], look: Look) -> None:
        """Raise FormRefusedError where a move would leave everything as it is."""
        meant = self.draft(slot.id, look)
        now = (slot.starts_at, slot.ends_at, slot.venue)
        if self.kind is ChangeKind.MOVE and (meant.starts_at, meant.ends_at, meant.venue) == now:
            fault = look._("Nothing is different yet. Change the day, the time or the venue.")
            raise _refused({"day": fault}, typed, self.kind)

    def draft(self, occurrence: str, look: Look) -> Draft:
        """The change that is meant, in UTC."""
        if self.day is None or self.begin is None or self.end is None:
            return Draft(occurrence, self.version, self.kind, self.reason)
        return Draft(
            occurrence, self.version, self.kind, self.reason,
            starts_at=to_utc(self.day, self.begin, look.zone),
            ends_at=to_utc(self.day, self.end, look.zone),
            venue=self.venue,
        )  # fmt: skip

    def fields(self) -> dict[str, str]:
        """As hidden fields of the page that asks to confirm."""
        kept = {"version": str(self.version), "reason": self.reason}
        if self.day is not None and self.begin is not None and self.end is not None:
            kept |= {
                "day": self.day.isoformat(),
                "begin": self.begin.isoformat("minutes"),
                "end": self.end.isoformat("minutes"),
                "venue": self.venue,
            }
        return kept


def as_typed(slot: Slot, look: Look) -> dict[str, str]:
    """The session as it is, to start a move from."""
    begin, end = slot.starts_at.astimezone(look.zone), slot.ends_at.astimezone(look.zone)
    return {
        "day": begin.date().isoformat(),
        "begin": begin.time().isoformat("minutes"),
        "end": end.time().isoformat("minutes"),
        "venue": slot.venue,
        "reason": "",
    }


def _refused(
    faults: Mapping[str, str], typed: Mapping[str, str], kind: ChangeKind
) -> FormRefusedError:
    """The faults in the order of the fields, with what was typed."""
    fields = MOVE_FIELDS if kind is ChangeKind.MOVE else CANCEL_FIELDS
    ordered = {name: faults[name] for name in fields if name in faults}
    return FormRefusedError(ordered, {n: typed.get(n, "")[:300] for n in fields})


def read_when_and_where(
    typed: Mapping[str, str], look: Look, faults: dict[str, str], *, present: str
) -> tuple[date | None, time | None, time | None, str]:
    """Day, begin, end and venue; what is wrong with each goes to `faults`.

    `present` is the venue that may be kept although it is not used any more.
    """
    _ = look.words._
    day, begin, end = (read_day(typed.get("day", "")), _time(typed.get("begin", "")),
                       _time(typed.get("end", "")))  # fmt: skip
    venue = typed.get("venue", "")
    if day is None:
        faults["day"] = _("Enter a date, like %(day)s.") % {"day": look.words.short_day(look.today)}
    if begin is None:
        faults["begin"] = _("Enter when it begins, like 10:00.")
    if end is None:
        faults["end"] = _("Enter when it ends, like 11:30.")
    known = look.content.venues.get(venue)
    if venue != present and (known is None or known.former):
        faults["venue"] = _("Choose a venue.")
    if day is not None and begin is not None:
        starts_at = to_utc(day, begin, look.zone)
        if end is not None and end <= begin:
            faults["end"] = _("It must end after it begins.")
        if day < look.today:
            faults["day"] = _("That day is over. Choose today or a later day.")
        elif starts_at <= look.now:
            faults["begin"] = _("That time is over. Choose a later one.")
    return day, begin, end, venue


def venues_to_choose(look: Look, present: str) -> tuple[tuple[str, str], ...]:
    """Venues in use and the present one, by name."""
    venues = look.content.venues
    used = {present, *(v.id for v in venues.values() if not v.former)}
    names = [(v, look.words.said(venues[v].name)) for v in used]
    return tuple(sorted(names, key=lambda pair: pair[1].casefold()))


def read_day(typed: str) -> date | None:
    """A date of this century as the browser sends it; None for anything else."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _time(typed: str) -> time | None:
    """10:00, 9:30, 10.00; None for anything else."""
    hour, _colon, minute = typed.strip().replace(".", ":").partition(":")
    if not (hour.isascii() and hour.isdigit() and len(hour) <= 2 and len(minute) == 2):
        return None
    try:
        return time(int(hour), int(minute))
    except ValueError:
        return None
