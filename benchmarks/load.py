"""Callers for the benchmarks of the service: many kept connections, little work of their own; loopback only.

The callers run on the processors that the server runs on, so what they cost counts against the service.
"""

import asyncio
import collections
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sprachbund.search.index import Index

HOST = "127.0.0.1"
SERVE = """
import sys
from pathlib import Path
from sprachbund.service.limits import Limits
from sprachbund.service.serve import run
run(Path(sys.argv[1]), port=0, limits=Limits(), announce=lambda address: print(address, flush=True))
"""


@dataclass
class Tally:
    """What came back: statuses, connections that failed, seconds of each answered request."""

    statuses: collections.Counter[int] = field(default_factory=collections.Counter)
    failed: collections.Counter[str] = field(default_factory=collections.Counter)
    seconds: list[float] = field(default_factory=list)


def queries(index: Index, count: int, words: int = 4, seed: int = 0) -> list[str]:
    """Queries of some words of the index's own map, drawn evenly; each language by itself."""
    found = index.map()
    if found is None:
        raise SystemExit("this index has no map to draw words for queries from; build one with a map")
    generator = np.random.default_rng(seed)
    by_language: dict[str, list[str]] = {}
    for kind, language, label in zip(found.kinds, found.languages, found.labels, strict=True):
        if kind == 1:
            by_language.setdefault(language, []).append(label)
    pools = [pool for _, pool in sorted(by_language.items())]
    return [" ".join(generator.choice(pools[n % len(pools)], words)) for n in range(count)]


def as_bytes(query: str, k: int = 10) -> bytes:
    """A search as it goes over the wire."""
    body = json.dumps({"query": query, "k": k}).encode()
    head = f"POST /search HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


@contextmanager
def served(index: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server process over an index, and its port."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(index)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline().rsplit(":", 1)[1])
    finally:
        process.terminate()
        process.wait()


def resident(process: subprocess.Popen[str]) -> float:
    """Mebibytes of memory that a process has of its own: pages of the index, which it maps, are the system's."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"RssAnon:\s+(\d+) kB", text)[1]) / 1024  # type: ignore[index]


def allow_connections() -> None:
    """As many open files as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head[9:12])


async def press(port: int, requests: Sequence[bytes], callers: int, seconds: float, *, kept: bool = True) -> Tally:
    """Callers that each ask again as soon as they are answered, for some seconds.

    Args:
        kept: over one connection each; else over a new one for each request.
    """
    tally, until = Tally(), time.perf_counter() + seconds

    async def ask(number: int) -> None:
        own = number
        while time.perf_counter() < until:
            try:
                reader, writer = await asyncio.open_connection(HOST, port)
            except OSError as error:
                tally.failed[f"connect: {error.strerror or error}"] += 1
                await asyncio.sleep(0.1)
                continue
            try:
                asked = 0
                while time.perf_counter() < until and (kept or not asked):
                    asked += 1
                    started = time.perf_counter()
                    status = await _one(reader, writer, requests[own % len(requests)])
                    tally.statuses[status] += 1
                    tally.seconds.append(time.perf_counter() - started)
                    own += callers
            except (OSError, asyncio.IncompleteReadError) as error:
                tally.failed[type(error).__name__] += 1
            finally:
                writer.close()

    await asyncio.gather(*(ask(number) for number in range(callers)))
    return tally


async def steady(port: int, requests: Sequence[bytes], rate: float, connections: int, seconds: float) -> Tally:
    """Requests at even intervals, whether answered or not; the time of each counts from when it was due."""
    tally = Tally()
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection(HOST, port))
    begun = time.perf_counter() + 0.1

    async def ask(number: int) -> None:
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        pair = await free.get()
        tally.statuses[await _one(*pair, requests[number % len(requests)])] += 1
        tally.seconds.append(time.perf_counter() - due)
        free.put_nowait(pair)

    await asyncio.gather(*(ask(number) for number in range(int(rate * seconds))))
    while not free.empty():
        free.get_nowait()[1].close()
    return tally


def quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds."""
    low, high = np.quantile(np.array(seconds) * 1e3, [0.5, 0.99])
    return float(low), float(high)
