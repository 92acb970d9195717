"""The commands: `python -m bot COMMAND`. Each says in plain words what went wrong."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlmodel import Session

from bot import doctor as doctoring
from bot import health
from bot.applying import change_programme
from bot.bookings.missing import missing_names
from bot.content import ContentError, Problem, check, load, missing_translations
from bot.content.values import Content
from bot.core import logs, sealing
from bot.core.errors import PlannedError
from bot.core.settings import Settings, SettingsError, read_settings, settings_table
from bot.main import make_staff_link, serve
from bot.opening import (
    clock_of,
    find_store,
    lay_out_content,
    open_all,
    tables,
)
from bot.store.backup import restore_backup, write_backup
from bot.store.engine import DBAPIError, OperationalError, Store, is_away
from bot.store.migrate import migrate, pending, write_revision

if TYPE_CHECKING:
    from bot.asking import Asker


class CommandError(PlannedError):
    """A command that can't be done as things are."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self._said = sentence

    def sentence(self, _: Callable[[str], str]) -> str:
        return self._said


class UsageError(CommandError):
    """A command line that can't be followed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where it worked, 1 where it didn't, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        if options.run is _check:
            return int(_check())
        settings = read_settings()
        logs.set_up(settings.log_level)
        return int(options.run(settings, options) or 0)
    except ContentError as refused:
        print(*refused.problems, sep="\n", file=sys.stderr)
        if len(refused.problems) > 1:
            print(refused.sentence(str), file=sys.stderr)
        return 1
    except PlannedError as refused:
        print(refused.sentence(str), file=sys.stderr)
        return 2 if isinstance(refused, UsageError) else 1
    except DBAPIError as problem:
        print(_trouble(problem), file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    except OSError as problem:
        if problem.filename is None:
            raise
        print(f"{problem.filename}: {problem.strerror}. Is it the right place, and may we write "
              "there? See DATA_DIR, KEY_FILE and BACKUP_DIR.", file=sys.stderr)  # fmt: skip
        return 1


def _serve(settings: Settings, options: argparse.Namespace) -> None:
    if options.only and settings.sqlite:
        raise UsageError("--only needs PostgreSQL: set DATABASE_URL.")

    def announce(text: str) -> None:
        print(text, flush=True)

    asyncio.run(serve(settings, only=options.only, announce=announce))


def _ask(settings: Settings, options: argparse.Namespace) -> None:
    from bot.asking import Asker  # noqa: PLC0415  # the others do without what it reads with

    if bool(options.text) == bool(options.batch):
        raise UsageError("Give one message, or --batch FILE.")
    asker = Asker(settings)
    try:
        if options.batch:
            _ask_batch(asker, settings, options.batch)
            return
        try:
            now = _moment(options.now, settings)
        except ValueError:
            raise UsageError("--now: expected a time like 2026-03-10T10:00.") from None
        found = asker.ask(options.text, now=now, lang=options.lang)
        found.pop("ms")
        found.pop("intents")
        if options.json:
            print(json.dumps(found, ensure_ascii=False))
        else:
            buttons = " ".join(f"[{b}]" for b in found["reply"]["buttons"])
            print(f"{found['reply']['text']}\n\n{buttons}")
    finally:
        asker.close()


def _ask_batch(asker: Asker, settings: Settings, path: str) -> None:
    with sys.stdin.buffer if path == "-" else _open(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                now = _moment(item.get("now", ""), settings)
                found = asker.ask(
                    str(item["text"]),
                    now=now,
                    lang=item.get("lang", ""),
                    context=item.get("context", []),
                )
                print(json.dumps({"id": item.get("id"), **found}, ensure_ascii=False), flush=True)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
                raise CommandError(
                    f"{path}, line {number}: expected an object with id, text, now and lang "
                    f"({type(fault).__name__})."
                ) from None


def _check(*_: object) -> int:
    """Faults of the settings and of the content, all at once; and what the content lacks that the
    rows of the database still need."""
    problems: list[object] = []
    settings = None
    folder = Path(os.environ.get("CONTENT_DIR") or Settings.model_fields["content_dir"].default)
    try:
        settings = read_settings()
    except SettingsError as refused:
        problems += refused.faults
    problems += check(folder)
    problems += _wrong_phrases(folder)
    if settings is not None and not problems:
        problems += _missing(settings, load(folder))
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} to mend.")
        return 1
    for tag, missing in missing_translations(load(folder)).items():
        print(f"{tag}: {len(missing)} texts are shown in English.")
    print("Settings and content are in order.")
    return 0


def _wrong_phrases(folder: Path) -> list[Problem]:
    """Faults of the danger lists, which the service reads late; of the usual place where the
    content can't say where they are."""
    from bot.understanding.phrasebook import read_book  # noqa: PLC0415  # the others do without

    try:
        lists = list(load(folder).safety.phrases.values())
    except ContentError:
        lists = sorted((folder / "safety" / "phrases").glob("*.yaml"))
    wrong: list[Problem] = []
    for path in lists:
        try:
            read_book(path)
        except ContentError as refused:
            wrong += refused.problems
    return wrong


def _missing(settings: Settings, content: Content) -> list[str]:
    """What rows would lack after a start with this content; nothing where there is no database yet,
    or one that has to be migrated first."""
    store = find_store(settings)
    if store is None:
        return []
    try:
        if pending(store.engine):
            return []
        now = clock_of(settings)()
        with Session(store.engine) as db:
            lay_out_content(db, content=content, settings=settings, now=now)
            found = missing_names(db, content, now=now)
            db.rollback()
        return found
    finally:
        store.close()


