"""An update as it comes in, and its states from then on."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as it came: its id in its channel, whose order it belongs to, and its bytes."""

    external_id: str
    person: str
    body: bytes


class InboxState(StrEnum):
    NEW = "new"
    PROCESSED = "processed"
    IGNORED = "ignored"  # nothing for us in it
    PARKED = "parked"  # failed too often: it stops nothing else
