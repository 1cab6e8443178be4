"""What the modules of databases have in common: what a table holds, and the functions that each of them has.

`postgresql` and `qdrant` are the databases. A further one is a module with the functions of `Store`, one with
``write``, and a line each in `stores` and `address`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from sprachbund.arrays import Float32
from sprachbund.databases.address import Address
from sprachbund.errors import DatabaseError
from sprachbund.files import package_version
from sprachbund.search.fusion import Fusion

SCHEMA = 1
"""Of tables: what they hold, and how."""
Key = tuple[str, str]
"""A document: its language and id."""
Scores = dict[str, float]
"""Of passages by their ids, the best first."""


@dataclass(frozen=True)
class About:
    """What a table says of itself.

    Attributes:
        model: the identity of the encoder that made the vectors. called: the same for people. dim: numbers in a vector.
        folds: what words are found without, see `search.forms`. fusion: how passages are scored. sentences: of a
            passage at most. hnsw: whether the nearest are looked for in a graph, and may be missed.
        passages: by language. words: of all passages.
    """

    model: str
    called: str
    dim: int
    folds: tuple[str, ...]
    fusion: Fusion
    sentences: int
    hnsw: bool
    passages: Mapping[str, int] = field(default_factory=dict)
    words: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "folds": list(self.folds), "schema": SCHEMA, "written_by": package_version()}

    @staticmethod
    def from_dict(address: Address, said: Mapping[str, Any]) -> "About":
        """What `to_dict` wrote.

        Raises:
            DatabaseError: it is of another version of the schema, or something else.
        """
        schema = said.get("schema")
        if type(schema) is not int:
            raise not_ours(address)
        if schema != SCHEMA:
            raise DatabaseError(
                f"{address.shown}: schema version {schema}, written by sprachbund {said.get('written_by')}; this "
                f"version reads {SCHEMA}: write the index to another table, or install that version"
            )
        try:
            passages = {str(code): int(count) for code, count in said["passages"].items()}
            about = About(
                str(said["model"]),
                str(said["called"]),
                int(said["dim"]),
                tuple(map(str, said["folds"])),
                Fusion.from_dict(said["fusion"]),
                int(said["sentences"]),
                bool(said["hnsw"]),
                passages,
                int(said["words"]),
            )
        except (AttributeError, LookupError, TypeError, ValueError):
            raise not_ours(address) from None
        if about.dim < 1 or about.words < 0 or any(count < 1 for count in passages.values()):
            raise not_ours(address)
        return about


@dataclass(frozen=True)
class Passage:
    """A passage of a table.

    Attributes:
        id: ``language:document#number``, as `Hit.key`. digest: of the document's content.
        words: that it is found by, in order. vector: float32 [dim].
    """

    id: str
    language: str
    document: str
    number: int
    title: str
    section: str
    text: str
    meta: Mapping[str, str]
    digest: str = ""
    words: tuple[str, ...] = ()
    vector: Float32 | None = None


@dataclass(frozen=True)
class Contents:
    """What a table is to hold.

    Attributes:
        documents: their digests. passages: those of some documents, each time anew.
    """

    about: About
    documents: Mapping[Key, str]
    passages: Callable[[Iterable[Key]], Iterator[Passage]]


@dataclass(frozen=True)
class Written:
    """What writing did: documents written, taken out and left as they were; passages that the table has now."""

    written: int
    removed: int
    kept: int
    passages: int


class Store(Protocol):
    """The functions of the module that searches in a database. A client is whatever its library has for one."""

    def faults(self, address: Address) -> AbstractContextManager[None]:
        """Around all else: what the library raises comes out as an error of ours."""

    def connect(self, address: Address) -> Any:
        """A client; it has ``close``."""

    def snapshot(self, client: Any) -> AbstractContextManager[None]:
        """What is read inside is of one state of the table, as far as the database can."""

    def read_about(self, client: Any, address: Address) -> About | None:
        """What a table says of itself; None where there is no table."""

    def nearest(self, client: Any, address: Address, vector: Float32, k: int, about: About, within: "Within") -> Scores:
        """The passages with the largest inner products with a vector."""

    def matching(
        self, client: Any, address: Address, weights: Mapping[str, float], k: int, about: About, within: "Within"
    ) -> Scores:
        """The passages that BM25 scores highest, for words with weights."""

    def frequencies(
        self, client: Any, address: Address, words: Sequence[str], languages: Sequence[str]
    ) -> dict[str, int]:
        """How many passages of some languages have each word."""

    def passages(self, client: Any, address: Address, ids: Sequence[str]) -> list[Passage]:
        """Some passages in any order, without words and vectors."""


@dataclass(frozen=True)
class Within:
    """Which passages are scored: of these languages; if not None, only those with these ids."""

    languages: tuple[str, ...]
    ids: tuple[str, ...] | None = None


def require_same(address: Address, there: About, given: About) -> None:
    """See that a table's passages and those of an index can stand beside one another.

    Raises:
        DatabaseError: they cannot; names the models, or what else differs.
    """
    remedy = "name another table with ?table=, or drop that one first"
    if there.model != given.model:
        raise DatabaseError(
            f"{address.shown}: has vectors of the model {there.called}, the index has those of {given.called}; {remedy}"
        )
    for name in ("folds", "fusion", "sentences"):
        if getattr(there, name) != getattr(given, name):
            raise DatabaseError(f"{address.shown}: has passages of an index with other settings ({name}); {remedy}")


def not_ours(address: Address) -> DatabaseError:
    """Where a table of that name is something else."""
    return DatabaseError(
        f"{address.shown}: is no table that sprachbund wrote; nothing in it was touched, name another with ?table="
    )


def changes(there: Mapping[Key, str], wanted: Mapping[Key, str]) -> tuple[list[Key], list[Key], list[Key]]:
    """The documents to write, to take out and to leave, by their digests."""
    write = [key for key, digest in wanted.items() if there.get(key) != digest]
    return write, [key for key in there if key not in wanted], [k for k in wanted if there.get(k) == wanted[k]]
