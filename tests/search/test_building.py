"""Making, adding, replacing, deleting, merging; one writer at a time, and readers that go on meanwhile."""

import fcntl
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from shelf import Library, document, same_hits, talk

from sprachbund import Index
from sprachbund.errors import CorpusError, FolderError, LanguageError, SettingsError
from sprachbund.search import building, filling, opening
from sprachbund.search.building import (
    IndexSettings,
    add,
    add_corpus,
    create,
    delete,
    merge,
    passages_at_a_time,
)
from sprachbund.search.sources import index_sources
from sprachbund.search.tally import Change

NO_MAP = IndexSettings(sentences=2, map_points=0)


@pytest.fixture
def path(model: Path, tmp_path: Path) -> Path:
    """An index of three documents."""
    create(tmp_path / "index", model, NO_MAP)
    add(tmp_path / "index", {"pt": [document(name, [f"a casa {name * 4}", "o rio"]) for name in "abc"]})
    return tmp_path / "index"


def names(path: Path) -> dict[str, list[str]]:
    """The documents of an index by language, sorted."""
    found: dict[str, list[str]] = {}
    for segment in Index.open(path, check=True).segments:
        for record in segment.records.documents():
            if record.number not in segment.deleted:
                found.setdefault(segment.language, []).append(record.id)
    return {code: sorted(own) for code, own in found.items()}


@pytest.mark.parametrize("bits", [16, 8])
def test_an_index_may_keep_its_encoder_in_fewer_bits(library: Library, tmp_path: Path, bits: int) -> None:
    """Less on disk, nearly the same scores; told truly, with what hard links share; it knows its model again."""
    for name, settings in (("long", NO_MAP), ("short", replace(NO_MAP, bits=bits))):
        create(tmp_path / name, library.model, settings)
        add(tmp_path / name, {"pt": [document("a", ["a casa branca", "o rio largo"]), document("b", ["a torre alta"])]})
    long, short = Index.open(tmp_path / "long", check=True), Index.open(tmp_path / "short", check=True)
    for query in ("a casa", "uma torre"):
        one, other = long.search(query, mode="dense"), short.search(query, mode="dense")
        assert [hit.key for hit in one] == [hit.key for hit in other]
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=0.02)
    for index in (long, short):
        files = [path.stat() for path in index.path.rglob("*") if path.is_file()]
        sizes = index.sizes()
        assert sizes["total"] == sum(about.st_size for about in files)
        assert (
            sizes["segments"] + sizes["model"] + sizes["map"] + (index.path / "index.json").stat().st_size
            == sizes["total"]
        )
        assert sizes["linked"] == sum(about.st_size for about in files if about.st_nlink > 1)
    assert short.sizes()["model"] < long.sizes()["model"] and short.sizes()["linked"] == 0 < long.sizes()["linked"]
    index_sources([library.corpus.path], tmp_path / "short", library.model, languages=["gl"])
    with pytest.raises(SettingsError, match="has another model"):
        index_sources([library.corpus.path], tmp_path / "short", short.path / short.manifest["model"])


def test_another_title_is_another_document(path: Path) -> None:
    """Its digest is that of its sentences, but the title is searched and shown, and so are headings."""
    one = document("a", ["a casa aaaa", "o rio"], title="Um título")
    assert add(path, {"pt": [one]}).replaced == {"pt": 1} and add(path, {"pt": [one]}).kept == {"pt": 1}
    assert Index.open(path).search("título", mode="bm25")[0].title == "Um título"
    assert add(path, {"pt": [replace(one, headings=["outra"])]}).replaced == {"pt": 1}
    assert Index.open(path).search("título", mode="bm25")[0].section == "outra"


def leftovers(path: Path) -> list[str]:
    """What the manifest of an index does not name."""
    index = Index.open(path)
    kept = {"index.json", "segments", "roman", "cognates", index.manifest["model"], index.manifest["atlas"]}
    named = {"segments": {segment.name for segment in index.segments}}
    named |= {"roman": {entry["roman"] for entry in index.manifest["segments"]}}
    named |= {"cognates": {entry["name"] for entry in index.manifest["cognates"]}}
    found = [p.name for p in path.iterdir() if p.name not in kept]
    return found + [p.name for place, own in named.items() for p in (path / place).glob("*") if p.name not in own]


