"""What a council's content folder says, as plain values.

Everything here is read once at start by `bot.content.load` and never changes
while the service runs. Words meant for parents are `Said`: a mapping from a
language tag to text that always holds "en". Ages are whole months, times are
wall-clock times in the council's zone, positions are WGS84 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path

from bot.content.keeping import Keep

Said = Mapping[str, str]

#: A number that nobody checked for longer is a fault, shown to staff and by `bot doctor`.
_UNCHECKED = timedelta(days=183)


class Mode(StrEnum):
    """How a family gets into a session."""

    DROP_IN = "drop_in"
    BOOK = "book"
    REFERRAL = "referral"
    PARTNER = "partner"


class Counts(StrEnum):
    """What the places of a series are counted in."""

    FAMILIES = "families"
    CHILDREN = "children"


class Repeat(StrEnum):
    """How the dates of a series are made."""

    WEEKLY = "weekly"  # every `every` weeks on `weekday`
    MONTHLY = "monthly"  # the `nth` `weekday` of each month, -1 is the last
    DATES = "dates"  # the listed days only
    COURSE = "course"  # `weeks` meetings a week apart, begun anew every `every` weeks; 0: once


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Approval:
    """Who agreed to a wording, and when. Nobody yet where `by` is empty."""

    by: str = ""
    on: date | None = None

    @property
    def given(self) -> bool:
        return bool(self.by and self.on)


@dataclass(frozen=True, slots=True)
class Contact:
    """A number or address with where it was read, when it was checked, and who keeps it true."""

    id: str
    label: Said
    phone: str = ""
    text: str = ""
    web: str = ""
    hours: Said = field(default_factory=lambda: {"en": ""})
    source: str = ""
    checked: date | None = None
    owner: str = ""
    email: str = ""
    note: str = ""  # for staff: what is still to be checked

    def stale(self, today: date) -> bool:
        """Whether nobody has checked it in the last six months."""
        return self.checked is None or today - self.checked > _UNCHECKED


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When people answer the council's line: opening and closing by weekday, Monday is 0."""

    days: Mapping[int, tuple[time, time]]
    closed: frozenset[date] = frozenset()
    sure: bool = True  # False: say "we expect to be open", a fault shown to staff
    source: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    tag: str
    name: str  # in itself: "Polski"
    direction: str  # ltr | rtl
    approved: Approval  # offered in live mode only once a person approved it


@dataclass(frozen=True, slots=True)
class OfferWindow:
    """How long a family has to answer an offer made more than `days_left` days before the start.

    With `tell_first` nothing is held: that many families are told at once, first to say yes.
    """

    days_left: int
    hours: int = 0
    waking: bool = False  # hours outside the quiet ones only
    tell_first: int = 0


