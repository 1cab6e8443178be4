"""A source to the documents that it gives: its format, its records, and what is counted of them.

What a reader does in a way of its own, a library's panic or a disk that cannot be read on, ends the source and not the
ingest: what came before is kept, as it is of a file that was cut.
"""

from collections.abc import Iterable, Iterator

from sprachbund.corpus.sources import detect
from sprachbund.corpus.sources.account import Account
from sprachbund.corpus.sources.documents import Dropped, Note, PassedOver, Record, Source, Tally
from sprachbund.corpus.sources.formats import FORMATS
from sprachbund.corpus.sources.kinds import WITHOUT_LOSS, NoTextError
from sprachbund.corpus.sources.prepare import Batch
from sprachbund.corpus.sources.seen import Seen
from sprachbund.corpus.sources.worker import Results
from sprachbund.corpus.sources.workers import Workers
from sprachbund.corpus.store import Staging
from sprachbund.errors import SourceError

BATCH_BYTES, BATCH_RECORDS = 1 << 19, 500
UNREADABLE = "unreadable"


Aside = Dropped | Note | Tally | PassedOver
"""What a reader says beside its records."""
Cut = Record | Aside
Piece = tuple[tuple[Aside, ...], Results]


class UnreadableError(Exception):
    """A source that the system does not let us read; the message says why, without the path."""


def format_of(source: Source, account: Account, strict: bool, named: bool) -> str:
    """The format; in a folder, a file that cannot be read is a warning and not the end of everything.

    Raises:
        NoTextError: it lies in a folder and has no text to read.
        SourceError: it cannot be read, and was named or ``strict`` is.
    """
    try:
        format_name = detect.detect(source.path, source.name, source.columns)
        if format_name == detect.TEXT and not named:
            detect.pass_over_code(source.path, source.name)
    except NoTextError as error:
        if named or (strict and error.kind not in WITHOUT_LOSS):
            raise SourceError(str(error)) from None
        raise
    except SourceError as error:
        if named or strict:
            raise
        account.notes.append(Note(str(error).removeprefix(f"{source.path}: ") + "; not read", fatal=True))
        return UNREADABLE
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror})") from None
    if format_name == detect.EMPTY:
        account.notes.append(Note("empty: there is no text in the file", fatal=True))
    return format_name


def pieces_of(format_name: str, source: Source, pool: Workers) -> Iterator[Piece]:
    """A source prepared, batch by batch: what the reader says beside its records, and what became of these."""
    asides: list[Aside] = []

    def records() -> Iterator[Record]:
        for item in _whatever_it_raises(FORMATS[format_name].cut(source)):
            if isinstance(item, Dropped | Note | PassedOver | Tally):
                asides.append(item)
            else:
                yield item

    for results in pool.run(batches(format_name, source.lang, records())):
        said, asides[:] = tuple(asides), []
        yield said, results
    yield tuple(asides), []


def take_pieces(pieces: Iterable[Piece], source: Source, account: Account, seen: Seen, staging: Staging) -> None:
    """Take a prepared source into ``staging``, and count what became of each record."""
    for asides, results in pieces:
        for aside in asides:
            if isinstance(aside, Dropped):
                account.drop(aside)
            elif isinstance(aside, Note):
                account.notes.append(aside)
            elif isinstance(aside, PassedOver):
                account.passed.add(aside.kind, aside.name)
            else:
                account.replaced += aside.count
        for result in results:
            if isinstance(result, Dropped):
                account.drop(result)
                continue
            placed = [(seen.place(one, source.prefix, source.owned), one) for one in (result, *result.parted)]
            kept = []
            for place, one in placed:
                if not isinstance(place, Dropped):
                    staging.add(*place, one)
                    kept.append(one)
            if kept:
                account.keep(*kept)
            else:
                account.drop(next(place for place, _ in placed if isinstance(place, Dropped)))


def _whatever_it_raises(items: Iterator[Cut]) -> Iterator[Cut]:
    """What a reader cuts; where it fails in a way of its own, what came before is kept and the failure is said."""
    try:
        yield from items
    except (SourceError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a library's panic is no Exception
        what = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())[:200]
        yield Note(f"cannot be read on ({type(error).__name__}: {what}); what came before is kept", fatal=True)


def batches(format_name: str, lang: str | None, records: Iterable[Record]) -> Iterator[Batch]:
    """Records in batches of bounded size."""
    waiting: list[Record] = []
    size = 0
    for record in records:
        waiting.append(record)
        size += record.size
        if size >= BATCH_BYTES or len(waiting) >= BATCH_RECORDS:
            yield Batch(format_name, lang, tuple(waiting))
            waiting, size = [], 0
    if waiting:
        yield Batch(format_name, lang, tuple(waiting))
