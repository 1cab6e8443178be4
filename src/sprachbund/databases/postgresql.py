"""Passages in PostgreSQL with the extension pgvector, through psycopg 3.

    TABLE           id, language, document, number, title, section, text, meta, digest, words text[], vector vector(dim)
    TABLE_about     key, value: what the table says of itself, see `seam.About`

The nearest are exact: every vector is compared, unless the table has a graph (hnsw). BM25 is computed by the database
from the words of each row, found by an inverted index (GIN). A change is one transaction: a reader has the table as it
was until the change is complete, and a kill leaves it so. Two writers wait for one another.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

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

_SECONDS = "10"
_ENDS = {"table": "", "about": "_about", "graph": "_hnsw"}
_NEAREST = """
SELECT id, -distance FROM (
    SELECT id, vector <#> %(vector)s::vector AS distance FROM {table}
    WHERE language = ANY(%(languages)s) ORDER BY distance, language, document, number LIMIT %(k)s) AS nearest"""
_PRODUCTS = "SELECT id, -(vector <#> %(vector)s::vector) FROM {table} WHERE id = ANY(%(ids)s)"
_MATCHING = """
SELECT id, sum(weight * tf / (tf + %(k1)s * (1 - %(b)s + %(b)s * cardinality(words) / %(mean)s))) AS score
FROM unnest(%(asked)s::text[], %(weights)s::float8[]) AS asked(word, weight)
JOIN {table} ON words @> ARRAY[word]
CROSS JOIN LATERAL (SELECT cardinality(array_positions(words, word))::float8 AS tf) AS counted
WHERE language = ANY(%(languages)s) AND (%(ids)s::text[] IS NULL OR id = ANY(%(ids)s))
GROUP BY id ORDER BY score DESC, language, document, number LIMIT %(k)s"""
_FREQUENCIES = """
SELECT word, (SELECT count(*) FROM {table} WHERE words @> ARRAY[word] AND language = ANY(%(languages)s))
FROM unnest(%(asked)s::text[]) AS asked(word)"""
_PASSAGES = "SELECT id, language, document, number, title, section, text, meta FROM {table} WHERE id = ANY(%(ids)s)"


def psycopg() -> Any:
    """The module.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import psycopg
    except ImportError:
        raise MissingExtraError("PostgreSQL needs psycopg: pip install 'sprachbund[postgresql]'") from None
    return psycopg


@contextmanager
def faults(address: Address) -> Iterator[None]:
    """What psycopg raises, as errors of ours.

    Raises:
        CapacityError: the database is full. DatabaseError: it does not answer, or refuses.
    """
    library = psycopg()
    full = (library.errors.DiskFull, library.errors.OutOfMemory, library.errors.ConfigurationLimitExceeded)
    try:
        yield
    except full as error:
        raise CapacityError(f"{address.shown}: the database is full ({address.said(error)}); make room") from None
    except (library.OperationalError, library.InterfaceError) as error:
        raise DatabaseError(f"{address.shown}: the database does not answer ({address.said(error)})") from None
    except library.errors.UndefinedColumn:
        raise not_ours(address) from None
    except library.Error as error:
        raise DatabaseError(f"{address.shown}: the database refuses ({address.said(error)})") from None


def connect(address: Address) -> Any:
    """A connection, outside of transactions."""
    given = {} if "connect_timeout" in address.parameters else {"connect_timeout": _SECONDS}
    # prepared statements would be planned without the numbers, and poolers do not know them
    return psycopg().connect(
        address.url, autocommit=True, prepare_threshold=None, application_name="sprachbund", **given
    )


@contextmanager
def snapshot(client: Any) -> Iterator[None]:
    """A transaction that only reads."""
    with client.transaction():
        client.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read_about(client: Any, address: Address) -> About | None:
    """What the table says of itself; None where there is no table.

    Raises:
        DatabaseError: a table of that name is not ours, or of another version.
    """
    names = [f'"{address.table}"', f'"{address.table}_about"']
    table, about = client.execute("SELECT to_regclass(%s), to_regclass(%s)", names).fetchone()
    if table is None and about is None:
        return None
    if table is None or about is None:
        raise not_ours(address)
    return About.from_dict(address, dict(run(client, address, "SELECT key, value FROM {about}").fetchall()))


def nearest(client: Any, address: Address, vector: Float32, k: int, about: About, within: Within) -> Scores:
    """The passages with the largest inner products with a vector; of those with given ids all."""
    given = str(vector.tolist())
    if within.ids is not None:  # no graph is asked: it may miss them
        return dict(run(client, address, _PRODUCTS, vector=given, ids=list(within.ids)).fetchall())
    if about.hnsw:
        client.execute("SELECT set_config('hnsw.ef_search', %s, true)", [str(min(max(100, 2 * k), 1_000))])
        # goes on where a filter leaves out what was found
        client.execute("SELECT set_config('hnsw.iterative_scan', 'strict_order', true)")
    return dict(run(client, address, _NEAREST, vector=given, k=k, languages=list(within.languages)).fetchall())


def matching(
    client: Any, address: Address, weights: Mapping[str, float], k: int, about: About, within: Within
) -> Scores:
    """The passages that BM25 scores highest."""
    settings = about.fusion.words
    mean = max(about.words, 1) / max(sum(about.passages.values()), 1)
    values: dict[str, Any] = {
        "asked": list(weights),
        "weights": list(weights.values()),
        "languages": list(within.languages),
        "ids": None if within.ids is None else list(within.ids),
    }
    return dict(run(client, address, _MATCHING, **values, k=k, k1=settings.k1, b=settings.b, mean=mean).fetchall())


def frequencies(client: Any, address: Address, words: Sequence[str], languages: Sequence[str]) -> dict[str, int]:
    """How many passages of some languages have each word."""
    return dict(run(client, address, _FREQUENCIES, asked=list(words), languages=list(languages)).fetchall())


def passages(client: Any, address: Address, ids: Sequence[str]) -> list[Passage]:
    """Some passages in any order."""
    return [Passage(*row) for row in run(client, address, _PASSAGES, ids=list(ids))]


def run(client: Any, address: Address, query: str, dim: int = 0, **values: Any) -> Any:
    """A query with the names of our tables put in."""
    from psycopg.sql import SQL, Identifier, Literal

    names = {name: Identifier(f"{address.table}{end}") for name, end in _ENDS.items()}
    return client.execute(SQL(query).format(**names, dim=Literal(dim)), values or None)
