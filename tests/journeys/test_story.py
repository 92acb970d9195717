"""The main job, whole: ask, book, be reminded at the right minute, staff move it, be told, cancel.

On the real service in its own process, by Telegram and by the web, on both databases; and again
with the process killed between any two steps.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.async_api import Page, async_playwright

from tests.emulator import TOKEN, Emulator
from tests.journeys.people import PATIENCE, Parent, Staff, TelegramParent, WebParent
from tests.serving import Serving, free_port

#: Baby Massage at West Street in the sample begins on Monday 16 March at ten.
EVE = datetime(2026, 3, 15, 18, tzinfo=UTC)
A_MINUTE_EARLY = datetime(2026, 3, 15, 17, 59, tzinfo=UTC)


class Letterbox:
    """A real SMTP server that keeps what it is sent."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802  # aiosmtpd calls it so
        self.letters.append(envelope.content.decode())
        return "250 kept"

    def __enter__(self) -> Letterbox:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def gets(self, words: str) -> str:
        async with asyncio.timeout(PATIENCE):
            while True:
                for letter in self.letters:
                    if words in letter:
                        return letter
                await asyncio.sleep(0.05)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.mark.crash
@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed-between-steps"])
async def test_the_story_on_telegram(
    database: str, tmp_path: Path, emulator: Emulator, killed: bool
) -> None:
    service = Serving(
        tmp_path, database, forked=killed, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=emulator.url
    )
    await service.start()
    parent = TelegramParent(emulator)

    async def told(words: str) -> str:
        return await parent.sees(words)

    def not_told(words: str) -> None:
        assert parent.count(words) == 0

    try:
        await _story(service, parent, told, not_told, killed=killed, contact=[])
        assert parent.count("Changed:") == 1
        assert parent.count("A reminder") == 1
    finally:
        assert await service.stop() == 0, service.log_path.read_text()[-3000:]
    _no_secrets(service, TOKEN)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser at phone width."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update",
                  "--disable-sync"],
        )  # fmt: skip
        yield await browser.new_page(viewport={"width": 390, "height": 844})
        await browser.close()


@pytest.mark.crash
@pytest.mark.browser
@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed-between-steps"])
async def test_the_story_in_chromium(
    database: str, tmp_path: Path, page: Page, killed: bool
) -> None:
    with Letterbox() as letterbox:
        smtp = f"smtp://127.0.0.1:{letterbox.port}"
        service = Serving(
            tmp_path, database, forked=killed,
            SMTP_URL=smtp, MAIL_FROM="Centres <no@example.org>",
        )  # fmt: skip
        await service.start()
        parent = WebParent(page, service)

        def not_told(words: str) -> None:
            assert not any(words in letter for letter in letterbox.letters)

        try:
            await _story(
                service, parent, letterbox.gets, not_told, killed=killed,
                contact=["amina@example.org"],
            )  # fmt: skip
            reminder = await letterbox.gets("A reminder")
            assert "Subject: Children's Centres: a reminder" in reminder
        finally:
            assert await service.stop() == 0, service.log_path.read_text()[-3000:]
    _no_secrets(service, "amina@example.org")


async def _story(
    service: Serving,
    parent: Parent,
    told: Callable[[str], Awaitable[str]],
    not_told: Callable[[str], None],
    *,
    killed: bool,
    contact: list[str],
) -> None:
    async def meanwhile() -> None:
        """What happens between two steps."""
        if killed:
            await service.settled()
            await service.restart()

    await parent.starts()
    await meanwhile()
    assert "Monday 16 March" in await parent.says("baby massage at west street")
    await meanwhile()
    details = await parent.taps("1.")
    assert "Small charge" in details
    await meanwhile()
    assert "keeping a place" in await parent.taps("Book a place")
    await meanwhile()
    await parent.says("Amina")
    await meanwhile()
    checked = await parent.taps("6 to 12 months")
    for typed in contact:
        await meanwhile()
        checked = await parent.says(typed)
    assert "Please check" in checked
    await meanwhile()
    booked = await parent.taps("Yes, book it")
    code = re.search(r"[2-9B-Z]{4}-[2-9B-Z]{4}", booked)
    assert code is not None, booked
    await meanwhile()

    service.set_clock(A_MINUTE_EARLY)
    await asyncio.sleep(2.5)  # the bell rings each second: two rings and nothing said
    not_told("A reminder")
    await meanwhile()
    service.set_clock(EVE)
    assert "16 March" in await told("A reminder")
    await meanwhile()

    staff = Staff(service)
    try:
        await staff.enters()
        await _move(service, staff)
        not_told("Changed:")
        await meanwhile()
        service.set_clock(EVE.replace(minute=2))
        change = await told("Changed:")
        assert "Northumberland Heath" in change.replace("=\n", "")
    finally:
        await staff.close()
    await meanwhile()

    await parent.taps("Menu")
    await meanwhile()
    await parent.taps("My bookings")
    await meanwhile()
    shown = await parent.taps("1.")
    assert "Northumberland Heath" in shown
    assert code[0] in shown
    await meanwhile()
    assert "is cancelled" in await parent.taps("Cancel this booking")
    await meanwhile()
    await parent.taps("Menu")
    assert "no bookings" in await parent.taps("My bookings")
    code_of_doctor, findings = await service.command("doctor")
    assert code_of_doctor == 0, findings


async def _move(service: Serving, staff: Staff) -> None:
    """Staff find the session, see who will be told, and move it to another venue."""
    await staff.opens("/staff")
    sessions = [
        path for path, words in staff.page.links if "/staff/session/" in path and "Massage" in words
    ]
    for path in sessions:
        if "Amina" in await staff.opens(path):
            break
    await staff.opens(path + "/move")
    await staff.presses(
        "see who will be told", venue="northumberland_heath", reason="The heating is broken."
    )
    preview = staff.page.text
    assert "1" in preview
    assert "The heating is broken." in preview
    confirm = next(f for f in reversed(staff.page.forms) if f.action.endswith("/confirm"))
    await staff.sends(confirm.action, confirm.fields)
    assert "Undo" in staff.page.html


def _no_secrets(service: Serving, *secrets: str) -> None:
    logged = service.log_path.read_text()
    for secret in (*secrets, "Amina", "baby massage at west"):
        assert secret not in logged
