"""E-mail: a server's no is final only where it is about this person or this mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from markupsafe import Markup

from bot.delivery.channel import Outcome
from bot.delivery.mail import MailChannel
from bot.outbox.message import Message

_USUAL = {"HELLO": "220 here", "DATA": "354 go on", "QUIT": "221 bye"}


class Server:
    """Speaks SMTP, with the answers that a test sets by verb; HELLO is its first word, END answers
    the whole mail, and an empty answer hangs up."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = answers
        self.taken = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, in_mail = "HELLO", False
        try:
            while True:
                said = self._answers.get(verb, _USUAL.get(verb, "250 fine"))
                if not in_mail or verb == "END":
                    if not said:
                        return
                    self.taken += verb == "END" and said.startswith("250")
                    writer.write(f"{said}\r\n".encode())
                    in_mail = verb == "DATA" and said.startswith("354")
                line = await reader.readline()
                if not line:
                    return
                verb = line.split(b" ")[0].strip().decode().upper()
                if in_mail:
                    verb = "END" if verb == "." else "a line of the mail"
        finally:
            writer.close()


@asynccontextmanager
async def serving(answers: Mapping[str, str]) -> AsyncIterator[tuple[MailChannel, Server]]:
    server = Server(answers)
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    user = "user:secret@" if "AUTH" in answers else ""
    channel = MailChannel(
        url=f"smtp://{user}127.0.0.1:{port}", sender="Centres <centres@example.org>",
        booking_page="http://here/booking", signature="Us",
    )  # fmt: skip
    async with listening:
        yield channel, server
        listening.close()


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({}, Outcome.SENT),
        ({"QUIT": ""}, Outcome.SENT),
        ({"RCPT": "550 no such mailbox"}, Outcome.GONE),
        ({"RCPT": "451 greylisted"}, Outcome.RETRY),
        ({"END": "554 this looks like spam"}, Outcome.REFUSED),
        ({"END": "451 try later"}, Outcome.RETRY),
        ({"END": ""}, Outcome.RETRY),
        ({"HELLO": "554 no service here"}, Outcome.RETRY),
        ({"HELLO": "421 too busy"}, Outcome.RETRY),
        ({"HELLO": "<html>"}, Outcome.RETRY),
        ({"EHLO": "500 what", "HELO": "500 what"}, Outcome.RETRY),
        ({"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "535 wrong password"}, Outcome.RETRY),
        ({"MAIL": "550 you may not send from there"}, Outcome.RETRY),
        ({"MAIL": "530 log in first"}, Outcome.RETRY),
    ],
    ids=str,
)
async def test_how_a_send_ends(answers: Mapping[str, str], outcome: Outcome) -> None:
    async with serving(answers) as (channel, server):
        message = Message(Markup("Hello"), subject="A note")
        result = await channel.send("amina@example.org", message, reference="outbox-1")
    assert result.outcome is outcome
    assert server.taken == (outcome is Outcome.SENT)
    assert "example.org" not in result.reason