def test_add_replace_keep(path: Path) -> None:
    """New, of another content, as it was: each counted; only what changed makes a generation."""
    assert Index.open(path).counts == {"pt": {"documents": 3, "passages": 3}}
    again = [document("a", ["a casa aaaa", "o rio"]), document("b", ["a ponte nova"]), document("z", ["um lago"])]
    change = add(path, {"pt": again, "gl": [document("a", ["a fonte"])]})
    assert change == Change(2, {"pt": 1, "gl": 1}, {"pt": 1}, {"pt": 1}, {})
    index = Index.open(path)
    assert index.generation == 2 and names(path) == {"gl": ["a"], "pt": ["a", "b", "c", "z"]}
    assert index.counts == {"gl": {"documents": 1, "passages": 1}, "pt": {"documents": 4, "passages": 4}}
    assert index.search("ponte", 1, ("pt",), "bm25")[0].document == "b"
    assert index.search("bbbb", 9, ("pt",), "bm25") == []
    assert add(path, {"pt": again}) == Change(2, kept={"pt": 3}) and Index.open(path).generation == 2
    assert add(path, {}) == Change(2) and not index.changed() and leftovers(path) == []
    assert add(path, {"pt": [document("empty")]}) == Change(2)


def test_replaced_again_and_again(path: Path) -> None:
    """The last one counts, and what nobody needs goes."""
    for number in range(4):
        add(path, {"pt": [document("a", [f"a casa numero {'xyzw'[number] * 3}"])]})
    index = Index.open(path)
    assert index.counts["pt"]["documents"] == 3 and len(index.segments) == 2
    assert index.search("wwww casa", 9, (), "bm25")[0].text == "a casa numero www"
    assert leftovers(path) == []


def test_two_documents_of_one_name(path: Path) -> None:
    """In one addition that is a mistake; nothing is added."""
    with pytest.raises(CorpusError, match="pt: two documents have the id 'd'; ids must differ"):
        add(path, {"pt": [document("d", ["um"]), document("d", ["dois"])]})
    assert Index.open(path).generation == 1 and names(path) == {"pt": ["a", "b", "c"]}


def test_delete(path: Path) -> None:
    """By language and id; one that is not there is named and nothing is deleted; twice the same is once."""
    with pytest.raises(SettingsError, match="has no document gl:a, pt:x; nothing was deleted"):
        delete(path, [("pt", "a"), ("gl", "a"), ("pt", "x")])
    assert names(path) == {"pt": ["a", "b", "c"]} and Index.open(path).generation == 1
    assert delete(path, []) == Change(1)
    assert delete(path, [("pt", "a"), ("pt", "a")]) == Change(2, deleted={"pt": 1})
    assert names(path) == {"pt": ["b", "c"]} and Index.open(path).counts["pt"] == {"documents": 2, "passages": 2}
    assert add(path, {"pt": [document("a", ["de novo"])]}).added == {"pt": 1}
    assert delete(path, [("pt", name) for name in "abc"]) == Change(4, deleted={"pt": 3})
    index = Index.open(path)
    assert (index.languages, index.counts, index.segments) == ((), {}, ()) and leftovers(path) == []
    assert index.search("casa") == []
    assert add(path, {"pt": [document("a", ["de novo"])]}).generation == 5


def test_merge(path: Path) -> None:
    """One segment a language; with nothing to do the generation stays."""
    assert merge(path) == Change(1)
    add(path, {"pt": [document("d", ["a torre"])], "gl": [document("a", ["a fonte"])]})
    delete(path, [("pt", "b")])
    before = Index.open(path)
    hits = before.search("a casa e a torre", 10)
    assert merge(path) == Change(4)
    index = Index.open(path)
    assert [segment.language for segment in index.segments] == ["gl", "pt"] and index.counts == before.counts
    assert {hit.key for hit in index.search("a casa e a torre", 10)} == {hit.key for hit in hits}
    assert merge(path) == Change(4) and leftovers(path) == []
    assert names(path) == {"gl": ["a"], "pt": ["a", "c", "d"]}


