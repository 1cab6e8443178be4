"""Passages in Qdrant, through its own client.

    TABLE            an alias of the collection that is searched
    TABLE-<name>     a collection: a point a passage, with a vector "dense", a sparse vector "words", and the rest of
                     the passage as its payload; what the table says of itself, see `seam.About`, as its metadata

Qdrant has no transactions: where anything changes the collection is written anew beside the one that is searched, then
the alias goes over to it. A kill leaves the former; the next change removes what was left. One process writes at a
time. BM25 is the product of two sparse vectors: how a word counts in a passage, by the mean length of those that were
written together, and what it weighs in the query.
"""

import sqlite3
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from sprachbund.arrays import Float32
from sprachbund.databases.address import Address
from sprachbund.databases.seam import (
    About,
    Passage,
    Scores,
    Within,
    not_ours,
)
from sprachbund.errors import CapacityError, DatabaseError, MissingExtraError

_SECONDS = 60
SHOWN = ["id", "language", "document", "number", "title", "section", "text", "meta"]


def library() -> tuple[Any, Any]:
    try:
        import qdrant_client
        from qdrant_client import models
    except ImportError:
        raise MissingExtraError("Qdrant needs its client: pip install 'sprachbund[qdrant]'") from None
    return qdrant_client, models


@contextmanager
def faults(address: Address) -> Iterator[None]:
    """What the client raises as errors of ours.

    Raises:
        CapacityError: the database is full. DatabaseError: it does not answer, or refuses.
    """
    library()
    from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

    try:
        yield
    except ResponseHandlingException as error:
        raise DatabaseError(f"{address.shown}: the database does not answer ({address.said(error)})") from None
    except (ApiException, sqlite3.Error, OSError) as error:
        said = address.said(error)
        if "No space left" in said or "disk is full" in said or "disk space" in said:
            raise CapacityError(f"{address.shown}: the database is full ({said}); make room") from None
        raise DatabaseError(f"{address.shown}: the database refuses ({said})") from None


def connect(address: Address) -> Any:
    """A client of a server, or of a folder where the URL has no host."""
    package, _ = library()
    parts = urlsplit(address.url)
    scheme = "https" if address.parameters.get("https", "false") == "true" else "http"
    url = f"{scheme}://{parts.netloc.rpartition('@')[2]}"
    key = unquote(parts.password) if parts.password else None
    try:
        if is_folder(address):
            return package.QdrantClient(path=unquote(parts.path))
        return package.QdrantClient(url=url, api_key=key, timeout=_SECONDS, check_compatibility=False)
    except (RuntimeError, ValueError) as error:  # another client has the folder; a port that is none
        raise DatabaseError(f"{address.shown}: the database does not answer ({address.said(error)})") from None


def is_folder(address: Address) -> bool:
    """Whether no server is asked."""
    return not urlsplit(address.url).netloc


@contextmanager
def snapshot(client: Any) -> Iterator[None]:
    """Qdrant has none: a search that meets a change may have the scores of the one and the texts of the other."""
    yield


def read_about(client: Any, address: Address) -> About | None:
    """What the table says of itself; None where there is no table.

    Raises:
        DatabaseError: a collection of that name is not ours, or of another version.
    """
    name = collection_of(client, address)
    if name is None:
        if client.collection_exists(address.table):
            raise not_ours(address)
        return None
    return About.from_dict(address, client.get_collection(name).config.metadata or {})


def nearest(client: Any, address: Address, vector: Float32, k: int, about: About, within: Within) -> Scores:
    """The passages with the largest inner products with a vector."""
    _, models = library()
    # in a folder every vector is compared anyway
    exact = None if is_folder(address) else models.SearchParams(exact=not about.hnsw or within.ids is not None)
    return _scores(client, address, vector.tolist(), "dense", k, within, exact)


def matching(
    client: Any, address: Address, weights: Mapping[str, float], k: int, about: About, within: Within
) -> Scores:
    """The passages that BM25 scores highest."""
    _, models = library()
    return _scores(client, address, sparse(models, weights), "words", k, within, None)


def frequencies(client: Any, address: Address, words: Sequence[str], languages: Sequence[str]) -> dict[str, int]:
    """How many passages of some languages have each word."""
    _, models = library()
    spoken = models.FieldCondition(key="language", match=models.MatchAny(any=list(languages)))
    found = {}
    for word in words:
        having = models.FieldCondition(key="words", match=models.MatchValue(value=word))
        counted = client.count(address.table, count_filter=models.Filter(must=[spoken, having]), exact=True)
        found[word] = int(counted.count)
    return found


def passages(client: Any, address: Address, ids: Sequence[str]) -> list[Passage]:
    """Some passages in any order."""
    points = client.retrieve(address.table, [point_id(name) for name in ids], with_payload=SHOWN)
    return [Passage(**{name: point.payload[name] for name in SHOWN}) for point in points]


def collection_of(client: Any, address: Address) -> str | None:
    """The collection that is searched."""
    aliases = client.get_aliases().aliases
    return next((str(one.collection_name) for one in aliases if one.alias_name == address.table), None)


def _scores(client: Any, address: Address, asked: Any, using: str, k: int, within: Within, exact: Any) -> Scores:
    _, models = library()
    must: list[Any] = [models.FieldCondition(key="language", match=models.MatchAny(any=list(within.languages)))]
    if within.ids is not None:
        must.append(models.HasIdCondition(has_id=[point_id(name) for name in within.ids]))
    found = client.query_points(
        address.table, asked, using=using, query_filter=models.Filter(must=must), limit=k, search_params=exact,
        with_payload=["id"],
    )  # fmt: skip
    return {point.payload["id"]: float(point.score) for point in found.points}


def sparse(models: Any, weights: Mapping[str, float]) -> Any:
    """Words as numbers; of two words that have one, which one in four milliards have, both are counted."""
    numbers: dict[int, float] = {}
    for word, weight in weights.items():
        number = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        numbers[number] = numbers.get(number, 0.0) + weight
    return models.SparseVector(indices=list(numbers), values=list(numbers.values()))


def point_id(name: str) -> str:
    """The id of a passage as Qdrant takes ids."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
