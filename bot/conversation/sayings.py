"""How people say in words what a button does: yes and no to a question, and ways to ask for an act.

Read by `buttons`, which knows what is on the screen. Patterns are over the plain English that a
message was read as, whole and without its politeness (`plain`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: A question on the screen: the act that yes does, and those that no may do. Both must be there.
QUESTIONS: dict[str, tuple[str, ...]] = {
    "offer_yes": ("offer_no",),
    "still_wanted": ("leave_list",),
    "move_to": ("keep_booking",),
    "move_now": ("keep_booking",),
    "cancel_now": ("keep_booking",),
    "miss_now": ("keep_booking",),
    "leave_now": ("entry",),
    "coming": ("cant_come",),
    "form_done": ("register_no", "never_mind"),
    "carry_on": ("never_mind",),
    "child_remove_yes": ("children",),
    "leave_family_yes": ("family",),
    "delete_yes": ("carry_on", "menu"),
    "ring_me_yes": ("menu",),
}
#: Of these, no means that all stays as it is: "keep it" is a no.
KEEPING = frozenset(
    {"move_to", "move_now", "cancel_now", "miss_now", "leave_now", "child_remove_yes", "delete_yes"}
)


#: What a message offers without asking: a yes takes it where nothing else is offered beside.
OFFERED = frozenset({"ring_me", "register_now", "stop", "set_language", "restart"})
BESIDE = frozenset({"privacy"})
#: Only politeness below a thank-you that ends with "ask a person to ring you".
POLITE = re.compile(r"(?:ok(?:ay)?|fine|alright|great|good|cool|lovely|perfect|k)+")


class Way(NamedTuple):
    """Words that mean a button. `instead` is another act with its arguments: it asks first."""

    act: str
    said: re.Pattern[str]
    instead: str = ""


def _way(act: str, said: str, instead: str = "") -> Way:
    return Way(act, re.compile(said), instead)


_IT = r"(?:it|this|that|(?:this|that) (?:one|booking|place|session|course))"
_MINE = r"(?:(?:my|the|our) (?:booking|place|spot|session|course))"
_CANT = (
    r"(?:(?:i|we|i'm|we're|i am|we are) )?(?:can't|cannot|can not|won't|not|not able to|unable to|"
    r"won't be able to|can no longer) (?:come|make (?:it|that|this)|be (?:there|coming)|coming|"
    r"attend|go|going|do (?:it|that|this))"
    r"(?: (?:any ?more|after all|now))*"
)
#: About one date. Where a booking may have several, the words are read for which is meant.
_CANT_COME = (
    rf"{_CANT}(?: (?:today|tomorrow|this (?:time|week)|that day))*(?: (?:any ?more|after all|now))*"
)
_ONE_DATE = r"(?:only )?(?:miss )?(?:this|that) (?:one|date|day|week|time)(?: only)?|only (?:this|that)(?: one)?"
_WHOLE = (
    r"(?:cancel )?(?:(?:the|my|our|this) )?(?:whole|entire|full) (?:course|thing|lot)|(?:cancel )?all of (?:it|them)"
    r"|(?:cancel )?all (?:the |my |our )?(?:dates|weeks|sessions)|(?:cancel )?(?:everything|every week)"
)
_LET_GO = r"(?:give up|give back|drop|let go of)"
_WAITING_LIST = r"(?:(?:the|this|that|your) )?(?:waiting )?(?:list|queue|line)"
_HAVE = r"(?:have|take|accept|want|book|love|like)"
_STILL = r"(?:i|we|i'd|we'd|i'm|we're|i am|we are|i do|we do|i would|we would)"
_SEEN = r"(?:my bookings|them|it)"
_OOPS = (
    r"undo(?: (?:it|that|this))?|take (?:it|that) back|(?:i )?didn't mean (?:to|that|it)(?: cancel)?"
    r"|oops|my mistake"
)

WAYS: tuple[Way, ...] = (
    _way("cancel_now", rf"cancel(?: (?:{_IT}|{_MINE}))?|{_LET_GO} (?:{_IT}|{_MINE})|{_CANT}|{_WHOLE}"),
    _way("miss_now", rf"{_CANT_COME}|{_ONE_DATE}|cancel (?:it|this|that)(?: (?:one|date|day|week))?"),
    _way("ask_cancel", _WHOLE),
    _way("miss", rf"{_ONE_DATE}|(?:(?:only|just|miss) )*the (?:first|next|1st) (?:date|day|week|time|session)(?: only)?"),
    _way("cancel", rf"cancel (?:{_IT}|the whole course)|{_LET_GO} {_IT}"),
    _way("cancel", rf"cancel(?: {_MINE})?|{_LET_GO} {_MINE}|{_CANT}"
         rf"|i don't (?:want|need) (?:{_IT}|{_MINE})(?: any ?more)?", "ask_cancel"),
    _way("undo_cancel", rf"{_OOPS}|undo (?:the|my) cancel\w*|(?:i(?:'ve| have)? )?changed my mind"
         r"|(?:i )?(?:want |can i have |have |get |give me )?(?:my (?:place|booking|spot)|it) back(?: again)?"
         r"|(?:put|bring) it back|re-?instate it|don't cancel(?: (?:it|that))?|re-?book(?: it)?"
         r"|(?:i|we)(?: can come|'m coming| am coming|'re coming) after all"),
    _way("move", rf"(?:change|move|swap) (?:{_IT}|{_MINE}|the (?:date|day|time))"
         r"(?: to (?:another|a different) (?:date|day|time|week))?|(?:another|a different) (?:date|day)"
         r"|reschedule(?: it)?"),
    _way("move_now", r"(?:change|move|swap) (?:it|them)|do it"),
    _way("coming", r"(?:(?:i|we|i'm|we're|i am|we are|i'll|we'll|i will|we will|yes) )*(?:still )?"
         r"(?:coming|be (?:there|coming)|come)(?: after all)?|(?:i|we) can (?:still )?come(?: after all)?"
         r"|see you (?:there|then|later|today|tomorrow)"),
    _way("coming", _OOPS),
    _way("cant_come", _CANT_COME),
    _way("offer_yes", rf"(?:(?:i|we)(?:'ll|'d| will| would)? )?(?:love to )?{_HAVE} (?:it|the place|this|that)"),
    _way("offer_no", r"(?:i|we) don't (?:want|need) (?:it|the place|this|that)(?: any ?more)?"
         rf"|not this (?:one|time|date|week)|(?:give|pass) it to (?:some(?:one|body)) else|{_CANT_COME}"),
    _way("still_wanted", r"(?:(?:i|i'll|we|we'll|i'd like to|i want to) )?keep (?:it|(?:my|our|the) "
         r"(?:turn|place|spot)|me on|us on|waiting)(?: (?:in|on) (?:the )?\w+(?: list)?)?"
         rf"|(?:[^?,]{{0,30}}, ?)?{_STILL} still (?:want|wait|like|interested|waiting)\b.*|still (?:waiting|want it|interested)"
         rf"|(?:i'll|we'll|i will|we will) wait|(?:stay|keep me|keep us) on {_WAITING_LIST}"),
    _way("leave_list", rf"(?:leave|quit|stop) (?:waiting|{_WAITING_LIST})"
         rf"|(?:take|remove) (?:me|us) (?:off|from)(?: {_WAITING_LIST})?"
         r"|(?:i|we) don't want to wait(?: any ?more)?"),
    _way("leave_list", r"leave(?: it)?", "ask_leave"),
    _way("leave_now", rf"leave(?: {_WAITING_LIST})?|(?:take|remove) (?:me|us) (?:off|from)(?: it)?"),
    _way("more", r"(?:(?:show|see|give|tell)(?: me)? |any )?(?:more|the rest|the others)"
         r"(?: of them| sessions| results| dates)?|what else(?: is there| have you got)?|next(?: page| ones)?"),
    _way("why", r"why(?: not)?|why (?:not me|am i (?:still )?waiting|haven't i|didn't i)"),
    _way("shares_on", rf"share(?: {_SEEN})?|let (?:them|him|her|everyone|everybody) see(?: {_SEEN})?"),
    _way("shares_off", rf"(?:stop|don't|no) shar(?:e|ing)(?: {_SEEN})?|hide {_SEEN}|nobody"),
    _way("book", rf"(?:book|reserve)(?: (?:{_IT}|me (?:in|on)|a place))?"),
    _way("unfollow", r"(?:stop|don'?t|do not|no need to) (?:tell|let|notify|inform|warn)(?:ing)?(?: me)?(?: know)?(?: about (?:it|this|that))?(?: any ?more)?"
         r"|(?:don't|do not)(?: bother)?|undo(?: (?:it|that))?"),
    _way("restart", r"start (?:it )?again|(?:start|resume) (?:the |my |sending )?messages(?: again)?"
         r"|(?:message|write to|text) me again"),
    _way("remember", r"(?:remember|keep|save) (?:it|this|that|them|these|those)(?: for (?:next time|later|me))?"),
    _way("charge_stops", r"(?:(?:i|we) )?(?:can'?t|cannot|can not|couldn'?t)(?: really)? (?:afford|pay)(?: for)?(?: (?:it|this|that|(?:the|that) (?:charge|cost|price|fee|money)))?"
         r"|(?:i|we) (?:don'?t have|have(?:n'?t)?(?: got)? no|haven'?t got) (?:the |any |enough )?money(?: for (?:it|this|that))?"
         r"|(?:it'?s |it is |that'?s |that is )?too (?:expensive|dear|much(?: money)?)(?: for (?:me|us))?"),
    _way("ring_off", rf"cancel(?: {_IT})?|undo(?: {_IT})?|(?:i've |i have )?changed my mind"),
    _way("ring_number", r"(?:change|fix|correct) (?:it|the number|my number|that)|(?:it'?s |that'?s |i gave )?(?:the )?wrong number"),
    _way("session", rf"(?:book|reserve) (?:{_IT}|me (?:in|on)|a place)|(?:i'll|we'll|i will) (?:have|take) {_IT}", "book"),
    _way("session", r"(?:(?:put|get) (?:me|us) on |join )?(?:the |your |a )?waiting ?list", "wait"),
)  # fmt: skip

FURNITURE = frozenset({"menu", "urgent"})  # below every answer, and no part of it
#: What loses something is never done by its number alone, unless it answers a question.
LOSING = frozenset(
    {
        "cancel",
        "cant_come",
        "miss",
        "leave_list",
        "stop",
        "link_wasnt_me",
        "shares_on",
        "reminders_off",
    }
)
#: What loses nothing may be said a few messages later: "undo", "keep my turn".
LASTING = frozenset({"undo_cancel", "still_wanted", "offer_yes", "coming"})
OF_A_CHECK = frozenset({"form_done", "form_change", "charge_stops"})
KEEP = re.compile(
    r"(?:(?:i|i'll|we|we'll|i will|i'd like to|i want to) )?keep (?:it|them|(?:my|our|the) \w+)"
    r"(?: as (?:it is|they are))?|leave (?:it|them)(?: as (?:it is|they are))?"
    r"|don't (?:change|cancel|move|delete|do)(?: (?:it|that|anything))?"
)

_BEFORE = re.compile(
    r"^(?:(?:yes|yeah|yep|yup|no|ok|okay|please|sorry|oops|hi|hello|hey|actually|oh|well|and|then|just|"
    r"can (?:you|i|we)|could (?:you|i|we)|(?:i|we) (?:want|need|would like) to|(?:i|we)'d like to)"
    r"[ ,.!]+)+"
)
_AFTER = re.compile(
    r"(?:[ ,.!?]+(?:please|thanks?(?: you)?|then|now|sorry|ok|okay|for me|x))*[\s,.!?…]*$"
)
_ORDINALS = {
    "first": 1, "1st": 1, "one": 1, "top": 1, "second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3,
    "three": 3, "fourth": 4, "4th": 4, "four": 4, "fifth": 5, "5th": 5, "five": 5, "sixth": 6,
    "6th": 6, "six": 6, "last": -1, "bottom": -1,
}  # fmt: skip
_POINTS = re.compile(
    rf"(?:(?:i'll|i will|we'll|i'd like|i want|have|take|number|option|no\.?|#|the) ?)*"
    rf"(?P<at>\d\d?|{'|'.join(_ORDINALS)})(?:st|nd|rd|th)?(?: (?:one|option|date|day|place))?"
)


_BOOKS = re.compile(
    r"(?:book|reserve)(?: me| us)?(?: on| in| onto| into)?(?: to)? (?!(?:one|\d+ place)$)"
)


def plain(said: str) -> str:
    """Without what politeness puts around it; the whole where nothing else is there."""
    return _BEFORE.sub("", _AFTER.sub("", said)) or said.strip(" ,.!?…")


def means(act: str, said: str) -> bool:
    """Whether a plain text is one of the ways to ask for an act."""
    return any(way.said.fullmatch(said) for way in WAYS if way.act == act)


def pointed(said: str) -> int:
    """Which of a list is pointed at and nothing else: 1, 2 ..., -1 for the last; 0 for none."""
    found = _POINTS.fullmatch(said)
    if found is None:
        return 0
    at = found["at"]
    return int(at) if at.isdigit() else _ORDINALS[at]


def to_book(said: str) -> int:
    """The same of a list in "book 1" or "book me on the second one"."""
    found = _BOOKS.match(said)
    return pointed(said[found.end() :]) if found else 0
