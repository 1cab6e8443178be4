"""The service over what misbehaves, conversations of several requests with it, and a server process."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from stand_in import StandIn

from sprachbund.service.app import assemble
from sprachbund.service.gate import LOOPBACK, Rules
from sprachbund.service.limits import Limits
from sprachbund.service.live import Live

LAUNCH = Path(__file__).parent / "launch.py"
PATIENCE = 300.0  # seconds: what waits in these tests is no question of speed, and machines may be slow


def stand_in_app(
    index: StandIn,
    limits: Limits | None = None,
    key: str = "",
    hosts: tuple[str, ...] = LOOPBACK,
    every: float = 1.0,
    hearings: Any = None,
) -> FastAPI:
    """The service over an index that misbehaves."""
    live = Live(index, index.reopen)  # type: ignore[arg-type]
    return assemble(live, limits or Limits(workers=2, seconds=PATIENCE), Rules(key, hosts), every, hearings)


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
        assert address.startswith("http://127.0.0.1:"), process.communicate(timeout=PATIENCE)[1]
        yield process, address
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