def test_a_merge_that_cannot_do_better_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language that memory parts into several full segments is left as it is: the same merge may be given again."""
    first = names(path)["pt"]
    for module in (building, filling):
        monkeypatch.setattr(module, "passages_at_a_time", lambda memory, dim: 2)
    monkeypatch.setattr(filling, "BATCH", 1)
    add(path, {"pt": [document("d", ["a torre d"])]})
    add(path, {"pt": [document(name, [f"a torre {name}"]) for name in "efgh"]})
    assert merge(path) == Change(4)
    parts = [segment.name for segment in Index.open(path).segments if segment.language == "pt"]
    assert len(parts) > 1 and all(name.startswith("pt-00004") for name in parts)
    assert merge(path) == Change(4)
    assert [segment.name for segment in Index.open(path).segments if segment.language == "pt"] == parts
    assert names(path)["pt"] == sorted({*first, *"defgh"})


def test_what_a_document_is_survives_a_merge(path: Path) -> None:
    """Title, headings, sections, digest, sentences; a sentence with a line break is one sentence."""
    whole = document("w", ["um", "dois", "três\nquatro"], ["cinco"], title="Números")
    add(path, {"pt": [whole]})
    before = {hit.key: hit for hit in Index.open(path).search("quatro cinco", 10, (), "bm25")}
    merge(path)
    segment = Index.open(path).segments[0]
    record = segment.records.document("w")
    assert record is not None
    assert (record.title, record.headings, record.digest) == ("Números", ("part 0", "part 1"), whole.digest)
    assert segment.records.texts(record.first, record.last) == ["um", "dois\ntrês quatro", "cinco"]
    same_hits(list(before.values()), Index.open(path).search("quatro cinco", 10, (), "bm25"))
    assert add(path, {"pt": [whole]}).kept == {"pt": 1}


def test_a_corpus_or_some_languages_of_it(library: Library, tmp_path: Path) -> None:
    """Counts are those of the corpus; a language that it lacks is named; the same corpus again changes nothing."""
    create(tmp_path / "index", library.model, NO_MAP)
    change = add_corpus(tmp_path / "index", library.corpus.path, ["tr", "ja"])
    assert change.added == {code: library.corpus.counts[code]["documents"] for code in ("ja", "tr")}
    with pytest.raises(LanguageError, match="has no xx;"):
        add_corpus(tmp_path / "index", library.corpus, ["xx"])
    assert add_corpus(tmp_path / "index", library.corpus, ["ja"]) == Change(1, kept={"ja": change.added["ja"]})


def test_what_is_no_place_for_an_index(path: Path, model: Path, tmp_path: Path) -> None:
    """A folder with other things, a file, an index that is there; no model; settings that cannot be."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for place in ("other", "file", "index"):
        with pytest.raises(FolderError, match=f"{place}: already holds something else; name a new folder"):
            create(tmp_path / place, model)
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(FolderError, match="expected a"):
        create(tmp_path / "new", path)
    with pytest.raises(SettingsError, match="at least 1 sentence"):
        create(tmp_path / "new", model, IndexSettings(sentences=0))
    with pytest.raises(SettingsError, match="found 'tree'"):
        create(tmp_path / "new", model, IndexSettings(dense="tree"))
    assert not (tmp_path / "new").exists()
    (tmp_path / "empty").mkdir()
    assert create(tmp_path / "empty", model).generation == 0


@pytest.mark.parametrize("verb", ["add", "delete", "merge"])
def test_changes_of_what_is_no_index(verb: str, tmp_path: Path) -> None:
    """Nothing there, a file, another folder: said so, and nothing is made."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    change = {
        "add": lambda path: add(path, {"pt": [document("a", ["um"])]}),
        "delete": lambda path: delete(path, [("pt", "a")]),
        "merge": merge,
    }[verb]
    for name, found in (("nothing", "found nothing"), ("file", "found a file"), ("folder", "has no index.json")):
        with pytest.raises(FolderError, match=f"{name}: expected an? index.*{found}"):
            change(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert not list((tmp_path / "folder").iterdir())


def test_too_little_memory(path: Path) -> None:
    """Refused with what is needed; enough for few passages makes more segments."""
    with pytest.raises(SettingsError, match="at least 256 MiB of memory, found 1,000 bytes"):
        add(path, {"pt": [document("x", ["um"])]}, memory=1_000)
    assert passages_at_a_time(256 << 20, 512) == (256 << 20) // (6_000 + 2_048)
    assert Index.open(path).generation == 1


def test_one_writer_at_a_time(path: Path) -> None:
    """The second is told in one line, whatever it wants to do; readers are not kept out."""
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        for change in (
            lambda: add(path, {"pt": [document("x", ["um"])]}),
            lambda: delete(path, [("pt", "a")]),
            lambda: merge(path),
        ):
            with pytest.raises(FolderError, match="another process is changing the index here; wait for its end"):
                change()
        assert Index.open(path).search("casa")
    finally:
        os.close(descriptor)
    assert merge(path).generation == 1


def test_a_deletion_given_again(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Killed when all was done, it succeeds and says what was gone; with one that never was there, nothing is done."""
    assert delete(path, [("pt", "a"), ("pt", "b")]).deleted == {"pt": 2}
    assert delete(path, [("pt", "b"), ("pt", "a")]) == Change(2) and Index.open(path).generation == 2
    assert "deleted already: pt:b, pt:a" in caplog.text
    with pytest.raises(SettingsError, match="has no document pt:x; nothing was deleted"):
        delete(path, [("pt", "a"), ("pt", "c"), ("pt", "x")])
    assert delete(path, [("pt", "a"), ("pt", "c")]) == Change(3, deleted={"pt": 1}) and names(path) == {}
    assert delete(path, [("PT", "a"), ("Portuguese", "c")]) == Change(3)  # its language is gone with them
    add(path, {"pt": [document("z", ["um lago"])]})
    with pytest.raises(SettingsError, match="has no document pt:a"):  # that was another change
        delete(path, [("pt", "a")])


