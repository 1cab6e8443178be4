"""The open index: replaced while requests run, closed when the last of them has ended.

A request holds the index that it began with, so none sees half of one and half of another, and no file is unmapped
under a thread that reads it. The lease is taken in the thread that works: a caller who has given up and was
answered does not end the work.
"""

import gzip
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from sprachbund.errors import SprachbundError
from sprachbund.progress import logger
from sprachbund.service.answers import passages
from sprachbund.service.limits import QUERY

if TYPE_CHECKING:
    from sprachbund.search.index import Index

Found = TypeVar("Found")
WARM = "the history of the city 1900"


@dataclass(frozen=True)
class MapBytes:
    """The map as it is sent: JSON, the same compressed, and a tag that changes with it."""

    plain: bytes
    packed: bytes
    tag: str


@dataclass
class _Open:
    index: "Index"
    uses: int = 0
    retired: bool = False
    map: MapBytes | None = None
    making: threading.Lock = field(default_factory=threading.Lock)


class Live:
    """The index that answers now.

    Args:
        index: an open index; it is closed by `close`.
        reopen: opens the index of the same folder anew.
    """

    def __init__(self, index: "Index", reopen: Callable[[], "Index"]) -> None:
        self._lock = threading.Lock()
        self._now = _Open(index)
        self._reopen = reopen
        self._failed = ""
        warm(index)

    @property
    def index(self) -> "Index":
        """The index that new requests get; for its plain attributes only, since nothing holds it open."""
        return self._now.index

    def use(self, work: Callable[["Index"], Found]) -> Found:
        """``work`` with the index of now, which stays open until it returns. From any thread."""
        with self._lock:
            held = self._now
            held.uses += 1
        try:
            return work(held.index)
        finally:
            self._release(held)

    def map(self) -> MapBytes | None:
        """The map of the index of now, made into bytes once; None where it has none. From any thread."""
        with self._lock:
            held = self._now
            held.uses += 1
        try:
            with held.making:
                if held.map is None:
                    held.map = map_bytes(held.index)
            return held.map
        finally:
            self._release(held)

    def refresh(self) -> bool:
        """Open the folder anew if it has changed; whether a new index answers now. Not from the event loop.

        A folder that cannot be opened, say because it is half replaced, changes nothing, whatever it raises: the old
        index goes on answering, and a warning says so once.
        """
        try:
            replaced = self._replace()
        except BaseException as error:  # a thread of our own: no Ctrl-C comes here, but a library's panic does
            reason = str(error) if isinstance(error, SprachbundError) else f"{type(error).__name__}: {error}"
            if reason != self._failed:
                self._failed = reason
                logger.warning("the index has changed but cannot be opened, the old one goes on: %s", reason)
            return False
        self._failed = ""
        return replaced

    def _replace(self) -> bool:
        if not self._now.index.changed():
            return False
        fresh = self._reopen()
        passages(fresh)
        warm(fresh)
        with self._lock:
            old, self._now = self._now, _Open(fresh)
            old.retired = True
            idle = old.uses == 0
        if idle:
            old.index.close()
        return True

    def close(self) -> None:
        """Close the index, once the work that holds it has ended."""
        with self._lock:
            old = self._now
            idle, old.retired = old.uses == 0 and not old.retired, True
        if idle:
            old.index.close()

    def _release(self, held: _Open) -> None:
        with self._lock:
            held.uses -= 1
            last = held.retired and held.uses == 0
        if last:
            held.index.close()


def warm(index: "Index") -> None:
    """Search once in each mode: what is compiled or read at first use is not paid by the first caller."""
    query = WARM
    for segment in index.segments:
        _ = segment.catalogue.titles
    if not index.search(query, 1):  # in a language that has none of these words: its own first passage is found
        query = " ".join(text for segment in index.segments[:1] for text in segment.records.texts(0, 1))[:QUERY]
    for hit in index.search(query, 1)[:1]:
        index.why(query, hit)
    for mode in ("dense", "bm25", "rrf"):
        index.search(query, 1, (), mode)


def map_bytes(index: "Index") -> MapBytes | None:
    """The map as bytes: columns of equal length, a value a point; ``language`` counts in ``languages``."""
    found = index.map()
    if found is None:
        return None
    codes = sorted(set(found.languages))
    numbers = {code: number for number, code in enumerate(codes)}
    value: dict[str, Any] = {
        "languages": codes,
        "x": [round(float(x), 4) for x in found.x],
        "y": [round(float(y), 4) for y in found.y],
        "kind": [int(kind) for kind in found.kinds],
        "language": [numbers[code] for code in found.languages],
        "label": list(found.labels),
        "key": list(found.keys),
    }
    plain = orjson.dumps(value)
    return MapBytes(plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"')
