"""What is removed from the folder of an index is ours; what others keep there stays, or the change is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shelf import Library, document

from sprachbund import Index
from sprachbund.errors import FolderError, SettingsError
from sprachbund.search import unfinished
from sprachbund.search.building import IndexSettings, add, create, delete, merge
from sprachbund.search.folder import claimed
from sprachbund.search.sources import index_sources

NO_MAP = IndexSettings(sentences=2, map_points=0)


@pytest.fixture
def path(model: Path, tmp_path: Path) -> Path:
    """An index of two segments, one with a deleted document: each change removes something."""
    create(tmp_path / "index", model, NO_MAP)
    add(tmp_path / "index", {"pt": [document(name, [f"a casa {name * 4}", "o rio"]) for name in "abc"]})
    add(tmp_path / "index", {"pt": [document("d", ["a torre"])]})
    delete(tmp_path / "index", [("pt", "a")])
    return tmp_path / "index"


@pytest.fixture
def thesis(tmp_path: Path) -> Path:
    """A folder that took somebody four years."""
    (tmp_path / "thesis" / ".git").mkdir(parents=True)
    (tmp_path / "thesis" / "chapter.tex").write_text("mine")
    (tmp_path / "thesis" / ".git" / "HEAD").write_text("mine")
    return tmp_path / "thesis"


def tree(path: Path) -> dict[str, bytes]:
    """All files under a folder."""
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def segments(path: Path) -> set[str]:
    """The names in the folder of segments."""
    return {p.name for p in (path / "segments").iterdir()}


@pytest.mark.parametrize("verb", ["add", "delete", "merge"])
def test_what_others_keep_there_stays(path: Path, thesis: Path, verb: str) -> None:
    """Beside ours, as a folder or as a link, under any name, also under names like those that we give."""
    shutil.copytree(thesis, path / "segments" / "thesis")
    shutil.copytree(thesis, path / ".work-abc")
    shutil.copytree(thesis, path / "atlas-00001")
    shutil.copytree(thesis, path / "segments" / "pt-00002-1.old")
    shutil.copytree(thesis, path / "segments" / "pt-00001-7")
    (path / "segments" / "photos").symlink_to(thesis)
    (path / "segments" / "pt-00001-8").symlink_to(thesis)
    (path / "atlas-00002").symlink_to(thesis)
    (path / "notes.txt").write_text("mine")
    before = tree(path)
    mine = [name for name in before if before[name] == b"mine"]
    assert len(mine) == 11
    {
        "add": lambda: add(path, {"pt": [document("b", ["outra casa"]), document("c", ["outra"])]}),
        "delete": lambda: delete(path, [("pt", "b"), ("pt", "c")]),
        "merge": lambda: merge(path),
    }[verb]()
    after = tree(path)
    assert [name for name in mine if after.get(name) != b"mine"] == []
    assert tree(thesis) == {"chapter.tex": b"mine", ".git/HEAD": b"mine"}
    assert "pt-00001-1" not in segments(path)  # ours went
    assert (path / "segments" / "photos").is_symlink() and (path / "atlas-00002").is_symlink()
    assert Index.open(path, check=True).search("torre")


@pytest.mark.parametrize("place", ["segments/pt-00001-1/chapter.tex", "segments/pt-00001-1/deep/er/.git/HEAD"])
def test_what_lies_in_a_folder_of_ours_bars_every_change(path: Path, place: str) -> None:
    """It is named before anything is done, and stays; readers go on."""
    (path / place).parent.mkdir(parents=True, exist_ok=True)
    (path / place).write_text("mine")
    before = tree(path)
    for change in (
        lambda: add(path, {"pt": [document("x", ["um"])]}),
        lambda: delete(path, [("pt", "b")]),
        lambda: merge(path),
    ):
        with pytest.raises(FolderError, match=rf"{path / place}: not written by sprachbund; move it elsewhere first"):
            change()
    assert tree(path) == before and Index.open(path).search("torre")


def test_links_in_the_place_of_our_folders_bar_every_change(path: Path, tmp_path: Path) -> None:
    """A segment, and all of them, elsewhere: what they point to is never emptied. The whole index may be a link."""
    segment = path / "segments" / "pt-00001-1"
    for place in (segment, path / "segments"):
        moved = place.rename(tmp_path / "elsewhere")
        place.symlink_to(moved)
        before = tree(moved)
        with pytest.raises(FolderError, match=f"{place}: is a link; put the folder itself here"):
            merge(path)
        assert tree(moved) == before and Index.open(path).search("torre")
        place.unlink()
        moved.rename(place)
    (tmp_path / "link").symlink_to(path)
    merge(tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and segments(path) == {"pt-00004-1"}


def test_the_name_that_a_change_will_give_is_taken(path: Path, thesis: Path) -> None:
    """By a stranger: said before the work; nothing is written into it or over it."""
    shutil.copytree(thesis, path / "segments" / "pt-00004-1")
    with pytest.raises(FolderError, match="pt-00004-1: not written by sprachbund"):
        merge(path)
    assert tree(path / "segments" / "pt-00004-1") == tree(thesis)


def test_what_killed_changes_left_goes(path: Path) -> None:
    """Whole segments that no manifest names, and workspaces of the dead; not one that lacks its own manifest."""
    whole = path / "segments" / "pt-00001-1"
    shutil.copytree(whole, path / "segments" / "pt-00004-2")
    shutil.copytree(whole, path / "segments" / "pt-00002-9")
    shutil.copytree(whole, path / "segments" / "pt-00005-1")  # no generation of this index was there yet
    shutil.copytree(whole, path / "segments" / "pt-00001-5")
    (path / "segments" / "pt-00001-5" / "segment.json").unlink()
    (path / "segments" / ".sprachbund-0123456789abcdef.tmp" / "half").mkdir(parents=True)
    (path / ".sprachbund-0123456789abcdef.tmp" / "half").mkdir(parents=True)
    delete(path, [])
    assert segments(path) == {"pt-00001-1", "pt-00002-1", "pt-00001-5", "pt-00005-1"}
    assert not list(path.glob(".sprachbund-*"))


def test_the_model_of_an_index_is_what_its_manifest_lists(model: Path, thesis: Path, tmp_path: Path) -> None:
    """Strangers beside an encoder are not taken along; what has the name of the copy and is not ours is refused."""
    whole = shutil.copytree(model, tmp_path / "model")
    shutil.copytree(thesis, whole / "thesis")
    name = create(tmp_path / "one", whole, NO_MAP).manifest["model"]
    assert tree(tmp_path / "one" / name) == tree(model)
    shutil.copytree(thesis, tmp_path / "two" / name)
    with pytest.raises(FolderError, match=rf"{name}/.git/HEAD: not written by sprachbund"):
        create(tmp_path / "two", whole, NO_MAP)
    assert tree(tmp_path / "two" / name) == tree(thesis)
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / name).symlink_to(thesis)
    with pytest.raises(FolderError, match=f"{name}: not written by sprachbund"):
        create(tmp_path / "three", whole, NO_MAP)
    assert tree(thesis) == {"chapter.tex": b"mine", ".git/HEAD": b"mine"}


# ---- INDEX.partial


def test_a_foreign_partial_is_named(library: Library, sample: Path, thesis: Path, tmp_path: Path) -> None:
    """Before the work, as a folder or a link; where nothing is made on the way it is nobody's business."""
    partial = tmp_path / "index.partial"
    shutil.copytree(thesis, partial)
    with pytest.raises(FolderError, match=r"index\.partial/\.git: not written by sprachbund"):
        index_sources([sample / "gl.jsonl"], tmp_path / "index", library.model, settings=NO_MAP)
    assert not (tmp_path / "index").exists()
    index_sources([library.corpus.path], tmp_path / "index", library.model, settings=NO_MAP, languages=["ja"])
    with pytest.raises(FolderError, match=r"index\.partial/\.git: not written by sprachbund"):
        index_sources([sample / "gl.jsonl"], tmp_path / "index")
    assert tree(partial) == tree(thesis)
    shutil.rmtree(partial)
    partial.symlink_to(thesis)
    with pytest.raises(FolderError, match=r"index\.partial: not written by sprachbund"):
        index_sources([sample / "gl.jsonl"], tmp_path / "index")
    assert partial.is_symlink() and (thesis / "chapter.tex").exists()


