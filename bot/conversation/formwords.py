"""What is said in the middle of a form, told by its words: leaving it, a question, why we ask, and
that one has had enough of it."""

from __future__ import annotations

import re

from bot.understanding.reading import Reading

#: Above this we trust that a message in the middle of a form asks for something else.
SURE_ENOUGH = 0.75
SURE_OF_AN_ORDER, MOST_WORDS = 0.9, 5
LONGEST_QUESTION = 8  # words; a longer one belongs to what they tell us
_ORDERS = frozenset({"cancel_booking", "change_booking", "my_bookings", "book", "talk_to_person"})
_OH = r"(?:actually |sorry |oh |no |ok |okay |please )*"
_PLEASE = r"(?: please| thanks| thank you| now| actually| sorry)*"
#: Words that leave a form and can mean nothing else, and others that do.
NEVER_MIND = re.compile(
    rf"{_OH}(?:never ?mind|cancel(?: this| that| it)?|(?:i've |i have |i )changed my mind){_PLEASE}"
)
LEAVING = re.compile(
    rf"{_OH}(?:stop (?:this|that|it)|back|go back|quit|exit|forget (?:it|this|that)|leave it"
    rf"|i (?:don't|do not|dont) want (?:to|this|it)(?: any ?more)?){_PLEASE}"
)
#: A question without its mark. To whoever asks for a name, anything looks like one.
_ASKS = (
    r"(?:do|does|did|is|are|can|could|would|should|will|have|has) (?:i|we|you|he|she|they|it|this|that"
    r"|there|the|my|some\w+|any\w*)\b.*"
)
_YES_OR_NO = re.compile(rf"(?:and |but |so )?{_ASKS}")
_QUESTION = re.compile(
    rf"(?:and |but |so )?(?:(?:what|why|how|when|where|who|which)\b.* .+|{_ASKS})"
)
#: Says who they are and tells of a child: nothing is asked, whatever it may also be read as.
_MYSELF = re.compile(r"(?:(?:hi|hello|hey) )?i(?:'?m| am) \w+ and (?:my|our|s?he)\b.*")
_ASKS_THEM = re.compile(r"(?:can|could|would|will) (?:you|they|some\w+|any\w*)\b")
#: Asks why we ask, and who sees what is answered.
_WHY = re.compile(
    r"(?:and |but |so )?(?:why (?:do|are|would|should|must) (?:you|they|i|we)\b.*"
    r"\b(?:need|want|ask|asking|know|have to|give|say|tell|fill)\b.*"
    r"|(?:what|who) (?:do|will|would|are|can|could) (?:you|they)(?: going to)? "
    r"(?:need|want|use|do with|do|share|give|tell)\b.*\b(?:it|that|this|these|for|with|to|my \w+)"
    r"|what(?:'s| is| are) (?:it|this|that|these|they) for"
    r"|(?:do|must|should) i(?: really)?(?: (?:have|need) to)? "
    r"(?:give|say|tell|answer|fill|put|type|share)\b.*"
    r"|who (?:can |will |gets to |does |else )*(?:see|sees|read|reads|know|knows)\b.*"
    r"|(?:is|are|will) (?:it|this|that|these|they)(?: be)?(?: all)? "
    r"(?:(?:private|confidential|secret|anonymous|shared|passed on|kept)\b.*|safe)"
    r"|(?:do|will) you (?:share|keep|store|pass|sell|tell)\b.*|how long (?:do|will) you keep\b.*)"
)
_BAD = (
    r"(?:useless|rubbish|crap|shit|pointless|stupid|ridiculous|hopeless|terrible|awful|annoying|frustrating"
    r"|impossible|not (?:working|helping|helpful)|no (?:help|good|use)|(?:an? )?(?:total |complete )?waste of (?:my )?time"
    r"|an? (?:joke|pain|nightmare)|doing my head in|driving me (?:mad|crazy|nuts)"
    r"|taking (?:forever|ages|too long|so long)|(?:too|so) (?:long|complicated|difficult|many questions))"
)
_FED_UP = re.compile(
    r"(?:(?:oh|ugh+|a+rgh+|omg|ffs|honestly|seriously|but|no|sorry|well|wow) )*"
    r"(?:(?:(?:this|that|it)(?: (?:bot|thing|chat|form|app|site|service|whole thing))?(?:'?s| is)?|you(?:'re| are|r)?|ur)? ?"
    rf"(?:(?:so|really|just|such|very|bloody|fucking|absolutely|totally|completely) )*{_BAD}"
    r"(?: (?:bot|robot|machine|thing|form|at all|now))*"
    r"|(?:this|it)(?: (?:bot|thing|chat|form|app|site))? (?:isn't|doesn't|won't) (?:work|help)(?:ing)?(?: at all)?"
    r"|why (?:is|are) (?:this|it|you) so (?:hard|slow|long|difficult|complicated|useless|annoying|stupid)|you (?:don't|do not|never|can't) (?:help|listen|understand)(?: me)?(?: at all)?"
    r"|you(?:'re| are) not (?:listening|helping|helpful)"
    r"|i(?:'m| am)?(?: so| really| just)? (?:fed up|sick|tired|bored|hate)(?: (?:of|with))? (?:this|it|you|all this|these questions)(?: bot| form| thing)?"
    r"|i(?:'m| am)? giv(?:e|ing) up|ffs|for (?:god|fuck|heaven|goodness)'?s'? sake)"
)
ANSWERS = frozenset(
    {"affirm", "deny", "greeting", "thanks", "unclear", "out_of_scope", "update_details"}
)
SMALL_TALK = frozenset({"affirm", "deny", "greeting", "thanks", "unclear"})  # leaves no form


def plain(text: str) -> str:
    """Small letters, one kind of apostrophe, no commas and no punctuation around."""
    flat = text.casefold().replace("’", "'").replace(",", " ")
    return " ".join(flat.split()).strip(' .!?…"“”')


def asks_something(text: str, reading: Reading | None, *, waiting: bool) -> bool:
    """Whether a message plainly asks for something. Where the form waits, a word may be enough."""
    if _QUESTION.fullmatch(plain(text)):
        return True
    if _MYSELF.fullmatch(plain(text)) and "?" not in text:
        return False
    return (
        reading is not None
        and reading.intent not in ANSWERS
        and reading.sure >= SURE_ENOUGH
        and (waiting or len(text.split()) > 2 or "?" in text)
    )


def yes_or_no(text: str) -> bool:
    """Whether it is a question with or without its mark: "is it free"."""
    return _YES_OR_NO.fullmatch(plain(text)) is not None


def names_time(text: str, reading: Reading | None) -> bool:
    """ "Can you ring after 3" says when; "is it free on Friday" doesn't."""
    timed = reading is not None and not {"when", "daypart"}.isdisjoint(reading.seen)
    return timed and (not yes_or_no(text) or _ASKS_THEM.match(plain(text)) is not None)


def orders(text: str, reading: Reading | None) -> bool:
    """Whether a few words plainly order something, so that they are no feedback and no time."""
    return (
        reading is not None
        and reading.intent in _ORDERS
        and reading.sure >= SURE_OF_AN_ORDER
        and len(text.split()) <= MOST_WORDS
    )


def fed_up(text: str, reading: Reading | None) -> bool:
    """Whether they have had enough of us: no answer, and least of all a name."""
    said = {plain(text), plain(reading.said) if reading is not None else ""}
    return any(_FED_UP.fullmatch(s) for s in said)


def asks_why(text: str, reading: Reading | None) -> bool:
    said = {plain(text), plain(reading.said) if reading is not None else ""}
    return any(_WHY.fullmatch(s) for s in said)
