"""An index that is replaced while it is read."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from stand_in import StandIn

from conftest import talk
from sprachbund.search.building import IndexSettings, add_corpus, create, delete
from sprachbund.service.app import assemble, make_app
from sprachbund.service.gate import Rules
from sprachbund.service.limits import Limits
from sprachbund.service.live import Live


def test_the_old_index_is_closed_when_its_last_search_has_ended() -> None:
    """Not under it, and once; new searches use the new one."""
    old, new = StandIn(held=True), StandIn(generation=2)
    live = Live(old, old.reopen)  # type: ignore[arg-type]
    work = threading.Thread(target=live.use, args=(lambda index: index.search("slow"),))
    work.start()
    while not old.searching:
        pass
    old.newer = new
    assert live.refresh()
    assert live.index is new
    assert old.closed is None
    assert live.use(lambda index: index.generation) == 2
    old.free.set()
    work.join()
    assert old.closed == 0
    assert not live.refresh()
    live.close()
    assert new.closed == 0


def test_an_idle_index_is_closed_at_once() -> None:
    """Where nobody holds it."""
    old = StandIn()
    old.newer = StandIn(generation=2)
    live = Live(old, old.reopen)  # type: ignore[arg-type]
    live.refresh()
    assert old.closed == 0


def test_a_change_that_cannot_be_opened_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The old index goes on, and the new one is taken when it can be."""
    old = StandIn(broken=True)
    live = Live(old, old.reopen)  # type: ignore[arg-type]
    assert [live.refresh(), live.refresh()] == [False, False]
    assert live.use(lambda index: index.generation) == 1
    assert caplog.text.count("the old one goes on: somewhere: damaged") == 1
    old.broken, old.newer = False, StandIn(generation=2)
    assert live.refresh()


def test_the_service_takes_a_changed_index_without_a_failed_request() -> None:
    """Searches go on all the time: each is answered, the generation rises, the meters say so."""
    first = StandIn(delay=0.02)
    second = StandIn(generation=2, delay=0.02)
    third = StandIn(generation=3, delay=0.02)

    async def conversation(client: httpx.AsyncClient) -> tuple[list[httpx.Response], str]:
        async def ask() -> list[httpx.Response]:
            found = []
            for _ in range(40):
                found.append(await client.post("/search", json={"query": "slow"}))
                if len(found) == 10:
                    first.newer = second
                if len(found) == 25:
                    second.newer = third
            return found

        answers = [answer for found in await asyncio.gather(*(ask() for _ in range(4))) for answer in found]
        return answers, (await client.get("/metrics")).text

    def reopen() -> Any:
        return second if live.index is first else third  # type: ignore[comparison-overlap]

    live = Live(first, reopen)  # type: ignore[arg-type]
    answers, meters = talk(assemble(live, Limits(workers=2), Rules(), 0.05), conversation)
    assert {answer.status_code for answer in answers} == {200}
    assert sorted({answer.json()["generation"] for answer in answers}) == [1, 2, 3]
    assert "sprachbund_index_generation 3.0" in meters
    assert "sprachbund_index_reloads_total 2.0" in meters
    assert [index.closed for index in (first, second, third)] == [0, 0, 0]


def test_a_real_index_that_grows_and_shrinks_is_followed(corpus_and_model: tuple[Path, Path], tmp_path: Path) -> None:
    """Documents that are added are found, ones that are deleted are not, and no search fails meanwhile."""
    corpus, model = corpus_and_model
    folder = tmp_path / "index"
    create(folder, model, IndexSettings(map_points=0))
    add_corpus(folder, corpus, ["en"])
    query = {"query": "Marie Curie física", "k": 20}

    async def conversation(client: httpx.AsyncClient) -> tuple[Any, ...]:
        statuses, seen = [], []
        done = asyncio.Event()

        async def ask() -> None:
            while not done.is_set():
                answer = await client.post("/search", json=query)
                statuses.append(answer.status_code)
                seen.append(answer.json()["generation"])

        async def until(generation: int) -> Any:
            while True:
                answer = (await client.post("/search", json=query)).json()
                if answer["generation"] >= generation:
                    return answer
                await asyncio.sleep(0.02)

        asking = asyncio.create_task(ask())
        begun = (await until(0))["generation"]
        grown = await asyncio.to_thread(add_corpus, folder, corpus, ["gl"])
        more = await until(grown.generation)
        gone = next(hit["document"] for hit in more["hits"] if hit["language"] == "gl")
        shrunk = await asyncio.to_thread(delete, folder, [("gl", gone)])
        less = await until(shrunk.generation)
        done.set()
        await asking
        return statuses, seen, begun, more, less, gone

    app = make_app(folder, watch_every=0.05)
    statuses, seen, begun, more, less, gone = talk(app, conversation)
    assert set(statuses) == {200}
    assert seen == sorted(seen)
    assert {begun, begun + 1, begun + 2} == set(seen) | {more["generation"], less["generation"]}
    assert "gl" in {hit["language"] for hit in more["hits"]}
    assert gone not in {hit["document"] for hit in less["hits"] if hit["language"] == "gl"}
