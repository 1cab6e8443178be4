"""Sources that are read on an engine before it is their turn, some at a time.

A job reads a source, cleans and segments it, and writes the files that it is in the corpus as if it were the only one,
into a folder that all machines see. Whoever ingests takes these in the order of the sources where no document before
bears on them; where one does, since an id or a document is there already, it reads the source itself. So the corpus is
that of one machine. A job that is lost is begun again. Memory: what waits to be written of a source, and a record.
"""

import pickle
import platform
import secrets
import shutil
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from sprachbund.corpus.reading import UnreadableError, format_of, pieces_of, take_pieces
from sprachbund.corpus.remote.found import Found
from sprachbund.corpus.sources.account import Account
from sprachbund.corpus.sources.documents import Source
from sprachbund.corpus.sources.formats import FORMATS
from sprachbund.corpus.sources.seen import Seen
from sprachbund.corpus.sources.workers import Workers
from sprachbund.corpus.store import Staging
from sprachbund.disk import room_for
from sprachbund.engines.engine import Engine, Needs
from sprachbund.errors import FolderError, SourceError, SprachbundError
from sprachbund.patience import result_of

__all__ = ["Ahead", "How"]

_PREFIX = "source"
_TAKEN = "taken"


@dataclass(frozen=True)
class How:
    """How sources are read, see `ingest`.

    Attributes:
        room: bytes of a record. held: bytes that may wait to be written.
    """

    strict: bool
    twins: bool
    room: int
    held: int


@dataclass(frozen=True)
class _Reading:
    """A source to read somewhere.

    Attributes:
        size: bytes that it must have there. named: by the user. folder: where what it gives is written.
    """

    source: Source
    size: int
    named: bool
    how: How
    folder: Path

    def __call__(self) -> None:
        """Read it; one of no format that is read gives nothing, and whoever asked finds that out too."""
        _require_same(self.source.path, self.size)
        try:
            format_name = format_of(self.source, Account(), self.how.strict, self.named)
        except (SourceError, UnreadableError):
            return
        if format_name not in FORMATS:
            return
        # a job that is begun again may have a lost one beside it that is not dead
        own = self.folder.with_name(f"{self.folder.name}.{secrets.token_hex(8)}")
        account, seen, staging = Account(), Seen(self.how.twins), Staging(own, _PREFIX, self.how.held)
        with closing(Workers(1, self.source.limits.seconds, self.how.room)) as pool, room_for(own):
            own.mkdir()
            take_pieces(pieces_of(format_name, self.source, pool), self.source, account, seen, staging)
            made = (account, seen, staging.finish(), staging.counts)
            (own / _TAKEN).write_bytes(pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
        try:
            own.rename(self.folder)
        except OSError:
            if not self.folder.is_dir():
                raise
            shutil.rmtree(own)  # the other one was faster, and made the same


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
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        waiting: Iterable[tuple[int, Found]],
        source_of: Callable[[Found], Source | None],
        how: How,
    ) -> None:
        self._engine, self._folder, self._source_of, self._how = engine, folder.absolute(), source_of, how
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

    def take(self, number: int, account: Account, seen: Seen, staging: Staging) -> Account | None:
        """What became of a source that is now in ``staging``; None where it must be read here, and nothing is.

        Args:
            account: what is known of it already.
        """
        result_of(self._begun[number])
        folder = self._place(number)
        made = pickle.loads((folder / _TAKEN).read_bytes())  # which a job of ours has just written
        found: Account
        found, others, names, counts = made
        if not seen.join(others):
            return None
        staging.adopt(folder, _PREFIX, names, counts)
        return replace(found, notes=[*account.notes, *found.notes])

    def done(self, number: int) -> None:
        """A source is not needed any more."""
        if (future := self._begun.pop(number, None)) is not None:
            future.cancel()
            shutil.rmtree(self._place(number), ignore_errors=True)

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
            job = _Reading(replace(source, moved=_nothing), size, found.named, self._how, self._place(number))
            there = self._engine.resources()
            memory = min(4 * self._how.held, there.memory // max(1, there.machines))
            self._begun[number] = self._engine.start(job, needs=Needs(memory=memory))
        except SprachbundError as error:
            self._refused[number] = error
        except OSError:  # whose turn it is will see that too
            return

    def _place(self, number: int) -> Path:
        return self._folder / f"{number}"
