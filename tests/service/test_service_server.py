"""The server as a process: how it stops, and what it does with callers who do not behave."""

import concurrent.futures
import contextlib
import json
import os
import re
import signal
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from talking import PATIENCE, server
from wire import connected, post, read_all

from sprachbund.errors import SettingsError
from sprachbund.service.serve import is_loopback, listen, run

JSON = {"content-type": "application/json"}


def resident(process: Any) -> int:
    """Bytes of memory of a process."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_is_in_flight(how: signal.Signals) -> None:
    """Two searches that run when the signal comes are answered in full, then the process ends with 0."""
    with server("stand-in:1.0") as (process, address), httpx.Client(base_url=address, timeout=PATIENCE) as client:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(client.post, "/search", json={"query": "slow"}) for _ in range(2)]
            while "sprachbund_requests_in_flight 2.0" not in client.get("/metrics").text:
                time.sleep(0.01)
            process.send_signal(how)
            answers = [one.result() for one in asked]
        out, err = process.communicate(timeout=PATIENCE)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["hits"] == []
    assert (process.returncode, out, err) == (0, "stopped\n", "")


def test_a_port_that_is_taken_is_told_in_one_line(folder: Path) -> None:
    """Before the index is opened."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} at 127.0.0.1 is taken; choose another with --port"):
            run(folder, port=port)
    with pytest.raises(SettingsError, match="no such address"):
        run(folder, host="no.such.host.invalid", port=0)
    with pytest.raises(SettingsError, match=r"cannot listen at 192\.0\.2\.1"):
        run(folder, host="192.0.2.1", port=0)


def test_loopback_is_known() -> None:
    """127.0.0.1 is, all addresses are not."""
    for host, local in (("127.0.0.1", True), ("0.0.0.0", False)):
        with listen(host, 0) as listener:
            assert is_loopback(listener) is local


def test_a_caller_who_has_closed_one_half_is_answered(address: str) -> None:
    """All is sent, then the sending half is closed: the answer comes, and the connection ends."""
    with connected(address) as connection:
        connection.sendall(post(b'{"query": "river"}'))
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["hits"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health HTT",
        post(b'{"query": ', length=100),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET " + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "TLS", "long path", "long head", "negative length", "bad chunk"],
)
def test_broken_requests_end_and_hurt_nobody(address: str, sent: bytes) -> None:
    """The connection is closed, with a 4xx or without a word; the next caller is served."""
    with connected(address) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = read_all(connection)
        except OSError:  # closed by the server, which had read enough
            answer = b""
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert httpx.get(f"{address}/health", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        post(b'{"query": "river"}').replace(b"Host", b"H\x00st"),
    ],
    ids=["TLS", "nonsense", "no host", "negative length", "bad chunk", "bad name"],
)
def test_what_is_no_http_is_told_in_json(address: str, sent: bytes) -> None:
    """400 in the shape of all errors, whole, and the end of the connection."""
    with connected(address) as connection:
        connection.sendall(sent)
        head, _, content = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head
    assert f"content-length: {len(content)}".encode() in head
    assert json.loads(content) == {
        "error": {
            "type": "bad_request",
            "message": "expected an HTTP/1.1 request with a head of at most 64 KB, found something else",
        }
    }
    assert httpx.get(f"{address}/health", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("body", [b"{", b'{"query": "\xff"}', b"null", b'{"query": NaN}', b"\x00" * 100])
def test_malformed_bodies_get_422(address: str, body: bytes) -> None:
    """Through the real server, with an error of our shape."""
    answer = httpx.post(f"{address}/search", content=body, headers=JSON, timeout=PATIENCE)
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "invalid_request")


def test_ten_megabytes_are_turned_away(address: str) -> None:
    """413, by length and in chunks; the same connection serves the next request."""
    body = b'{"query": "' + b"x" * 10_000_000 + b'"}'
    with httpx.Client(base_url=address, timeout=PATIENCE) as client:
        by_length = client.post("/search", content=body, headers=JSON)
        by_chunks = client.post(
            "/search", content=(body[n : n + 65536] for n in range(0, len(body), 65536)), headers=JSON
        )
        assert [by_length.status_code, by_chunks.status_code] == [413, 413]
        assert by_length.json()["error"]["type"] == by_chunks.json()["error"]["type"] == "too_large"
        assert client.post("/search", json={"query": "river"}).status_code == 200


