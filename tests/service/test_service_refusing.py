"""Refusing must be cheap: what is answered before it is parsed, and callers who come again too soon."""

import asyncio
import concurrent.futures
import json
import re
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

import h11
import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from stand_in import StandIn
from talking import PATIENCE, server, stand_in_app
from uvicorn.server import ServerState
from wire import connected, post

from sprachbund.service.connections import patient, refusal
from sprachbund.service.limits import Limits
from sprachbund.service.refusing import whole_request
from sprachbund.service.room import Room

ROUTES = frozenset(("/search", "/v1/embeddings", "/info", "/health", "/metrics"))
BODY = b'{"query": "river"}'
PLAIN = post(BODY)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (PLAIN, "/search"),
        (post(b"{}", "/v1/embeddings?x=1"), "/v1/embeddings"),
        (b"GET /info HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n", "/info"),
        (post(b"", "/search"), "/search"),
    ],
)
def test_a_plain_request_is_known(data: bytes, path: str) -> None:
    """By its path, without its query string."""
    assert whole_request(data, ROUTES) == path


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:-1],
        PLAIN + b"x",
        PLAIN + PLAIN,
        PLAIN[: PLAIN.index(b"\r\n\r\n")],
        post(BODY, "/nothing"),
        post(BODY, "/search/"),
        post(BODY, "/%73earch"),
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
        PLAIN.replace(b"POST", b"HEAD"),
        PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"Host: localhost\r\n", b""),
        PLAIN.replace(b"Host", b"Host: a\r\nHost"),
        PLAIN.replace(b"Content-Length", b"Content-Length: 3\r\nContent-Length"),
        PLAIN.replace(b"Content-Length: 18", b"Content-Length: +18"),
        PLAIN.replace(b"Content-Length: 18", b"Content-Length: 1\r\n 8"),
        PLAIN.replace(b"Content-Length:", b"Content-Length :"),
        PLAIN.replace(b"Content-Type", b"Transfer-Encoding: chunked\r\nContent-Type"),
        PLAIN.replace(b"Content-Type", b"Expect: 100-continue\r\nContent-Type"),
        PLAIN.replace(b"Content-Type", b"Connection: close\r\nContent-Type"),
        PLAIN.replace(b"Content-Type", b"Upgrade: h2c\r\nContent-Type"),
        PLAIN.replace(b"Content-Type", b"X: a\x00b\r\nContent-Type"),
        PLAIN.replace(b"Content-Type", b"X: a\rb\r\nContent-Type"),
    ],
)
def test_anything_unusual_is_left_to_the_parser(data: bytes) -> None:
    """Half of one, two, other routes and methods, what is always answered, fields that change where it ends."""
    assert whole_request(data, ROUTES) is None


PIECES = st.sampled_from(
    [
        b"POST /search HTTP/1.1\r\n", b"GET /info HTTP/1.1\r\n", b"Host: x\r\n", b"Content-Length: 2\r\n",
        b"content-length:2\r\n", b"Content-Length: 2, 2\r\n", b"Content-Length: 02\r\n", b"X: \xff\r\n", b"X:\r\n",
        b" x\r\n",
        b"\r\n", b"\n", b"{}", b"{", b"Transfer-Encoding: chunked\r\n", b"A: b", b"\r", b"0\r\n\r\n",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=9).map(b"".join))
def test_what_is_known_is_what_h11_reads(data: bytes) -> None:
    """Another implementation: where we see one whole request, h11 sees one, all of it, and nothing behind."""
    path = whole_request(data, ROUTES)
    if path is None:
        return
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(data)
    events = []
    while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
        events.append(event)
    assert isinstance(events[0], h11.Request)
    assert isinstance(events[-1], h11.EndOfMessage)
    assert events[0].target.decode().partition("?")[0] == path
    assert parser.trailing_data[0] == b""


