"""The commands as somebody types them: what they print, and how they say that something is wrong."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import asking, cli
from bot.asking import Asker
from bot.core import logs
from bot.core.settings import Settings
from bot.store.engine import Store
from bot.timetable.queries import series_slots
from tests.conftest import NOW, SHIPPED
from tests.staff.acting import books
from tests.wiring.repository import ROOT, commands

pytestmark = pytest.mark.long  # most start a process
QUESTION = "anything on this Friday for a 10 month old near DA8?"
THEN = "2026-03-10T10:00"


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A service that has never run; and the log stays as the test runner set it."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "keys" / "seal.keys"))
    monkeypatch.setenv("CONTENT_DIR", str(SHIPPED))
    monkeypatch.setattr(logs, "set_up", lambda _level: None)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: exit code, what it printed, what it complained of."""

    def running(*arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return running


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    """What `ask` loads, once for many files of questions."""
    with tempfile.TemporaryDirectory() as folder:
        made = Asker(Settings(data_dir=Path(folder) / "data", content_dir=SHIPPED))
        yield made
        made.close()


@pytest.fixture
def loaded(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "Asker", lambda _settings: asker)
    monkeypatch.setattr(asker, "close", lambda: None)


def test_help_names_every_command_with_a_sentence(run):
    code, out, _ = run("--help")
    assert code == 0
    for name in commands():
        assert name in out
        assert run(name, "--help")[0] == 0


def test_ask_answers_in_words_and_stores_nothing(run, tmp_path):
    code, out, _ = run("ask", QUESTION, "--now", THEN)
    assert code == 0
    assert "Friday 13 March" in out
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "keys").exists()


def test_ask_json_is_one_object_of_the_agreed_shape(run):
    code, out, _ = run("ask", QUESTION, "--now", THEN, "--json")
    assert code == 0
    said = json.loads(out)
    assert set(said) == {"intent", "slots", "occurrences", "topics", "crisis", "urgent", "reply"}
    assert set(said["reply"]) == {"text", "buttons"}
    assert said["intent"] == "whats_on"
    assert said["occurrences"]
    assert (said["crisis"], said["urgent"]) == (False, False)


def test_ask_knows_danger_and_answers_with_the_card_alone(run):
    _, out, _ = run("ask", "my partner hits me", "--now", THEN, "--json")
    said = json.loads(out)
    assert said["crisis"] is True
    assert said["occurrences"] == []


def test_ask_answers_from_the_live_data_and_leaves_them_as_they_are(run, tmp_path):
    assert run("staff", "link")[0] == 0  # the first command that opens lays everything out
    before = _dump(tmp_path / "data" / "bot.sqlite3")
    code, out, _ = run("ask", "baby massage at west street", "--json")
    assert code == 0
    assert json.loads(out)["occurrences"]
    run("ask", "book it for Amina, my partner hits me", "--json")
    assert _dump(tmp_path / "data" / "bot.sqlite3") == before


