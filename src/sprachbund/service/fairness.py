"""Who is next: work that waits, in an order in which nobody's waiting work holds another's up.

Fair queueing by tags (Demers, Keshav & Shenker 1989; Goyal, Vin & Cheng 1996), in two stages. Callers, which are
addresses, are served by start tags: of those who wait, the one who has had least goes first, so a caller who comes
waits for what runs and never for what another has waiting. Within a caller its connections are served by finish tags,
where a request's cost counts before it is served: whoever opens a connection for each of many costly requests does not
hold up a cheap one on a connection of its own. Behind a proxy all are one caller, and there is this second stage only.

A queue holds as many as may be in flight, some hundreds: looking at each costs less than a search does.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(eq=False)
class Waiting(Generic[Item]):
    """Something that waits.

    Attributes:
        caller: whose it is. connection: over which it came. cost: in any unit.
    """

    item: Item
    caller: Hashable
    connection: Hashable
    cost: float


@dataclass
class _Connection(Generic[Item]):
    had: float = 0.0
    line: deque[Waiting[Item]] = field(default_factory=deque)

    def finish(self) -> float:
        return self.had + self.line[0].cost


@dataclass
class _Caller(Generic[Item]):
    had: float = 0.0
    now: float = 0.0
    connections: dict[Hashable, _Connection[Item]] = field(default_factory=dict)

    def next(self) -> _Connection[Item]:
        return min((each for each in self.connections.values() if each.line), key=lambda each: each.finish())

    def waits(self) -> bool:
        return any(each.line for each in self.connections.values())


class Fair(Generic[Item]):
    """A queue; not for several threads at once."""

    def __init__(self) -> None:
        self._callers: dict[Hashable, _Caller[Item]] = {}
        self._now = 0.0
        self._length = 0
        self.cost = 0.0
        """Of all that waits."""

    def __len__(self) -> int:
        return self._length

    def push(self, waiting: Waiting[Item]) -> None:
        """Add to the end of its connection's line."""
        caller = self._callers.setdefault(waiting.caller, _Caller())
        if not caller.waits():  # who comes back has not saved up what others had meanwhile
            caller.had = max(caller.had, self._now)
        connection = caller.connections.setdefault(waiting.connection, _Connection())
        if not connection.line:
            connection.had = max(connection.had, caller.now)
        connection.line.append(waiting)
        self._length += 1
        self.cost += waiting.cost

    def pop(self) -> Waiting[Item]:
        """Take out what is next.

        Raises:
            IndexError: nothing waits.
        """
        if not self._length:
            raise IndexError("nothing waits")
        waiting = (each for each in self._callers.values() if each.waits())
        # of callers who have had as much, the one who asks for least
        caller = min(waiting, key=lambda each: (each.had, each.next().line[0].cost))
        connection = caller.next()
        found = connection.line.popleft()
        self._length -= 1
        self.cost -= found.cost
        self._now = caller.had
        caller.had += found.cost
        caller.now = connection.had
        connection.had += found.cost
        self._forget()
        return found

    def drop(self, waiting: Waiting[Item]) -> bool:
        """Take out what need not be done any more; whether it was still waiting."""
        caller = self._callers.get(waiting.caller)
        connection = caller.connections.get(waiting.connection) if caller is not None else None
        if connection is None or waiting not in connection.line:
            return False
        connection.line.remove(waiting)
        self._length -= 1
        self.cost -= waiting.cost
        self._forget()
        return True

    def rest(self) -> None:
        """Forget who had what: nothing waits and nothing runs."""
        if not self._length:
            self._callers.clear()
            self._now = self.cost = 0.0

    def _forget(self) -> None:
        """Those who wait for nothing and have had no more than those who are served now."""
        for name, caller in list(self._callers.items()):
            for own, connection in list(caller.connections.items()):
                if not connection.line and connection.had <= caller.now:
                    del caller.connections[own]
            if not caller.connections and caller.had <= self._now:
                del self._callers[name]
