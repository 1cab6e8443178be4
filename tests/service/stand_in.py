"""An index that is slow, fails or changes when a test says so; what it finds is of no interest."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.errors import FolderError
from sprachbund.search.asking import Answer, Request
from sprachbund.service.problems import Problem


@dataclass
class StandInEncoder:
    """Vectors of ones."""

    dim: int = 4
    about: dict[str, Any] = field(default_factory=dict)

    def encode(self, texts: Sequence[str], language: str = "") -> Any:
        """float32 [texts, dim] of length 1."""
        return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)


@dataclass
class StandIn:
    """What the service calls of an index.

    Attributes:
        delay: seconds of a search. failure: raised by a search. newer: what `open` gives next, and `changed` says.
        held: where it is set, searches wait for `free`, asking whether they may go on. searching: searches that run
            now. closed: how many of them ran when it was closed, None while it is open.
        begun: the queries of all searches in their order. given_up: of those that were told to stop.
    """

    generation: int = 1
    delay: float = 0.0
    failure: Exception | None = None
    newer: "StandIn | None" = None
    broken: bool = False
    held: bool = False
    free: threading.Event = field(default_factory=threading.Event)
    searching: int = 0
    closed: int | None = None
    begun: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    path: Path = Path("somewhere")
    encoder: StandInEncoder = field(default_factory=StandInEncoder)
    manifest: dict[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    segments: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """One document."""
        return {"en": {"documents": 1, "passages": self.generation}}

    def kindred(self, language: str) -> list[str]:
        """None."""
        return []

    def changed(self) -> bool:
        """Whether there is a newer one."""
        return self.newer is not None or self.broken

    def reopen(self) -> "StandIn":
        """The newer one."""
        if self.broken or self.newer is None:
            raise FolderError("somewhere: damaged")
        return self.newer

    def close(self) -> None:
        """Note how many searches ran."""
        assert self.closed is None
        self.closed = self.searching

    def search(
        self,
        query: str,
        k: int = 10,
        languages: Sequence[str] = (),
        mode: str = "hybrid",
        hurry: Callable[[], None] = lambda: None,
    ) -> list[Any]:
        """Nothing, after a while; the search for warming up is never held up."""
        with self.lock:
            self.begun.append(query)
            self.searching += 1
        try:
            assert self.closed is None, "searched after it was closed"
            if query.startswith("slow"):
                time.sleep(self.delay)
                if self.held:
                    while not self.free.wait(0.005):
                        hurry()
            if query.startswith("bad") and self.failure is not None:
                raise self.failure
            assert self.closed is None, "closed under a search"
            return []
        except Problem:
            self.given_up.append(query)
            raise
        finally:
            with self.lock:
                self.searching -= 1

    def answer(self, request: Request, hurry: Callable[[], None] = lambda: None) -> Answer:
        """What `search` finds."""
        hits = self.search(request.query, request.k, request.languages, request.mode, hurry)
        return Answer(hits, False, request.query)

    def whys(self, query: str, hits: Sequence[Any], hurry: Callable[[], None]) -> list[Any]:
        """Of nothing, nothing."""
        return []

    def neighbours(self, ngram: str, k: int, languages: Sequence[str]) -> list[Any]:
        """None."""
        return []

    def map(self) -> None:
        """None."""
