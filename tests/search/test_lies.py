"""Indexes that lie: the right sizes, the right hashes, other values. One line each, no crash, no endless loop."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shelf import Library, talk

from sprachbund import Index
from sprachbund.errors import FolderError
from sprachbund.files import sealed, sha256_file
from sprachbund.search.building import IndexSettings, add, create, delete
from sprachbund.search.dense import DenseIndex, build
from sprachbund.search.faiss_files import require_sound
from sprachbund.search.records import DocumentRecord, Records, Writer

SEGMENT = "segments/pt-00001-1"


@pytest.fixture(scope="module")
def honest(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Segments of every kind of vectors, a deleted document, a map."""
    path = tmp_path_factory.mktemp("honest") / "index"
    create(path, library.model, IndexSettings(sentences=2, dense="hnsw", map_points=20))
    add(path, {"pt": talk(30, seed=1)})
    manifest = json.loads((path / "index.json").read_text())
    manifest["settings"]["dense"] = "ivf"
    (path / "index.json").write_text(json.dumps(sealed(manifest)))
    add(path, {"gl": talk(30, seed=2)})
    delete(path, [("pt", "d3")])
    return path


def seal(index: Path) -> None:
    """Give an index the sizes and hashes of what is in it, as one has who writes it on purpose."""
    manifest = json.loads((index / "index.json").read_text())
    parts = "segments/*/segment.json", "roman/*/roman.json", "atlas-*/atlas.json"
    for inner in (found for part in parts for found in index.glob(part)):
        said = json.loads(inner.read_text())
        for name in said["files"]:
            said["files"][name] = sha256_file(inner.parent / name)
            said["bytes"][name] = (inner.parent / name).stat().st_size
        inner.write_text(json.dumps(sealed(said)))
        manifest["hashes"][inner.relative_to(index).as_posix()] = sha256_file(inner)
    (index / "index.json").write_text(json.dumps(sealed(manifest)))


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the JSON in a file."""
    path.write_text(json.dumps(sealed(change(json.loads(path.read_text())))))


LIES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "a model outside": ("index.json", lambda m: {**m, "model": "../model-0123456789abcdef"}),
    "an atlas outside": ("index.json", lambda m: {**m, "atlas": "/etc"}),
    "a segment outside": ("index.json", lambda m: {**m, "segments": [{**m["segments"][0], "name": "../../x"}]}),
    "a segment twice": ("index.json", lambda m: {**m, "segments": [m["segments"][0]] * 2}),
    "another language": ("index.json", lambda m: {**m, "segments": [{**s, "language": "tr"} for s in m["segments"]]}),
    "segments that are none": ("index.json", lambda m: {**m, "segments": ["pt-00001-1"]}),
    "a document deleted twice": ("index.json", lambda m: {**m, "segments": [{**m["segments"][0], "deleted": [1, 1]}]}),
    "a document deleted that never was": (
        "index.json",
        lambda m: {**m, "segments": [{**s, "deleted": [10**9]} for s in m["segments"]]},
    ),
    "a boolean for a number": ("index.json", lambda m: {**m, "generation": True}),
    "a weight that is text": ("index.json", lambda m: {**m, "fusion": {**m["fusion"], "dense": "much"}}),
    "a weight without end": ("index.json", lambda m: {**m, "fusion": {**m["fusion"], "dense": 10**400}}),
    "a reach that fills the memory": (
        "index.json",
        lambda m: {**m, "fusion": {**m["fusion"], "surroundings": {"reach": 10**12, "decay": 1, "across": 1}}},
    ),
    "languages that are not there": ("index.json", lambda m: {**m, "counts": {**m["counts"], "xx": {}}}),
    "a column that is none": (f"{SEGMENT}/segment.json", lambda m: {**m, "columns": [1]}),
    "letters that are none": (f"{SEGMENT}/segment.json", lambda m: {**m, "letters": None}),
    "no settings": ("index.json", lambda m: {name: value for name, value in m.items() if name != "settings"}),
    "a passage of a billion sentences": (f"{SEGMENT}/segment.json", lambda m: {**m, "size": 1 << 40}),
    "no passages": (f"{SEGMENT}/segment.json", lambda m: {**m, "passages": 0}),
    "passages as text": (f"{SEGMENT}/segment.json", lambda m: {**m, "passages": "7"}),
    "more documents": (f"{SEGMENT}/segment.json", lambda m: {**m, "documents": m["documents"] + 1}),
    "vectors of another kind": (f"{SEGMENT}/segment.json", lambda m: {**m, "dense": {**m["dense"], "kind": "flat"}}),
    "a search as wide as the memory": (
        f"{SEGMENT}/segment.json",
        lambda m: {**m, "dense": {**m["dense"], "width": 1 << 50}},
    ),
    "more words": ("atlas-00003/atlas.json", lambda m: {**m, "words": m["words"] + 1}),
}


@pytest.mark.parametrize("lie", LIES)
def test_manifests_that_say_what_cannot_be(lie: str, honest: Path, tmp_path: Path) -> None:
    """Each is refused when the index is opened, by the name of the file that says it or that does not fit it."""
    index = Path(shutil.copytree(honest, tmp_path / "index"))
    name, change = LIES[lie]
    rewrite(index / name, change)
    if name != "index.json":
        seal(index)
    with pytest.raises(FolderError) as caught:
        Index.open(index)
    assert str(index) in str(caught.value) and "\n" not in str(caught.value)


# ---- values by seed

TRY = """
import faulthandler, json, random, shutil, sys
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[3], str(Path(sys.argv[3]).parent)]
from mutations import mutations
from test_lies import seal
from shelf import talk
from sprachbund import Index
from sprachbund.errors import SprachbundError
from sprachbund.search.building import merge
faulthandler.enable()
honest, place, kept = Path(sys.argv[1]), Path(sys.argv[2]), None
queries = [document.texts[0] for document in talk(6, seed=1)]
WORST = (0, 1, -1, 2**31 - 1, -2**31, 2**62, -2**63)

