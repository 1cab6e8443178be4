"""Who is next, what a request costs, and work that nobody waits for any more."""

import asyncio
import threading
from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in import StandIn
from starlette.testclient import TestClient
from talking import PATIENCE, stand_in_app, talk

from sprachbund.retrieval.encoder import texts
from sprachbund.search import asking, query
from sprachbund.search.index import Index
from sprachbund.service import cost as costs
from sprachbund.service import schemas
from sprachbund.service.cost import Search, check, check_search, check_texts, of_texts
from sprachbund.service.fairness import Fair, Waiting
from sprachbund.service.limits import EXPLAINED, MOST, QUERY, Limits
from sprachbund.service.problems import Problem
from sprachbund.service.room import Room, network
from sprachbund.service.workers import Workers


def order(line: Fair[str]) -> list[str]:
    """All that waits, as it is taken."""
    return [line.pop().item for _ in range(len(line))]


def push(line: Fair[str], item: str, caller: str, connection: str = "", cost: float = 1.0) -> Waiting[str]:
    """Add an item."""
    waiting = Waiting(item, caller, connection, cost)
    line.push(waiting)
    return waiting


def test_one_caller_is_served_in_order() -> None:
    """Over one connection: first come, first served, whatever it costs."""
    line: Fair[str] = Fair()
    for number, cost in enumerate((5.0, 1.0, 3.0)):
        push(line, str(number), "a", cost=cost)
    assert order(line) == ["0", "1", "2"]
    with pytest.raises(IndexError):
        line.pop()


def test_a_caller_who_comes_waits_for_nobodys_queue() -> None:
    """A has a hundred pieces waiting and one begun: B comes and is next, however costly; C waits for one of A's."""
    line: Fair[str] = Fair()
    for number in range(100):
        push(line, f"a{number}", "a", connection=str(number), cost=50)
    assert line.pop().item == "a0"
    push(line, "b", "b", cost=80)
    assert line.pop().item == "b"
    push(line, "c", "c", cost=80)
    assert [line.pop().item for _ in range(3)] == ["a1", "c", "a2"]


def test_whoever_was_just_served_is_behind_those_who_were_not() -> None:
    """A was served while nobody else waited, and asks again; B and C come after that and are served before."""
    line: Fair[str] = Fair()
    push(line, "a0", "a")
    assert line.pop().item == "a0"
    for name in ("a1", "b", "c"):
        push(line, name, name[0])
    assert order(line) == ["b", "c", "a1"]


def test_a_stream_of_strangers_starves_nobody() -> None:
    """A has been served once and waits; always another comes who never was: after a piece of each who waits, A."""
    line: Fair[str] = Fair()
    push(line, "a", "a")
    for number in range(5):
        push(line, "stranger", f"first {number}")
    assert line.pop().item == "a"
    push(line, "a", "a")
    taken = []
    for number in range(50):
        push(line, "stranger", f"then {number}")
        taken.append(line.pop().item)
    assert "a" in taken[:12]


def test_the_costlier_of_a_stream_is_not_passed_for_ever() -> None:
    """Of one address, always new connections that ask for a little less: the one before them is served in its turn."""
    line: Fair[str] = Fair()
    for number in range(10):
        push(line, "cheaper", "proxy", f"first {number}", cost=28)
    push(line, "costlier", "proxy", "own", cost=30)
    taken = []
    for number in range(100):
        push(line, "cheaper", "proxy", f"then {number}", cost=28)
        taken.append(line.pop().item)
    assert "costlier" in taken[:15]


def test_callers_have_alike_by_cost() -> None:
    """A asks for pieces of 10, B for pieces of 1: for each of A's, ten of B's."""
    line: Fair[str] = Fair()
    for _ in range(100):
        push(line, "a", "a", cost=10)
        push(line, "b", "b", cost=1)
    taken = Counter(order(line)[:110])
    assert taken == {"a": 10, "b": 100}


def test_costly_requests_over_many_connections_do_not_hold_up_a_cheap_one() -> None:
    """Of one address, as behind a proxy: forty connections with a costly request each, and one that asks for little."""
    line: Fair[str] = Fair()
    for number in range(40):
        push(line, f"a{number}", "proxy", connection=str(number), cost=50)
    assert line.pop().item == "a0"
    served = []
    for _ in range(40):
        push(line, "cheap", "proxy", connection="own", cost=1)
        served.append(line.pop().item)
    assert served == ["cheap"] * 40


