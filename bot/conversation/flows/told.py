"""What somebody tells of themselves in so many words: a name, a number, an address, a child's age.

A form takes it whichever of its questions is open, and at its check as a correction. These are
narrow on purpose: what may be a question, a search or a session's day is no answer.
"""

from __future__ import annotations

import re

from bot.conversation.childwords import how_many
from bot.conversation.turn import Turn
from bot.understanding.ages import find_ages
from bot.understanding.births import told_day
from bot.understanding.reading import Reading

MAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
_OPENERS = r"(?:(?:no|nope|yes|ok|okay|sorry|actually|oh|wait|hang on|hi|hello|hey|and|but|please|i mean)[ ,.!]+)*"
_NAME = re.compile(
    rf"{_OPENERS}(?:(?:(?:my|the) )?(?:(?:first|full|real) )?name(?:['’]?s|(?: is| should be)| to)"
    r"|(?:that['’]?s )?(?:(?:my|the) )?wrong name[ ,.]+(?:it['’]?s|it is|it should be)"
    r"|change (?:(?:my|the) )?(?:first )?name to|(?:please )?call me|i(?:['’]m| am) called) (?:actually |really )?"
    r"(?P<name>[^\d,;?!]+?)(?:[ ,]+(?:and (?:i|my|s?he(?:['’]?s)?)|not|sorry|please|actually)\b.*)?[\s.!]*",
    re.I,
)
_NO_NAMES = re.compile(
    r"(?:(?:not |in)?(?:wrong|right|correct|spelt|spelled|misspelt)|not|on|in|already|under|there|still|missing|gone)\b.*",
    re.I,
)
_PARTS = re.compile(
    r"[,.;!?](?: and\b)? ?| (?:and|for|it's|its|please|thanks) (?=(?:my|the) name|i'?m called|call me)| and (?=(?:my|our|s?he(?:['’]?s)?|they|i)\b)",
    re.I,
)
_NUMBER = re.compile(r"(?:\+|\b0)(?:[\s().-]*\d){9,14}(?!\d)")
_COUNTS = {n: i for i, n in enumerate(("one", "two", "three", "four", "five", "six"), 1)}
_PLACES = re.compile(
    rf"{_OPENERS}(?:(?:but|can (?:you|we|i)|could (?:you|we|i)|just|only|also|it['’]?s(?: for)?|it is(?: for)?|actually|now|"
    r"there(?:['’]?s| is| are)|(?:make|change) (?:it|that)(?: to| for)?|(?:i|we)(?:['’]?ve| have)?(?: got)?|need|want|have|book|"
    r"for|bring(?:ing)?|my) )*"
    rf"(?P<n>[1-6]|{'|'.join(_COUNTS)})(?: of)?(?: my| the)?(?: (?:kid|child(?:ren)?|place|space|spot|little one|bab(?:y|ie)|toddler)s?| (?=com(?:ing|e)\b))"
    r"(?: ?(?:are |is |will be )?(?:coming|come|now|please|pls|instead|actually|then|sorry|not \w+|in total|thanks))*[\s.!]*",
    re.I,
)
_WORDS_BESIDE = 8  # more beside a number or an address make another thing of it
_SEARCHES = re.compile(r"(?:and|for|with|what|how|any|or|in|is|are|do|does|can|could|would|will)\b")
_ASKS = re.compile(
    r"\b(?:can|could|what|which|where|when|how|is it|is there|are there|other|another|also|too|as well|brother|sister)\b"
)
_CHANGE_AGE = re.compile(r"\b(?:change|make) (?:it|that|(?:the|her|his|their) age) to\b")
_CHILD_IS = re.compile(
    r"\b(?:s?he|they|baby|(?:my|our|the) (?:son|daughter|baby|child|girl|boy|little one|lo|twins))(?:'s|'re| is| are)\b"
)
_DAY_OF_BIRTH = re.compile(r"\b(?:born|birthday|due|expecting)\b")


def name(text: str) -> str:
    """The name in "my name is Sam Lee", "" where none is told so."""
    found = _NAME.fullmatch(" ".join(text.split()))
    if found is None or _NO_NAMES.fullmatch(found["name"]) or len(found["name"].split()) > 4:
        return ""
    return found["name"].strip()


def name_within(text: str) -> str:
    """The name in "book me on HENRY, my name is Sam and she's 2", "" where none is told so."""
    parts = _PARTS.split(" ".join(text.split()))
    return next((found for part in parts if (found := name(part))), "")


def first_part(text: str) -> str:
    """What comes before the comma, or before "and my son is 2"."""
    return _PARTS.split(text)[0].strip()


def mail(text: str) -> str:
    """The e-mail address in a short message."""
    found = MAIL.search(text)
    return found[0].rstrip(".") if found and _brief(text) else ""


def number(text: str) -> str:
    """The phone number in a short message. A date has no nought or plus before nine more digits."""
    found = _NUMBER.search(text)
    return found[0] if found and _brief(text) else ""


def age(turn: Turn, text: str, reading: Reading) -> bool:
    """Whether it says how old a child is, or when it was born or is due, and asks nothing."""
    said = reading.said or text.casefold()
    plain = re.sub(rf"^{_OPENERS}", "", said)
    if "?" in text or _SEARCHES.match(plain) or _ASKS.search(plain):
        return False
    found = set(reading.seen) <= {"age_m", "who"} and len(find_ages(said, turn.today)) == 1
    if found and (_CHANGE_AGE.search(said) or _CHILD_IS.search(said)):
        return True
    if _DAY_OF_BIRTH.search(said):
        day = told_day(said, turn.today)
        return day is not None and not day[0].startswith("either")
    return reading.bare and "age_m" in reading.seen and set(reading.seen) <= {"age_m", "who"}


def places(text: str) -> int:
    """How many come in "yes but make it 2 kids", 0 where that is not what it says."""
    found = _PLACES.fullmatch(" ".join(text.split()))
    return (_COUNTS.get(found["n"].casefold()) or int(found["n"])) if found else 0


def twins(text: str, reading: Reading) -> bool:
    """Whether it says that there are several of one age."""
    return "?" not in text and how_many(reading.said or text) > 1 and _brief(text)


def _brief(text: str) -> bool:
    return "?" not in text and len(text.split()) <= _WORDS_BESIDE
