"""`index` of folders that change: nothing is replaced, doubled or lost, and under sync the index is as a new one."""

import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import Library

from sprachbund import Corpus, Index
from sprachbund.errors import SettingsError, SourceError
from sprachbund.search import sources as module
from sprachbund.search.building import IndexSettings, merge
from sprachbund.search.sources import index_sources
from sprachbund.search.tally import Change

NO_MAP = IndexSettings(sentences=2, map_points=0)
TEXTS = (
    "O rio corre para o mar. A água é fria.",
    "O pão sai do forno. A casa cheira bem.",
    "A ponte é velha. O vento sopra.",
    "... ---",
    "",
)
"""The last two are no sentences."""


def tree(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files and no others."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def rows(*ids: object, lang: str = "pt", text: str = TEXTS[0]) -> str:
    """JSON Lines of documents with ids of their own."""
    return "".join(json.dumps({"id": name, "lang": lang, "title": f"t{name}", "text": text}) + "\n" for name in ids)


def contents(path: Path) -> dict[str, tuple[Any, ...]]:
    """Every document of an index with all that is known of it."""
    found = {}
    for segment in Index.open(path, check=True).segments:
        for record in segment.records.each():
            if record.number not in segment.deleted:
                texts = segment.records.texts(record.first, record.last)
                about = (record.title, record.headings, record.digest, dict(record.meta), record.root, record.path)
                found[f"{segment.language}:{record.id}"] = (*about, texts)
    return found


@pytest.fixture(autouse=True, scope="module")
def in_memory() -> Iterator[None]:
    """No power is cut here: a test need not wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def at(library: Library, tmp_path: Path) -> "Any":
    """A command on one index with a trained encoder; texts without a language are Portuguese."""

    def run(*sources: Path | str, out: str = "index", **named: Any) -> Change:
        path = tmp_path / out
        model = None if (path / "index.json").exists() else library.model
        return index_sources(list(sources), path, model, settings=NO_MAP, **{"language": "pt", **named})

    return run


def test_what_became_of_each_document(at: Any, tmp_path: Path) -> None:
    """Added, changed, moved, removed, kept and skipped: counted by language, and named."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "b.txt": TEXTS[1], "c.txt": TEXTS[2], "d.txt": "Um. Dois."})
    assert at(docs).added == {"pt": 4}
    tree(
        docs,
        {"a.txt": TEXTS[0], "b.txt": TEXTS[1] + " Mais.", "deep/c.txt": TEXTS[2], "e.txt": "Novo.", "f.txt": "..."},
    )
    done = at(docs, sync=True)
    one = {"pt": 1}
    assert done == Change(2, one, one, one, one, one, skipped={"no sentences": 1})
    assert (done.changed, done.removed) == (done.replaced, done.deleted)
    assert {kind: named for kind, named in done.names.items() if kind != "skipped"} == {
        "added": ["pt:e"],
        "replaced": ["pt:b"],
        "deleted": ["pt:d"],
        "moved": [["pt:c", "pt:deep/c"]],
    }
    assert [name for name, _ in done.names["skipped"]] == ["f.txt"]
    assert sorted(contents(tmp_path / "index")) == ["pt:a", "pt:b", "pt:deep/c", "pt:e"]
    again = at(docs, sync=True)
    assert again == Change(2, kept={"pt": 4}, skipped={"no sentences": 1})


def test_without_sync_nothing_is_taken_out(at: Any, tmp_path: Path) -> None:
    """A file that was renamed is a second document until then."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "b.txt": TEXTS[1]})
    at(docs)
    (docs / "a.txt").rename(docs / "c.txt")
    assert at(docs) == Change(2, {"pt": 1}, {}, {"pt": 1})
    assert sorted(contents(tmp_path / "index")) == ["pt:a", "pt:b", "pt:c"]
    assert at(docs, sync=True).removed == {"pt": 1}


def test_two_folders_twice_over(at: Any, tmp_path: Path) -> None:
    """Files of one name, some with the same text: in any order and spelling each is there once."""
    one = tree(tmp_path / "2023", {"report.txt": TEXTS[0], "same.txt": TEXTS[1], "rows.jsonl": rows(1, 2)})
    two = tree(tmp_path / "2024", {"report.txt": TEXTS[2], "same.txt": TEXTS[1], "rows.jsonl": rows(1, 2)})
    names = ["1", "2", "report", "same"]
    assert at(one, two).added == {"pt": 8}
    before = contents(tmp_path / "index")
    assert sorted(before) == sorted(f"pt:{year}/{name}" for year in (2023, 2024) for name in names)
    for sources in ([one, two], [two, one], [f"{one}/", tmp_path / "2023" / ".." / "2024"]):
        assert at(*sources) == Change(1, kept={"pt": 8}) and at(*sources, sync=True) == Change(1, kept={"pt": 8})
    for sources in ([one], [two]):
        assert at(*sources) == Change(1, kept={"pt": 4}) and at(*sources, sync=True) == Change(1, kept={"pt": 4})
    assert contents(tmp_path / "index") == before
    at(two, one, out="other")
    assert contents(tmp_path / "other") == before
    (two / "same.txt").unlink()
    assert at(two, sync=True).names["deleted"] == ["pt:2024/same"]


def test_a_folder_that_comes_later_changes_no_id(at: Any, tmp_path: Path) -> None:
    """The first keeps its ids, of files and of their records; each folder takes out what is its own."""
    one = tree(tmp_path / "2023", {"report.txt": TEXTS[0], "rows.jsonl": rows(1)})
    two = tree(tmp_path / "2024", {"report.txt": TEXTS[2], "rows.jsonl": rows(1, text="Outro.")})
    at(one)
    assert at(two).added == {"pt": 2}
    assert sorted(contents(tmp_path / "index")) == ["pt:1", "pt:2024/1", "pt:2024/report", "pt:report"]
    assert at(two, one, sync=True) == Change(2, kept={"pt": 4})
    tree(one, {"report.txt": TEXTS[0]})
    assert at(one, sync=True).names["deleted"] == ["pt:1"]
    assert at(two, one, sync=True) == Change(3, kept={"pt": 3})


def test_ids_that_look_like_another_folders(at: Any, tmp_path: Path) -> None:
    """The first folder has a folder named like the second: neither takes the other's place, in any order."""
    one = tree(tmp_path / "docs", {"2024/report.txt": TEXTS[0]})
    two = tree(tmp_path / "x" / "2024", {"report.txt": TEXTS[1]})
    assert at(one).added == at(two).added == {"pt": 1}
    assert sorted(contents(tmp_path / "index")) == ["pt:2024/report", "pt:2024/report#2"]
    for sources in ([one], [two], [two, one], [one, two]):
        assert at(*sources, sync=True) == Change(2, kept={"pt": len(sources)})


def test_identical_files_are_two_addresses(at: Any, library: Library, tmp_path: Path) -> None:
    """Both are found; the encoder is trained on one; of two whose names come to one id each is there."""
    files = {"a.txt": TEXTS[0], "b/a.txt": TEXTS[0], "a": TEXTS[0], "c.txt": TEXTS[1], "cafe\u0301.txt": TEXTS[1]}
    docs = tree(tmp_path / "docs", files | {"caf\u00e9.txt": TEXTS[1]})
    assert at(docs).added == {"pt": 6}
    assert sorted(contents(tmp_path / "index")) == sorted(
        f"pt:{name}" for name in ("a", "a#2", "b/a", "c", "caf\u00e9", "caf\u00e9#2")
    )
    hits = Index.open(tmp_path / "index").search("o rio corre para o mar", 9, mode="bm25")
    assert {hit.document for hit in hits if hit.score == hits[0].score} == {"a", "a#2", "b/a"}
    assert at(docs, sync=True) == Change(1, kept={"pt": 6})


def test_what_is_trained_on_has_identical_files_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The corpus that the encoder is fitted to counts them as if the second had not been there."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "b.txt": TEXTS[0], "c.txt": TEXTS[1]})
    (docs / "d.jsonl").write_text(rows(1, 2))
    (docs / "e.jsonl").write_text(rows(1, 2))
    seen: list[Corpus] = []

    class SeenError(Exception):
        pass

    def train(corpus: Corpus, *_: object, **__: object) -> None:
        seen.append(corpus)
        raise SeenError

    monkeypatch.setattr(module, "train", train)
    with pytest.raises(SeenError):
        index_sources([docs], tmp_path / "index", settings=NO_MAP, language="pt")
    (corpus,) = seen
    # "O rio corre para o mar." 23, "A água é fria." 14, three times; "O pão sai do forno." 19, "A casa cheira bem." 18
    expected = {"documents": 4, "sections": 4, "paragraphs": 4, "sentences": 8, "characters": 3 * 37 + 37}
    assert corpus.counts == {"pt": expected}
    assert corpus.documents("pt")["document"].to_list() == ["a", "c", "1", "2"]


def test_a_language_that_changes_leaves_no_other_behind(at: Any, tmp_path: Path) -> None:
    """The document is in the new one; the same id in two languages is two documents."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "b.txt": TEXTS[1]})
    at(docs)
    done = at(docs, language="gl", sync=True)
    assert done == Change(2, replaced={"gl": 2}) and done.names["replaced"] == [["pt:a", "gl:a"], ["pt:b", "gl:b"]]
    both = tree(tmp_path / "both", {"pt.jsonl": rows("x"), "gl.jsonl": rows("x", lang="gl")})
    assert at(both, language=None).added == {"gl": 1, "pt": 1}
    assert sorted(contents(tmp_path / "index")) == ["gl:a", "gl:b", "gl:both/x", "pt:both/x"]


def test_ids_of_every_kind(at: Any, tmp_path: Path) -> None:
    """0, a whole number beyond 64 bits, one in two languages, a file's name that is no UTF-8 or in NFD."""
    more = tree(tmp_path / "more", {"rows.jsonl": rows(0, 10**30, "e\u0301") + rows(0, lang="gl")}) / "rows.jsonl"
    docs = tree(tmp_path / "docs", {})
    for name in (b"caf\xe9.txt", b"\\xe9.txt", "cafe\u0301s.txt".encode()):
        (docs / os.fsdecode(name)).write_text(f"Um texto de {name.hex()}.")
    at(docs)
    at(more, language=None)
    expected = ["0", str(10**30), "\u00e9", "caf\\xe9", "\\x5cxe9", "caf\u00e9s"]
    assert set(contents(tmp_path / "index")) == {"gl:0", *(f"pt:{name}" for name in expected)}
    assert at(docs, sync=True) == Change(2, kept={"pt": 3})
    assert at(more, language=None, sync=True) == Change(2, kept={"gl": 1, "pt": 3})
    (docs / os.fsdecode(b"caf\xe9.txt")).unlink()
    assert at(docs, sync=True).names == {"deleted": ["pt:caf\\xe9"]}


def test_records_of_a_named_file(at: Any, tmp_path: Path) -> None:
    """A newer file of records replaces by ids, wherever it lies; the older one keeps the rest."""
    old = tree(tmp_path / "old", {"rows.jsonl": rows(1, 2)}) / "rows.jsonl"
    new = tree(tmp_path / "new", {"rows.jsonl": rows(2, text="Outro texto.")}) / "rows.jsonl"
    assert at(old).added == {"pt": 2} and at(new).replaced == {"pt": 1}
    assert sorted(contents(tmp_path / "index")) == ["pt:1", "pt:2"]
    old.write_text(rows(3, text="Um terceiro texto."))
    done = at(old, sync=True)
    assert done.names == {"added": ["pt:3"], "deleted": ["pt:1"]}


def test_nothing_found_takes_nothing_out(at: Any, tmp_path: Path) -> None:
    """An empty folder, one that is not there, one without text: one line, and the index is as it was."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0]})
    other = tree(tmp_path / "other", {"b.txt": TEXTS[1]})
    at(docs, other)
    before = (tmp_path / "index" / "index.json").read_bytes()
    for files in ({}, {".hidden": "x"}, {"n.txt": "..."}, {"n.txt": ""}):
        tree(docs, files)
        for sources in ([docs], [other, docs]):
            with pytest.raises((SourceError, module.CorpusError), match=r"docs.*"):
                at(*sources, sync=True)
    shutil.rmtree(docs)
    with pytest.raises(SourceError, match=r"found nothing there; nothing was changed.* --allow-empty"):
        at(docs, sync=True)
    with pytest.raises(SettingsError, match="--allow-empty goes with it"):
        at(docs, allow_empty=True)
    assert (tmp_path / "index" / "index.json").read_bytes() == before
    assert at(docs, sync=True, allow_empty=True).removed == {"pt": 1}
    assert sorted(contents(tmp_path / "index")) == ["pt:other/b"]
    tree(other, {})
    assert at(other, sync=True, allow_empty=True).removed == {"pt": 1} and contents(tmp_path / "index") == {}


def test_what_cannot_be_read_keeps_what_it_had(at: Any, tmp_path: Path) -> None:
    """A link that leads nowhere, a file cut short, one whose language nobody says: skipped, named, not taken out."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "keep.txt": TEXTS[2], "deep/er.txt": TEXTS[1]})
    packed = gzip.compress("".join(rows(f"r{n}") for n in range(400)).encode(), mtime=0)
    (docs / "rows.jsonl.gz").write_bytes(packed)
    assert at(docs).added == {"pt": 403}
    (docs / "a.txt").unlink()
    (docs / "a.txt").symlink_to(docs / "nowhere")
    (docs / "rows.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    shutil.move(docs / "deep", tmp_path / "elsewhere")
    (docs / "deep").symlink_to(tmp_path / "elsewhere")
    done = at(docs, sync=True)
    assert not done.removed and len(contents(tmp_path / "index")) == 403
    assert {name for name, _ in done.names["skipped"]} == {"a.txt", "deep", "rows.jsonl.gz"}
    (docs / "a.txt").unlink()
    (docs / "deep").unlink()
    (docs / "rows.jsonl.gz").unlink()
    assert at(docs, sync=True).removed == {"pt": 402}


def test_a_file_or_folder_of_a_folder(at: Any, tmp_path: Path) -> None:
    """Only what lies there is compared; what is beside it stays."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "deep/b.txt": TEXTS[1], "deep/c.txt": TEXTS[2]})
    at(docs)
    tree(docs, {"deep/c.txt": TEXTS[2] + " Novo."})
    assert at(docs / "deep", sync=True).names == {"replaced": ["pt:deep/c"], "deleted": ["pt:deep/b"]}
    assert at(docs / "deep" / "c.txt", sync=True) == Change(2, kept={"pt": 1})
    assert sorted(contents(tmp_path / "index")) == ["pt:a", "pt:deep/c"]


def test_some_languages(at: Any, tmp_path: Path) -> None:
    """What was not asked for stays, whatever became of it."""
    docs = tree(tmp_path / "docs", {"pt.jsonl": rows(1, 2), "gl.jsonl": rows(1, 2, lang="gl")})
    at(docs, language=None)
    tree(docs, {"pt.jsonl": rows(1), "gl.jsonl": rows(1, lang="gl")})
    assert at(docs, language=None, languages=["gl"], sync=True).names == {"deleted": ["gl:2"]}


def test_a_corpus_is_a_source(at: Any, library: Library, tmp_path: Path) -> None:
    """Made anew with less in it, what is gone goes; a second corpus has its name before its ids."""
    from sprachbund.corpus.ingest import ingest

    for name, ids in (("one", (1, 2)), ("two", (2, 3))):
        ingest([tree(tmp_path / name, {"rows.jsonl": rows(*ids)})], tmp_path / f"corpus-{name}")
    at(tmp_path / "corpus-one", language=None)
    assert at(tmp_path / "corpus-two", language=None).added == {"pt": 2}
    assert sorted(contents(tmp_path / "index")) == ["pt:1", "pt:2", "pt:corpus-two/2", "pt:corpus-two/3"]
    shutil.rmtree(tmp_path / "corpus-one")
    ingest([tree(tmp_path / "one", {"rows.jsonl": rows(1)})], tmp_path / "corpus-one")
    assert at(tmp_path / "corpus-one", language=None, sync=True).names == {"deleted": ["pt:2"]}


def test_where_a_document_came_from_survives_a_merge(at: Any, tmp_path: Path) -> None:
    """And sync goes on as before."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[0], "b.txt": TEXTS[1]})
    at(docs)
    tree(docs, {"a.txt": TEXTS[0], "c.txt": TEXTS[2]})
    at(docs)
    before = contents(tmp_path / "index")
    merge(tmp_path / "index")
    assert contents(tmp_path / "index") == before and before["pt:a"][4:6] == ("docs", "a.txt")
    assert at(docs, sync=True).names == {"deleted": ["pt:b"]}


def test_where_a_document_lies_is_known(at: Any, tmp_path: Path) -> None:
    """The hit says its folder and file, nothing of what is above; a record whose file was renamed has moved."""
    docs = tree(tmp_path / "docs", {"a.txt": TEXTS[1], "deep/rows.jsonl": rows(1)})
    at(docs)
    (hit,) = Index.open(tmp_path / "index").search("rio mar", 1, mode="bm25")
    assert (hit.document, hit.meta) == ("1", {"path": "docs/deep/rows.jsonl"})
    (docs / "deep" / "rows.jsonl").rename(docs / "new.jsonl")
    assert at(docs).names == {"moved": [["pt:1", "pt:1"]]}
    assert contents(tmp_path / "index")["pt:1"][3:6] == ({"path": "docs/new.jsonl"}, "docs", "new.jsonl")


NAMES = ("a.txt", "a", "b.txt", "b/a.txt", "b/c.txt", "e\u0301.txt", "\u00e9.txt")
RECORDS = ("rows.jsonl", "b/rows.jsonl")
FILES = st.one_of(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(TEXTS)),
    st.tuples(
        st.sampled_from(RECORDS),
        st.builds(
            lambda ids, text: rows(*ids, text=text),
            st.lists(st.sampled_from([0, 1, "a", "b/a"]), unique=True, min_size=1),
            st.sampled_from(TEXTS[:2]),
        ),
    ),
)
ROOTS = st.sampled_from(["2023", "2024"])
STEPS = st.one_of(
    st.tuples(st.just("write"), ROOTS, FILES),
    st.tuples(st.just("delete"), ROOTS, st.sampled_from(NAMES + RECORDS)),
    st.tuples(st.just("move"), ROOTS, ROOTS, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("sync"), st.sampled_from(["pt", "gl"])),
)


def do(step: tuple[Any, ...], disk: dict[str, dict[str, str]]) -> None:
    """A change of the files, by root and name."""
    if step[0] == "write":
        disk[step[1]][step[2][0]] = step[2][1]
    elif step[0] == "delete":
        disk[step[1]].pop(step[2], None)
    elif step[0] == "move" and step[3] in disk[step[1]]:
        disk[step[2]][step[4]] = disk[step[1]].pop(step[3])


def can_be(files: dict[str, str]) -> dict[str, str]:
    """Of files those that a disk has beside one another."""
    return {name: text for name, text in files.items() if not any(other.startswith(f"{name}/") for other in files)}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=8), first=st.lists(st.tuples(ROOTS, FILES), min_size=1, max_size=5))
def test_any_order_of_changes_is_a_new_index(steps: list[Any], first: list[Any], library: Library) -> None:
    """Whatever is added, changed, moved and deleted between, after a sync all is as in an index that is made then."""
    disk: dict[str, dict[str, str]] = {"2023": {"always.txt": "Sempre."}, "2024": {"always.txt": "Sempre."}}
    for root, (name, text) in first:
        disk[root][name] = text
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def run(out: str, lang: str = "pt") -> Change:
            for root, files in disk.items():
                tree(folder / root, can_be(files))
            path = folder / out
            model = None if path.exists() else library.model
            roots = [folder / root for root in disk]
            return index_sources(roots, path, model, settings=NO_MAP, language=lang, sync=True)

        run("index")
        for step in [*steps, ("sync", "pt")]:
            do(step, disk)
            if step[0] == "sync":
                before = contents(folder / "index")
                done = run("index", step[1])
                now = contents(folder / "index")
                shutil.rmtree(folder / "fresh", ignore_errors=True)
                run("fresh", step[1])
                assert now == contents(folder / "fresh")
                counts = {kind: sum(getattr(done, kind).values()) for kind in ("added", "moved", "removed", "changed")}
                assert len(now) - len(before) == counts["added"] - counts["removed"]