def test_costly_requests_are_not_starved_by_cheap_ones() -> None:
    """Of one address: two connections that ask for little all the time; one costly request is served in its turn."""
    line: Fair[str] = Fair()
    push(line, "costly", "proxy", connection="c", cost=50)
    served = 0
    while True:
        for connection in "ab":
            push(line, "cheap", "proxy", connection=connection, cost=1)
        if line.pop().item == "costly":
            break
        served += 1
    assert 90 <= served <= 110


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9), st.integers(0, 3)), max_size=60))
def test_nothing_is_lost_or_done_twice(steps: list[tuple[int, int, int, int]]) -> None:
    """Whatever is added, taken and dropped: each is taken or dropped once, and in the end nothing is remembered."""
    line: Fair[int] = Fair()
    waiting: dict[int, Waiting[int]] = {}
    gone: list[int] = []
    for number, (caller, connection, cost, what) in enumerate(steps):
        if what == 0 and waiting:
            gone.append(line.pop().item)
            del waiting[gone[-1]]
        elif what == 1 and waiting:
            chosen = min(waiting)
            dropped = waiting.pop(chosen)
            assert line.drop(dropped)
            assert not line.drop(dropped)
            gone.append(chosen)
        else:
            waiting[number] = Waiting(number, str(caller), str(connection), float(cost))
            line.push(waiting[number])
        assert len(line) == len(waiting)
    gone += [line.pop().item for _ in range(len(line))]
    assert len(gone) == len(set(gone))
    line.rest()
    assert not line._callers


