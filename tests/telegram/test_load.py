"""The benchmark's loops, on the real layer: everybody is answered and the figures add up."""

from __future__ import annotations

from tests.emulator.load import closed_loop, open_loop
from tests.telegram.service import Service


async def test_a_closed_loop_is_answered_turn_by_turn(service: Service) -> None:
    service.emulator.clock.speed = 1
    figures = await closed_loop(service.emulator, people=8, turns=80)
    assert (figures.turns, figures.unanswered) == (80, 0)
    assert 0 < figures.p50 <= figures.p99 <= figures.worst
    await service.done()
    assert len(service.turns.taken) == 80


async def test_an_open_loop_keeps_its_rate(service: Service) -> None:
    service.emulator.clock.speed = 1
    service.emulator.latency = 0.01
    figures = await open_loop(service.emulator, rate=100, seconds=0.5, people=10)
    assert (figures.turns, figures.unanswered) == (50, 0)
    assert figures.seconds > 0.4
