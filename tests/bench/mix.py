"""What people do in the benchmark: 70% taps and commands, 30% text."""

from __future__ import annotations

TAPS, COMMANDS, TEXTS = 0.5, 0.2, 0.3

#: The first is what a person sends who has no button to tap yet.
WORDS = ("/start", "/whatson", "/menu", "/bookings")

SAID = (
    "hello",
    "what's on tomorrow",
    "anything on this Friday for a 10 month old near DA8?",
    "baby massage",
    "is there a stay and play on saturday morning",
    "things for my 3 year old in Sidcup next week",
    "where is West Street",
    "how much is it",
    "my daughter is 2 and isn't talking much, who can help",
    "something free for dads this weekend",
    "can I book messy play pls",
    "what do I need to bring?",
    "do you do weaning workshops",
    "thank you",
)


def shares(*, taps: float = TAPS, commands: float = COMMANDS) -> dict[str, object]:
    """The arguments of the emulator's `load`; what is neither tap nor command is text."""
    return {"taps": taps, "commands": commands, "words": WORDS, "texts": SAID}