def test_two_costly_callers_do_not_starve_five() -> None:
    """Two ask over twenty connections each for pieces of 2,000, five over one each for pieces of 50, always again.

    As work, not as time: each time that one of the five waits, at most one piece of each of the two is taken before it.
    """
    line: Fair[str] = Fair()
    two = [(name, str(number)) for name in ("x", "y") for number in range(20)]
    for name, connection in two:
        push(line, name, name, connection, 2_000)
    for name in "abcde":
        push(line, name, name, cost=50)
    since = dict.fromkeys("abcde", 0)
    longest, answers = 0, Counter[str]()
    while min(answers[name] for name in "abcde") < 200:
        found = line.pop()
        answers[found.item] += 1
        push(line, found.item, found.caller, found.connection, found.cost)
        if found.item in since:
            longest, since[found.item] = max(longest, since[found.item]), 0
        else:
            since = {name: count + 1 for name, count in since.items()}
    assert longest <= 2
    # all have alike by cost: forty of theirs for each of the two's
    assert answers["x"] + answers["y"] <= 2 * (200 // 40 + 1)


def test_whoever_comes_goes_before_what_others_have_waiting() -> None:
    """In the service: two addresses have forty costly searches in flight, one runs; five others come after one piece of
    the other, who has had none.
    """
    index = StandIn(held=True)
    app = stand_in_app(index, Limits(workers=1))

    def post(address: str, query: str, **more: Any) -> Any:
        async def ask() -> int:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as own:
                return (await own.post("/search", json={"query": query, **more})).status_code

        return asyncio.create_task(ask())

    async def until(waiting: int) -> None:
        while not index.searching or app.state.workers.waiting < waiting:
            await asyncio.sleep(0.001)

    async def whole() -> list[int]:
        async with app.router.lifespan_context(app):
            first = [post(f"192.0.2.{n % 2}", "slow ".ljust(4_000, "x"), k=20, why=True) for n in range(40)]
            await until(39)
            five = [post(f"198.51.100.{n}", f"quick {n}") for n in range(5)]
            await until(44)
            index.free.set()
            return list(await asyncio.gather(*first, *five))

    assert asyncio.run(whole()) == [200] * 45
    begun = [query for query in index.begun if query.startswith(("slow", "quick"))]
    assert all(query.startswith("slow") for query in begun[:2])
    assert sorted(begun[2:7]) == [f"quick {n}" for n in range(5)]


def test_a_request_that_would_cost_too_much_says_what_fits(client: TestClient) -> None:
    """422 before anything is begun, with the limit; each thing that is said to fit does."""
    words = ("river bank " * 1_000)[:QUERY]
    answer = client.post("/search", json={"query": words, "k": 100, "why": True})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == (
        "the request would cost 9,059, one may cost 2,000; what fits: k of at most 19 or a query of at most 1,433 "
        "characters or no why"
    )
    for fits in ({"k": 19, "why": True}, {"query": words[:1_433], "k": 100, "why": True}, {"k": 100}):
        assert Search(len(str(fits.get("query", words))), 6, int(fits["k"]), "why" in fits).cost <= 2_000  # type: ignore[call-overload]
    assert client.post("/search", json={"query": words, "k": 2, "why": True}).status_code == 200


@given(st.integers(0, QUERY), st.integers(1, 400), st.integers(1, MOST), st.booleans())
def test_what_is_said_to_fit_fits(characters: int, languages: int, k: int, why: bool) -> None:
    """Each by itself, and one more of it does not."""
    search = Search(characters, languages, k, why)
    limit = Limits().cost
    if search.cost <= limit:
        assert check_search(search, limit) == search.cost
        return
    with pytest.raises(Problem) as caught:
        check_search(search, limit)
    said = caught.value.message.partition("what fits: ")[2]
    for part in said.split(" or "):
        number = int("".join(filter(str.isdigit, part)) or 0)
        for more, fits in ((0, True), (1, False)):
            changed = {
                "k of": Search(characters, languages, number + more, why),
                "a que": Search(number + more, languages, k, why),
                "at mo": Search(characters, number + more, k, why),
            }
            match = [each for name, each in changed.items() if part.startswith(name)]
            assert all((each.cost <= limit) is fits for each in match)
    assert said


@pytest.mark.parametrize(
    ("more", "cost"),
    [
        ({}, 6 * 1.54 + 1),
        ({"query": "river bank"}, 6 * 1.54 + 1),
        ({"query": "l'amour de"}, 6 * 1.54 + 1),
        ({"query": "river -ban"}, 6 * (2 * 1.54 + 0.5) + 1),
        ({"query": "river -ban", "operators": False}, 6 * 1.54 + 1),
        ({"query": "river ban*"}, 6 * (2 * 1.54 + 0.5 + 10) + 1),
        ({"query": "「river」 ba"}, 6 * (2 * 1.54 + 2 * 0.5) + 1 + 200),
        ({"since": "2020", "where": {"a": "b"}}, 6 * (2 * 1.54 + 2 * 0.5) + 1),
        ({"context": 2}, 6 * 1.54 + 10 * (0.1 + 4 * 0.02)),
        ({"offset": 100}, 6 * 1.54 + 1 + 100 * 0.02),
        ({"group": True}, 6 * 1.54 + 10 * (0.1 + 2 * 0.02) + 4 * 10 * 0.02),
        ({"languages": ["es"]}, 1.54 + 1),
    ],
)
def test_what_narrows_a_search_costs(more: dict[str, Any], cost: float) -> None:
    """As the page on the service says it, told from the marks of the query without reading it."""
    asked = schemas.SearchRequest(**{"query": "river bank", **more})
    assert check(asked, ("en", "es", "gl", "it", "pt", "tr"), 2_000) == pytest.approx(cost)


def test_no_query_costs_without_bound() -> None:
    """The worst that a body can ask for is refused, or costs no more than is allowed; the bounds are the search's."""
    assert (costs.OPERATORS, costs.STEMS, costs.DOCUMENTS) == (query.MOST, query.STEMS, asking.GROUPED)
    worst = {"query": ('a* "b c" -d ' * 900)[:QUERY], "k": 100, "why": True, "group": True, "context": 5}
    with pytest.raises(Problem, match="what fits: "):
        check(schemas.SearchRequest(**worst), tuple("abcdefghij"), 2_000)


def test_texts_are_bounded_together() -> None:
    """The least bound of what a body can bring fits; a smaller limit says how many characters do."""
    assert check_texts([62_500] * 32, Limits().cost) == of_texts([62_500] * 32)
    with pytest.raises(Problem, match="texts of at most 199,800 characters together"):
        check_texts([200_000], 100)


def test_a_query_is_read_once_for_all_its_reasons(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, for ten hits as for one: as the encoder reads it, which is as BM25 does; and once for all neighbours, whose
    passages are found by its letters."""
    query = "Marie Curie won the Nobel Prize"
    read = []
    normalise = texts.normalise
    monkeypatch.setattr(texts, "normalise", lambda text: read.append(text) or normalise(text))
    hits = index.search(query, 20)
    own, across = ([hit for hit in hits if bool(hit.across) is found] for found in (False, True))
    assert len(own) > 1 and len({hit.language for hit in across}) > 1
    counts = []
    for some in (own[:1], own, across, hits):
        read.clear()
        assert index.whys(query, some) == [index.why(query, hit) for hit in some]
        read.clear()
        index.whys(query, some)
        counts.append(read.count(query))
    assert counts == [1, 1, 1, 2]


@pytest.mark.parametrize("steps", range(6))
@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25", "rrf"])
def test_a_search_stops_at_every_step(index: Index, mode: Any, steps: int) -> None:
    """Where it is told to stop the n-th time it asks, it goes no further; in every mode it asks once a language."""
    asked = []

    def hurry() -> None:
        asked.append(1)
        if len(asked) > steps:
            raise Problem(503, "late")

    with pytest.raises(Problem):
        index.search("Marie Curie física", 5, (), mode, hurry)
    assert len(asked) == steps + 1


def test_what_nobody_waits_for_is_given_up() -> None:
    """The time is up while one search runs and one waits: the one stops at its next step; the other does not begin, or
    stops as soon, where the first was a moment before it.
    """
    index = StandIn(held=True)

    async def conversation(client: httpx.AsyncClient) -> list[int]:
        answers = await asyncio.gather(*(client.post("/search", json={"query": f"slow {n}"}) for n in range(2)))
        while index.searching:  # nobody sets it free: it ends by itself
            await asyncio.sleep(0.001)
        after = await client.post("/search", json={"query": "quick"})
        return [answer.status_code for answer in (*answers, after)]

    assert talk(stand_in_app(index, Limits(seconds=0.3, workers=1)), conversation) == [503, 503, 200]
    assert index.given_up == [query for query in index.begun if query.startswith("slow")]
    assert index.given_up[0] == "slow 0"


def test_the_work_of_a_caller_who_leaves_is_dropped() -> None:
    """One search runs and one waits when their callers leave: the one stops, the other never begins; both are 499."""
    index = StandIn(held=True)
    app = stand_in_app(index, Limits(workers=1))

    async def ask(query: str, leaves: asyncio.Event) -> list[Any]:
        """A request of the server's kind, whose caller leaves."""
        body = b'{"query": "' + query.encode() + b'"}'
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            if messages:
                return messages.pop()
            await leaves.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {
            "type": "http", "method": "POST", "path": "/search", "raw_path": b"/search", "query_string": b"",
            "headers": headers, "client": ("192.0.2.1", 1), "server": None, "scheme": "http", "http_version": "1.1",
            "root_path": "",
        }  # fmt: skip
        await app(scope, receive, send)
        return sent

    async def conversation(client: httpx.AsyncClient) -> tuple[Any, ...]:
        leaves = asyncio.Event()
        both = [asyncio.create_task(ask(f"slow {n}", leaves)) for n in range(2)]
        while index.searching < 1:
            await asyncio.sleep(0.001)
        leaves.set()
        sent = await asyncio.gather(*both)
        while index.searching:
            await asyncio.sleep(0.001)
        index.held = False
        after = await client.post("/search", json={"query": "quick"})
        return sent, after.status_code, (await client.get("/metrics")).text

    sent, after, meters = talk(app, conversation)
    assert sent == [[], []]
    assert after == 200
    assert index.given_up == ["slow 0"]
    assert "slow 1" not in index.begun
    assert 'sprachbund_requests_total{route="/search",status="499"} 2.0' in meters


class Panic(BaseException):
    """What a library in Rust raises: no Exception."""


@pytest.mark.parametrize("failure", [Panic("secret"), SystemExit(3), KeyboardInterrupt(), StopIteration("x")])
def test_a_panic_of_a_library_ends_one_request_only(failure: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """500 in JSON; the only thread goes on."""

    async def conversation(client: httpx.AsyncClient) -> list[Any]:
        return [await client.post("/search", json={"query": query}) for query in ("bad", "good")]

    bad, good = talk(stand_in_app(StandIn(failure=failure), Limits(workers=1)), conversation)  # type: ignore[arg-type]
    assert (bad.status_code, bad.json()["error"]["type"]) == (500, "internal_error")
    assert good.status_code == 200
    assert type(failure).__name__ in caplog.text


def test_workers_close_when_their_work_has_ended() -> None:
    """What runs is finished and answered, what waits is not begun, and no thread is left."""
    begun = threading.Event()
    free = threading.Event()

    def task(_: Any) -> str:
        begun.set()
        assert free.wait(PATIENCE)
        return "done"

    async def whole() -> tuple[Any, ...]:
        workers = Workers(1)
        by = 1e12
        first = asyncio.create_task(workers.run(task, by))
        second = asyncio.create_task(workers.run(task, by))
        await asyncio.to_thread(begun.wait)
        closing = asyncio.create_task(asyncio.to_thread(workers.close))
        while not workers._closed:
            await asyncio.sleep(0.001)
        free.set()
        await closing
        second.cancel()
        results = await asyncio.gather(first, second, return_exceptions=True)
        with pytest.raises(Problem, match="stopping"):
            await workers.run(task, by)
        return (*results, [thread.is_alive() for thread in workers._threads])

    first, second, alive = asyncio.run(whole())
    assert first == "done"
    assert isinstance(second, asyncio.CancelledError)
    assert alive == [False]


def test_one_caller_who_fills_the_service_does_not_shut_it() -> None:
    """All eight places are one caller's, who is refused; others come in up to an even share, never to twice as many."""
    room = Room(8, 10)
    for _ in range(8):
        assert not room.full("a")
        room.enter("a")
    assert room.full("a")
    for _ in range(4):
        assert not room.full("b")
        room.enter("b")
    assert room.full("b")  # half of eight
    for number in range(100):
        if not room.full(str(number)):
            room.enter(str(number))
    assert room.taken == 16
    for _ in range(8):
        room.leave("a", 0.1)
    while room.taken >= 8:
        room.leave(next(iter(room._own)), 0.1)
    assert not room.full("a")


def test_no_more_are_let_in_than_can_be_done_in_time() -> None:
    """Where what waits will take more than half of a request's time: who is in stays, and a newcomer may come."""
    wait = 0.0
    room = Room(100, 10, lambda _: wait)
    for _ in range(10):
        room.enter("a")
    assert not room.full("a")
    wait = 5.1
    assert room.full("a")
    assert not room.full("b")
    wait = 5.0
    assert not room.full("a")


def test_what_waits_is_told_in_seconds() -> None:
    """By what pieces of late cost and took: where 2 took 0.01 s, ten that cost 4 take 0.2 s, and any fifty 0.5 s."""

    async def whole() -> tuple[float, float]:
        workers = Workers(1)
        for _ in range(300):
            await workers.run(lambda _: None, 1e12, cost=2.0)
        workers._seconds = 0.01
        begun, free = threading.Event(), threading.Event()

        def wait(_: Any) -> None:
            begun.set()
            assert free.wait(PATIENCE)

        running = asyncio.create_task(workers.run(wait, 1e12))
        await asyncio.to_thread(begun.wait)
        waiting = [asyncio.create_task(workers.run(lambda _: None, 1e12, cost=4.0)) for _ in range(10)]
        while workers.waiting < 10:
            await asyncio.sleep(0.001)
        found = workers.ahead(11), workers.ahead(50)
        free.set()
        await asyncio.gather(running, *waiting)
        assert workers.ahead(0) == 0
        workers.close()
        return found

    assert asyncio.run(whole()) == pytest.approx((0.2, 0.5))


def test_an_overfull_service_still_answers_a_newcomer() -> None:
    """One address has all places taken: another gets an answer, the first is told to come again."""
    index = StandIn(held=True)
    app = stand_in_app(index, Limits(concurrent=4, workers=1))

    async def whole() -> tuple[int, int]:
        def client(address: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
            return httpx.AsyncClient(transport=transport, base_url="http://localhost")

        async with app.router.lifespan_context(app), client("192.0.2.1") as first, client("192.0.2.2") as second:
            held = [asyncio.create_task(first.post("/search", json={"query": "slow"})) for _ in range(4)]
            while not index.searching or app.state.gate.room.taken < 4:
                await asyncio.sleep(0.001)
            refused = await first.post("/search", json={"query": "x"})
            welcome = asyncio.create_task(second.post("/search", json={"query": "x"}))
            while app.state.gate.room.taken < 5:
                await asyncio.sleep(0.001)
            index.free.set()
            await asyncio.gather(*held)
            return refused.status_code, (await welcome).status_code

    assert asyncio.run(whole()) == (429, 200)


def test_the_time_to_come_again_is_what_a_place_is_taken_for() -> None:
    """At least a second, at most the limit, in between the mean of late."""
    room = Room(2, 10)
    assert room.retry_after() == 1
    for seconds, expected in ((3.5, 4), (60.0, 10), (0.0, 1)):
        for _ in range(200):
            room.enter("a")
            room.leave("a", seconds)
        assert room.retry_after() == expected


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_caller_is_an_address_or_a_network(address: str, caller: str) -> None:
    """Of IPv6 the 64 bits that one customer has: who moves among their addresses stays one caller."""
    assert network(address) == caller


def test_the_bounds_of_each_are_there_still() -> None:
    """k with reasons and the length of a query have bounds of their own, which fit where the rest is small."""
    assert Search(30, 17, EXPLAINED, why=True).cost <= Limits().cost
    assert Search(QUERY, 17, 10).cost <= Limits().cost
    assert Search(30, 17, MOST).cost <= Limits().cost
