"""The parts of the README that the program writes itself. `python -m tests.wiring.readme` renews them."""

from __future__ import annotations

import re
import tempfile
import textwrap
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlmodel import Session

from bot.cli import _parser
from bot.content import load
from bot.conversation.incoming import Reply
from bot.core.sealing import make_keys
from bot.core.settings import settings_table
from bot.delivery.mail import plain
from bot.outbox import service as outbox
from bot.outbox.message import Message
from bot.outbox.rules import Kind
from bot.outreach import service as outreach
from bot.outreach.notices import Skip, Voice, render
from bot.store.columns import use_keys
from bot.store.engine import Store
from bot.store.migrate import migrate
from bot.timetable.importing import apply_programme
from bot.understanding.reader import Reader
from tests.conftest import LONDON, NOW, SHIPPED
from tests.talker import Office, Talker
from tests.wiring.repository import ROOT

README = ROOT / "README.md"
EVE = datetime(2026, 3, 15, 18, tzinfo=UTC)
#: Shown in place of the random one.
_CODE = re.compile(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}\b")
_NOTE = "Sample timetable for trying out: these are not real sessions."
_WIDTH = 96
#: Offers beside the point of the story.
_ASIDE = ("✕", "Remember", "Menu", "Urgent help", "Change the", "Turn reminders", "What would help")


@cache
def parts() -> dict[str, str]:
    """What stands between the markers of each part."""
    return {
        "settings": settings_table(),
        "commands": commands_table(),
        "transcript": f"```text\n{transcript()}\n```",
    }


def part(text: str, name: str) -> str:
    """What stands between two `<!-- name -->` markers now. Raises ValueError without them."""
    _before, between, _after = text.split(f"<!-- {name} -->")
    return between.strip()


def renewed(text: str) -> str:
    """The page with every part as it should be."""
    for name, body in parts().items():
        mark = f"<!-- {name} -->"
        before, _between, after = text.split(mark)
        text = f"{before}{mark}\n{body}\n{mark}{after}"
    return text


def commands_table() -> str:
    """Every command with what it takes and does."""
    lines = ["| `python -m bot` … | What it does |", "| --- | --- |"]
    for group in _parser()._subparsers._group_actions:
        helps = {a.dest: a.help for a in group._choices_actions}
        for name, sub in group.choices.items():
            usage = " ".join(sub.format_usage().split()).removeprefix("usage: python -m bot ")
            usage = usage.replace(f"{name} [-h]", name, 1).replace("|", "\\|")
            lines.append(f"| `{usage}` | {helps[name]} |")
    return "\n".join(lines)


def transcript() -> str:
    """The main job through `take_turn`, on the sample around 10 March 2026."""
    use_keys(make_keys())
    content = load(SHIPPED)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'bot.sqlite3'}", durable=False)
        migrate(store.engine)
        store.write_now(apply_programme, content.programme, content=content, now=NOW, zone=LONDON)
        office = Office(store, content, Reader.from_content(content))
        amina = office.talker("101", now=NOW)
        said = ["Tuesday 10 March, 10am"]
        said += _turn(amina, "Is there baby massage near DA8 on Monday?")
        said += _turn(amina, "yes, book it")
        said += _turn(amina, "Amina")
        said += _turn(amina, "[6 to 12 months]")
        said += _turn(amina, "[Yes, book it]")
        said += ["Sunday 15 March, 6pm"]
        amina.now = EVE
        amina.replies = store.write_now(_reminder, office=office)
        said += _bubbles(amina)
        said += _turn(amina, "[I can't come]")
        store.close()
    once = said.index(f"  {_NOTE}") + 1  # said under every answer: here, under the first
    told = said[:once] + [line for line in said[once:] if _NOTE not in line]
    return _CODE.sub("K7MF-2QXR", "\n".join(told).strip())


def _turn(who: Talker, does: str) -> list[str]:
    if does.startswith("["):
        who.taps(does.strip("[]"))
    else:
        who.says(does)
    return [f"> {does}", *_bubbles(who)]


def _bubbles(who: Talker) -> list[str]:
    lines = []
    for reply in who.replies:
        lines += [f"  {line}".rstrip() for line in plain(reply.message.text).splitlines() if line]
        labels = [b.label for row in reply.message.rows for b in row]
        shown = " ".join(f"[{x}]".replace(" ", "\0") for x in labels if not x.startswith(_ASIDE))
        wrapped = textwrap.wrap(shown, _WIDTH, break_on_hyphens=False)
        lines += [f"  {line}".replace("\0", " ") for line in wrapped] + [""]
    return lines


def _reminder(db: Session, *, office: Office) -> list[Reply]:
    """What is sent at that minute."""
    outreach.plan_reminders(db, content=office.content, now=EVE, zone=LONDON)
    voice = Voice(office.content, office.desk.words, office.desk.address)
    for row in outbox.lease_due(db, now=EVE, limit=100):
        message: Message | Skip | None = None
        if row.kind is Kind.REMINDER_EVE:
            message = render(db, row, voice, now=EVE)
        if isinstance(message, Message):
            return [Reply(row.id, outbox.with_tokens(db, message, owner=row.adult_id, now=EVE))]
    raise AssertionError("nothing is due")


if __name__ == "__main__":
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
    print("README.md is renewed.")
