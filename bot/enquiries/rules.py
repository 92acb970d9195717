"""States and kinds of a request to people."""

from enum import StrEnum


class EnquiryKind(StrEnum):
    RING_ME = "ring_me"
    CONTACT_ME = "contact_me"  # from the urgent card: only its name, number and safe time
    FEEDBACK = "feedback"


class EnquiryState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"
