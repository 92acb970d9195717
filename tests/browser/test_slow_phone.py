"""A cheap phone with little signal: 400 kbit/s and a quarter of the CPU."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open, Served

HEAVIEST = 60_000  # bytes of the timetable's first visit, in all, as they travel
READABLE = 3_000  # milliseconds


def test_the_timetable_is_light(open_page: Open, served: Served) -> None:
    sizes: list[float] = []
    _visit(open_page, served, sizes)
    assert len(sizes) >= 2
    assert sum(sizes) <= HEAVIEST, sizes


@pytest.mark.bench
def test_the_timetable_is_soon_readable(open_page: Open, served: Served) -> None:
    """Real time: by hand, on a machine with nothing else to do."""
    page = _visit(open_page, served, [])
    times = page.evaluate(
        """() => ({
          paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
          load: performance.getEntriesByType("navigation")[0].loadEventEnd,
        })"""
    )
    print({what: f"{ms / 1000:.1f} s" for what, ms in times.items()})
    assert times["paint"] <= READABLE, times
    assert times["load"] <= READABLE, times


def _visit(open_page: Open, served: Served, sizes: list[float]) -> Page:
    """A first visit on that phone; the bytes of each answer are added to `sizes`."""
    page = open_page("/healthz")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 400_000 / 8,
            "uploadThroughput": 400_000 / 8,
        },
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})

    def weigh(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    devtools.on("Network.loadingFinished", weigh)
    page.goto(served.url + "/timetable", wait_until="load")
    page.locator(".card").first.wait_for()
    return page