def _backup(settings: Settings, options: argparse.Namespace) -> None:
    folder = Path(options.to) if options.to else settings.backup_dir
    if folder is None:
        raise UsageError("Say where: set BACKUP_DIR, or give --to FOLDER.")
    if settings.key_file.resolve().is_relative_to(folder.resolve()):
        raise CommandError("The key file is inside that folder. Keep backups and keys apart.")
    opened = open_all(settings)
    try:
        path = write_backup(opened.store, tables(), folder, now=opened.clock())
        print(f"Written: {path}. The key is not in it: keep {settings.key_file} somewhere else.")
    finally:
        opened.store.close()


def _restore(settings: Settings, options: argparse.Namespace) -> None:
    store = Store(settings.database)
    try:
        migrate(store.engine)
        rows = restore_backup(store, tables(), Path(options.file))
    finally:
        store.close()
    open_all(settings).store.close()  # proves that the key fits
    print(f"Restored {rows} rows. The key fits.")


def _doctor(settings: Settings, _options: argparse.Namespace) -> int:
    opened = open_all(settings)
    try:
        findings = doctoring.examine(opened, now=opened.clock())
    finally:
        opened.store.close()
    for finding in findings:
        mark = "ok  " if finding.holds else ("note" if finding.advice else "FAIL")
        print(f"{mark} {finding.promise}" + ("" if finding.holds else f": {finding.found}"))
    return 1 if doctoring.failed(findings) else 0


def _staff_link(settings: Settings, _options: argparse.Namespace) -> None:
    opened = open_all(settings)
    try:
        print(make_staff_link(opened))
        print("It opens once, within 10 minutes.")
    finally:
        opened.store.close()


def _programme(settings: Settings, options: argparse.Namespace) -> None:
    print(change_programme(settings, options.act, Path(options.file)))


def _keys(settings: Settings, _options: argparse.Namespace) -> None:
    try:
        made = sealing.make_keys()
        sealing.write_keys(settings.key_file, sealing.Keys(made.active, made.sealing, made.index))
    except FileExistsError:
        raise CommandError(f"{settings.key_file} exists. A key is never overwritten.") from None
    print(f"Written: {settings.key_file}. Keep a copy in a safe place, apart from the backups.")


def _migrate(settings: Settings, _options: argparse.Namespace) -> None:
    store = Store(settings.database)
    try:
        print("Migrated." if migrate(store.engine) else "Nothing to migrate.")
    finally:
        store.close()


def _settings(_settings: Settings, _options: argparse.Namespace) -> None:
    print(settings_table())


def _revision(settings: Settings, options: argparse.Namespace) -> None:
    store = Store(settings.database)
    try:
        migrate(store.engine)
        write_revision(store.engine, options.message, options.id)
    finally:
        store.close()


def _health(_settings: Settings, _options: argparse.Namespace) -> int:
    return health.main()


def _trouble(problem: DBAPIError) -> str:
    """What is wrong with the database, and what to do. PostgreSQL's own words may hold the address
    with its password, and a statement's words what somebody wrote: neither is said."""
    kind = type(problem.orig).__name__
    if not is_away(problem) and problem.statement is not None:
        return (
            f"The tables are not as this program left them ({kind}). Keep a copy of this database, "
            'then see "Bring back a backup" in docs/runbooks.md.'
        )
    if isinstance(problem.orig, sqlite3.Error) and not isinstance(problem, OperationalError):
        return (
            f'The database file is damaged: {problem.orig}. Keep a copy of it, then see "Bring back '
            'a backup" in docs/runbooks.md.'
        )
    if isinstance(problem.orig, sqlite3.Error):
        return (
            f"The database file can't be used: {problem.orig}. Is DATA_DIR right, is there room on "
            "its disk, may we write there, and is no other program busy with it?"
        )
    return f"The database doesn't answer ({kind}). Is it running, and is DATABASE_URL right?"


def _moment(text: str, settings: Settings) -> datetime:
    """A local time as given, else now. Raises ValueError."""
    if not text:
        return datetime.now(settings.zone)
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=settings.zone)


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int | None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    serving = command("serve", _serve, "Run the service: web, Telegram and worker.")
    serving.add_argument(
        "--only", choices=["web", "worker"], default="", help="One part (PostgreSQL)."
    )
    asking = command("ask", _ask, "Answer one message on the terminal; stores nothing.")
    asking.add_argument("text", nargs="?", default="")
    asking.add_argument("--now", default="", help="Local time, like 2026-03-10T10:00.")
    asking.add_argument("--lang", default="", help="Language tag, like pl.")
    asking.add_argument("--json", action="store_true", help="Print one JSON object.")
    asking.add_argument(
        "--batch", default="", metavar="FILE", help="One JSON object a line; - for stdin."
    )
    command("check", _check, "Name every error in settings and content.")
    backing = command("backup", _backup, "Write every row to one file, without the key.")
    backing.add_argument("--to", default="", metavar="FOLDER")
    restoring = command("restore", _restore, "Put a backup into an empty database.")
    restoring.add_argument("file")
    command("doctor", _doctor, "Say which of our promises hold.")
    staffing = command("staff", _staff_link, "Staff access.")
    staffing.add_argument("act", choices=["link"])
    importing = command("programme", _programme, "Check, compare or import a timetable.")
    importing.add_argument("act", choices=["check", "diff", "apply"])
    importing.add_argument("file")
    keys = command("keys", _keys, "Make a key file for sealed fields.")
    keys.add_argument("act", choices=["make"])
    command("migrate", _migrate, "Bring the database to this version.")
    command("health", _health, "Ask the running service whether it is ready.")
    command("settings", _settings, "Print the table of settings.")
    revision = command("revision", _revision, "Draft a migration (for developers).")
    revision.add_argument("message")
    revision.add_argument("--id", required=True)
    return parser
