"""States of an incoming update."""

from enum import StrEnum


class InboxState(StrEnum):
    NEW = "new"
    PROCESSED = "processed"
    IGNORED = "ignored"  # nothing for us in it
    PARKED = "parked"  # failed too often: it stops nothing else
