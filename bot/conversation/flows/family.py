"""My family: the same chat on another phone, another parent or carer, who sees my bookings.

Nobody is ever told that sharing was refused or ended, or that somebody left; no screen lists the
adults of a family, so none shows that one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bot.conversation import forms, joining
from bot.conversation.childwords import child_words
from bot.conversation.flows import mine, safety
from bot.conversation.forms import Field, FormKind, FormRefusedError, define
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act, on_command
from bot.core.codes import read_code
from bot.core.errors import PlannedError
from bot.families import linking, queries
from bot.families.models import Adult, LinkCode
from bot.families.rules import LinkPurpose
from bot.outbox import service as outbox
from bot.outbox.message import Button, Message
from bot.understanding.reading import Reading
from bot.wording.words import Words, paragraphs

_NOBODY, _ALL = "none", "all"
_CODE_SAID = re.compile(r"\b(link|code)\b", re.I)
#: A code as we write it: a hyphen, and a digit in it or capitals. Words that hold one wait for no
#: "code" beside it.
_WRITTEN = re.compile(
    r"(?<!\w)(?:(?=[\w-]*\d)(?=[\w-]*[^\W\d])\w{4}-\w{4}|[A-Z]{4}-[A-Z]{4})(?!\w)"
)
_MOST_BESIDE = 12  # words around a code
_ADULT = r"(him|her|them|my (husband|wife|partner|ex|boyfriend|girlfriend|mum|mother|dad|father|nan|gran|sister|brother)[^?.,]{0,20}?)"
_WHO = rf"({_ADULT}|he|she|they|any(one|body)|some(one|body)|every(one|body)|others?|other people|my [^?.,]{{1,30}}?)"
#: What is typed, and the act it asks for. Where a reading would be surer, none is needed.
_TYPED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"my family", re.I), "family"),
    (re.compile(r"i('ve| have)( got)? a code( for you)?|link( my)?( other)? (phone|chat|telegram|computer)", re.I),
     "have_code"),
    (re.compile(r"(can i )?(use|have|open|get) this( chat)? on (another|my other|a second|a new|my new) "
                r"(phone|computer|device|tablet|laptop)", re.I), "phone_code"),
    (re.compile(r"add (another|a second|a|my|the other) (parent|carer|partner|husband|wife|adult|mum|dad|"
                r"mother|father|gran(ny|dma|dad|dmother|dfather)?)", re.I), "carer_code"),
    (re.compile(rf"(stop sharing|don['’]?t share|hide my bookings)( my bookings)?( (with|from) {_WHO})?", re.I),
     "shares_off"),
    (re.compile(r"(who (can|could|will) see|who sees|share) my bookings"
                rf"|{_WHO} (also )?(wants?|needs?|would like) to see (my|our) bookings?( too| as well)?"
                rf"|(can|could|does|do|will|would|let|allow|stop) {_WHO} (still |to )?see(ing|s)? (my|our) bookings?", re.I), "sharing"),
    (re.compile(rf"(remove|take|kick|block|get) {_ADULT} (from|off|out of) (my|the|our) family", re.I), "family"),
    (re.compile(r"(leave|quit) (this|my|the) family", re.I), "leave_family"),
)  # fmt: skip


@act("family")
def family(turn: Turn, _args: Mapping[str, Any]) -> None:
    """What there is for several children, phones and adults. The same whoever is in the family."""
    forms.close(turn)
    _, b = turn._, turn.button
    turn.say(
        _("My family: children, other phones, other adults."),
        (b(_("My children"), "children"), b(_("Who sees my bookings"), "sharing")),
        (b(_("Use this chat on another phone"), "phone_code"),),
        (b(_("Add another parent or carer"), "carer_code"),),
        (b(_("I have a code"), "have_code"),),
    )


@on_command("family")
def family_command(turn: Turn, _argument: str) -> None:
    family(turn, {})


@act("phone_code")
def phone_code(turn: Turn, _args: Mapping[str, Any]) -> None:
    """The code that makes another chat of the same person one with this."""
    forms.close(turn)
    code = linking.show_code(
        turn.db, turn.adult, purpose=LinkPurpose.SAME_PERSON, channel=turn.channel, now=turn.now
    )
    where = (
        turn._("Open %(address)s/chat on the other phone or computer, and type this code there:")
        % {"address": turn.desk.address}
        if turn.channel == "telegram"
        else turn._("Type this code to me on Telegram, or in a web chat on another phone:")
    )
    turn.say(
        paragraphs(
            where,
            _code(turn, code),
            turn._("It works once, for fifteen minutes. It is for you alone: whoever types it "
                   "sees your bookings and can write as you."),
        ),
        protected=True,
    )  # fmt: skip


@act("carer_code")
def add_carer(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Which children the other adult will see; without children at once the code."""
    forms.close(turn)
    mine_now = queries.children_of(turn.db, turn.adult.id)
    _, b = turn._, turn.button
    if not mine_now:
        carer_code(turn, {"who": _NOBODY})
        return
    if len(mine_now) > 1:
        some = [(_("All my children"), _ALL)]
        some += [
            (_("Only %(child)s") % {"child": child_words(turn, c)}, str(c.id)) for c in mine_now
        ]
    else:
        some = [(child_words(turn, mine_now[0]), _ALL)]
    turn.say(
        paragraphs(
            _("A partner, a grandparent or a friend can be in your family with their own chat."),
            _("They see the first names and ages of the children you choose. They don't see your "
              "bookings or what you write, and you don't see theirs."),
            _("Which children may they see?"),
        ),
        *[(b(label, "carer_shown", who=who),) for label, who in some],
        (b(_("None of them"), "carer_shown", who=_NOBODY),),
    )  # fmt: skip


