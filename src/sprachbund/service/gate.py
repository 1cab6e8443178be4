"""What stands before the application: who may enter, how much, how many at once, how long.

Plain ASGI by hand: a request that is turned away costs microseconds, which is what keeps the service answering when
ten times as many come as it can bear.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect

from sprachbund.progress import logger
from sprachbund.service.limits import Limits
from sprachbund.service.metrics import Metrics
from sprachbund.service.problems import Problem, Send, send_problem
from sprachbund.service.room import Room, caller_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
UNCOUNTED = frozenset(("/health", "/metrics"))
"""Answered however many others are in flight: whoever watches the service must see it when it is full."""
GONE = 499
"""The status under which a caller who left before the answer is counted."""
AGAIN = {"retry-after": "1"}
HOLD = "sprachbund.hold"
"""The extension of ASGI by which a connection is told that its request was one too many."""


@dataclass(frozen=True)
class Bounds:
    """What requests may take: places, bytes of a body, seconds."""

    room: Room
    body: int
    seconds: float


@dataclass
class State:
    """What changes while the service runs: the places that are taken, and whether it stops, as the server says.

    Attributes:
        room: the places of all requests but those whose path is in ``own``, which has bounds of its own.
    """

    room: Room
    stopping: bool = False
    own: Mapping[str, Bounds] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """Requests in flight."""
        return self.room.taken + sum(bounds.room.taken for bounds in self.own.values())


@dataclass(frozen=True)
class Rules:
    """Who may enter.

    Attributes:
        key: what callers must send; empty for none.
        hosts: names that the Host header may have, without port; empty for any. A page of another site whose name
            was made to point here (DNS rebinding) sends its own name, and is turned away.
        open_paths: need no key: they hold nothing of the index.
    """

    key: str = ""
    hosts: tuple[str, ...] = ()
    open_paths: frozenset[str] = frozenset()


def too_many(taken: int, seconds: int) -> Problem:
    """That there is no room, and when to come again."""
    message = f"{taken:,} requests are in flight; try again in {seconds} s"
    return Problem(429, message, headers={"retry-after": str(seconds)})


class Gate:
    """The application behind its limits; itself an ASGI application."""

    def __init__(self, app: App, limits: Limits, rules: Rules, metrics: Metrics, state: State) -> None:
        self._app, self._rules, self._metrics, self._state = app, rules, metrics, state
        self._usual = Bounds(state.room, limits.body, limits.seconds)
        self._hosts = frozenset(host.lower() for host in rules.hosts)
        self._key = rules.key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass the events of the server's life through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, path = time.perf_counter(), scope["path"]
        if path.endswith("/") and path != "/":
            # the same route: a redirect would have to know by which scheme and name a proxy was asked
            path = path[:-1]
            scope = {**scope, "path": path}
        caller, bounds = caller_of(scope)[0], self._state.own.get(path, self._usual)
        room = bounds.room
        refusal = self._refusal(scope, path, caller, bounds)
        if refusal is not None:
            await send_problem(send, refusal, path)
            self._metrics.record(path, refusal.status, time.perf_counter() - started)
            if refusal.status == 429 and room is self._usual.room and HOLD in scope.get("extensions", ()):
                scope["extensions"][HOLD]()
            return
        counted = path not in UNCOUNTED
        if counted:
            room.enter(caller)
        self._metrics.in_flight.set(self._state.taken)
        status = GONE
        try:
            status = await self._within(scope, receive, send, path, bounds)
        finally:
            seconds = time.perf_counter() - started
            if counted:
                room.leave(caller, seconds)
            self._metrics.in_flight.set(self._state.taken)
            self._metrics.record(path, status, seconds)

    def _refusal(self, scope: Scope, path: str, caller: str, bounds: Bounds) -> Problem | None:
        """Why a request is turned away before anything of it is read, or None."""
        sent = _headers(scope["headers"])
        if self._hosts and _name(sent.get(b"host", b"")) not in self._hosts:
            return Problem(
                403, f"the host {sent.get(b'host', b'').decode('latin-1')!r} is not served here; see --allow-host"
            )
        if self._state.stopping and path != "/health":
            return Problem(503, "the service is stopping", headers={**AGAIN, "connection": "close"})
        if self._key and path not in self._rules.open_paths and not hmac.compare_digest(_key(sent), self._key):
            return Problem(
                401,
                "expected the API key, in Authorization: Bearer KEY or in X-API-Key",
                headers={"www-authenticate": "Bearer"},
            )
        length = sent.get(b"content-length", b"0")
        if length.isdigit() and int(length) > bounds.body:
            return _too_large(bounds, f"{int(length):,}")
        if path not in UNCOUNTED and bounds.room.full(caller):
            return too_many(bounds.room.taken, bounds.room.retry_after())
        return None

    async def _within(self, scope: Scope, receive: Receive, send: Send, path: str, bounds: Bounds) -> int:
        """Run the application within its time and with a body of bounded length; the status that was sent."""
        read, status = 0, 0

        async def bounded() -> MutableMapping[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > bounds.body:
                raise _too_large(bounds, "more")
            return message

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        async def answer(problem: Problem) -> int:
            if not status:
                await send_problem(watched, problem, path)
            return problem.status

        try:
            async with asyncio.timeout(bounds.seconds) as clock:
                await self._app(scope, bounded, watched)
        except Problem as problem:
            return await answer(problem)
        except ClientDisconnect:
            return GONE
        except TimeoutError:
            if not clock.expired():
                logger.exception("%s failed", path)
                return await answer(Problem(500, "the service failed; its log has the reason"))
            limit = f"the request took longer than {bounds.seconds:g} s, waiting included"
            return await answer(Problem(503, limit, headers=AGAIN))
        except Exception:
            logger.exception("%s failed", path)
            return await answer(Problem(500, "the service failed; its log has the reason"))
        return status or GONE


def _too_large(bounds: Bounds, found: str) -> Problem:
    return Problem(413, f"a body may have {bounds.body:,} bytes, found {found}")


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    wanted = (b"host", b"content-length", b"authorization", b"x-api-key")
    return {name: value for name, value in raw if name in wanted}


def _name(host: bytes) -> str:
    """The name in a Host header, without its port."""
    text = host.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].removesuffix(".")


def _key(sent: dict[bytes, bytes]) -> bytes:
    scheme, _, key = sent.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else sent.get(b"x-api-key", b"")