def test_what_lies_in_our_partial_stays(library: Library, thesis: Path, tmp_path: Path) -> None:
    """In it, and in the corpus in it; what is ours goes, and nothing when a stranger is in the middle of it."""
    partial = tmp_path / "index.partial"
    for name in ("corpus-000000000001", "corpus-000000000002"):
        shutil.copytree(library.corpus.path, unfinished.place(partial, name))
    unfinished.place(partial, "model-000000000001").symlink_to(thesis)
    shutil.copytree(thesis, partial / "corpus-000000000002" / "thesis")
    shutil.copytree(thesis, partial / "thesis")
    unfinished.remove(partial)
    left = sorted(p.name for p in partial.iterdir())
    assert left == ["corpus-000000000002", "model-000000000001", "thesis", "unfinished.json"]
    assert tree(partial / "thesis") == tree(partial / "corpus-000000000002" / "thesis") == tree(thesis)
    for path in (partial / "thesis", partial / "corpus-000000000002" / "thesis"):
        shutil.rmtree(path)
    (partial / "model-000000000001").unlink()
    unfinished.remove(partial)
    assert not partial.exists()


def test_written_through_a_link(library: Library, tmp_path: Path) -> None:
    """Also one whose folder is not there yet; the link stays."""
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for code in ("ja", "th"):
        index_sources([library.corpus.path], tmp_path / "link", library.model, settings=NO_MAP, languages=[code])
    assert (tmp_path / "link").is_symlink() and Index.open(tmp_path / "real").languages == ("ja", "th")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "real"]


