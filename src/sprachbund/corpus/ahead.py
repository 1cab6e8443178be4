"""Sources that are read on an engine before it is their turn, some at a time.

A job reads a source, cleans and segments it, by itself, and leaves what it made in a file of a folder that all machines
see; whoever ingests takes these files in the order of the sources, so that the corpus is that of one machine. A job
that is lost is begun again. Memory is a record's, as elsewhere; disk, meanwhile, the text of the sources under way.
"""

import pickle
import platform
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from sprachbund.corpus.reading import Piece, UnreadableError, format_of, pieces_of
from sprachbund.corpus.remote.found import Found
from sprachbund.corpus.sources.account import Account
from sprachbund.corpus.sources.documents import Source
from sprachbund.corpus.sources.formats import FORMATS
from sprachbund.corpus.sources.workers import Workers
from sprachbund.disk import room_for
from sprachbund.engines.engine import Engine
from sprachbund.errors import FolderError, SourceError, SprachbundError
from sprachbund.patience import result_of

__all__ = ["Ahead"]


@dataclass(frozen=True)
class _Reading:
    """A source to read somewhere.

    Attributes:
        size: bytes that it must have there. strict, named: see `ingest`. room: bytes of a record.
        spool: where what it gives is written.
    """

    source: Source
    size: int
    strict: bool
    named: bool
    room: int
    spool: Path

    def __call__(self) -> None:
        """Read it; one of no format that is read gives nothing, and whoever asked finds that out too."""
        _require_same(self.source.path, self.size)
        try:
            format_name = format_of(self.source, Account(), self.strict, self.named)
        except (SourceError, UnreadableError):
            return
        if format_name not in FORMATS:
            return
        # a job that is begun again may have a lost one beside it that is not dead
        own = self.spool.with_name(f"{self.spool.name}.{secrets.token_hex(8)}")
        with (
            closing(Workers(1, self.source.limits.seconds, self.room)) as pool,
            room_for(own),
            own.open("wb") as handle,
        ):
            for piece in pieces_of(format_name, self.source, pool):
                pickle.dump(piece, handle, pickle.HIGHEST_PROTOCOL)
        own.replace(self.spool)


def _require_same(path: Path, size: int) -> None:
    try:
        found = path.stat().st_size
    except OSError:
        found = -1
    if found != size:
        raise FolderError(
            f"the machine {platform.node()} of the cluster {'does not see' if found < 0 else 'has another'} {path}: "
            "name sources that all machines have under the same path, as of a shared disk"
        )


def _nothing(_: int) -> None:
    """The progress of a job that nobody sees."""


class Ahead:
    """Sources read ahead, two a processor at most; each is called by its number.

    Args:
        folder: where what they give is written, which every machine must see.
        waiting: the sources that may have to be read, in order.
        source_of: makes one ready to be read, fetches it too; None where it need not be read. What it raises is raised
            when it is the source's turn.
        strict: see `ingest`. room: bytes of a record.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        waiting: Iterable[tuple[int, Found]],
        source_of: Callable[[Found], Source | None],
        strict: bool,
        room: int,
    ) -> None:
        self._engine, self._folder, self._source_of = engine, folder.absolute(), source_of
        self._strict, self._room = strict, room
        self._waiting = deque(waiting)
        self._begun: dict[int, Future[None]] = {}
        self._refused: dict[int, SprachbundError] = {}

    def ready(self, number: int) -> bool:
        """Begin a source, and those after it for which there is room; whether it is one that is read ahead."""
        most = 2 * self._engine.resources().processors
        while self._waiting and (self._waiting[0][0] <= number or len(self._begun) < most):
            self._begin(*self._waiting.popleft())
        if (error := self._refused.pop(number, None)) is not None:
            raise error
        return number in self._begun

    def pieces(self, number: int, *_: object) -> Iterator[Piece]:
        """What a source gives."""
        result_of(self._begun[number])
        with self._spool(number).open("rb") as handle:
            while True:
                try:
                    yield pickle.load(handle)  # which a job of ours has just written
                except EOFError:
                    return

    def done(self, number: int) -> None:
        """A source is not needed any more."""
        if (future := self._begun.pop(number, None)) is not None:
            future.cancel()
            self._spool(number).unlink(missing_ok=True)

    def close(self) -> None:
        """End what is under way."""
        self._waiting.clear()
        for number in list(self._begun):
            self.done(number)

    def _begin(self, number: int, found: Found) -> None:
        try:
            source = self._source_of(found)
            if source is None:
                return
            size = source.path.stat().st_size
            job = _Reading(
                replace(source, moved=_nothing), size, self._strict, found.named, self._room, self._spool(number)
            )
            self._begun[number] = self._engine.start(job)
        except SprachbundError as error:
            self._refused[number] = error
        except OSError:  # whose turn it is will see that too
            return

    def _spool(self, number: int) -> Path:
        return self._folder / f"source-{number}"
