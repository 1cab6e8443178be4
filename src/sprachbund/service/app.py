"""The application: routes over the work in `answers`, with the gate before it.

Bodies are checked from their bytes and answers are bytes already, so a search costs the loop one parse and one
write; the work itself runs in threads and holds no request up.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from sprachbund.errors import SprachbundError
from sprachbund.files import package_version
from sprachbund.progress import logger
from sprachbund.service import answers, schemas
from sprachbund.service import cost as costs
from sprachbund.service.description import documented
from sprachbund.service.gate import LOOPBACK, Bounds, Gate, Rules, State
from sprachbund.service.limits import Limits
from sprachbund.service.live import Live
from sprachbund.service.metrics import CONTENT_TYPE, Metrics, make_metrics
from sprachbund.service.pages import load_pages, safety
from sprachbund.service.parsing import JSON, check_kind, read_body, read_query
from sprachbund.service.problems import Problem, body
from sprachbund.service.room import Room, caller_of
from sprachbund.service.transcribe import PATH, add_transcribe, open_recognisers
from sprachbund.service.workers import Hurry, Workers, while_there

if TYPE_CHECKING:
    from sprachbund.search.index import Index
    from sprachbund.speech.transcribing import Hearing

Body = TypeVar("Body", bound=BaseModel)
Result = TypeVar("Result")
OPEN = ("/health", "/openapi.json", "/favicon.ico")
"""Paths besides the page's files that need no key: they hold nothing of the index."""


def make_app(
    index: "Path | Index",
    limits: Limits | None = None,
    *,
    key: str = "",
    hosts: Sequence[str] = LOOPBACK,
    watch_every: float = 1.0,
    recognisers: Sequence[Path] = (),
) -> FastAPI:
    """The service as an ASGI application.

    Args:
        index: its folder, or an open index, which is closed when the application ends.
        key: what callers must send; empty for none.
        hosts: names that the Host header may have; empty for any.
        watch_every: seconds between looks at whether the folder has changed.
        recognisers: folders of recognisers of speech, each of another language; they are read once.

    Raises:
        FolderError: there is no such index or recogniser. SettingsError: limits that cannot work, or two recognisers
            of a language.
    """
    from sprachbund.search.index import Index

    limits = (limits or Limits()).check()
    hearings = open_recognisers(recognisers)
    opened = Index.open(index) if isinstance(index, Path) else index
    live = Live(opened, lambda: type(opened).open(opened.path))
    return assemble(live, limits, Rules(key, tuple(hosts)), watch_every, hearings)