def test_refused_before_anything_is_read(library: Library, path: Path, tmp_path: Path) -> None:
    """Settings that cannot be, no encoder, a place far away, a stranger in the index: the sources are never opened."""
    source = tmp_path / "missing.jsonl"
    for settings, said in (
        (IndexSettings(dense="foo"), "found 'foo'"),
        (IndexSettings(sentences=0), "at least 1 sentence"),
        (IndexSettings(sentences=10_001), "at most 10,000"),
        (IndexSettings(memory=1_000), "at least 256 MiB of memory"),
    ):
        with pytest.raises(SettingsError, match=said):
            index_sources([source], tmp_path / "new", settings=settings)
    with pytest.raises(FolderError, match="expected an encoder"):
        index_sources([source], tmp_path / "new", tmp_path)
    with pytest.raises(FolderError, match="does not exist; make it first"):
        index_sources([source], tmp_path / "no" / "where" / "new", library.model)
    (path / "segments" / "pt-00001-1" / "mine").write_text("mine")
    with pytest.raises(FolderError, match="mine: not written by sprachbund"):
        index_sources([source], path)
    assert not (tmp_path / "new").exists() and not (tmp_path / "new.partial").exists()


# ---- two at once


def alive(index: Index) -> set[str]:
    """The ids of the documents that are not deleted."""
    return {record.id for s in index.segments for record in s.records.documents() if record.number not in s.deleted}


HOLD = """
import sys
from pathlib import Path
from sprachbund.search.folder import claimed
with claimed(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


def test_of_two_commands_the_second_is_refused(library: Library, path: Path, sample: Path, tmp_path: Path) -> None:
    """Before it reads anything, whichever two they are, for an index that is there and one that is not yet; searching
    goes on. When the first is killed the same command works."""
    new = tmp_path / "new"
    for place in (path, new):
        command = [sys.executable, "-c", HOLD, str(place)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
            assert first.stdout is not None and first.stdout.readline() == "in\n"
            again = lambda: index_sources([tmp_path / "missing.jsonl"], place, library.model)  # noqa: B023, E731
            changes = [lambda: delete(path, [("pt", "b")]), lambda: merge(path)] if place == path else []
            for change in (again, *changes):
                with pytest.raises(FolderError, match="another process is changing the index here; wait for its end"):
                    change()
            assert place == new or Index.open(path).search("torre")
            first.kill()
    assert index_sources([library.corpus.path], new, library.model, settings=NO_MAP, languages=["ja"]).added
    assert merge(path).generation == 4


def test_many_commands_at_once(library: Library, path: Path, tmp_path: Path) -> None:
    """Processes that add and merge, each command given until it succeeds: refused with one line meanwhile; in the end
    all is there, and a reader met whole generations."""
    script = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from shelf import document
from sprachbund.errors import FolderError
from sprachbund.search.building import add, merge
path, worker = Path(sys.argv[1]), sys.argv[2]
for step in range(6):
    name = f"w{worker}s{step}"
    while True:
        try:
            merge(path) if worker == "2" else add(path, {"pt": [document(name, ["a ponte " + name])]})
            break
        except FolderError as error:
            assert "another process is changing the index here; wait for its end" in str(error), error
            time.sleep(0.01)
"""
    here = str(Path(__file__).parent)
    workers = [subprocess.Popen([sys.executable, "-c", script, str(path), str(n), here]) for n in range(3)]
    while any(worker.poll() is None for worker in workers):
        index = Index.open(path)
        found = alive(index)
        assert len(found) == index.counts["pt"]["documents"] and found >= {"b", "c", "d"}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert alive(Index.open(path, check=True)) == {
        "b",
        "c",
        "d",
        *(f"w{n}s{step}" for n in (0, 1) for step in range(6)),
    }
    merge(path)
    assert len(segments(path)) == 1


def test_an_empty_place_goes_again_unless_it_was_there(tmp_path: Path) -> None:
    """What was made for the lock alone leaves no trace; a folder that the user made stays."""
    with claimed(tmp_path / "new"):
        assert (tmp_path / "new").is_dir()
    (tmp_path / "old").mkdir()
    with pytest.raises(KeyError), claimed(tmp_path / "old"):
        raise KeyError
    assert [p.name for p in tmp_path.iterdir()] == ["old"]
    (tmp_path / "link").symlink_to(tmp_path / "old")
    with claimed(tmp_path / "link"):
        pass
    assert (tmp_path / "link").is_symlink()
