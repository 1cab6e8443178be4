"""What holds of PostgreSQL alone: tables of others, versions, faults of the server, the graph, two writers."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from clusters import SECRET, Cluster
from sprachbund import Database, Index, write_index
from sprachbund.databases.address import read_address
from sprachbund.databases.writing import require_ready
from sprachbund.errors import CapacityError, DatabaseError, MissingExtraError, SprachbundError
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.passages import Document


@pytest.fixture
def connection(server: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """To look at tables, and to damage them."""
    with psycopg.connect(read_address(server.url("x")).url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def small(models: tuple[Path, Path, Path], tmp_path: Path) -> Path:
    """An index of two documents."""
    create(tmp_path / "small", models[1], IndexSettings(sentences=1, map_points=0))
    texts = ["a casa", "o rio"]
    add(tmp_path / "small", {"pt": [Document(name, "", [""], name, texts, [0, 0]) for name in "ab"]})
    return tmp_path / "small"


def refused(url: str, index: Path, kind: type[SprachbundError]) -> str:
    """What an index is refused with; one line without the password."""
    with pytest.raises(kind) as caught:
        write_index(index, url)
    message = str(caught.value)
    assert "\n" not in message and SECRET not in message and message.startswith("postgresql://")
    return message


def test_a_row_has_what_the_index_has(small: Path, server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """Text, words and vector as others read them in SQL; the vector lies in the row."""
    write_index(small, server.url("rows"))
    row = connection.execute(
        "SELECT language, title, text, words, vector::text FROM rows WHERE id = 'pt:a#1'"
    ).fetchone()
    assert row is not None and row[:4] == ("pt", "", "o rio", ["o", "rio"])
    segment = Index.open(small).segments[0]
    stored = np.array(row[4].strip("[]").split(","), np.float32)
    assert stored.tolist() == segment.dense.vectors(np.array([1]))[0].tolist()
    kind = "SELECT attstorage FROM pg_attribute WHERE attrelid = 'rows'::regclass AND attname = 'vector'"
    assert connection.execute(kind).fetchone() in ((b"p",), ("p",))


def test_tables_of_others_stay_as_they_are(small: Path, server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """One without what we write beside it, and one whose that is something else."""
    connection.execute("CREATE TABLE theirs (id int); INSERT INTO theirs VALUES (7)")
    connection.execute("CREATE TABLE them (id int); CREATE TABLE them_about (name text); CREATE TABLE half_about ()")
    connection.execute("CREATE TABLE odd (id int); CREATE TABLE odd_about (key text, value jsonb)")
    connection.execute("INSERT INTO odd_about VALUES ('schema', '1'), ('model', '[]')")
    for table in ("theirs", "them", "half", "odd"):
        assert "is no table that sprachbund wrote" in refused(server.url(table), small, DatabaseError)
        with pytest.raises(DatabaseError, match="is no table that sprachbund wrote"):
            Database.open(server.url(table), small)
    assert connection.execute("SELECT id FROM theirs").fetchall() == [(7,)]


def test_another_version_of_the_schema(small: Path, server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """Both versions are named, and who wrote it."""
    write_index(small, server.url("later"))
    connection.execute("UPDATE later_about SET value = '99' WHERE key = 'schema'")
    connection.execute("""UPDATE later_about SET value = '"9.9"' WHERE key = 'written_by'""")
    expected = "schema version 99, written by sprachbund 9.9; this version reads 1"
    assert expected in refused(server.url("later"), small, DatabaseError)
    with pytest.raises(DatabaseError, match=expected):
        Database.open(server.url("later"), small)


def test_a_server_that_is_down_or_refuses(small: Path, server: Cluster, tmp_path: Path) -> None:
    """No socket, a wrong password, no such database: the server's words without the password."""
    assert "does not answer" in refused(Cluster(tmp_path).url("x"), small, DatabaseError)
    wrong = "wr0ng/passw@rd"
    message = refused(server.url("x", secret=wrong), small, DatabaseError)
    assert "password authentication failed" in message and wrong not in message
    assert 'database "none" does not exist' in refused(server.url("x", base="none"), small, DatabaseError)
    message = refused(server.url("x").replace("host=", "h0st="), small, DatabaseError)
    assert "h0st" in message and "cr%2Ft" not in message
    with pytest.raises(DatabaseError, match="does not answer"):
        require_ready(Cluster(tmp_path).url("x"))


