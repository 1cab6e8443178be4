"""Writing passages to PostgreSQL, in one transaction: see `postgresql`."""

import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sprachbund.databases.address import Address
from sprachbund.databases.postgresql import psycopg, read_about, run
from sprachbund.databases.seam import About, Contents, Key, Written, changes, require_same
from sprachbund.errors import DatabaseError

_AT_ONCE = 10_000
_IN_ROW = 1_500
"""Numbers of a vector that lies in its row: a table whose vectors lie elsewhere is scanned several times as slowly. A
row with more does not fit a page."""
_COLUMNS = {
    "id": "text", "language": "text", "document": "text", "number": "int4", "title": "text", "section": "text",
    "text": "text", "meta": "jsonb", "digest": "text", "words": "text[]", "vector": "bytea",
}  # fmt: skip
"""With the types that they are sent as; a vector in the extension's own bytes."""
_TABLE = """
CREATE TABLE {table} (
    id text COLLATE "C" PRIMARY KEY, language text COLLATE "C" NOT NULL, document text COLLATE "C" NOT NULL,
    number int4 NOT NULL, title text NOT NULL, section text NOT NULL, text text NOT NULL, meta jsonb NOT NULL,
    digest text NOT NULL, words text[] COLLATE "C" NOT NULL, vector vector({dim}) NOT NULL);
CREATE INDEX ON {table} (language, document);
CREATE INDEX ON {table} USING gin (words);
CREATE TABLE {about} (key text PRIMARY KEY, value jsonb NOT NULL)"""
_GONE = """
DELETE FROM {table} AS t USING unnest(%(languages)s::text[], %(documents)s::text[]) AS gone(language, document)
WHERE t.language = gone.language AND t.document = gone.document"""


def write(client: Any, address: Address, contents: Contents) -> Written:
    """Make the table hold what it is to hold, in one transaction."""
    with client.transaction():
        # held to the end of the transaction; a table that is not there yet cannot be locked
        client.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sprachbund {address.table}"])
        there = read_about(client, address)
        if there is None:
            _create(client, address, contents.about.dim)
        else:
            require_same(address, there, contents.about)
        rows = run(client, address, "SELECT DISTINCT language, document, digest FROM {table}").fetchall()
        digests: dict[Key, str] = {(language, document): digest for language, document, digest in rows}
        new, gone, kept = changes(digests, contents.documents)
        _take_out(client, address, [*gone, *(key for key in new if key in digests)])
        _copy(client, address, contents, new)
        if contents.about.hnsw and not (there and there.hnsw):
            run(client, address, "CREATE INDEX {graph} ON {table} USING hnsw (vector vector_ip_ops)")
        total = _say(client, address, contents.about, bool(there and there.hnsw))
        run(client, address, "ANALYZE {table}")
    return Written(len(new), len(gone), len(kept), total)


def _create(client: Any, address: Address, dim: int) -> None:
    library = psycopg()
    try:
        client.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except (library.errors.FeatureNotSupported, library.errors.UndefinedFile):
        raise DatabaseError(
            f"{address.shown}: the server has no pgvector; install it there, on Debian postgresql-NN-pgvector"
        ) from None
    except library.errors.InsufficientPrivilege:
        raise DatabaseError(
            f"{address.shown}: the database has no extension vector; its owner or a superuser makes one: "
            "CREATE EXTENSION vector"
        ) from None
    for statement in _TABLE.split(";"):
        run(client, address, statement, dim)
    if dim <= _IN_ROW:
        run(client, address, "ALTER TABLE {table} ALTER COLUMN vector SET STORAGE PLAIN")


def _take_out(client: Any, address: Address, documents: Sequence[Key]) -> None:
    for low in range(0, len(documents), _AT_ONCE):
        languages, names = zip(*documents[low : low + _AT_ONCE], strict=True)
        run(client, address, _GONE, languages=list(languages), documents=list(names))


def _copy(client: Any, address: Address, contents: Contents, documents: Sequence[Key]) -> None:
    from psycopg.sql import SQL, Identifier
    from psycopg.types.json import Jsonb

    columns = SQL(", ").join(map(Identifier, _COLUMNS))
    query = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(address.table), columns)
    with client.cursor() as cursor, cursor.copy(query) as copy:
        copy.set_types(list(_COLUMNS.values()))
        for one in contents.passages(documents):
            texts = [_text(value) for value in (one.title, one.section, one.text)]
            meta = Jsonb({_text(name): _text(value) for name, value in one.meta.items()})
            words = [_text(word) for word in one.words]
            vector = np.asarray(one.vector, ">f4")
            sent = struct.pack(">HH", len(vector), 0) + vector.tobytes()
            copy.write_row((one.id, one.language, one.document, one.number, *texts, meta, one.digest, words, sent))


def _text(value: str) -> str:
    """A text without the one character that PostgreSQL holds in none."""
    return value.replace("\0", "\ufffd")


def _say(client: Any, address: Address, about: About, graph: bool) -> int:
    """Write what the table says of itself; its passages."""
    from psycopg.types.json import Jsonb

    query = "SELECT language, count(*), sum(cardinality(words)) FROM {table} GROUP BY language"
    rows = run(client, address, query).fetchall()
    counts = {language: int(count) for language, count, _ in rows}
    words = sum(int(each) for _, _, each in rows)
    said = replace(about, hnsw=about.hnsw or graph, passages=counts, words=words).to_dict()
    run(client, address, "DELETE FROM {about}")
    for key, value in said.items():
        run(client, address, "INSERT INTO {about} VALUES (%(key)s, %(value)s)", key=key, value=Jsonb(value))
    return sum(counts.values())
