"""A real index of the sample corpus, the service over it, and a server process."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from stand_in import StandIn
from starlette.testclient import TestClient

from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.fitting import fit
from sprachbund.retrieval.settings import change, preset
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.index import Index
from sprachbund.service.app import assemble, make_app
from sprachbund.service.gate import LOOPBACK, Rules
from sprachbund.service.limits import Limits
from sprachbund.service.live import Live

LAUNCH = Path(__file__).parent / "launch.py"


@pytest.fixture(scope="session")
def corpus_and_model(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> tuple[Path, Path]:
    """The sample, ingested, and an encoder of dim 32 of it."""
    folder = tmp_path_factory.mktemp("service")
    ingest([str(sample)], folder / "corpus")
    fit(folder / "corpus", folder / "model", settings=change(preset("best"), dim=32))
    return folder / "corpus", folder / "model"


@pytest.fixture(scope="session")
def folder(corpus_and_model: tuple[Path, Path]) -> Path:
    """An index of the sample; tests leave it as it is."""
    corpus, model = corpus_and_model
    create(corpus.parent / "index", model, IndexSettings(map_points=600))
    add_corpus(corpus.parent / "index", corpus)
    return corpus.parent / "index"


@pytest.fixture(scope="session")
def index(folder: Path) -> Index:
    """The same index, opened beside the service."""
    return Index.open(folder)


@pytest.fixture(scope="session")
def app(folder: Path) -> FastAPI:
    """The service over it, for callers without a key."""
    return make_app(folder)


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[TestClient]:
    """A caller of the service in this process."""
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as opened:
        yield opened


def stand_in_app(
    index: StandIn, limits: Limits | None = None, key: str = "", hosts: tuple[str, ...] = LOOPBACK, every: float = 1.0
) -> FastAPI:
    """The service over an index that misbehaves."""
    return assemble(Live(index, index.reopen), limits or Limits(workers=2), Rules(key, hosts), every)  # type: ignore[arg-type]


def talk(app: FastAPI, conversation: Callable[[httpx.AsyncClient], Coroutine[Any, Any, Any]]) -> Any:
    """Run a conversation with several requests at once, the application alive meanwhile."""

    async def whole() -> Any:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as caller:
                return await conversation(caller)

    return asyncio.run(whole())


@contextmanager
def server(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address; it is ended if it has not ended itself."""
    process = subprocess.Popen(
        [sys.executable, LAUNCH, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.communicate(timeout=30)[1]
        yield process, address
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """The address of a server process over the real index."""
    with server(folder) as (_, found):
        yield found
