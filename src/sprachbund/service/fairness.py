"""Who is next: work that waits, in an order in which nobody's waiting work holds another's up.

Fair queueing (Demers, Keshav & Shenker 1989) in two stages. Time is virtual: it goes on by what a piece costs, divided
by how many wait, which is what each of them would have had if all were served at once. Callers, which are addresses,
are served by *start tags*: whoever has had least is next, so a caller who comes waits for what runs and for one piece
of each other at most, however much they have waiting. Within a caller its connections are served by *finish tags*,
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
    """``had`` is the start tag of its next piece: the virtual time at which it has had what it was given."""

    had: float = 0.0
    line: deque[Waiting[Item]] = field(default_factory=deque)


@dataclass
class _Caller(Generic[Item]):
    """The same for a caller; ``now`` is the virtual time among its connections, ``turn`` when it was served last."""

    had: float = 0.0
    turn: int = 0
    now: float = 0.0
    connections: dict[Hashable, _Connection[Item]] = field(default_factory=dict)

    def waiting(self) -> list[_Connection[Item]]:
        return [each for each in self.connections.values() if each.line]


class Fair(Generic[Item]):
    """A queue; not for several threads at once."""

    def __init__(self) -> None:
        self._callers: dict[Hashable, _Caller[Item]] = {}
        self._now = 0.0
        self._turn = 0
        self._length = 0
        self.cost = 0.0
        """Of all that waits."""

    def __len__(self) -> int:
        return self._length

    def push(self, waiting: Waiting[Item]) -> None:
        """Add to the end of its connection's line."""
        caller = self._callers.setdefault(waiting.caller, _Caller())
        if not caller.waiting():  # who comes back has not saved up what others had meanwhile
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
        callers = [each for each in self._callers.values() if each.waiting()]
        if not callers:
            raise IndexError("nothing waits")
        # of those who have had as much, who was served longest ago
        caller = min(callers, key=lambda each: (each.had, each.turn))
        connections = caller.waiting()
        connection = min(connections, key=lambda each: each.had + each.line[0].cost)
        found = connection.line.popleft()
        self._length -= 1
        self.cost -= found.cost
        self._turn += 1
        caller.turn = self._turn
        caller.had += found.cost
        connection.had += found.cost
        self._now += found.cost / len(callers)
        caller.now += found.cost / len(connections)
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
        """Those who wait for nothing and have had less than those who are served now: they are like new ones."""
        for name, caller in list(self._callers.items()):
            for own, connection in list(caller.connections.items()):
                if not connection.line and connection.had <= caller.now:
                    del caller.connections[own]
            if not caller.waiting() and caller.had < self._now:
                del self._callers[name]
