"""How far the telling of one person got, in words."""

from __future__ import annotations

from datetime import datetime

from bot.outbox.models import Outbox
from bot.outbox.rules import OutboxState
from bot.outbox.service import BY_PHONE, NO_WAY, NOBODY_YET
from bot.outreach.notices import OVERTAKEN
from handlers.http.look import Look
from handlers.staff.people import Person, channel_name


def state_of(look: Look, row: Outbox, person: Person) -> tuple[str, str]:
    """What became of a notice, and its tone: good, wait, bad (somebody must ring them) or ""."""
    _ = look.words._
    way = channel_name(look, row.channel or person.way)
    match row.state:
        case OutboxState.SENT:
            at = clock(look, row.settled_at) if row.settled_at else ""
            return _("Told by %(way)s at %(time)s") % {"way": way, "time": at}, "good"
        case OutboxState.SENDING:
            return _("On its way by %(way)s") % {"way": way}, "wait"
        case OutboxState.UNKNOWN:
            return _("Sent by %(way)s, but it may not have arrived") % {"way": way}, "bad"
        case OutboxState.QUEUED if not person.reachable:
            return _("We have no way to send to them"), "bad"
        case OutboxState.QUEUED if row.attempts:
            return _("Trying again by %(way)s") % {"way": way}, "wait"
        case OutboxState.QUEUED:
            at = clock(look, row.send_after)
            return _("Goes by %(way)s at %(time)s") % {"way": way, "time": at}, "wait"
        case OutboxState.SKIPPED:
            return _skipped(look, row)
    return _failed(look, row), "bad"


def clock(look: Look, at: datetime, *, seconds: bool = False) -> str:
    """A local time; with the day where that isn't today."""
    local = at.astimezone(look.zone)
    if seconds:
        return local.strftime("%H:%M:%S")
    said = look.words.time(at)
    if local.date() == look.today:
        return said
    return look.words._("%(day)s, %(time)s") % {
        "day": look.words.short_day(local.date()),
        "time": said,
    }


def _skipped(look: Look, row: Outbox) -> tuple[str, str]:
    _ = look.words._
    if row.reason.startswith(BY_PHONE):
        return _("Told by phone by %(name)s") % {"name": row.reason.removeprefix(BY_PHONE)}, "good"
    if row.reason.startswith(NO_WAY):
        said = _("No way to tell them; taken off the list by %(name)s")
        return said % {"name": row.reason.removeprefix(NO_WAY)}, ""
    match row.reason:
        case "undone":
            return _("Not told: it was undone"), ""
        case reason if reason == OVERTAKEN:
            return _("Not told of this: a newer change was made"), ""
        case "stopped":
            return _("They asked us to stop all messages"), "bad"
    return _("Not sent: %(reason)s") % {"reason": row.reason}, ""


def _failed(look: Look, row: Outbox) -> str:
    _ = look.words._
    known = {
        "no working channel": _("We have no way to send to them"),
        "channel is off": _("Sending is switched off"),
        NOBODY_YET: _("Nobody has rung them yet"),
        "gone": _("They can't be reached there any more"),
        "refused": _("It was refused"),
        "": _("It could not be delivered"),
    }
    return known.get(row.reason) or _("It could not be delivered: %(reason)s") % {
        "reason": row.reason
    }
