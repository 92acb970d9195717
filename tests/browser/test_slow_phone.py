"""A cheap phone with little signal: 400 kbit/s and a quarter of the CPU."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import Open, Served

HEAVIEST = 60_000  # bytes of the timetable's first visit, in all, as they travel
READABLE = 3_000  # milliseconds


def test_the_timetable_is_light_and_soon_readable(open_page: Open, served: Served) -> None:
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
    sizes: list[float] = []

    def weigh(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    devtools.on("Network.loadingFinished", weigh)
    page.goto(served.url + "/timetable", wait_until="load")
    page.locator(".card").first.wait_for()
    times = page.evaluate(
        """() => ({
          paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
          load: performance.getEntriesByType("navigation")[0].loadEventEnd,
        })"""
    )
    assert len(sizes) >= 2
    assert sum(sizes) <= HEAVIEST, sizes
    assert times["paint"] <= READABLE, times
    assert times["load"] <= READABLE, times