def test_what_a_killed_create_left_does_not_bar_the_next(model: Path, tmp_path: Path) -> None:
    """A model linked, or half of one, and no manifest yet: the same command works; a stranger's folder is not ours."""
    index = create(tmp_path / "whole", model, NO_MAP)
    left = tmp_path / "left"
    (left / index.manifest["model"]).mkdir(parents=True)
    (left / ".sprachbund-0123456789abcdef.tmp").mkdir()
    assert create(left, model, NO_MAP).encoder.dim == 32
    add(left, {"pt": [document("a", ["um rio"])]})
    assert leftovers(left) == [] and Index.open(left, check=True).search("rio")
    (tmp_path / "mine" / "model-of-mine").mkdir(parents=True)
    with pytest.raises(FolderError, match="already holds something else"):
        create(tmp_path / "mine", model)


def test_an_open_index_goes_on_while_it_is_changed(library: Library, tmp_path: Path) -> None:
    """Threads that begin after its files have lost their names get the same answers, from every part of it."""
    path = tmp_path / "index"
    create(path, library.model, IndexSettings(sentences=2, map_points=30))
    add_corpus(path, library.corpus, ["gl"])
    old = Index.open(path)
    query = "a radioactividade e o mar"
    expected = Index.open(path).search(query, 10)
    reason = Index.open(path).why(query, expected[0])
    places = Index.open(path).places(expected).tolist()
    neighbours, labels = Index.open(path).neighbours("mar"), Index.open(path).map()
    delete(path, [("gl", hit.document) for hit in {hit.document: hit for hit in expected}.values()])
    merge(path)
    delete(path, [("gl", name) for name in names(path)["gl"]])
    add(path, {"gl": talk(5)})
    assert old.changed() and not Index.open(path).changed()
    wrong: list[object] = []

    def ask() -> None:
        try:
            assert old.search(query, 10) == expected
            assert old.why(query, expected[0]) == reason
            assert old.neighbours("mar") == neighbours and old.places(expected).tolist() == places
            assert old.map().labels == labels.labels  # type: ignore[union-attr]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_opened_while_a_change_takes_the_files_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newer manifest is read; where there is none the file that is missing is named."""
    real = opening.open_segment

    def late(folder: Path, *arguments: object, **named: object) -> object:
        monkeypatch.setattr(opening, "open_segment", real)
        add(path, {"pt": [document("a", ["outra casa"])]})
        merge(path)
        assert not folder.exists()
        raise FileNotFoundError(2, "No such file or directory", str(folder / "low.npy"))

    monkeypatch.setattr(opening, "open_segment", late)
    assert names(path) == {"pt": ["a", "b", "c"]} and Index.open(path).search("outra", mode="bm25")[0].document == "a"

    def gone(folder: Path, *arguments: object, **named: object) -> object:
        raise FileNotFoundError(2, "No such file or directory", str(folder / "low.npy"))

    monkeypatch.setattr(opening, "open_segment", gone)
    with pytest.raises(FolderError, match=r"low\.npy: missing, the index names it"):
        Index.open(path)


def test_readers_in_threads_during_changes(model: Path, tmp_path: Path) -> None:
    """Opening anew and searching all the time: every answer is that of some whole generation."""
    path = tmp_path / "index"
    create(path, model, NO_MAP)
    steps = [[document(f"s{step}n{n}", [f"o rio {'abcdef'[step] * 4}"]) for n in range(3)] for step in range(6)]
    whole: dict[int, set[str]] = {0: set()}
    stop, wrong, seen = threading.Event(), [], set()

    def read() -> None:
        index = Index.open(path)
        try:
            while not stop.wait(0.02):
                if index.changed():
                    index = Index.open(path)
                found = {hit.document for hit in index.search("o rio", 100, (), "bm25")}
                seen.add((index.generation, frozenset(found)))
                assert len(found) == index.counts.get("pt", {"documents": 0})["documents"]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    there: set[str] = set()
    for number, step in enumerate(steps):
        change = add(path, {"pt": step})
        there |= {d.id for d in step}
        whole[change.generation] = set(there)
        if number % 2:
            gone = sorted(there)[0]
            there.discard(gone)
            whole[delete(path, [("pt", gone)]).generation] = set(there)
            whole[merge(path).generation] = set(there)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(whole) == 13 and {generation for generation, _ in seen} <= set(whole)
    assert len({generation for generation, _ in seen}) > 3
    assert all(found == whole[generation] for generation, found in seen)
