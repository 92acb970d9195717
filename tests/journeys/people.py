"""The two kinds of parent of the story: one on (emulated) Telegram, one in Chromium."""

from __future__ import annotations

import asyncio
import re
from typing import Protocol

import aiohttp
from playwright.async_api import Locator
from playwright.async_api import Page as BrowserPage

from tests.emulator import Emulator
from tests.pages import Page
from tests.serving import Serving

PATIENCE = 15.0  # real seconds to wait for what should come by itself


class Parent(Protocol):
    """Somebody who types, taps by label, and sees a screen."""

    async def says(self, text: str) -> str: ...
    async def taps(self, label: str) -> str: ...
    async def sees(self, words: str) -> str: ...


class TelegramParent:
    """A person of the emulator."""

    def __init__(self, emulator: Emulator, user_id: int = 7) -> None:
        self._emulator, self._id = emulator, user_id
        emulator.meets(user_id)

    async def starts(self) -> str:
        await self._emulator.command(self._id, "start")
        return await self._answer()

    async def says(self, text: str) -> str:
        await self._emulator.says(self._id, text)
        return await self._answer()

    async def taps(self, label: str) -> str:
        exact = next(
            b.label
            for bubble in reversed(self._emulator.screen(self._id))
            for b in bubble.buttons
            if label in b.label
        )
        await self._emulator.taps(self._id, exact)
        return await self._answer()

    async def sees(self, words: str) -> str:
        """Wait for a message with these words, however it comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for bubble in reversed(self._emulator.screen(self._id)):
                    if bubble.mine and words in bubble.text:
                        return bubble.text
                await asyncio.sleep(0.05)

    def count(self, words: str) -> int:
        return sum(b.mine and words in b.text for b in self._emulator.screen(self._id))

    async def _answer(self) -> str:
        await self._emulator.settled(self._id, replies=1, timeout=PATIENCE)
        return "\n\n".join(b.text for b in self._emulator.said(self._id))


class WebParent:
    """Somebody in Chromium, in the web chat, at phone width."""

    def __init__(self, page: BrowserPage, service: Serving) -> None:
        self._page, self._service = page, service

    async def starts(self) -> str:
        await self._page.goto(self._service.url + "/chat")
        return await self._page.inner_text("#log")

    async def says(self, text: str) -> str:
        await self._page.fill("#text", text)
        return await self._answered(self._page.locator("#say button.main"))

    async def taps(self, label: str) -> str:
        return await self._answered(self._page.locator("#log button", has_text=label).last)

    async def sees(self, words: str) -> str:
        await self._page.locator("#log", has_text=words).wait_for(timeout=PATIENCE * 1000)
        return await self._page.inner_text("#log")

    async def _answered(self, button: Locator) -> str:
        """Press it, and give what was said after that."""
        before = await self._page.locator("#log .turn").count()
        await button.click()
        newest = self._page.locator("#log .turn").nth(before)
        await newest.wait_for(timeout=PATIENCE * 1000)
        await asyncio.sleep(0.1)  # a second bubble of the same answer
        turns = await self._page.locator("#log .turn").all()
        return "\n".join([await t.inner_text() for t in turns[before:]])


class Staff:
    """A member of staff in a browser without script."""

    def __init__(self, service: Serving) -> None:
        self._service = service
        self._web = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.page = Page("")

    async def close(self) -> None:
        await self._web.close()

    async def enters(self) -> None:
        code, out = await self._service.command("staff", "link")
        assert code == 0, out
        link = re.search(r"/staff/enter/\S+", out)
        assert link is not None, out
        await self.opens(link[0])
        form = next(f for f in self.page.forms if f.method == "post")
        await self.sends(form.action or link[0], {**form.fields, "name": "Esi"})

    async def opens(self, path: str) -> str:
        async with self._web.get(self._service.url + path) as answer:
            assert answer.status == 200, (path, answer.status)
            self.page = Page(await answer.text())
        return self.page.text

    async def presses(self, label: str, **typed: str) -> str:
        """Fill in the form on the page and press its button."""
        form, fields = self.page.button(label)
        return await self.sends(form.action, {**fields, **typed})

    async def sends(self, path: str, fields: dict[str, str]) -> str:
        headers = {"Origin": self._service.url}
        async with self._web.post(self._service.url + path, data=fields, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, (path, answer.status, Page(text).text[:500])
        self.page = Page(text)
        return self.page.text
