"""Who may enter, how much, how many at once, how long."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stand_in import StandIn
from starlette.testclient import TestClient
from talking import stand_in_app, talk

from sprachbund.errors import SettingsError
from sprachbund.service.limits import Limits


def caller(index: StandIn | None = None, host: str = "localhost", **settings: Any) -> TestClient:
    """A caller of a service over a stand-in."""
    app = stand_in_app(index or StandIn(), **settings)
    return TestClient(app, base_url=f"http://{host}", raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Basic sésame".encode()}, 401),
        ({"authorization": "Bearer sésame".encode()}, 200),
        ({"authorization": "bearer sésame".encode()}, 200),
        ({"x-api-key": "sésame".encode()}, 200),
        ({"x-api-key": "sésam".encode()}, 401),
    ],
)
def test_the_key_is_asked_for(headers: dict[str, Any], status: int) -> None:
    """As a bearer or in X-API-Key; a search, the map and the metrics need it."""
    with caller(key="sésame") as client:
        answers = [
            client.post("/search", json={"query": "x"}, headers=headers),
            client.get("/metrics", headers=headers),
        ]
    assert [answer.status_code for answer in answers] == [status, status]
    if status == 401:
        assert answers[0].json()["error"]["type"] == "unauthorized"
        assert answers[0].headers["www-authenticate"] == "Bearer"


def test_health_and_the_page_need_no_key() -> None:
    """They hold nothing of the index, and the page is where a person types the key."""
    with caller(key="k") as client:
        statuses = {path: client.get(path).status_code for path in ("/health", "/", "/page/app.js", "/docs", "/info")}
        openai = client.post("/v1/embeddings", json={"input": "x"}).json()["error"]
    assert statuses == {"/health": 200, "/": 200, "/page/app.js": 200, "/docs": 200, "/info": 401}
    assert (openai["type"], openai["code"]) == ("authentication_error", "unauthorized")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8080", 200),
        ("LOCALHOST.:1", 200),
        ("127.0.0.1:9000", 200),
        ("[::1]:8080", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:8080", 403),
        ("[::2]:8080", 403),
        ("", 403),
    ],
)
def test_other_names_than_loopback_are_turned_away(host: str, status: int) -> None:
    """A page whose name was made to point here (DNS rebinding) sends its own name."""
    with caller() as client:
        assert client.get("/health", headers={"host": host}).status_code == status


def test_hosts_may_be_named_or_left_open() -> None:
    """--allow-host adds a name; at another address than loopback every name may."""
    with caller(hosts=("localhost", "search.example")) as client:
        assert client.get("/health", headers={"host": "search.example:80"}).status_code == 200
    with caller(hosts=()) as client:
        assert client.get("/health", headers={"host": "anything"}).status_code == 200


def test_other_sites_may_not_read_answers() -> None:
    """No header of CORS is ever sent."""
    with caller() as client:
        answer = client.options(
            "/search", headers={"origin": "http://a.example", "access-control-request-method": "POST"}
        )
        assert answer.status_code == 405
        answers = [answer, client.get("/health", headers={"origin": "http://a.example"})]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    """413 by Content-Length alone; just as large as allowed is fine."""
    limits = Limits(body=1_000)
    with caller(limits=limits) as client:
        fits = b'{"query": "x"}'.ljust(1_000)
        json = {"content-type": "application/json"}
        assert client.post("/search", content=fits, headers=json).status_code == 200
        answer = client.post("/search", content=fits + b" ", headers=json)
        assert (answer.status_code, answer.json()["error"]["type"]) == (413, "too_large")
        assert answer.json()["error"]["message"] == "a body may have 1,000 bytes, found 1,001"


def test_a_body_in_chunks_is_counted_while_it_comes() -> None:
    """413 without a Content-Length, and what lies behind the limit is never asked for."""
    sent = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield b" " * 100

    async def conversation(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/search", content=chunks(), headers={"content-type": "application/json"})

    answer = talk(stand_in_app(StandIn(), Limits(body=1_000)), conversation)
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "too_large")
    assert len(sent) < 20


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_only_json_is_read(kind: str | None) -> None:
    """415: what a form of another site can send is not taken."""
    with caller() as client:
        answer = client.post("/search", content=b'{"query": "x"}', headers={"content-type": kind} if kind else {})
    assert (answer.status_code, answer.json()["error"]["type"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"query": "\xc3"}', b"[" * 5000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Malformed, invalid UTF-8, deep nesting: 422, never a failure."""
    with caller() as client:
        answer = client.post("/search", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "invalid_request")