@pytest.mark.parametrize(
    "start",
    [b"POST /search HT", post(b'{"query"', length=50), b""],
    ids=["in the head", "in the body", "before the head"],
)
def test_slow_callers_are_not_waited_for(start: bytes) -> None:
    """With a limit of one second, a caller who stops in the head or the body is let go; others are served meanwhile."""
    with server("stand-in:0", 1.0) as (_, address), connected(address) as slow:
        slow.sendall(start)
        assert httpx.post(f"{address}/search", json={"query": "x"}, timeout=PATIENCE).status_code == 200
        found = b""
        while not found.startswith(b"HTTP/1.1 503"):
            chunk = slow.recv(65536)
            found += chunk
            if not chunk:
                break
    assert found.startswith(b"HTTP/1.1 503") if b"\r\n\r\n" in start else found == b""


def test_callers_who_do_not_read_are_let_go() -> None:
    """Answers of 20 MB are asked for and not read: the server closes its side; others are served."""
    with server("stand-in:0", 1.0) as (process, address):
        files = Path(f"/proc/{process.pid}/fd")
        before = len(list(files.iterdir()))
        with connected(address) as silent:
            silent.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                silent.sendall(b"GET /page/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1500)
            while len(list(files.iterdir())) == before:
                time.sleep(0.01)
            until = time.monotonic() + PATIENCE
            while len(list(files.iterdir())) > before and time.monotonic() < until:
                time.sleep(0.1)
            assert len(list(files.iterdir())) == before
            assert httpx.get(f"{address}/health", timeout=PATIENCE).status_code == 200


def test_pipelined_requests_are_answered_in_order(address: str) -> None:
    """Three in one packet, the last with Connection: close."""
    one = post(b'{"query": "river", "k": 1}')
    with connected(address) as connection:
        connection.sendall(
            one
            + one.replace(b'"k": 1', b'"k": 0')
            + b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        answer = read_all(connection)
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"422", b"200"]


def test_ten_times_the_limit_gets_429_and_then_service_goes_on() -> None:
    """40 callers where 4 may: only 200, 429 and 503 come, some of the first two, memory stays, all is well after."""
    with server("stand-in:0.005", 5.0, 4) as (process, address):
        limit = httpx.Limits(max_connections=40)

        def ask(client: httpx.Client, until: float) -> list[int]:
            found = []
            while time.monotonic() < until:
                found.append(client.post("/search", json={"query": "slow"}).status_code)
            return found

        def press(seconds: float) -> list[int]:
            with (
                httpx.Client(base_url=address, timeout=PATIENCE, limits=limit) as client,
                concurrent.futures.ThreadPoolExecutor(40) as pool,
            ):
                work = [pool.submit(ask, client, time.monotonic() + seconds) for _ in range(40)]
                return [status for one in work for status in one.result()]

        press(1.0)
        before = resident(process)
        statuses = press(4.0)
        after = resident(process)
        assert set(statuses) <= {200, 429, 503}
        assert {200, 429} <= set(statuses)
        assert after - before < 20_000_000
        assert [
            httpx.post(f"{address}/search", json={"query": "x"}, timeout=PATIENCE).status_code for _ in range(20)
        ] == [200] * 20
        assert "sprachbund_requests_in_flight 0.0" in httpx.get(f"{address}/metrics", timeout=PATIENCE).text


def test_the_key_comes_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SPRACHBUND_API_KEY, as the documentation says."""
    monkeypatch.setitem(os.environ, "SPRACHBUND_API_KEY", "s3cret")
    with server(folder) as (_, address):
        assert httpx.get(f"{address}/info", timeout=PATIENCE).status_code == 401
        assert (
            httpx.get(f"{address}/info", headers={"authorization": "Bearer s3cret"}, timeout=PATIENCE).status_code
            == 200
        )
