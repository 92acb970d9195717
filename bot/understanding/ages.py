"""Children's ages in a text, in months: weeks, months, years, birthdays, several children.

Weeks are divided by 4.345 and years multiplied by 12, rounded to a month. A number with a unit
that counts something else (weeks of a course, hours of childcare, waiting) is not an age.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.understanding.dates import MONTHS, explicit_date
from bot.understanding.found import NUM, Found, number

WEEKS_A_MONTH = 4.345
_UNITS = r"(?P<unit>days?|weeks?|months?|years?|weekers?|monthers?)"
_HALF = r"(?: ?(?:and a half|and half|& a half|1/2))"
_NEAR = r"(?:nearly|almost|about|around|just|just turned|just over|just under|coming up to|coming up|approaching|roughly|approx|turning|only|now|going on)"

_AGE = re.compile(
    rf"(?<![\w/.:£-])(?:(?P<n>{NUM}|an?)(?P<half>{_HALF})?(?: ?- ?| )?(?:{_UNITS})(?P<half2>{_HALF})?"
    r"(?P<old> ?-? ?(?:olds?|of age))?)(?!\w)"
)
# "2 and 4 year olds", "a one and a three year old", "6, 9 and 14 months"
_SHARED = re.compile(
    rf"(?<![\w/.:£-])(?P<list>(?:an? )?{NUM}(?:(?: ?, ?(?:and )?| and | & | or )(?:an? )?{NUM})+) ?-?"
    rf"(?:{_UNITS})(?P<old> ?-? ?(?:olds?|of age))?(?!\w)"
)
_RANGE = re.compile(
    rf"(?<![\w/.:£-])(?:from |aged? |between )?(?P<a>{NUM}|birth|newborn)(?: (?P<ua>days?|weeks?|months?|years?))? ?(?:-|to|and|until) ?"
    rf"(?P<b>{NUM}) ?-?{_UNITS}(?: ?-? ?olds?)?(?!\w)"
)
# "2 years and 3 months": one child, where nothing says that there are more
_TOGETHER = re.compile(
    rf"(?<![\w/.:£-])(?P<years>{NUM}|a) ?-? ?years?(?: and| &|,)? (?P<months>{NUM}) ?-? ?(?P<unit>months?)(?: ?-? ?olds?)?(?!\w)"
)
_SEVERAL = re.compile(
    r"\b(?:kids|children|little ones|twins|girls|boys|sons|daughters|both|they|they're|two|ages|aged)\b[^.!?]*$"
)
# "18 months and 4": the second of two children, told in years
_MONTHS_AND_YEARS = re.compile(
    rf"(?<![\w/.:£-])(?<!between )(?P<a>{NUM}) ?months?(?: old)? (?:and|&) (?:an? |nearly |almost )?(?P<b>[1-5]|one|two|three|four|five)(?= ?(?:[.,?!]|$))"
)
_UNDER = re.compile(
    rf"(?<!\w)(?:under|below|younger than|less than|up to)(?: the age of)?[ -](?P<n>{NUM}|a)(?:'?s|es)?(?: ?{_UNITS})?(?: ?-? ?olds?)?(?!\w)"
)
_UNDERS = re.compile(r"(?<!\w)(?:under|u)[ -]?(?P<n>[1-5]|one|two|three|four|five)(?:'?s)(?!\w)")
_SMALL_RANGE = re.compile(
    r"(?<![\w/.:£-])(?P<a>[0-4]) ?(?:-|to) ?(?P<b>[1-5])(?:'?s| year ?-?olds?)(?!\w)"
)
_BARE = re.compile(
    rf"(?<!\w)(?:(?:he|she|baby|toddler|son|daughter|child|girl|boy|lo|one|they|it|other|twins|grandson|granddaughter|niece|nephew|brother|sister|youngest|eldest|oldest|who|\w{{3,9}})(?:'s| is| are|'re| was| turned| turns| just turned| will be| will be turning| is turning| has turned| who's| who is)|aged?|age of|age is|age|(?:lad|boy|girl|child|son|daughter|little one) of|(?:old|young|big|little|small|ready) at|(?:i have|i've got|i got|have) (?:a|an)|turning|turns|turned|my|is|just turned|(?:boys?|girls?|sons?|daughters?|kids?|children|child|twins),?)"
    rf"(?: (?P<near>{_NEAR}))* (?P<list>{NUM}(?P<half>{_HALF})?(?:(?: ?, ?(?:and )?| and | & | or )(?:an? |nearly |almost |just gone |just turned |just )*{NUM}(?!\s?(?:am|pm|o'clock|kids|children|boys|girls|places|people|of|other|months?|weeks?|years?|days?)))*)(?P<after>(?! ?(?:am|pm|o'clock|:|%|kids|children|boys|girls|places|spaces|people|adults|of us|of them|hours?|minutes?|times|other|little|buggies|mums|dads|babies|toddlers|days?|weeks?|months?|years?|stone|lbs?|pounds?|oz|kg|miles?|sessions?|more|degrees|point|today's)\b)(?![\w/:-]|\.\w))(?P<next> (?:next|in|this|on|tomorrow|today|soon)\b[^.!?]*)?"
)
# "3 kids 1 2 and 3": years, one for each
_KIDS = re.compile(
    r"(?<!\w)(?:kids|children|boys|girls|little ones|under (?:5|five)s)(?: who are| aged?| ages|,|:| -)* "
    r"(?P<list>[1-5](?:(?: ?, ?(?:and )?| and | & | )[1-5])+)(?! ?(?:to|-|days?|weeks?|months?|am|pm|[/:]|st|nd|rd|th))(?!\w)"
)
# "a 4 year old and a baby": the other one, as far as it is told
_THE_OTHER = re.compile(
    r"(?:\b(?:and|plus|with)|[,&]) (?:an?|my|his|her|our|the)(?: (?:little|small|young|baby|older|younger))? (?P<who>toddler|baby)(?= ?(?:$|[.,!?]|brother|sister|too|as well|and\b|what|can\b|we\b|i\b|please|in\b|on\b|near\b))"
)
_NEARLY = re.compile(
    rf"(?<!\w)(?:nearly|almost|just turned|coming up to|approaching|just turning) (?P<n>{NUM})(?=[.,?!]|$| (?:and|so|he|she|what|who|but|now|with|is|can)\b)"
)
_ARTICLE = re.compile(
    rf"(?<!\w)(?:an? )(?:nearly |almost |just )?(?P<n>{NUM})(?= (?:and|as well|too|with)\b|[.,?!]|$)(?! and a half)"
)
_NAMED = re.compile(
    r"(?<!\w)(?P<w>new ?-?borns?|newborn|brand new baby|premmie newborn|just born|born (?:today|yesterday|last week|this week))(?!\w)"
)
_BIRTH = re.compile(
    r"(?<!\w)(?:born|dob|d\.o\.b|date of birth|birthday(?: is|'s)?|birth date)(?: is| was)?:? ?(?:in|on|is|the|around|at the (?:start|end) of|early|late|end of|beginning of|start of|mid)* ?(?P<rest>[^?!;]{3,30})"
)
_TURNS = re.compile(
    rf"(?<!\w)(?:turns|turning|will be|will turn|'ll be|is going to be|be) (?P<n>{NUM}) (?P<when>next week|next month|this week|this month|tomorrow|soon|in (?P<month>{'|'.join(MONTHS)})|in (?P<weeks>{NUM}|a|a few) (?P<unit>days?|weeks?|months?|month))"
)
_TURNED = re.compile(
    rf"(?<!\w)(?:turned|was) (?P<n>one|two|three|four|[1-4]) (?:back )?in (?P<month>{'|'.join(MONTHS)})(?!\w)"
)
_NOT_BEFORE = re.compile(
    r"(?:\b(?:in|within|every|all|last|past|next|another|after|of|waited|waiting|lasts?|been|ago|over the|first|notice|for the last|for the past|lived here|living here|each|per|than|these|those|once|twice|takes?|it's a|is it|is it a|how many|under £|married|together|years? ago|for over)(?: for| at least| about| around| nearly| over)?|(?:waited|waiting|wait|been here|lived|ill|poorly|crying|worked|pain|breastfeeding|sleeping badly|had) for|(?:i'm|i am|im) (?:about |around |nearly |only |now |just )?)\s*$"
)
_NOT_AFTER = re.compile(
    r"^\s*(?:ago|time\b|later|notice|wait|course|class|workshop|programme|program|block|pregnant|preg|gone|from now|along|into|after|before|in advance|early|late\b|left|long|maximum|minimum|at a time|a week|per|of (?:massage|sessions|classes|yoga|waiting)|hours|today|tomorrow|free|nursery|funded|funding|away|running|in a row|straight|scan|postnatal|post ?natal|post ?partum|holiday|holidays|paid|unpaid|maternity|till|until|since|overdue|earlier)"
)
_CHILD_OF = re.compile(
    r"\b(?:girl|boy|child|son|daughter|baby|toddler|lad|lass|one|twins|grandson|granddaughter) of (?:about |around |nearly |only |just )?$"
)
_SELF = re.compile(
    r"\b(?:i'm|i am|im|me|mum|mother|dad|who is|at) (?:only |just |nearly |now |aged? )*$"
)

#: As old as somebody is who is only called so, from and to.
_ABOUT = {"baby": "0/12", "toddler": "12/36"}


def find_ages(text: str, today: date) -> list[Found]:
    """Ages of children in plain words (see spoken.speak), as `age_m` values in months."""
    found: list[Found] = []
    for item in _every(text, today):
        if not any(item.start < other.end and other.start < item.end for other in found):
            found.append(item)
    if len(found) == 1:
        found += [
            Found("age_m", _ABOUT[m["who"]], m.start("who"), m.end("who"))
            for m in _THE_OTHER.finditer(text, found[0].end)
        ][:1]
    return sorted(found, key=lambda f: f.start)


def months_of(amount: float, unit: str) -> int:
    """A count of days, weeks, months or years as whole months."""
    each = {"d": 1 / 30.4, "w": 1 / WEEKS_A_MONTH, "m": 1.0, "y": 12.0}[unit[0]]
    return int(amount * each + 0.5)


def _every(text: str, today: date) -> Iterator[Found]:  # noqa: PLR0912  one branch a way of saying an age
    for m in _BIRTH.finditer(text):
        born = explicit_date(m["rest"], today, past=True)
        if born is not None:
            on, used = born
            if (months := _between(on, today)) <= 72:
                yield Found("age_m", str(months), m.start(), m.start("rest") + used)
    for m in _TURNS.finditer(text):
        yield from _turning(m, today)
    for m in _TURNED.finditer(text):
        gone = (today.month - MONTHS[m["month"]]) % 12
        yield Found("age_m", str(int(12 * number(m["n"])) + gone), m.start(), m.end())
    for m in _RANGE.finditer(text):
        yield from _range(m, text)
    for m in _SMALL_RANGE.finditer(text):
        yield Found("age_m", f"{12 * int(m['a'])}/{12 * int(m['b'])}", m.start(), m.end())
    for m in _UNDER.finditer(text):
        yield from _under(m, text)
    for m in _TOGETHER.finditer(text):
        yield from _together(m, text)
    for m in _SHARED.finditer(text):
        yield from _shared(m, text)
    for m in _MONTHS_AND_YEARS.finditer(text):
        if not _counts_something_else(m, text):
            yield Found(
                "age_m",
                (str(int(number(m["a"]))), str(int(12 * number(m["b"])))),
                m.start(),
                m.end(),
            )
    for m in _AGE.finditer(text):
        yield from _one(m, text)
    for m in _NAMED.finditer(text):
        yield Found("age_m", "0", m.start(), m.end())
    for m in _KIDS.finditer(text):
        ages = tuple(str(12 * int(n)) for n in re.findall(r"\d", m["list"]))
        yield Found("age_m", ages, m.start("list"), m.end("list"))
    for m in _BARE.finditer(text):
        yield from _bare(m, text)
    for m in _NEARLY.finditer(text):
        if number(m["n"]) <= 5:
            yield Found("age_m", str(int(12 * number(m["n"]))), m.start("n"), m.end())
    yield from _articles(text)


def _one(m: re.Match[str], text: str) -> Iterator[Found]:
    old = bool(m["old"])
    article = m["n"] in {"a", "an"}
    if not old and _counts_something_else(m, text):
        return
    if article and not old and not (m["half"] or m["half2"]):
        return
    if _SELF.search(text[: m.start()]) and m["unit"].startswith("year"):
        return
    amount = 1.0 if article else number(m["n"])
    if m["half"] or m["half2"]:
        amount += 0.5
    months = months_of(amount, m["unit"])
    if 0 <= months <= (131 if old else 72):
        yield Found("age_m", str(months), m.start(), m.end())


def _together(m: re.Match[str], text: str) -> Iterator[Found]:
    years = 1.0 if m["years"] == "a" else number(m["years"])
    more = number(m["months"])
    several = _SEVERAL.search(text[: m.start()])
    if more < 12 and years <= 6 and not several and not _counts_something_else(m, text):
        yield Found("age_m", str(int(12 * years + more)), m.start(), m.end())


def _shared(m: re.Match[str], text: str) -> Iterator[Found]:
    if not m["old"] and _counts_something_else(m, text):
        return
    parts = re.findall(NUM, m["list"])
    ages = tuple(str(months_of(number(p), m["unit"])) for p in parts)
    if all(int(a) <= 131 for a in ages):
        yield Found("age_m", ages, m.start(), m.end())


def _range(m: re.Match[str], text: str) -> Iterator[Found]:
    if _counts_something_else(m, text) or (
        m["ua"] and m["ua"][0] != m["unit"][0] and m["ua"][0] > m["unit"][0] and m["unit"][0] != "y"
    ):
        return
    low = (
        0
        if not m["a"][0].isdigit() and m["a"] in {"birth", "newborn"}
        else months_of(number(m["a"]), m["ua"] or m["unit"])
    )
    high = months_of(number(m["b"]), m["unit"])
    if " and " in m[0] and not m[0].startswith("between"):
        yield Found("age_m", (str(low), str(high)), m.start(), m.end())
    elif low < high <= 131:
        yield Found("age_m", f"{low}/{high}", m.start(), m.end())


def _under(m: re.Match[str], text: str) -> Iterator[Found]:
    years = 1.0 if m["n"] == "a" else number(m["n"])
    if m["n"] == "a" and not m["unit"]:
        return
    if m["unit"]:
        months = months_of(years, m["unit"])
    elif years <= 5:
        months = int(12 * years)
    else:
        return
    if months <= 72 and not re.match(r"\s*(?:hours|minutes|pounds|people)", text[m.end() :]):
        yield Found("age_m", f"0/{months}", m.start(), m.end())


def _bare(m: re.Match[str], text: str) -> Iterator[Found]:
    """ "she's 4", "aged 2 and 5": years, unless too many for a small child."""
    lead = m[0].split(" ")[0]
    if lead in {
        "i'm",
        "i",
        "that's",
        "it's",
        "there's",
        "what's",
        "it",
        "where's",
        "when's",
        "this",
        "that",
        "time",
        "price",
        "cost",
        "number",
        "which",
        "there",
    } or lead.endswith("day"):
        return
    if m[0].startswith(("i have ", "have ", "i've got ", "i got ", "is ", "my ")) and not re.search(
        r"\b(?:old|age|he|she|son|daughter|boy|girl|turned|nearly|almost)\b",
        m[0] + text[m.end() : m.end() + 14],
    ):
        return
    if re.match(r"\s*(?:month|week|year|day|weeks|months|years|days)\b", text[m.end("list") :]):
        return
    ages = [number(p) for p in re.findall(NUM, re.sub(_HALF, "", m["list"]))]
    if m["half"]:
        ages[0] += 0.5
    if not all(0 < a <= 10 for a in ages):
        return
    months = tuple(str(int(12 * a + 0.5)) for a in ages)
    yield Found("age_m", months if len(months) > 1 else months[0], m.start("list"), m.end("list"))


def _articles(text: str) -> Iterator[Found]:
    """ "a 2 and a 4": bare numbers with an article, only beside another age or old."""
    if re.search(r"\b(?:old|aged|year|month)", text):
        for m in _ARTICLE.finditer(text):
            if number(m["n"]) <= 5:
                yield Found("age_m", str(int(12 * number(m["n"]))), m.start(), m.end())


def _turning(m: re.Match[str], today: date) -> Iterator[Found]:
    ahead = {
        "next week": 0.25,
        "next month": 1,
        "this week": 0,
        "this month": 0.5,
        "tomorrow": 0,
        "soon": 1,
    }
    if m["when"] in ahead:
        gap = ahead[m["when"]]
    elif m["month"]:
        gap = (MONTHS[m["month"]] - today.month) % 12
    else:
        count = {"a": 1.0, "a few": 3.0}.get(m["weeks"]) or number(m["weeks"])
        gap = {"d": count / 30, "w": count / WEEKS_A_MONTH, "m": count}[m["unit"][0]]
    months = round(12 * number(m["n"]) - gap)
    if 0 <= months <= 131:
        yield Found("age_m", str(months), m.start(), m.end())


def _counts_something_else(m: re.Match[str], text: str) -> bool:
    before = text[: m.start()]
    counted = _NOT_BEFORE.search(before) and not _CHILD_OF.search(before)
    return bool(counted or _NOT_AFTER.match(text[m.end() :]))


def _between(born: date, today: date) -> int:
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return max(0, months)
