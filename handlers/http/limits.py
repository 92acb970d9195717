"""How often somebody may ask, kept in memory. A restart forgives everybody.

A bucket holds `burst` acts and fills up again by one every `every` seconds. The limits are wide,
since a whole centre may share one address; they stop programs, not parents.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.errors import Kind, PlannedError, Translate

_MOST_BUCKETS = 20_000  # the least recently used are forgotten first


@dataclass(frozen=True, slots=True)
class Rule:
    """`burst` acts at once, then one every `every` seconds."""

    name: str
    burst: int
    every: float


#: Pages looked at, by address.
PAGES = Rule("pages", 240, 0.5)
#: Messages and taps in the chat, by visitor, and all those from one address.
CHAT = Rule("chat", 30, 2.0)
CHAT_ADDRESS = Rule("chat-address", 120, 1.0)
#: Wrong booking codes, by address.
CODES = Rule("codes", 10, 60.0)


class TooManyError(PlannedError):
    """Too often. `seconds` is when the next try will be taken."""

    kind = Kind.TOO_MANY

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds:.0f} s")
        self.seconds = max(1, round(seconds + 0.5))

    def sentence(self, _: Translate) -> str:
        return _("That was a lot at once. Please wait a little, then try again.")


class Limits:
    """The buckets of this process. `clock` gives seconds that only go up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, rule: Rule, who: str) -> None:
        """Count one act. Raises TooManyError where there have been too many."""
        left, now = self._left(rule, who)
        if left < 1:
            raise TooManyError((1 - left) * rule.every)
        self._keep(rule, who, left - 1, now)

    def check(self, rule: Rule, who: str) -> None:
        """Raise TooManyError where the next act would be too many; count nothing."""
        left, _now = self._left(rule, who)
        if left < 1:
            raise TooManyError((1 - left) * rule.every)

    def _left(self, rule: Rule, who: str) -> tuple[float, float]:
        now = self._clock()
        left, at = self._buckets.get((rule.name, who), (float(rule.burst), now))
        return min(rule.burst, left + (now - at) / rule.every), now

    def _keep(self, rule: Rule, who: str, left: float, now: float) -> None:
        self._buckets[rule.name, who] = (left, now)
        self._buckets.move_to_end((rule.name, who))
        while len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that a home has of IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
