"""E-mail over SMTP: plain text, neutral subject, a stable Message-ID so that doubles fold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from html import unescape
from urllib.parse import unquote, urlsplit

import aiosmtplib
from markupsafe import Markup

from bot.core.codes import code_words
from bot.delivery.channel import Outcome, Result
from bot.outbox.message import Message

SECONDS = 20
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.S)
_LOCAL = ("127.0.0.1", "localhost", "::1")


class MailChannel:
    """Sends a message as an e-mail. Buttons become links where they have one; the rest is said by
    the booking's code and the address of our booking page."""

    name = "email"

    def __init__(self, *, url: str, sender: str, booking_page: str, signature: str) -> None:
        """`url` is smtp://user:password@host:port or smtps://…; STARTTLS is required unless the
        host is this machine."""
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "localhost", parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender, self._page, self._signature = sender, booking_page, signature

    async def send(self, to: str, message: Message, *, reference: str) -> Result:
        try:
            mail = self._compose(to, message, reference)
        except ValueError:
            return Result(Outcome.REFUSED, reason="not a mail address")
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=None if self._host in _LOCAL else not self._tls,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _refusal(max((r.code for r in refused.recipients), default=450), Outcome.GONE)
        except aiosmtplib.SMTPDataError as refused:
            return _refusal(refused.code, Outcome.REFUSED)
        except aiosmtplib.SMTPResponseException as refused:
            # Our account, our address or their server: neither this person's nor this mail's fault.
            return Result(Outcome.RETRY, reason=f"mail server says {refused.code}")
        except aiosmtplib.SMTPReadTimeoutError:
            return Result(Outcome.UNKNOWN, reason="no answer")
        except (aiosmtplib.SMTPException, OSError) as problem:
            return Result(Outcome.RETRY, reason=type(problem).__name__)
        return Result(Outcome.SENT, external_id=reference)

    async def erase(self, to: str, external_ids: Sequence[str]) -> int:
        """An e-mail can't be taken back."""
        del to, external_ids
        return 0

    def _compose(self, to: str, message: Message, reference: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = to
        mail["Subject"] = message.subject
        mail["Date"] = formatdate()
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        mail["Message-ID"] = f"<{reference}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        links = [f"{b.label}: {b.url}" for row in message.rows for b in row if b.url]
        code = [f"{self._page}", code_words(message.code)] if message.code else []
        mail.set_content("\n\n".join([plain(message.text), *links, *code, self._signature]) + "\n")
        return mail


def plain(text: Markup) -> str:
    """Marked-up text as plain text, with the address after each link."""
    linked = _LINK.sub(r"\2 (\1)", str(text))
    return unescape(re.sub(r"</?(?:b|i)>", "", linked))


def _refusal(code: int, final: Outcome) -> Result:
    if code >= 500:
        return Result(final, reason=f"mail refused {code}")
    return Result(Outcome.RETRY, reason=f"mail delayed {code}")
