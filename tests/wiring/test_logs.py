"""Personal values and secrets never reach the log: at any level, by any logger, in any traceback."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from bot.core import logs
from bot.core.errors import PlannedError
from bot.core.logs import FIELDS, JsonLines
from bot.core.settings import read_settings

TOKEN = "123456789:AAH-planted_token_planted_token_plant"
SECRETS = ("Amina Planted", "07700900982", "amina@example.org", "DA8 3AB", "he hits me", TOKEN)
#: What is said of a library's message that was filled before it was logged.
HERE = "test_logs.test_what_is_put_into_a_message_is_not_said"
#: What the standard library puts on every record.
_OF_RECORDS = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class OccurrenceGoneError(PlannedError):
    """A failure that was planned: its words are ours."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service logs at DEBUG, as the service sets it up."""
    loggers = [
        logging.getLogger(n) for n in (None, "bot", "handlers", "aiohttp.server", "telegram")
    ]
    kept = [(x, x.level, list(x.handlers)) for x in loggers]
    loud = logging.raiseExceptions
    stream = io.StringIO()
    logs.set_up("debug", stream)
    yield stream
    logging.raiseExceptions = loud
    for logger, level, handlers in kept:
        logger.setLevel(level)
        logger.handlers[:] = handlers


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """What was logged: each line is one JSON object and nothing is between them."""
    text = stream.getvalue()
    found = [json.loads(line) for line in text.splitlines()]
    for secret in SECRETS:
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text
    return found


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", ["bot.conversation", "handlers.web", "sqlalchemy", "asyncio"])
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])
def test_what_is_put_into_a_message_is_not_said(log, name, level, secret):
    logger = logging.getLogger(name)
    logger.log(level, "somebody wrote %s", secret)
    logger.log(level, "somebody wrote %(text)s", {"text": secret})
    logger.log(level, "an event", extra={"name_of_child": secret, "text": secret})
    for line in lines(log):
        assert line["event"] in ("somebody wrote %s", "somebody wrote %(text)s", "an event", HERE)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_traceback_says_where_and_not_what(log, secret):
    def inner() -> None:
        raise ValueError(f"could not read {secret}")

    def outer() -> None:
        try:
            inner()
        except ValueError as problem:
            raise RuntimeError({"text": secret}) from problem

    for name in ("bot.inbox", "handlers.telegram", "sqlalchemy.pool"):
        try:
            outer()
        except RuntimeError:
            logging.getLogger(name).exception("a turn failed", extra={"inbox": 7})
    for line in lines(log):
        assert line["inbox"] == 7
        assert line["traceback"][-1] == "RuntimeError"
        assert any("outer" in frame for frame in line["traceback"])


def test_a_planned_failure_says_its_words(log):
    problem = OccurrenceGoneError("session is gone")
    logging.getLogger("bot").error("refused", exc_info=problem)
    assert lines(log)[0]["traceback"][-1] == "OccurrenceGoneError: session is gone"


def test_a_token_is_taken_out_wherever_it_is(log):
    logging.getLogger("bot").warning("poll", extra={"path": f"/bot{TOKEN}/getUpdates"})
    logging.getLogger("bot").error(f"GET /bot{TOKEN}/getMe")
    logging.getLogger("telegram.ext").critical(f"GET /bot{TOKEN}/getMe")
    ours, also_ours, _theirs = lines(log)
    assert ours["path"] == "/bot<token>/getUpdates"
    assert also_ours["event"] == "GET /bot<token>/getMe"


def test_only_plain_values_of_listed_fields_are_said(log):
    logging.getLogger("bot").info(
        "an event", extra={"state": "sent", "count": 3, "reason": {"text": SECRETS[0]}}
    )
    [line] = lines(log)
    assert (line["state"], line["count"]) == ("sent", 3)
    assert "reason" not in line


def test_the_list_has_no_field_for_what_people_write_or_are():
    words = {"text", "body", "message", "name", "person", "user", "chat", "phone", "email",
             "child", "address_of", "token", "query", "url", "update", "args", "data"}  # fmt: skip
    assert set() == words & FIELDS
    assert set() == _OF_RECORDS & FIELDS


def test_a_task_that_nobody_waited_for_keeps_its_words(log):
    """asyncio writes the exception, words and all, into its own message."""

    async def forgotten() -> None:
        async def fails() -> None:
            raise ValueError(SECRETS[0])

        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forgotten())
    [line] = lines(log)
    assert (line["logger"], line["traceback"][-1]) == ("asyncio", "ValueError")


def test_a_callback_that_fails_keeps_its_words(log):
    async def fails() -> None:
        def callback(text: str) -> None:
            raise ValueError(text)

        asyncio.get_running_loop().call_soon(callback, SECRETS[0])
        await asyncio.sleep(0)

    asyncio.run(fails())
    assert [line["logger"] for line in lines(log)] == ["asyncio"]


def test_chatty_libraries_are_quiet_at_debug(log):
    for name in ("sqlalchemy.engine", "aiohttp.access", "telegram.Bot", "apscheduler", "asyncio",
                 "aiosmtplib", "urllib3", "PIL"):  # fmt: skip
        logging.getLogger(name).debug("debug")
        logging.getLogger(name).info("info")
    assert lines(log) == []


def test_every_line_is_one_line(log):
    odd = "a\nb\u2028c\ud800"
    logging.getLogger("bot").warning("two\nlines", extra={"reason": odd})
    [line] = lines(log)
    assert (line["event"], line["reason"]) == ("two\nlines", odd)


def test_a_line_that_cant_be_written_is_not_shown_elsewhere(log, capsys):
    log.close()
    logging.getLogger("bot").warning("somebody wrote %s", SECRETS[0])
    assert SECRETS[0] not in capsys.readouterr().err


def test_threads_may_log_at_once(log):
    def many() -> None:
        for n in range(50):
            logging.getLogger("bot").info("an event", extra={"count": n})

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(log)) == 200


def test_settings_never_show_their_secrets(monkeypatch):
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://bot:{TOKEN}@host/db")
    monkeypatch.setenv("SMTP_URL", f"smtp://bot:{TOKEN}@host")
    chosen = read_settings()
    assert TOKEN not in repr(chosen) + str(chosen) + chosen.model_dump_json()


@pytest.mark.parametrize("name", ["DATABASE_URL", "SMTP_URL", "PORT", "MODE", "TZ_NAME"])
def test_a_setting_that_cant_be_used_is_not_repeated(monkeypatch, name):
    monkeypatch.setenv(name, f"nonsense://{TOKEN}")
    with pytest.raises(PlannedError) as refused:
        read_settings()
    said = refused.value.sentence(str)
    assert TOKEN not in said + str(refused.value)
    assert name in said


def test_a_record_with_broken_arguments_is_still_a_line():
    record = logging.makeLogRecord(
        {"name": "bot", "msg": "%d rows for %s", "args": (SECRETS[0],), "levelname": "INFO"}
    )
    said = JsonLines().format(record)
    assert SECRETS[0] not in said
    assert json.loads(said)["event"] == "%d rows for %s"