def test_a_search_after_the_server_has_gone(small: Path, server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """An error of ours, again and again."""
    write_index(small, server.url("gone"))
    with Database.open(server.url("gone"), small) as database:
        assert database.search("rio")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        for _ in range(2):
            with pytest.raises(DatabaseError, match="does not answer"):
                database.search("rio")


def test_a_full_database(small: Path, server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """The server says in the middle of a change that its disk is full: one line, and the table as it was."""
    url = server.url("full_up")
    write_index(small, url)
    connection.execute(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 'pt:c#1' THEN RAISE "
        "EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; "
        "END $$; CREATE TRIGGER full_disk BEFORE INSERT ON full_up FOR EACH ROW EXECUTE FUNCTION no_room()"
    )
    before = connection.execute("SELECT * FROM full_up ORDER BY id").fetchall()
    add(small, {"pt": [Document("c", "", [""], "c", ["a casa", "o mar"], [0, 0])]})
    message = refused(url, small, CapacityError)
    assert "the database is full (could not extend file: No space left on device" in message
    assert connection.execute("SELECT * FROM full_up ORDER BY id").fetchall() == before
    connection.execute("DROP TRIGGER full_disk ON full_up")
    assert write_index(small, url).written == 1


def test_a_user_who_may_not_make_the_extension(
    small: Path, server: Cluster, connection: psycopg.Connection[Any]
) -> None:
    """Says who may, and what to run; with the extension the user needs no more than a schema."""
    connection.execute(f"CREATE ROLE ana LOGIN PASSWORD '{SECRET}'")
    connection.execute("CREATE DATABASE bare OWNER postgres")
    url = server.url("x", user="ana", base="bare")
    assert "a superuser makes one: CREATE EXTENSION vector" in refused(url, small, DatabaseError)
    with psycopg.connect(read_address(server.url("x", base="bare")).url, autocommit=True) as owner:
        owner.execute("CREATE EXTENSION vector; GRANT CREATE ON SCHEMA public TO ana")
    assert write_index(small, url).passages == 4


def test_without_the_client(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[postgresql\]'"):
        write_index(small, "postgresql://h/db")


def test_the_graph_finds_nearly_all(index: Index, server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """Added to a table that is there, kept by later changes, asked also where a filter leaves out most."""
    url = server.url("graph")
    write_index(index, url)
    exact = _found(url, index)
    assert write_index(index, url, hnsw=True).written == 0
    write_index(index, url)
    assert connection.execute("SELECT value FROM graph_about WHERE key = 'hnsw'").fetchone() == (True,)
    found = _found(url, index)
    assert len(found) == len(exact) == 60
    assert len(found & exact) >= 0.9 * len(exact)
    # the server counts the scans of a connection some time after it is closed
    deadline = time.monotonic() + 60
    while (scans := _scans(connection, "graph_hnsw")) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert scans >= 3


def _scans(connection: psycopg.Connection[Any], index: str) -> int:
    """How often the database says that it used an index."""
    row = connection.execute("SELECT idx_scan FROM pg_stat_all_indexes WHERE indexrelname = %s", (index,)).fetchone()
    assert row is not None
    return int(row[0])


def _found(url: str, index: Index) -> set[tuple[str, ...]]:
    """What is nearest to some queries in all languages and in one."""
    found = set()
    with Database.open(url, index.path) as database:
        for query in ("terra e mar", "bread and salt", "agua"):
            for languages in ((), ("pt",)):
                hits = database.search(query, 10, languages, "dense")
                assert all(hit.language in languages or not languages for hit in hits)
                found |= {(query, *languages, hit.key) for hit in hits}
    return found


def test_two_writers_wait_for_one_another(small: Path, server: Cluster) -> None:
    """Of a table that neither finds: one makes it, the other finds it as it is to be."""
    written: list[int] = []
    threads = [
        threading.Thread(target=lambda: written.append(write_index(small, server.url("both")).written))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 2]


def test_what_postgresql_cannot_hold(models: tuple[Path, Path, Path], server: Cluster, tmp_path: Path) -> None:
    """The zero character, and words longer than an index takes."""
    create(tmp_path / "odd", models[1], IndexSettings(sentences=1, map_points=0))
    odd = Document("z", "a\0b", [""], "z", ["o rio\0mar", "x" * 5_000 + " casa"], [0, 0], {"author": "A\0"})
    add(tmp_path / "odd", {"pt": [odd]})
    write_index(tmp_path / "odd", server.url("zero"))
    with Database.open(server.url("zero"), tmp_path / "odd") as database:
        (hit,) = database.search("casa", mode="bm25")
        assert (hit.title, hit.meta["author"]) == ("a\ufffdb", "A\ufffd")