@dataclass(frozen=True, slots=True)
class PlacesPolicy:
    """How places are given. `offers` begins with the most days left and ends with 0."""

    most_courses: int = 3  # that one family may have at once
    last_call: int = 60  # minutes before the start: then the waiting list closes
    gather_hours: int = 48  # a place too few for the first in line is kept for them, once
    offers: tuple[OfferWindow, ...] = (
        OfferWindow(3, hours=24), OfferWindow(1, hours=4, waking=True), OfferWindow(0, tell_first=5)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Council:
    id: str
    council: Said  # "London Borough of Bexley"
    service: Said  # "Children's Centres"
    assistant: Said  # the name that parents see
    borough: str  # "Bexley"
    line: str  # the id of the Contact parents are given for everything else
    timezone: str
    hours: OpeningHours
    languages: tuple[Language, ...]  # English first
    colour: str  # "#5b2a6e"
    ink: str  # text on that colour
    reminder_hour: int  # local hour of the evening-before reminder
    quiet_from: time
    quiet_to: time
    exit_url: str  # where "Exit this page" goes
    privacy_contact: str
    keep: Keep
    places: PlacesPolicy = PlacesPolicy()


@dataclass(frozen=True, slots=True)
class Area:
    id: str
    name: Said
    point: Point
    outcodes: tuple[str, ...]
    source: str
    nicknames: tuple[str, ...] = ()
    outside: bool = False  # another borough's


@dataclass(frozen=True, slots=True)
class Outcode:
    id: str  # "DA8"
    point: Point
    area: str
    source: str


@dataclass(frozen=True, slots=True)
class Venue:
    id: str
    name: Said
    kind: str  # centre | library | school | community | health
    address: str
    postcode: str  # "" where not known
    area: str
    point: Point | None  # None where not sure: the area's point is used
    access: tuple[Said, ...] = ()  # one thing known a line: "Step-free entrance"
    about: Said = field(default_factory=lambda: {"en": ""})
    contact: str = ""  # id of a Contact
    run_by: str = ""
    nicknames: tuple[str, ...] = ()
    former: bool = False  # an old site: we list nothing there now
    source: str = ""
    sure: bool = False  # address and role are from a source that can be relied on
    gone: bool = False  # the folder no longer names it, see bot.content.gone


@dataclass(frozen=True, slots=True)
class Activity:
    id: str
    name: Said
    summary: Said  # one or two plain sentences
    nicknames: tuple[str, ...] = ()
    neutral: Said | None = None  # said in reminders and previews instead of the name
    run_by: str = ""  # "Children's Centre team"
    not_therapist: bool = False
    offered: bool = True  # False: parents ask for it, we don't run it
    instead: Said | None = None  # what to say where it is not offered
    who: tuple[str, ...] = ()  # slugs: expecting, dads, twins, send, young_parent ...
    age_from: int | None = None  # months, at the date of the session; None: no limit
    age_to: int | None = None  # months, still welcome in that month
    age_note: Said | None = None  # "Until your baby crawls"
    until_crawling: bool = False  # from seven months on we ask, kindly, whether they do
    cost: Said = field(default_factory=lambda: {"en": ""})
    free: bool = True
    bring: Said | None = None
    size: Said | None = None  # how many come
    noise: Said | None = None
    quiet_room: Said | None = None
    leave_early: Said | None = None
    how: Said | None = None  # how to be referred, or to reach the partner
    topic: str = ""  # the help page that belongs to it
    alike: tuple[str, ...] = ()  # activities that give the same help, longer or shorter
    source: str = ""
    gone: bool = False  # the folder no longer names it, see bot.content.gone

    @property
    def sensitive(self) -> bool:
        """Whether notices must not name it."""
        return self.neutral is not None


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One line of the programme: an activity at a venue by a rule.

    Where `starts` is None the rule runs from the week in which the programme is
    laid out (a sample never goes stale); `offsets` are days after the Monday of that
    week and stand for `dates` in a sample. For the other rules a sample may give one
    offset: the day of the first session, so that courses don't all begin in one week.
    """

    id: str
    line: int  # in the file it came from
    activity: str
    venue: str
    name: str  # "" : the activity's name
    repeat: Repeat
    weekday: int  # Monday is 0
    begins: time
    ends: time
    every: int = 1  # weeks between two meetings, or between two beginnings of a course
    nth: int = 0  # for monthly: 1 to 4, or -1
    weeks: int = 0  # meetings of a course
    starts: date | None = None
    until: date | None = None
    dates: tuple[date, ...] = ()
    offsets: tuple[int, ...] = ()
    except_on: tuple[date, ...] = ()
    term_time_only: bool = False
    mode: Mode = Mode.DROP_IN
    capacity: int | None = None
    counts: Counts = Counts.FAMILIES
    age_from: int | None = None  # None: the activity's
    age_to: int | None = None
    cost: str = ""  # "": the activity's
    free: bool | None = None
    run_by: str = ""
    contact: str = ""
    notes: str = ""
    room: str = ""  # "": not said; two series may not share a named room at one time
    join_late: int = 0  # meetings of a course that may be over when somebody joins
    opens_days: int = 0  # booking opens so many days before; 0: at once
    closes_hours: int = 0  # booking closes so many hours before the start
    kept: int = 0  # places only staff can give, until `kept_days` before the start
    kept_days: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """The timetable a council imports or, until it does, the sample that ships."""

    name: str
    sample: bool
    series: tuple[SeriesPlan, ...]


@dataclass(frozen=True, slots=True)
class Term:
    id: str  # "autumn-2026"
    kind: str  # spring | summer | autumn
    starts: date
    ends: date
    half_term: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Terms in order, and bank holidays. Days between two terms are holidays."""

    terms: tuple[Term, ...]
    bank_holidays: Mapping[date, str]
    sample: bool

    def in_term(self, day: date) -> bool:
        return any(
            t.starts <= day <= t.ends and not t.half_term[0] <= day <= t.half_term[1]
            for t in self.terms
        )


@dataclass(frozen=True, slots=True)
class Topic:
    """A help page. `pages` holds Markdown by language; the rest says how far to trust it."""

    id: str
    name: Said
    pages: Mapping[str, str]
    nicknames: tuple[str, ...] = ()
    group: str = ""  # where the menu lists it: money | health | play | home | worries | send
    contacts: tuple[str, ...] = ()  # ids of Contacts shown below the text
    activities: tuple[str, ...] = ()
    sensitive: bool = False
    sure: bool = True
    source: str = ""
    checked: date | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A fixed answer to a worrying message, word for word.

    `text` has one paragraph a line; `{opens}` in it is replaced by when the centres open.
    """

    risk: str  # domestic_abuse | self_harm | child_at_risk | medical_emergency | general
    text: Said
    contacts: tuple[str, ...]
    approved: Mapping[str, Approval]  # by language


@dataclass(frozen=True, slots=True)
class Safety:
    cards: Mapping[str, Card]
    unsupported: (
        Said  # in the reader's own language: emergency numbers, languages we answer in, the phone
    )
    phrases: Mapping[str, Path]  # by language: the danger lists


@dataclass(frozen=True, slots=True)
class Wording:
    """The exact text a person says yes or no to. A change of words is a new version."""

    id: str  # privacy | register | reminders ...
    version: str  # "2026-11"
    text: Said  # Markdown
    kind: str  # notice | agreement | consent
    approved: Mapping[str, Approval]


@dataclass(frozen=True, slots=True)
class Content:
    """One council's words and data."""

    folder: Path
    council: Council
    contacts: Mapping[str, Contact]
    areas: Mapping[str, Area]
    outcodes: Mapping[str, Outcode]
    venues: Mapping[str, Venue]
    activities: Mapping[str, Activity]
    topics: Mapping[str, Topic]
    programme: Programme
    calendar: Calendar
    safety: Safety
    wordings: Mapping[str, Wording]

    def place_of(self, venue: str) -> Point:
        """The venue's own point where it is sure, else its area's."""
        v = self.venues[venue]
        return v.point or self.areas[v.area].point