def test_batch_answers_each_line_in_order(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    asked = [
        {"id": "a", "text": QUESTION, "now": THEN, "lang": "en"},
        {"id": 7, "text": "hello", "now": THEN, "lang": "pl"},
        {"id": "c", "text": "and on Saturday?", "now": THEN, "lang": "en",
         "context": [{"user": QUESTION, "intent": "whats_on", "slots": {"where": "pc:DA8"}}]},
        {"id": "refused", "text": "book story songs today", "now": THEN, "lang": "en"},
        {"id": "d", "text": "", "now": THEN, "lang": ""},
    ]  # fmt: skip
    file.write_text("\n".join(json.dumps(x) for x in asked) + "\n\n", "utf-8")
    code, out, err = run("ask", "--batch", str(file))
    assert (code, err) == (0, "")
    said = [json.loads(line) for line in out.splitlines()]
    assert [s["id"] for s in said] == ["a", 7, "c", "refused", "d"]
    assert "already started" in said[3]["reply"]["text"]
    assert all(s["ms"] >= 0 for s in said)
    assert said[2]["slots"]["where"] == "pc:DA8"


@pytest.mark.parametrize(
    "line",
    ["not json", "[]", "7", "null", "{}", '{"id": 1}', '{"text": "x", "context": 7}',
     '{"text": "x", "now": "soon"}', '{"text": "x", "lang": 7}', '{"text": "x", "context": [7]}',
     '{"text": "x", "now": 7}', b'{"text": "caf\xe9"}', b"\xff\xfe", b"[" * 9999],
)  # fmt: skip
def test_a_batch_line_that_cant_be_read_is_named(run, tmp_path, loaded, line):
    file = tmp_path / "questions.jsonl"
    first = json.dumps({"id": "a", "text": "hello", "now": THEN})
    bad = line if isinstance(line, bytes) else line.encode()
    file.write_bytes(first.encode() + b"\n" + bad + b"\n")
    code, out, err = run("ask", "--batch", str(file))
    assert code == 1
    assert str(file) in err
    assert len(out.splitlines()) == 1  # what came before was answered
    assert "line 2" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ask",), 2, "Give one message"),
        (("ask", "hello", "--batch", "x"), 2, "Give one message"),
        (("ask", "hello", "--now", "soon"), 2, "expected a time like"),
        (("ask", "--batch", "nowhere.jsonl"), 1, "nowhere.jsonl"),
        (("serve", "--only", "web"), 2, "--only needs PostgreSQL"),
        (("backup",), 2, "set BACKUP_DIR"),
        (("restore", "nowhere.gz"), 1, "no such file"),
        (("programme", "check", "nowhere.csv"), 1, "nowhere.csv"),
    ],
    ids=str,
)
def test_what_cant_be_done_is_said_in_one_sentence(run, arguments, code, said):
    ended, out, err = run(*arguments)
    assert (ended, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [(), ("dance",), ("staff",), ("staff", "dance"), ("programme", "apply"), ("restore",),
     ("serve", "--only", "dance"), ("keys",), ("ask", "--nonsense")],
    ids=str,
)  # fmt: skip
def test_wrong_usage_ends_with_two_and_shows_how(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: python -m bot")


def test_a_setting_that_cant_be_used_is_said_by_every_command(run, monkeypatch):
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("TZ_NAME", "Mars/North")
    monkeypatch.setenv("TELEGRAM_TOKEN", "123:half-a-token")
    for arguments in (("serve",), ("doctor",), ("ask", "hello"), ("check",), ("settings",)):
        code, out, err = run(*arguments)
        assert code == 1
        assert "PORT" in out + err
        assert "TZ_NAME" in out + err
        assert "TELEGRAM_TOKEN: expected the whole token" in out + err
        assert "half-a-token" not in out + err


def test_check_finds_nothing_in_what_ships(run):
    code, out, _ = run("check")
    assert code == 0
    assert out.strip().endswith("Settings and content are in order.")


def test_check_names_the_file_and_line_of_every_fault(run, monkeypatch, tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(SHIPPED, folder)
    (folder / "venues.yaml").write_text("west_street:\n  nonsense: 1\n", "utf-8")
    monkeypatch.setenv("CONTENT_DIR", str(folder))
    code, out, _ = run("check")
    assert code == 1
    assert "venues.yaml:" in out
    assert out.strip().endswith("to mend.")


def test_check_names_slips_in_pages_and_danger_lists_too(run, monkeypatch, tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(SHIPPED, folder)
    (folder / "pages" / "home.html").write_text("<p>\n{% if %}", "utf-8")
    (folder / "pages" / "chat.html").write_bytes(b"caf\xe9")
    book = folder / "safety" / "phrases" / "pl.yaml"
    book.write_text("sure:\n  self_harm:\n    - <nobody> said\n", "utf-8")
    monkeypatch.setenv("CONTENT_DIR", str(folder))
    places = ("pages/home.html:2:", "pages/chat.html:1:", "pl.yaml:3:")
    code, out, _ = run("check")
    assert code == 1
    assert all(place in out for place in places), out
    (folder / "venues.yaml").write_text("west_street: [", "utf-8")
    out = run("check")[1]
    assert all(place in out for place in (*places, "venues.yaml:")), out


def test_a_service_that_could_read_no_message_stops_and_says_why(run, monkeypatch, tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(SHIPPED, folder)
    (folder / "safety" / "phrases" / "en.yaml").write_text("sure:\n  - wrong\n", "utf-8")
    monkeypatch.setenv("CONTENT_DIR", str(folder))
    monkeypatch.setenv("PORT", "0")
    code, _, err = run("serve")
    assert code == 1
    assert "en.yaml:2:" in err


def test_every_command_that_needs_the_content_names_its_faults(run, monkeypatch, tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(SHIPPED, folder)
    (folder / "venues.yaml").write_text("west_street:\n  nonsense: 1\n", "utf-8")
    monkeypatch.setenv("CONTENT_DIR", str(folder))
    for arguments in (("serve",), ("doctor",), ("ask", "hello"), ("staff", "link")):
        code, _, err = run(*arguments)
        assert code == 1
        assert "venues.yaml:" in err
        assert "mend each one" in err


def test_a_folder_that_lacks_what_rows_need_is_named_and_still_answers(run, monkeypatch, tmp_path):
    assert run("staff", "link")[0] == 0  # lays out what ships; the invented council has none of it
    assert run("check")[0] == 0
    monkeypatch.setenv("CONTENT_DIR", str(ROOT / "tests" / "councils" / "thornbury_vale"))
    assert run("check")[0] == 0  # all of it would be dropped: nobody needs it
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "bot.sqlite3")) as db, db:
        db.execute(
            "UPDATE occurrence SET version = 1, venue = 'hook_lane' WHERE id = (SELECT o.id FROM "
            "occurrence o JOIN series s ON s.id = o.series_id WHERE s.activity = 'henry' "
            "ORDER BY starts_at DESC LIMIT 1)"
        )
    code, out, _ = run("check")
    assert code == 1
    assert "venues.yaml: “hook_lane” is not there" in out
    assert "activities.yaml: “henry” is not there" in out
    assert "2 to mend" in out
    for text in ("baby massage", "what's on this week?", "my bookings", "play at the old mill"):
        assert run("ask", text, "--now", THEN)[0] == 0


def test_another_council_is_another_folder(run, monkeypatch):
    monkeypatch.setenv("CONTENT_DIR", str(ROOT / "tests" / "councils" / "thornbury_vale"))
    assert run("check")[0] == 0
    assert run("ask", "what's on this week?", "--json")[0] == 0


def test_backup_restore_and_doctor(run, monkeypatch, tmp_path):
    code, out, _ = run("backup", "--to", str(tmp_path / "backups"))
    assert code == 0
    assert "The key is not in it" in out
    [made] = (tmp_path / "backups").iterdir()
    assert run("restore", str(made)) == (1, "", _NOT_EMPTY)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    code, out, _ = run("restore", str(made))
    assert code == 0
    assert "The key fits." in out
    code, out, _ = run("doctor")
    assert code == 0
    assert "FAIL" not in out
    assert out.count("ok  ") >= 8


_NOT_EMPTY = "The database is not empty. Restore into a new one: set DATA_DIR or DATABASE_URL.\n"


def test_a_backup_never_goes_beside_the_key(run, tmp_path):
    run("staff", "link")
    code, _, err = run("backup", "--to", str(tmp_path / "keys"))
    assert code == 1
    assert "Keep backups and keys apart" in err
    assert [p.name for p in (tmp_path / "keys").iterdir()] == ["seal.keys"]


def test_a_staff_link_is_shown_with_how_long_it_lasts(run):
    code, out, _ = run("staff", "link")
    assert code == 0
    assert "/staff/enter/" in out
    assert "10 minutes" in out


def test_a_key_is_made_once(run, tmp_path):
    assert run("keys", "make")[0] == 0
    kept = (tmp_path / "keys" / "seal.keys").read_text()
    assert "made-by service" not in kept
    code, _, err = run("keys", "make")
    assert code == 1
    assert "never overwritten" in err
    assert (tmp_path / "keys" / "seal.keys").read_text() == kept


def test_a_programme_is_checked_compared_and_applied(run, tmp_path):
    file = tmp_path / "ours.csv"
    sample = (SHIPPED / "programme.csv").read_text("utf-8").splitlines()
    rows = csv.DictReader(line for line in sample if not line.startswith("#"))
    row = next(r for r in rows if r["repeats"] == "weekly" and not r["sample days"])
    row |= {"id": "ours", "first date": "2026-01-06", "day": "Tuesday"}
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, row)
        writer.writeheader()
        writer.writerow(row)
    assert run("programme", "check", str(file)) == (0, f"{file}: 1 series, no faults.\n", "")
    code, would, _ = run("programme", "diff", str(file))
    assert code == 0
    assert "Would be new: ours\n" in would
    assert "Would end: " in would
    code, done, _ = run("programme", "apply", str(file))
    assert code == 0
    assert "New: ours\n" in done
    assert "Would be new: none" in run("programme", "diff", str(file))[1]
    assert "the sample" not in run("doctor")[1]
    file.write_text(file.read_text("utf-8").replace("weekly", "sometimes"), "utf-8")
    for act in ("check", "diff", "apply"):
        code, out, err = run("programme", act, str(file))
        assert (code, out) == (1, "")
        assert "ours.csv:2:" in err


def test_what_was_applied_stays_and_what_it_leaves_is_named(run, monkeypatch, tmp_path):
    # Given a council with a real programme of its own, and another that was applied over it
    clock = tmp_path / "clock"
    clock.write_text("2026-03-10T10:00+00:00")
    monkeypatch.setenv("TEST_CLOCK", str(clock))
    monkeypatch.setenv("CONTENT_DIR", str(ROOT / "tests" / "councils" / "thornbury_vale"))
    file = tmp_path / "ours.csv"
    head = "id,activity,venue,repeats,day,from time,to time,first date,until,booking,places"
    row = "ours,baby_massage,old_mill,weekly,Tue,10:00,11:00,17/03/2026,,book,8"
    file.write_text(f"{head}\n{row}\n")
    assert run("programme", "apply", str(file))[0] == 0
    # When everything starts again, then it still is the timetable
    assert run("doctor")[0] == 0
    assert "Would be new: none\n" in run("programme", "diff", str(file))[1]
    # And when its time changes after Amina booked, then her date is named
    store = Store(f"sqlite:///{tmp_path / 'data' / 'bot.sqlite3'}")
    store.write_now(lambda db: books(db, "Amina", series_slots(db, "ours", now=NOW)[0].id))
    store.close()
    head, row = f"{head},term time only", f"{row},yes"
    old = "old,baby_massage,old_mill,weekly,Thu,10:00,11:00,11/09/2025,18/12/2025,drop in,,"
    file.write_text(f"{head}\n{row.replace('10:00', '10:30')}\n{old}\n")
    code, out, _ = run("programme", "apply", str(file))
    assert code == 0
    assert "changed by staff: 1." in out
    assert "  ours: Tuesday 17/03/2026 10:00, 1 booked\n" in out
    assert "No date in the coming 26 weeks: old." in out
    assert "calendar.yaml has no term after 17/07/2026: ours stop there.\n" in out
    # And it doesn't become another activity beneath her
    file.write_text(f"{head}\n{row.replace('baby_massage', 'forest_tots')}\n")
    code, _, err = run("programme", "apply", str(file))
    assert code == 1
    assert "ours.csv:2: column “activity”: “ours” was “baby_massage”, and it is booked." in err


def test_migrate_does_it_once(run):
    assert run("migrate") == (0, "Migrated.\n", "")
    assert run("migrate") == (0, "Nothing to migrate.\n", "")


def test_health_says_no_where_nothing_answers(run, monkeypatch):
    monkeypatch.setenv("PORT", "9")  # nobody listens there
    code, _, err = run("health")
    assert code == 1
    assert err.startswith("not ready")


def test_a_database_out_of_reach_is_one_sentence_without_the_password(run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:planted_pass@127.0.0.1:9/families")
    code, out, err = run("doctor")
    assert code == 1
    assert "planted_pass" not in out + err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.crash
def test_a_second_service_on_one_sqlite_file_is_refused(tmp_path):
    """The real thing: two processes, one file; commands may run beside the first."""
    env = {
        **{k: v for k, v in os.environ.items() if k.upper().lower() not in Settings.model_fields},
        "DATA_DIR": str(tmp_path / "data"), "KEY_FILE": str(tmp_path / "keys" / "seal.keys"),
        "PORT": "0", "PYTHONUTF8": "1",
    }  # fmt: skip
    serve = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(
        serve, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as first:
        try:
            assert first.stdout is not None
            said = [first.stdout.readline() for _ in range(2)]
            assert "running" in "".join(said)
            second = subprocess.run(
                serve, check=False, cwd=ROOT, env=env, capture_output=True, text=True
            )
            assert second.returncode == 1
            assert "already running on this database" in second.stderr
            assert len(second.stderr.strip().splitlines()) == 1
            beside = subprocess.run(
                [sys.executable, "-m", "bot", "staff", "link"],
                check=False, cwd=ROOT, env=env, capture_output=True, text=True,
            )  # fmt: skip
            assert beside.returncode == 0, beside.stderr
        finally:
            first.terminate()
        rest = first.stdout.read()
        assert first.wait(20) == 0, rest


def _dump(path: Path) -> str:
    with sqlite3.connect(path) as db:
        found = "\n".join(db.iterdump())
    db.close()
    return found
