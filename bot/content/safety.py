"""safety.yaml and wordings.yaml: the texts that a named person approves, word for word."""

from __future__ import annotations

import re
from pathlib import Path

from bot.content.fields import Context, Fields
from bot.content.keeping import NAMES, Keep, blanks
from bot.content.tree import Spot
from bot.content.values import Card, Safety, Said, Wording

RISKS = ("general", "domestic_abuse", "self_harm", "child_at_risk", "medical_emergency")
PRIVACY = "privacy"
NEEDED_WORDINGS = (PRIVACY, "register", "reminders")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_BLANKS = ("{line}", "{languages}")


def read_safety(context: Context, spot: Spot, folder: Path) -> Safety:
    top = Fields(context, spot, "safety")
    cards = {}
    inner = top.inner("cards")
    for risk in inner.names() if inner else ():
        each = inner.inner(risk) if inner else None
        if each is not None:
            cards[risk] = _card(risk, each)
    for risk in RISKS:
        if risk not in cards:
            top.note(f"no card for {risk}", f"a card “{risk}” under “cards”")
    safety = Safety(
        cards=cards,
        unsupported=_unsupported(context, top),
        phrases=_phrases(top, folder),
    )
    top.finish()
    return safety


def read_wordings(context: Context, spot: Spot, keep: Keep) -> dict[str, Wording]:
    """Each wording in its final words: the periods that the privacy notice names are filled in."""
    top = Fields(context, spot, "wordings")
    found = {}
    for ident in top.names():
        if (each := top.inner(ident)) is None:
            continue
        found[ident] = Wording(
            id=ident,
            version=each.text("version"),
            text=_filled(ident, each, keep),
            kind=each.one_of("kind", ("notice", "agreement", "consent")),
            approved=each.approvals(),
        )
        if not _VERSION.fullmatch(found[ident].version):
            each.note(
                f"version “{found[ident].version}” of {ident}",
                "a month or day, such as 2026-11",
                at="version",
            )
        each.finish()
    for ident in NEEDED_WORDINGS:
        if ident not in found:
            top.note(f"no wording “{ident}”", f"a wording “{ident}”")
    return found


def _filled(ident: str, each: Fields, keep: Keep) -> Said:
    """The words with the periods in their blanks; the privacy notice has to name every one."""
    said = each.said("text")
    needed = set(NAMES) if ident == PRIVACY else set()
    filled = {}
    for tag, text in said.items():
        found = blanks(text)
        for name in sorted(found - needed):
            each.note(f"“{{{name}}}” in {ident} ({tag})", _expected(needed), at="text")
        for name in sorted(needed - found):
            what = f"{ident} ({tag}) does not say how long: {{{name}}}"
            each.note(what, "the blanks " + _expected(needed), at="text")
        filled[tag] = text if found - needed else keep.fill(text, tag)
    return filled


def _expected(needed: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(needed)) or "no blank"


def _card(risk: str, each: Fields) -> Card:
    if risk not in RISKS:
        each.note(f"card “{risk}”", "one of " + ", ".join(RISKS))
    card = Card(
        risk=risk,
        text=each.said("text"),
        contacts=each.ids("contacts", "contact"),
        approved=each.approvals(),
    )
    for tag, text in card.text.items():
        for blank in re.findall(r"\{[^}]*\}?", text):
            if blank != "{opens}":
                each.note(
                    f"“{blank}” in the card {risk} ({tag})", "no blank but {opens}", at="text"
                )
        if "999" not in text:
            each.note(f"the card {risk} ({tag}) does not name 999", "999 in every card", at="text")
    if not card.contacts:
        each.note(f"the card {risk} has no contacts", "at least one contact")
    each.finish()
    return card


def _unsupported(context: Context, top: Fields) -> Said:
    """Words in languages we don't speak: so any language may stand here."""
    inner = top.inner("unsupported")
    if inner is None:
        top.note("no “unsupported”", "what to say in a language we can't answer in")
        return {"en": ""}
    said = {}
    for tag in inner.names():
        said[tag] = inner.text(tag)
        if not _TAG.fullmatch(tag):
            inner.note(f"language “{tag}”", "a tag such as ro or zh-Hant", at=tag)
        for blank in _BLANKS:
            if blank not in said[tag]:
                inner.note(f"“unsupported” in {tag} has no {blank}", " and ".join(_BLANKS), at=tag)
        if "999" not in said[tag]:
            inner.note(f"“unsupported” in {tag} does not name 999", "999 in every language", at=tag)
    if "en" not in said:
        inner.note("“unsupported” has no English", "en: …")
    return {"en": "", **said}


def _phrases(top: Fields, folder: Path) -> dict[str, Path]:
    """The danger lists by language; their own reader is in bot.understanding."""
    shown = top.file("phrases", "safety/phrases")
    place = folder / shown
    found = {path.stem: path for path in sorted(place.glob("*.yaml"))} if place.is_dir() else {}
    if "en" not in found:
        expected = f"{shown}/en.yaml, such as the one in content/safety/phrases of this service"
        top.note("no danger phrases in English", expected, at="phrases")
    return found