def spoil(path, chance):
    data = bytearray(path.read_bytes())
    low = 128 if path.suffix == ".npy" and chance.random() < 0.9 else 0
    how = chance.randrange(4)
    if how == 0:  # noise everywhere
        data[low:] = chance.randbytes(len(data) - low)
    elif how == 1:  # one value that is far out
        at = low + 4 * chance.randrange(max(1, (len(data) - low) // 4))
        data[at : at + 8] = (chance.choice(WORST) % 2**64).to_bytes(8, "little")[: len(data[at : at + 8])]
    elif how == 2:  # a part twice
        size = chance.randrange(1, max(2, (len(data) - low) // 2))
        data[low : low + size] = data[len(data) - size :]
    else:
        for _ in range(40):
            data[chance.randrange(low, len(data))] ^= 1 << chance.randrange(8)
    path.unlink()
    path.write_bytes(bytes(data))

def use():
    index = Index.open(place)
    for query in queries:
        for mode in ("hybrid", "dense", "bm25", "rrf"):
            hits = index.search(query, 20, (), mode)
            assert all(hit.score == hit.score for hit in hits)
    hits and (index.why(queries[-1], hits[0]), index.places(hits))
    index.neighbours("mar"), index.map()

names = sorted(p.relative_to(honest) for p in honest.rglob("*") if p.is_file() and "model" not in str(p))
names = [name for name in names if name.suffix != ".json"]
for number in range(int(sys.argv[4])):
    chance = random.Random(number)
    name = names[number % len(names)]
    print(number, name, end=" ", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(honest, place)
    spoil(place / name, chance)
    seal(place)
    faulthandler.dump_traceback_later(120, exit=True)
    for what in (use, lambda: number % 3 or (merge(place) and use())):
        try:
            what()
            print("fine", end=" ")
        except SprachbundError as error:
            assert "\\n" not in str(error), error
            print("refused", end=" ")
    faulthandler.cancel_dump_traceback_later()
    print(flush=True)
shutil.rmtree(place)
shutil.copytree(honest, place)
for damage in mutations(place, 1, int(sys.argv[5])):
    print(damage.name.replace(" ", "_"), end=" ", flush=True)
    faulthandler.dump_traceback_later(120, exit=True)
    with damage.applied(place):
        try:
            use()
            print("- fine", flush=True)
        except SprachbundError as error:
            assert "\\n" not in str(error), error
            print("- refused", flush=True)
    faulthandler.cancel_dump_traceback_later()
"""
OWN, GENERAL = 50, 30


def test_values_that_lie(honest: Path, tmp_path: Path) -> None:
    """Noise, numbers far out, parts repeated and bits flipped in every file, with hashes that fit, and the damages of
    other folders: opened, searched in every mode, explained, looked around in and merged, in one process that must come
    to its end."""
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", TRY, str(honest), str(tmp_path / "index"), here, str(OWN), str(GENERAL)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.splitlines()
    assert done.returncode == 0, (said[-1], done.stderr[-3_000:])
    assert len(said) == OWN + GENERAL
    ends = [line.split()[2:] for line in said]
    assert sum("refused" in end for end in ends) > (OWN + GENERAL) // 3


# ---- vectors


@pytest.mark.parametrize("kind", ["flat", "ivf", "hnsw"])
def test_every_number_in_a_file_of_faiss_is_looked_at(kind: Any, tmp_path: Path) -> None:
    """What was written is sound; each number of its head made another is refused, or is one that FAISS does not use."""
    vectors = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float16)
    path = tmp_path / "dense.faiss"
    choice = build(vectors, kind, vectors[:20].astype(np.float32), path)
    require_sound(path, kind, 400, 8)
    whole = path.read_bytes()
    passed = []
    for at in range(0, 120, 4):
        data = bytearray(whole)
        data[at : at + 4] = b"\x7f\x7f\x7f\x7f"
        path.write_bytes(data)
        try:
            require_sound(path, kind, 400, 8)
        except FolderError as error:
            assert str(error).startswith(f"{path}: damaged")
        else:
            passed.append(at)
            assert len(DenseIndex.open(path, choice, 400, 8).search(vectors[0].astype(np.float32), 5)[0]) <= 5
    # two numbers that are not used any more, and how many lists are searched when nobody says
    assert {16, 20, 24} <= set(passed)
    for cut in (0, 1, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(FolderError):
            require_sound(path, kind, 400, 8)
    path.write_bytes(whole + b"\0")
    with pytest.raises(FolderError):
        require_sound(path, kind, 400, 8)


# ---- records


def records(path: Path, *statements: str) -> Path:
    """Two documents of two passages, and what somebody does to the file afterwards."""
    path.unlink(missing_ok=True)
    writer = Writer(path)
    found = [DocumentRecord(n, f"d{n}", "t", ("h",), "x", {"url": "u"}, 2 * n, 2 * n + 2) for n in range(2)]
    writer.add(found, [(n, n // 2, 0, f"text {n}") for n in range(4)])
    writer.close()
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON passages BEGIN SELECT 1; END",
        "CREATE TABLE other(x)",
        "CREATE INDEX other ON passages(text)",
        "CREATE VIRTUAL TABLE other USING fts5(x)",
        "ALTER TABLE passages ADD COLUMN more TEXT",
        "ALTER TABLE documents ADD COLUMN more TEXT GENERATED ALWAYS AS (upper(title))",
        "ALTER TABLE documents RENAME COLUMN title TO name",
        "DROP INDEX by_id",
        "DROP TABLE passages",
    ],
)
def test_other_tables_than_ours_are_refused(statement: str, tmp_path: Path) -> None:
    """Whatever a file has besides, or lacks: nothing of it is run."""
    path = records(tmp_path / "passages.sqlite", statement)
    with pytest.raises(FolderError, match=r"passages\.sqlite: damaged \(it has other tables than a segment's\)"):
        Records.open(path, 2, 4)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET headings = 'none'",
        "UPDATE documents SET headings = '{}'",
        "UPDATE documents SET headings = '[1]'",
        "UPDATE documents SET headings = '" + "[" * 100_000 + "'",
        "UPDATE documents SET meta = '[]'",
        "UPDATE documents SET meta = '{\"url\": 1}'",
        "UPDATE documents SET meta = 1",
        "UPDATE documents SET title = x'ff'",
        "UPDATE documents SET title = CAST(x'ff' AS TEXT)",
        "UPDATE documents SET first = 'a'",
        "UPDATE documents SET first = -1",
        "UPDATE documents SET last = 1e300",
        "UPDATE documents SET last = 9",
        "UPDATE documents SET first = 2, last = 1",
        "UPDATE passages SET text = x'00'",
        "UPDATE passages SET section = 1.5",
        "UPDATE passages SET document = 1 - document",
        "UPDATE passages SET document = 7",
        "DELETE FROM passages",
    ],
)
def test_values_of_other_kinds_are_refused(statement: str, tmp_path: Path) -> None:
    """When they are read, in one line that names the file."""
    found = Records.open(records(tmp_path / "passages.sqlite", statement), 2, 4)
    with pytest.raises(FolderError, match=r"passages\.sqlite: damaged \([^\n]*\); build the index anew$"):
        found.passages([0, 3])


@pytest.mark.parametrize("plain", ["x'626162'", "CAST(x'62ff' AS TEXT)"])
def test_words_of_other_kinds_are_refused(plain: str, tmp_path: Path) -> None:
    """When they are read; so are texts without what stands around them, and columns and letters that are none."""
    statement = f"INSERT INTO words VALUES ({plain}, 'bab')"
    found = Records.open(records(tmp_path / "passages.sqlite", statement), 2, 4)
    if plain.startswith("CAST"):
        with pytest.raises(FolderError, match=r"passages\.sqlite: damaged"):
            found.words("b")
    else:
        assert found.words("b") == []  # it is no text, so it does not begin so
    found = Records.open(records(tmp_path / "passages.sqlite", "UPDATE passages SET text = x'00'"), 2, 4)
    with pytest.raises(FolderError, match=r"passages\.sqlite: damaged"):
        found.texts_of([0, 3])


def test_more_rows_than_the_manifest_has(tmp_path: Path) -> None:
    """What is asked for ends where the segment ends."""
    path = records(tmp_path / "passages.sqlite", "INSERT INTO passages VALUES (9, 1, 0, 'more')")
    assert len(Records.open(path, 2, 4).texts(0, 4)) == 4
    with pytest.raises(FolderError, match="it has more rows than the segment"):
        Records.open(records(path), 1, 4).documents()


def test_a_query_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the steps that it takes, which are counted, not by time."""
    from sprachbund.search import records as module

    path = records(tmp_path / "passages.sqlite")
    found = Records.open(path, 2, 4)
    monkeypatch.setattr(module, "_LEAST_STEPS", 100_000)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0"
    connection = found._borrow()
    connection.setlimit(sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 5)
    found._free.put(connection)
    with pytest.raises(FolderError, match="a query does not end"):
        found._ask(endless, 1)


def test_nothing_can_be_written(tmp_path: Path) -> None:
    """Through the connections that we read with."""
    path = records(tmp_path / "passages.sqlite")
    found = Records.open(path, 2, 4)
    before = path.read_bytes()
    for statement in ("DELETE FROM passages", "ATTACH ':memory:' AS other", "CREATE TEMP TABLE t(x)"):
        with pytest.raises(FolderError):
            found._ask(statement, 1)
    assert path.read_bytes() == before
