"""A started server on a thread of its own, and Chromium: pages as people meet them."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.store.columns import keys, use_keys
from handlers.http.limits import Limits
from handlers.http.site import SITE
from handlers.staff import add_staff
from tests.web.world import World, copy_of, prepare

PATIENCE = 20_000  # ms: other tests keep the machine busy
expect.set_options(timeout=PATIENCE)
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


class Served:
    """A world that listens on a port."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = world.app()
        add_staff(self.app)
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(20)

    def forgive(self) -> None:
        """Forget how often this machine has asked: all tests come from one address."""
        self.app[SITE].limits = Limits()

    def close(self) -> None:
        assert self._runner is not None
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._started.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    before = keys()
    world = copy_of(prepare(tmp_path_factory.mktemp("browser")), tmp_path_factory.mktemp("copy"))
    mine = keys()
    use_keys(before)
    server = Served(world)
    server.keys = mine
    yield server
    server.close()
    world.close()


@pytest.fixture(autouse=True)
def _with_its_keys(served: Served) -> Iterator[None]:
    before = keys()
    use_keys(served.keys)
    served.forgive()
    yield
    use_keys(before)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder. Playwright's sync way keeps an event loop running in this
    thread, so it must end before any async test of another folder begins."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_chromium(), args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens a path in a fresh browser window; fails the test for any complaint of the browser."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_it(path: str = "/", *, width: int = 390, height: int = 844, **options: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=str(options.pop("locale", "en-GB")),
            **options,  # as Playwright names them
        )
        contexts.append(context)
        # Nothing leaves this machine; the page that "Exit this page" leads to is made up.
        context.route(
            lambda url: not url.startswith(served.url),
            lambda route: route.fulfill(content_type="text/html", body="<title>Weather</title>"),
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda m: complaints.append(m.text) if _bad(m.text, m.type) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _bad(text: str, kind: str) -> bool:
    # An error page is an error to the console, too, and so is a line that a test has cut.
    meant = ("the server responded with a status of", "net::ERR_FAILED")
    return kind in ("error", "warning") and not any(m in text for m in meant)


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        assert Path(named).exists(), f"CHROMIUM={named} is not there"
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None  # what `playwright install chromium` has brought