@pytest.mark.parametrize("openai", [False, True])
def test_the_answer_made_beforehand_is_one_that_h11_reads(openai: bool) -> None:
    """429 with the time to come again, JSON of the usual shape, and a connection that stays."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="POST", target="/search", headers=[("host", "x")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(refusal(openai, 1_234, 7))
    response, data, end = (parser.next_event() for _ in range(3))
    assert isinstance(response, h11.Response)
    assert isinstance(data, h11.Data)
    assert isinstance(end, h11.EndOfMessage)
    assert response.status_code == 429
    assert dict(response.headers)[b"retry-after"] == b"7"
    error = json.loads(bytes(data.data))["error"]
    assert error["message"] == "1,234 requests are in flight; try again in 7 s"
    assert error["type"] == ("rate_limit_error" if openai else "too_many_requests")
    parser.start_next_cycle()


def answer(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """One answer, and no more than it is read."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65536)
    head, _, content = found.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
    while len(content) < length:
        content += connection.recv(65536)
    return int(head[9:12]), json.loads(content)


class Line(asyncio.Transport):
    """A connection without a network: what is written, and whether it is read."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 1), "sockname": ("127.0.0.1", 80)})
        self.written, self.reading, self.closed = b"", True, False

    def write(self, data: Any) -> None:
        """Keep it."""
        self.written += data

    def pause_reading(self) -> None:
        """Note it."""
        self.reading = False

    def resume_reading(self) -> None:
        """Note it."""
        self.reading = True

    def is_closing(self) -> bool:
        """As noted."""
        return self.closed

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def statuses(self) -> list[bytes]:
        """Of all answers so far."""
        return re.findall(rb"HTTP/1.1 (\d+)", self.written)


def over_a_line(conversation: Callable[[Any, Line, Any], Coroutine[Any, Any, None]]) -> None:
    """A conversation with a service of one place: the connection, its line and the application."""

    async def whole() -> None:
        index = StandIn()
        app = stand_in_app(index, Limits(concurrent=1, workers=1))
        config = uvicorn.Config(app, http="h11", ws="none", log_config=None, lifespan="off", proxy_headers=False)
        config.load()
        async with app.router.lifespan_context(app):
            kind = patient(10.0, app.state.gate, app.state.metrics)
            connection, line = kind(config, ServerState(), {}), Line()
            connection.connection_made(line)
            await conversation(connection, line, app)
            if not line.closed:
                connection.connection_lost(None)

    asyncio.run(whole())


async def until(there: Callable[[], Any]) -> None:
    """Let others work until something is there."""
    while not there():
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("pieces", [1, 2], ids=["in one piece", "in two"])
def test_whoever_was_refused_is_read_when_there_is_room(pieces: int) -> None:
    """The only place is taken: 429; what comes then is kept, and no more is read; when there is room it is answered."""

    async def conversation(connection: Any, line: Line, app: Any) -> None:
        room = app.state.gate.room
        room.enter("192.0.2.1")
        half = len(PLAIN) // pieces
        connection.data_received(PLAIN[:half])
        if pieces == 2:
            assert line.written == b""
            connection.data_received(PLAIN[half:])
        await until(lambda: connection._held is not None)
        assert line.statuses() == [b"429"]
        assert line.reading
        connection.data_received(PLAIN)
        assert not line.reading
        await asyncio.sleep(0.01)
        assert line.statuses() == [b"429"]
        assert not line.closed
        room.leave("192.0.2.1", 1.0)
        assert line.reading
        await until(lambda: len(line.statuses()) == 2)
        assert line.statuses() == [b"429", b"200"]
        metrics = app.state.metrics.text().decode()
        assert 'sprachbund_requests_total{route="/search",status="429"} 1.0' in metrics

    over_a_line(conversation)


def test_whoever_was_refused_is_read_when_told_to_come_again() -> None:
    """After as many seconds as the answer says, or up to twice as many, so that not all come at once; what comes then
    is refused again where there is no room.
    """

    async def conversation(connection: Any, line: Line, app: Any) -> None:
        room = app.state.gate.room
        for _ in range(100):
            room.enter("x")
            room.leave("x", 4.2)
        room.enter("192.0.2.1")
        connection.data_received(PLAIN)
        assert b"retry-after: 5\r\n" in line.written
        assert 4 < connection._held.when() - asyncio.get_running_loop().time() <= 10
        assert min(room.stay_away() for _ in range(64)) == 5
        assert 9.5 < max(room.stay_away() for _ in range(64)) < 10
        connection.data_received(PLAIN)
        assert line.statuses() == [b"429"]
        connection._read_on()
        assert line.reading
        assert line.statuses() == [b"429", b"429"]
        assert connection._held is not None

    over_a_line(conversation)


@pytest.mark.parametrize("room_comes", [False, True])
def test_where_too_many_are_refused_they_wait_first(room_comes: bool) -> None:
    """Whoever cannot be told at once is answered when there is room, or refused after a while."""

    async def conversation(connection: Any, line: Line, app: Any) -> None:
        room = app.state.gate.room
        room.enter("192.0.2.1")
        room.tell_at_once = lambda _: False
        connection.data_received(PLAIN)
        await asyncio.sleep(0.01)
        assert line.written == b""
        if room_comes:
            room.leave("192.0.2.1", 1.0)
        else:
            connection._read_on()
        await until(line.statuses)
        assert line.statuses() == [b"200" if room_comes else b"429"]

    over_a_line(conversation)


def test_a_hundred_refusals_a_second_are_told_at_once() -> None:
    """And a hundred in the next."""
    room = Room(1, 10)
    assert [room.tell_at_once(7) for _ in range(150)] == [True] * 100 + [False] * 50
    assert [room.tell_at_once(8) for _ in range(101)] == [True] * 100 + [False]


def test_health_is_answered_where_there_is_no_room() -> None:
    """And whoever asks for it is read on."""

    async def conversation(connection: Any, line: Line, app: Any) -> None:
        app.state.gate.room.enter("192.0.2.1")
        for number in (1, 2):
            connection.data_received(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await until(lambda number=number: len(line.statuses()) == number)
        assert line.statuses() == [b"200", b"200"]
        assert line.reading

    over_a_line(conversation)


def test_requests_behind_a_refused_one_end_the_connection() -> None:
    """A hundred in one piece cost one answer, or two; not a hundred."""

    async def conversation(connection: Any, line: Line, app: Any) -> None:
        app.state.gate.room.enter("192.0.2.1")
        connection.data_received(PLAIN * 100)
        await until(lambda: line.closed)
        assert set(line.statuses()) == {b"429"}
        assert len(line.statuses()) <= 2

    over_a_line(conversation)


def test_a_refused_connection_that_is_lost_is_forgotten() -> None:
    """Nothing waits for it any more."""

    async def conversation(connection: Any, line: Line, app: Any) -> None:
        room = app.state.gate.room
        room.enter("192.0.2.1")
        connection.data_received(PLAIN)
        connection.data_received(PLAIN)
        assert len(room._outside) == 1
        held = connection._held
        line.closed = True
        connection.connection_lost(None)
        assert held.cancelled()
        assert not room._outside

    over_a_line(conversation)


def test_refused_connections_that_leave_are_forgotten() -> None:
    """Fifty are refused and closed while one search runs: then it is answered, and so is the next."""
    with server("stand-in:1.0", 20.0, 1) as (_, address), connected(address) as first:
        first.sendall(post(b'{"query": "slow"}'))
        while "sprachbund_requests_in_flight 1.0" not in httpx.get(f"{address}/metrics", timeout=PATIENCE).text:
            time.sleep(0.01)

        def refused(_: int) -> int:
            with connected(address) as other:
                other.sendall(PLAIN)
                return answer(other)[0]

        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            assert set(pool.map(refused, range(50))) <= {429, 200}
        assert answer(first)[0] == 200
        assert httpx.post(f"{address}/search", json={"query": "x"}, timeout=PATIENCE).status_code == 200
        assert "sprachbund_requests_in_flight 0.0" in httpx.get(f"{address}/metrics", timeout=PATIENCE).text