@act("carer_shown")
def carer_code(turn: Turn, args: Mapping[str, Any]) -> None:
    """The code for the other adult."""
    who = str(args.get("who", _NOBODY))
    ids = [c.id for c in queries.children_of(turn.db, turn.adult.id)]
    code = linking.show_code(
        turn.db, turn.adult, purpose=LinkPurpose.CARER, channel=turn.channel, now=turn.now,
        shown=[i for i in ids if who in (_ALL, str(i))],
    )  # fmt: skip
    turn.say(
        paragraphs(
            turn._("The other adult types this code in their own chat with me:"),
            _code(turn, code),
            turn._("It works once, for fifteen minutes."),
        ),
        protected=True,
    )


@act("have_code")
def have_code(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "link")


def open_by_code(turn: Turn, text: str) -> bool:
    """A code that was typed, alone or in a sentence: a booking's, else one that joins.

    Whether it was a code. Raises what `linking.find_code` raises.
    """
    code = read_code(text)
    rest = [w for w in re.findall(r"[^\W\d_]+", text.casefold()) if w.upper() not in code]
    said = _CODE_SAID.search(text) or _WRITTEN.search(text)
    if not code or (rest and (not said or len(rest) > _MOST_BESIDE)):
        return False
    if mine.open_by_code(turn, code):
        return True
    found = linking.find_code(turn.db, turn.adult, code, now=turn.now)
    forms.begin(turn, "link", {"code": str(found.id)})
    return True


def heed(turn: Turn, text: str) -> bool:
    """Whether one of these pages was asked for in so many words."""
    typed = text.strip().rstrip("?.! ")
    for pattern, wanted in _TYPED:
        if pattern.fullmatch(typed):
            _PAGES[wanted](turn, {})
            return True
    return False


@act("link_wasnt_me")
def wasnt_me(turn: Turn, args: Mapping[str, Any]) -> None:
    """Cut the other chat off. It isn't told, and keeps what was its own."""
    if joining.take_back(turn.db, turn.adult, int(args.get("c", 0)), now=turn.now):
        turn.say(
            turn._("Okay. That other chat is cut off and sees nothing of yours. It isn't told.")
        )
    else:
        turn.say(turn._("That is undone already, or it was more than a month ago."),
                 (turn.button(turn._("Ask a person to ring me"), "ring_me"),))  # fmt: skip


@act("sharing")
def sharing(turn: Turn, _args: Mapping[str, Any]) -> None:
    """The switch, and leaving. Says nothing of what others chose, nor whether there are others."""
    forms.close(turn)
    _, b = turn._, turn.button
    if turn.adult.shares_since:
        now = _("The other adults in your family can see your bookings.")
        switch = b(_("Show my bookings to nobody"), "shares_off")
    else:
        now = _("Only you see your bookings.")
        switch = b(_("Let the other adults in my family see my bookings"), "shares_on")
    turn.say(
        paragraphs(
            now,
            _("You can change this whenever you like, and nobody is told. Nobody ever sees what "
              "you write here."),
        ),
        (switch,),
        (b(_("Be a family of my own"), "leave_family"),),
    )  # fmt: skip


@act("shares_on")
def shares_on(turn: Turn, _args: Mapping[str, Any]) -> None:
    turn.adult.shares_since = turn.now
    sharing(turn, {})


@act("shares_off")
def shares_off(turn: Turn, _args: Mapping[str, Any]) -> None:
    turn.adult.shares_since = None
    sharing(turn, {})


@act("leave_family")
def leave(turn: Turn, _args: Mapping[str, Any]) -> None:
    turn.say(
        turn._("Shall I make you a family of your own? Your bookings and your list of children "
               "come with you. Nobody is told."),
        (turn.button(turn._("Yes, please"), "leave_family_yes"),
         turn.button(turn._("No, keep it"), "family")),
    )  # fmt: skip