def test_more_than_the_limit_at_once_are_told_to_come_again() -> None:
    """Three allowed and in flight: others get 429 at once, health and metrics are answered; then all is well."""
    index = StandIn(held=True)

    async def conversation(client: httpx.AsyncClient) -> tuple[Any, ...]:
        first = [asyncio.create_task(client.post("/search", json={"query": "slow"})) for _ in range(3)]
        while index.searching < 2:
            await asyncio.sleep(0.01)
        others = await asyncio.gather(*(client.post("/search", json={"query": "slow"}) for _ in range(5)))
        watched = [await client.get("/health"), await client.get("/metrics")]
        index.free.set()
        done = await asyncio.gather(*first)
        after = await client.post("/search", json={"query": "slow"})
        return others, watched, done, after

    others, watched, done, after = talk(stand_in_app(index, Limits(concurrent=3, workers=2)), conversation)
    assert {answer.status_code for answer in others} == {429}
    assert others[0].headers["retry-after"] == "1"
    assert others[0].json()["error"]["type"] == "too_many_requests"
    assert [answer.status_code for answer in watched] == [200, 200]
    assert "sprachbund_requests_in_flight 3.0" in watched[1].text
    assert [answer.status_code for answer in done] == [200, 200, 200]
    assert after.status_code == 200


def test_a_request_that_takes_too_long_is_answered() -> None:
    """503 for one that runs and for one that waits, neither of which goes on; the next is answered."""
    index = StandIn(held=True)

    async def conversation(client: httpx.AsyncClient) -> tuple[Any, ...]:
        both = await asyncio.gather(*(client.post("/search", json={"query": "slow"}) for _ in range(2)))
        while index.searching:
            await asyncio.sleep(0.01)
        return both, await client.post("/search", json={"query": "quick"})

    both, after = talk(stand_in_app(index, Limits(seconds=0.3, workers=1)), conversation)
    assert [answer.status_code for answer in both] == [503, 503]
    assert both[0].json()["error"]["type"] == "unavailable"
    assert both[0].headers["retry-after"] == "1"
    assert index.given_up == [query for query in index.begun if query == "slow"]
    assert after.status_code == 200


def test_a_body_that_comes_too_slowly_is_not_waited_for() -> None:
    """The time of a request includes its body."""

    async def dribble() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.05)

    async def conversation(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/search", content=dribble(), headers={"content-type": "application/json"})

    assert talk(stand_in_app(StandIn(), Limits(seconds=0.3)), conversation).status_code == 503


def test_while_it_stops_nothing_new_is_begun() -> None:
    """503 with a hint to come again; health says why."""
    app = stand_in_app(StandIn())
    with TestClient(app, base_url="http://localhost") as client:
        app.state.gate.stopping = True
        answer = client.post("/search", json={"query": "x"})
        health = client.get("/health")
    assert (answer.status_code, answer.headers["connection"]) == (503, "close")
    assert (health.status_code, health.json()["status"]) == (503, "stopping")


@pytest.mark.parametrize("failure", [ValueError("secret"), IndexError("secret"), MemoryError("secret")])
def test_a_failure_is_logged_and_not_shown(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """500 in the shape of all errors; the reason stands in the log; the next request is answered."""
    with caller(StandIn(failure=failure)) as client:
        answer = client.post("/search", json={"query": "bad"})
        assert (answer.status_code, answer.json()["error"]["type"]) == (500, "internal_error")
        assert "secret" not in answer.text
        assert "secret" in caplog.text
        assert client.post("/search", json={"query": "good"}).status_code == 200
        assert 'sprachbund_requests_total{route="/search",status="500"} 1.0' in client.get("/metrics").text


def test_an_index_without_a_map_says_so() -> None:
    """404, and hits without places."""
    with caller() as client:
        assert client.get("/map").json()["error"] == {
            "type": "not_found",
            "message": "this index was built without a map",
        }


@pytest.mark.parametrize("limits", [{"concurrent": 0}, {"body": 10}, {"seconds": 0}, {"seconds": 1e9}, {"workers": -1}])
def test_limits_that_cannot_work_are_refused(limits: dict[str, Any]) -> None:
    """With the name and the bound."""
    with pytest.raises(SettingsError, match=f"{next(iter(limits))} must be "):
        Limits(**limits).check()
