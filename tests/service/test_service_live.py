"""An index that is replaced while it is read."""

import asyncio
import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from stand_in import StandIn
from talking import PATIENCE, talk

from sprachbund.search.building import IndexSettings, add_corpus, create, delete
from sprachbund.search.index import MANIFEST, Index
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
    answers, meters = talk(assemble(live, Limits(workers=2, seconds=PATIENCE), Rules(), 0.05), conversation)
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

    app = make_app(folder, Limits(seconds=PATIENCE), watch_every=0.05)
    statuses, seen, begun, more, less, gone = talk(app, conversation)
    assert set(statuses) == {200}
    assert seen == sorted(seen)
    assert {begun, begun + 1, begun + 2} == set(seen) | {more["generation"], less["generation"]}
    assert "gl" in {hit["language"] for hit in more["hits"]}
    assert gone not in {hit["document"] for hit in less["hits"] if hit["language"] == "gl"}


@pytest.fixture(scope="module")
def grown(corpus_and_model: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """An index that grew: its folder, its first manifest and its second."""
    corpus, model = corpus_and_model
    folder, kept = (tmp_path_factory.mktemp("grown") / name for name in ("index", "kept"))
    create(folder, model, IndexSettings(map_points=0))
    add_corpus(folder, corpus, ["en"])
    first = (folder / MANIFEST).read_bytes()
    shutil.copytree(folder, kept)
    add_corpus(folder, corpus, ["gl"])
    second = (folder / MANIFEST).read_bytes()
    shutil.copytree(kept, folder, dirs_exist_ok=True)  # what only the first manifest names is there again
    return folder, first, second


def written(text: str | bytes) -> Callable[[Path], None]:
    """Puts these bytes in the place of a manifest."""
    return lambda path: Path(path).write_bytes(text if isinstance(text, bytes) else text.encode()) and None


ODD: dict[str, Callable[[Path], None]] = {
    "empty": written(""),
    "half": written('{"kind": "index", "gener'),
    "a list": written("[1, 2]"),
    "a text": written('"index"'),
    "null": written("null"),
    "binary": written(bytes(range(256)) * 40),
    "deep": written("[" * 200_000),
    "NaN": written('{"kind": "index", "format": 3, "written_by": "x", "generation": NaN}'),
    "infinity": written('{"kind": "index", "format": 3, "written_by": "x", "generation": 1e999}'),
    "a huge number": written('{"kind": "index", "format": 3, "written_by": "x", "generation": ' + "9" * 5_000 + "}"),
    "wrong types": written('{"kind": 1, "format": [], "written_by": {}, "generation": {}, "files": 3}'),
    "files that are none": written('{"kind": "index", "format": 3, "written_by": "x", "files": [[]]}'),
    "other keys": written('{"kind": "index", "format": 3, "written_by": "x"}'),
    "another kind": written('{"kind": "corpus", "format": 2, "written_by": "x"}'),
    "absent": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "a pipe": lambda path: os.mkfifo(path),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to(path.with_name("nothing")),
}


def clear(path: Path) -> None:
    """Whatever stands there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_manifest_is_told_once_and_the_good_one_is_taken(
    grown: tuple[Path, bytes, bytes], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Looked at three times: the old index answers, one warning; then the good manifest is there and is loaded."""
    folder, first, second = grown
    path = folder / MANIFEST
    path.write_bytes(first)
    live = Live(Index.open(folder), lambda: Index.open(folder))
    try:
        clear(path)
        ODD[kind](path)
        assert [live.refresh() for _ in range(3)] == [False, False, False]
        assert live.use(lambda index: index.languages) == ("en",)
        assert caplog.text.count("the old one goes on") == 1
    finally:
        clear(path)
        path.write_bytes(second)
    assert live.refresh()
    assert live.use(lambda index: index.languages) == ("en", "gl")
    assert live.use(lambda index: index.search("Marie Curie"))
    assert not live.refresh()
    assert caplog.text.count("the old one goes on") == 1


def test_an_index_built_anew_in_the_same_place_is_taken(grown: tuple[Path, bytes, bytes]) -> None:
    """Its generation may be the same: what differs is the manifest."""
    folder, first, second = grown
    (folder / MANIFEST).write_bytes(first)
    opened = Index.open(folder)
    assert not opened.changed()
    same = f'"generation": {opened.generation}'.encode()
    (folder / MANIFEST).write_bytes(re.sub(rb'"generation": \d+', same, second))
    assert opened.changed()


class Panic(BaseException):
    """What a library in Rust raises: no Exception."""


@pytest.mark.parametrize("failure", [Panic("a panic"), PermissionError(13, "denied"), MemoryError(), RecursionError()])
def test_whatever_an_opening_raises_the_watcher_goes_on(
    failure: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails a few times while searches are answered; then it works, and the new index is taken."""
    old, new = StandIn(), StandIn(generation=2)
    tries = []

    def reopen() -> Any:
        tries.append(1)
        if len(tries) < 4:
            raise failure
        return new

    async def conversation(client: httpx.AsyncClient) -> list[int]:
        old.newer = new
        found = [1]
        while found[-1] != 2:
            answer = await client.post("/search", json={"query": "x"})
            assert answer.status_code == 200
            found.append(answer.json()["generation"])
            await asyncio.sleep(0.005)
        return found

    live = Live(old, reopen)  # type: ignore[arg-type]
    assert talk(assemble(live, Limits(workers=2, seconds=PATIENCE), Rules(), 0.01), conversation)[-1] == 2
    assert len(tries) == 4
    assert caplog.text.count("the old one goes on") == 1