@act("leave_family_yes")
def leave_yes(turn: Turn, _args: Mapping[str, Any]) -> None:
    joining.leave_family(turn.db, turn.adult, now=turn.now)
    turn.adult.shares_since = None
    turn.say(turn._("Done. You are a family of your own, with your bookings and your children."),
             (turn.button(turn._("My bookings"), "my_bookings"),
              turn.button(turn._("My children"), "children")))  # fmt: skip


def _code(turn: Turn, code: str) -> Markup:
    said = mine.code_words(turn, code)
    return Markup("<b>{}</b>").format(said)


def _read(turn: Turn, text: str, _reading: Reading | None) -> str:
    """The id of the code. Only what looks like one is tried: each wrong try counts.

    Raises TooManyCodesError, which ends the form.
    """
    if not read_code(text):
        raise FormRefusedError(
            turn._("A code has eight letters and numbers, like K7MF-2QXR. The other chat shows "
                   "it under “Use this chat on another phone”.")
        )  # fmt: skip
    if mine.open_by_code(turn, text):
        raise FormRefusedError(turn._("That is the code of a booking."), near=True)
    try:
        return str(linking.find_code(turn.db, turn.adult, text, now=turn.now).id)
    except linking.TooManyCodesError:
        forms.leave(turn)
        raise
    except PlannedError as refused:
        raise FormRefusedError(refused.sentence(turn._)) from None


def _code_id(form: Form) -> int:
    return int(form.answers["code"])


def _review(turn: Turn, form: Form) -> None:
    """What the code will do, before it does it: codes are also read out to people by others."""
    code = turn.db.get(LinkCode, _code_id(form))
    if code is None:
        raise linking.WrongCodeError
    _ = turn._
    if code.purpose is LinkPurpose.SAME_PERSON:
        text = _("This code makes two chats one: this chat, and the one that showed it. Both will "
                 "see your bookings and can write as you. Is the other chat yours?")  # fmt: skip
        yes = _("Yes, both are mine")
    else:
        text = _("With this code you join the family of whoever showed it. You will see the "
                 "children they chose. They won't see your bookings or what you write. Shall I "
                 "do that?")  # fmt: skip
        yes = _("Yes, join")
    turn.plain = True
    turn.say(text, *forms.check_rows(turn, form, yes), (turn.button(_("Urgent help"), "urgent"),))


def _finish(turn: Turn, form: Form) -> None:
    code = linking.use_code(turn.db, _code_id(form), turn.adult, now=turn.now)
    owner = turn.db.get_one(Adult, code.adult_id)
    if code.purpose is LinkPurpose.CARER:
        joining.join_family(turn.db, code, turn.adult, now=turn.now)
        turn.say(
            turn._("Welcome! You are in the family now. Your bookings and what you write stay "
                   "yours alone, unless you choose to share."),
            (turn.button(turn._("My children"), "children"),
             turn.button(turn._("Who sees my bookings"), "sharing")),
        )  # fmt: skip
    else:
        safety.take_off(turn)  # a card that was shown here belongs to no other screen
        turn.adult = joining.join_chats(turn.db, code, turn.adult, now=turn.now)
        turn.words = turn.desk.words(owner.lang).on(turn.now)
        turn.say(
            turn._("Done. This chat and your other one are the same now: your bookings, your "
                   "children, your settings."),
            (turn.button(turn._("My bookings"), "my_bookings"),
             turn.button(turn._("My children"), "children")),
        )  # fmt: skip
    outbox.tell_on(
        turn.db, _news(turn, code, turn.desk.words(owner.lang)), to=owner.id,
        channel=code.channel, dedupe=f"linked:{code.id}", now=turn.now,
    )  # fmt: skip


def _news(turn: Turn, code: LinkCode, words: Words) -> Message:
    """One line to whoever showed the code, with the way back."""
    _ = words._
    if code.purpose is LinkPurpose.CARER:
        text = _("Another adult has joined your family with your code. They see the first names "
                 "and ages you chose, and nothing else.")  # fmt: skip
    elif turn.channel == "telegram":
        text = _("This chat now also works on Telegram.")
    else:
        text = _("This chat now also works on the web.")
    rows = ((Button(_("That wasn't me"), "link_wasnt_me", {"c": code.id}),),)
    return Message(Markup("") + text, rows=rows)


_PAGES = {
    "family": family, "have_code": have_code, "phone_code": phone_code, "carer_code": add_carer,
    "sharing": sharing, "shares_off": shares_off, "leave_family": leave,
}  # fmt: skip

define(
    FormKind(
        name="link",
        fields=(
            Field("code", lambda t, _f: t._("Please type the code from the other chat."), _read,
                  free_text=True),
        ),
        finish=_finish,
        review=_review,
    )
)  # fmt: skip
