"""What is told out of turn in a form: an answer put right, or given before it is asked for.

"My name is Sam" and "she's 10 weeks" are taken at any question and at the check. A plain no at the
check asks what is wrong: nobody loses the place that is held for them by putting an age right.
"""

from __future__ import annotations

import re

from bot.conversation import forms
from bot.conversation.forms import FormKind, FormRefusedError
from bot.conversation.talk import Form
from bot.conversation.turn import Turn
from bot.understanding.reading import Reading

_WRONG = re.compile(
    r"(?:(?:no+|nope|nah|sorry|wait|hang on|actually|oh) ?)*"
    r"(?:(?:that|it|this)(?:'s| is) )?(?:all )?(?:not (?:quite )?(?:right|correct)|wrong|incorrect|a mistake)?"
)
_AROUND = re.compile(
    r"\b(?:no|not|the|my|our|a|her|his|their|baby's|child's|son's|daughter's|first|wrong|is|isn't|right|correct|"
    r"incorrect|change|fix|it's|that's|you've|you have|got|i|need|want|to|please|sorry|of|baby|child|yes|but)\b"
)


def heed(turn: Turn, reading: Reading) -> bool:
    """Whether an answer of the open form was told or said to be wrong, and was taken so."""
    form = turn.talk.form
    kind = forms.KINDS.get(form.name) if form is not None else None
    if form is None or kind is None:
        return False
    text = turn.incoming.text
    told = [f for f in kind.fields if f.told(turn, form, text, reading)]
    if any(f.name != form.step for f in told):
        for field in told:
            forms.reopen(form, field.name)  # so that what is refused leaves no earlier answer
            try:
                form.answers[field.name] = field.read(turn, text, reading)
            except FormRefusedError as refused:
                turn.say(refused.sentence(turn._))
                forms.put(turn, form, field, refused.choices)
                return True
        forms.go_on(turn, form)
        return True
    return form.step == "" and kind.changes is not None and _wrong(turn, form, kind, reading)


def _wrong(turn: Turn, form: Form, kind: FormKind, reading: Reading) -> bool:
    """At the check: "the age is wrong" asks for it again, "no" asks what is."""
    said = forms.plain(reading.said) or forms.plain(turn.incoming.text)
    changes = kind.changes(turn) if kind.changes is not None else []
    named = " ".join(_AROUND.sub("", said).split())
    for field in kind.fields:
        if field.called and field.name in dict(changes) and re.fullmatch(field.called, named):
            forms.change(turn, {"key": form.key, "field": field.name})
            return True
    if form.waiting or not said or _WRONG.fullmatch(said) is None:
        return False
    form.waiting, turn.plain = True, True
    turn.say(
        turn._("What is not right? Type it as it should be, or tap. Your place is still kept."),
        *[(turn.button(label, "form_change", key=form.key, field=name),) for name, label in changes],
        (turn.button(turn._("Carry on"), "carry_on"),
         turn.button(turn._("Never mind"), "never_mind")),
        (turn.button(turn._("Urgent help"), "urgent"),),
    )  # fmt: skip
    return True