def assemble(
    live: Live, limits: Limits, rules: Rules, watch_every: float, hearings: "Mapping[str, Hearing] | None" = None
) -> FastAPI:
    """The application over an index that is open, with recognisers by their languages."""
    workers, hearings = Workers(limits.threads), hearings or {}
    state = State(Room(limits.concurrent, limits.seconds, workers.ahead))
    listeners, sound = Workers(limits.listeners), limits.sound
    if hearings:
        state.own = {PATH: Bounds(Room(sound.concurrent, sound.seconds, listeners.ahead), sound.body, sound.seconds)}
    pages = load_pages()
    rules = Rules(rules.key, rules.hosts, frozenset((*pages, *OPEN)))

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        watcher = asyncio.create_task(_watch(live, metrics, watch_every))
        yield
        watcher.cancel()
        workers.close()
        listeners.close()
        live.close()

    app = FastAPI(
        title="sprachbund",
        version=package_version(),
        description="Search in many languages, with a reason for every score.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    app.state.gate, app.state.live, app.state.workers = state, live, workers
    _add_work(app, live, workers, limits)
    if hearings:
        add_transcribe(app, hearings, listeners, sound)
    _add_rest(app, live, state, limits, tuple(hearings))
    _add_pages(app, safety(bool(hearings)))
    _add_errors(app)
    metrics = make_metrics([route.path for route in app.routes if hasattr(route, "path")])
    _measure(metrics, live)
    app.state.metrics = metrics
    app.add_middleware(Gate, limits=limits, rules=rules, metrics=metrics, state=state)
    return app


def _add_work(app: FastAPI, live: Live, workers: Workers, limits: Limits) -> None:
    """The routes that search or encode."""

    async def run(request: Request, task: Callable[[Hurry], Result], cost: float) -> Result:
        by = time.monotonic() + limits.seconds
        return await while_there(request, workers.run(task, by, cost, *caller_of(request.scope)))

    async def work(request: Request, task: Callable[["Index", Any, Hurry], bytes], asked: BaseModel) -> Response:
        cost = costs.check(asked, live.index.languages, limits.cost)
        content = await run(request, lambda hurry: live.use(lambda index: task(index, asked, hurry)), cost)
        return Response(content, media_type=JSON)

    @app.post("/search", **documented(schemas.SearchAnswer, schemas.SearchRequest))
    async def search(request: Request) -> Response:
        """Passages that answer a query, in whatever language."""
        return await work(request, answers.search, await _parse(request, schemas.SearchRequest))

    @app.post("/embed", **documented(schemas.EmbedAnswer, schemas.EmbedRequest))
    async def embed(request: Request) -> Response:
        """Vectors of texts."""
        return await work(request, answers.embed, await _parse(request, schemas.EmbedRequest))

    @app.post("/detect", **documented(schemas.DetectAnswer, schemas.DetectRequest))
    async def detect(request: Request) -> Response:
        """In which language each of some texts is."""
        return await work(request, answers.detect, await _parse(request, schemas.DetectRequest))

    @app.post("/similarity", **documented(schemas.SimilarityAnswer, schemas.SimilarityRequest))
    async def similarity(request: Request) -> Response:
        """Cosines between texts."""
        return await work(request, answers.similarity, await _parse(request, schemas.SimilarityRequest))

    @app.post("/v1/embeddings", **documented(schemas.EmbeddingsAnswer, schemas.EmbeddingsRequest, schemas.OpenAIError))
    async def embeddings(request: Request) -> Response:
        """Vectors of texts, in the shape of OpenAI's API."""
        return await work(request, answers.embeddings, await _parse(request, schemas.EmbeddingsRequest))

    @app.get("/neighbours", **documented(schemas.NeighboursAnswer, query=schemas.NeighboursRequest))
    async def neighbours(request: Request) -> Response:
        """The n-grams whose vectors are nearest to that of one, across languages."""
        return await work(
            request, answers.neighbours, read_query(request.query_params.multi_items(), schemas.NeighboursRequest)
        )

    @app.get(
        "/document",
        **documented(
            schemas.DocumentAnswer, query=schemas.DocumentRequest, errors=(401, 403, 404, 413, 415, 422, 429, 503)
        ),
    )
    async def document(request: Request) -> Response:
        """The text of a document, passage by passage."""
        return await work(
            request, answers.document, read_query(request.query_params.multi_items(), schemas.DocumentRequest)
        )

    @app.get("/map", **documented(schemas.MapAnswer, errors=(401, 403, 404, 429, 503)))
    async def places(request: Request) -> Response:
        """Where passages and words lie on a plane; it changes only with the index, and has an ETag."""
        found = await run(request, lambda _: live.map(), 1.0)
        if found is None:
            raise Problem(404, "this index was built without a map")
        headers = {"etag": found.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(found.packed, media_type=JSON, headers={**headers, "content-encoding": "gzip"})
        return Response(found.plain, media_type=JSON, headers=headers)


def _add_rest(app: FastAPI, live: Live, state: State, limits: Limits, heard: Sequence[str]) -> None:
    """The routes that say what there is."""

    @app.get("/health", **documented(schemas.HealthAnswer, errors=(403,)))
    async def health() -> Response:
        """Whether the service answers; 503 while it stops."""
        index = live.index
        status = "stopping" if state.stopping else "ok"
        about = {"generation": index.generation, "passages": answers.passages(index), "version": package_version()}
        return Response(orjson.dumps({"status": status, **about}), 503 if state.stopping else 200, media_type=JSON)

    @app.get("/info", **documented(schemas.InfoAnswer, errors=(401, 403, 429, 503)))
    async def info() -> Response:
        """Languages, modes, the model, and the limits."""
        return Response(answers.info(live.index, limits, heard), media_type=JSON)

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Meters for Prometheus."""
        _measure(app.state.metrics, live)
        return Response(app.state.metrics.text(), headers={"content-type": CONTENT_TYPE})


def _add_pages(app: FastAPI, safe: Mapping[str, str]) -> None:
    """The page and its files, sent with some headers."""
    for path, file in load_pages().items():

        async def page(request: Request, file: Any = file) -> Response:
            headers = {**safe, "etag": file.tag, "cache-control": "no-cache"}
            if request.headers.get("if-none-match") == file.tag:
                return Response(status_code=304, headers=headers)
            return Response(file.content, headers={**headers, "content-type": file.kind})

        app.router.add_route(path, page, methods=["GET"], include_in_schema=False)


def _add_errors(app: FastAPI) -> None:
    """Every error as JSON of one shape."""

    def answer(request: Request, problem: Problem) -> Response:
        return Response(body(problem, request.url.path), problem.status, problem.headers, JSON)

    @app.exception_handler(Problem)
    async def ours(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(SprachbundError)
    @app.exception_handler(OSError)
    @app.exception_handler(sqlite3.Error)
    async def damaged(request: Request, error: Exception) -> Response:
        # all that a caller can have wrong was a Problem: what is left is damage, told with the paths of this machine
        logger.error("%s: the index cannot be read", request.url.path, exc_info=error)
        return answer(request, Problem(503, "the index cannot be read; the log of the service has the reason"))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            message = f"{request.url.path} does not take {request.method}; see /docs"
        elif error.status_code == 404:
            message = f"nothing is at {request.url.path}; see /docs"
        else:
            message = HTTPStatus(error.status_code).phrase
        return answer(request, Problem(error.status_code, message, headers=dict(error.headers or {})))


async def _watch(live: Live, metrics: Metrics, every: float) -> None:
    """Look for a changed index as long as the application lives, in a thread that no search waits for."""
    with ThreadPoolExecutor(1, "watch") as own:
        while True:
            await asyncio.sleep(every)
            if await asyncio.get_running_loop().run_in_executor(own, live.refresh):
                metrics.reloads.inc()


def _measure(metrics: Metrics, live: Live) -> None:
    metrics.passages.set(answers.passages(live.index))
    metrics.generation.set(live.index.generation)


async def _parse(request: Request, model: type[Body]) -> Body:
    """The body of a request.

    Raises:
        Problem: it is not JSON, or not what the model says.
    """
    check_kind(request.headers)
    return read_body(await request.body(), model)
