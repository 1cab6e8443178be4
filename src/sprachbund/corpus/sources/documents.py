"""What a reader makes: records, cheap to cut and cheap to send, and documents, costly to parse.

A reader has two halves. `cut` runs in the parent and only finds where a record begins and ends, so that one
process keeps up with a decompressor; `parse` runs in the workers and does what costs time (JSON, wikitext).
Both say what they leave out with `Dropped`, and `cut` says what a person should know with `Note`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sprachbund.corpus.sources.columns import NONE_SAID, Columns
from sprachbund.corpus.sources.siteinfo import LinkPrefixes
from sprachbund.corpus.sources.streams import Limits, Stream, Utf8


@dataclass(frozen=True, slots=True)
class RawSection:
    """A section as its source has it.

    Attributes:
        title: the heading; empty for a lead without one.
        paragraphs: running text; not read where there are ``sentences``.
        sentences: gold sentences, a tuple a paragraph, or None where they have to be found.
    """

    title: str
    paragraphs: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as its source has it.

    Attributes:
        id: empty where the source gives none; then ``place`` is the id.
        lang: what the source claims, None where it says nothing.
        place: the file and the number of the record in it, as ``corpus.jsonl:3``; of a file that is one document its
            name.
        meta: what else the source says of it, by name: ``url``, ``date``, ``author`` and any other.
        hint: the language that the program says which wrote the file, where nobody need have chosen it.
        whole: the file is this one document, so that its place is as good as an id.
        notes: what a person should know of how it was read, such as that its encoding was guessed.
        replaced: sequences of bytes in it that were no characters.
    """

    id: str
    lang: str | None
    title: str
    group: str | None
    sections: tuple[RawSection, ...]
    place: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    hint: str | None = None
    whole: bool = False
    notes: tuple[str, ...] = ()
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that is left out: a reason that is counted, and what to put into the warning about it."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A warning about the source itself. ``fatal`` ones are errors under --strict."""

    text: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Something to count that drops no record, such as a byte that was no UTF-8."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of JSON, its number from 1, the file's name without a compression's ending, and what its fields are."""

    number: int
    data: bytes
    stem: str = ""
    columns: Columns = NONE_SAID

    @property
    def label(self) -> str:
        """How a warning names the record."""
        return f"line {self.number}"

    @property
    def size(self) -> int:
        """About how much there is to parse, in bytes or characters."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a MediaWiki dump.

    Attributes:
        prefixes: which prefixes of links are namespaces of its wiki.
        variants: whether ``-{...}-`` marks variants in its language.
    """

    id: str
    lang: str | None
    title: str
    text: str
    prefixes: LinkPrefixes
    variants: bool = True

    @property
    def label(self) -> str:
        """How a warning names the record."""
        return self.title or self.id

    @property
    def size(self) -> int:
        """About how much there is to parse, in bytes or characters."""
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; ``id``, ``lang`` and ``group`` are empty where it has none. Its number is from 1."""

    number: int
    id: str
    lang: str
    title: str
    text: str
    stem: str = ""
    meta: tuple[tuple[str, str], ...] = ()
    group: str = ""

    @property
    def label(self) -> str:
        """How a warning names the record."""
        return f"row {self.number}"

    @property
    def size(self) -> int:
        """About how much there is to parse, in bytes or characters."""
        return len(self.text) + len(self.title) + len(self.id) + sum(len(value) for _, value in self.meta)


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is one document, with its name in the source."""

    id: str
    data: bytes

    @property
    def called(self) -> str:
        """A title for a document that has none: the last part of its name, without what it ends with."""
        name = PurePosixPath(self.id)
        return name.stem or name.name

    @property
    def label(self) -> str:
        """How a warning names the record."""
        return self.id

    @property
    def size(self) -> int:
        """About how much there is to parse, in bytes or characters."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a file in an archive, with the name of the format that it is in."""

    format: str
    record: "Line | Page | Row | Whole"

    @property
    def label(self) -> str:
        """How a warning names the record."""
        return self.record.label

    @property
    def size(self) -> int:
        """About how much there is to parse, in bytes or characters."""
        return self.record.size


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file in an archive that has no text to read, with its kind."""

    kind: str
    name: str


Record = Line | Page | Row | Whole | Member


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read.

    Attributes:
        path: where it is.
        name: how the manifest calls it: its path below the folder that was given.
        lang: the language that --language forces, or None.
        limits: what a compressed file may expand to.
        moved: called with the number of bytes of the file read so far.
        memory: bytes that reading it may take, about.
        columns: which column is which, where that was said.
        prefix: before the ids of documents that have none of their own. owned: before all ids.
    """

    path: Path
    name: str
    lang: str | None
    limits: Limits
    moved: Callable[[int], None]
    memory: int = 2 << 30
    columns: Columns = NONE_SAID
    prefix: str = ""
    owned: bool = False

    @property
    def stem(self) -> str:
        """The name without ``.txt`` and the ending of a compression."""
        path = PurePosixPath(self.plain)
        return str(path.with_suffix("")) if path.suffix.lower() in (".txt", ".text") else str(path)

    @property
    def plain(self) -> str:
        """The name without the ending of a compression."""
        return without_compression(self.name)


def without_compression(name: str) -> str:
    """A file's name without the ending of a compression, as ``a.csv.gz`` is ``a.csv``."""
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.suffix.lower() in (".gz", ".bz2", ".xz", ".zst") else str(path)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read: its name in the manifest and the two halves of its reader."""

    name: str
    cut: Callable[[Source], Iterator["Record | Dropped | Note | Tally | PassedOver"]]
    parse: Callable[[Record], RawDocument | Dropped]


def endings(stream: Stream, utf8: Utf8) -> Iterator[Note | Tally]:
    """What every reader says when a stream is read: of what follows the compressed data, and of broken UTF-8."""
    if stream.trailing:
        yield Note(f"what follows the {stream.compression} data is none of it, and was not read")
    if utf8.replaced:
        yield Tally("broken UTF-8 replaced", utf8.replaced)
