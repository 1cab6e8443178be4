"""How many requests may be in flight, and of whom: so that one caller who fills the service does not shut it to others.

Where it is full, a caller still gets a place within an even share of them: of n callers, as long as it has no more than
1/n of the limit. So there may be more in flight than the limit, but never more than twice as many.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

SPREAD = 64
"""Steps between the shortest and the longest time that those who are refused are not read."""
AT_ONCE = 100
"""Refusals a second that are told at once; more wait for room, unparsed, as long as they would be told to stay away."""
KEPT = 0.05
"""The weight of the newest request in the mean time of all."""


class Room:
    """The places of requests in flight.

    Args:
        limit: places. most: seconds of a request. ahead: seconds that so many requests take. Where that is more than
            half of what one may take, no more are let in: they would wait in vain, and take the time of those
            who can be done in time.
    """

    def __init__(self, limit: int, most: float, ahead: Callable[[int], float] = lambda _: 0.0) -> None:
        self.taken = 0
        self._limit, self._most, self._ahead = limit, most, ahead
        self._own: dict[str, int] = {}
        self._mean = 0.0
        self._turn = self._told = self._second = 0
        self._outside: OrderedDict[Callable[[], None], None] = OrderedDict()

    def full(self, caller: str) -> bool:
        """Whether a caller must be refused."""
        places = self._limit if self._in_time() else min(self._limit, self.taken)
        if self.taken < places:
            return False
        if self.taken >= 2 * self._limit:
            return True
        return (self._own.get(caller, 0) + 1) * (len(self._own) + (caller not in self._own)) > places

    def _in_time(self) -> bool:
        return self._ahead(self.taken) * 2 <= self._most

    def enter(self, caller: str) -> None:
        """Take a place."""
        self.taken += 1
        self._own[caller] = self._own.get(caller, 0) + 1

    def leave(self, caller: str, seconds: float) -> None:
        """Give a place back that was taken for some seconds; whoever waits outside may come."""
        self.taken -= 1
        self._own[caller] -= 1
        if not self._own[caller]:
            del self._own[caller]
        self._mean += KEPT * (seconds - self._mean)
        if self._outside and self.taken < self._limit and self._in_time():
            # one for each place that is left: if all came, they would be refused again but for one
            many = 1 if self.taken else min(len(self._outside), self._limit)
            for wake in [self._outside.popitem(last=False)[0] for _ in range(many)]:
                wake()

    def retry_after(self) -> int:
        """Seconds after which there is likely to be room: what a place is taken for, as of late or now; at least 1.

        Little's law: with all places taken, this is the time in which as many requests are answered.
        """
        return max(1, math.ceil(min(max(self._mean, self._ahead(self.taken)), self._most)))

    def tell_at_once(self, second: int) -> bool:
        """Whether a caller who must be refused in some second is told so at once."""
        self._told, self._second = (self._told + 1 if second == self._second else 1), second
        return self._told <= AT_ONCE

    def stay_away(self) -> float:
        """Seconds not to read a caller who was refused: what was told to twice as much, or all would come at once."""
        self._turn = (self._turn + 1) % SPREAD
        return self.retry_after() * (1 + self._turn / SPREAD)

    def wait(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` once when there is room; it may come to nothing by then."""
        self._outside[wake] = None

    def forget(self, wake: Callable[[], None]) -> None:
        """Do not call it."""
        self._outside.pop(wake, None)


def caller_of(scope: MutableMapping[str, Any]) -> tuple[str, str]:
    """Who sends a request, and over which connection: an address, and its port."""
    client = scope.get("client")
    return (network(str(client[0])), str(client[1])) if client else ("", "")


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """An address as one caller: of IPv6 the network of 64 bits, which is what one customer has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found)
