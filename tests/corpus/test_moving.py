"""A kill at any step of an ingest: readers see the state before or after it, and whatever comes next goes on."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from test_ingest import contents, document, write

from sprachbund.corpus import moving
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError

CHANGES = ("replace", "rename", "unlink", "rmdir", "mkdir", "fsync")
"""All by which a folder changes in a way that another process can see, and what makes it last."""


class Killed(BaseException):
    """Raised in place of a system call, and of every one that follows it: a dead process cleans nothing up."""


def kill_at(patch: pytest.MonkeyPatch, call: int) -> list[str]:
    """Let the ``call``-th change of a folder be the first that does not happen; the names of all that were tried."""
    tried: list[str] = []

    def dying(name: str, real: Any) -> Any:
        def change(*arguments: Any, **options: Any) -> Any:
            tried.append(name)
            if len(tried) >= call:
                raise Killed(name)
            return real(*arguments, **options)

        return change

    for name in CHANGES:
        patch.setattr(os, name, dying(name, getattr(os, name)))
    return tried


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A corpus of a source; the same with a second, of two languages; and with a third in its place."""
    base = tmp_path_factory.mktemp("states")
    write(base / "1.gz", document(1))
    write(base / "2.gz", document(2), document(3, "nl"))
    write(base / "3.gz", document(4, "nl"), document(5, "sv"))
    ingest([base / "1.gz"], base / "before")
    for name in "2", "3":
        shutil.copytree(base / "before", base / f"after{name}")
        ingest([base / f"{name}.gz"], base / f"after{name}")
    return {path.name: path for path in base.iterdir()}


def killed_anywhere(states: dict[str, Path], folder: Path) -> list[Path]:
    """What is left of an ingest of the second source for each step at which it can be killed."""
    left: list[Path] = []
    while True:
        out = folder / f"c{len(left)}"
        shutil.copytree(states["before"], out)
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, len(left) + 1)
            try:
                ingest([states["2.gz"]], out)
                return left
            except Killed:
                left.append(out)


def test_a_kill_at_any_step_of_an_ingest_loses_nothing(states: dict[str, Path], tmp_path: Path) -> None:
    """For every system call that changes the folder: the corpus opens as it was before or as it is after; the same
    ingest ends as if nothing had been; another one sweeps what was left and ends as it would have without it."""
    before, after, other = (Corpus.open(states[name]) for name in ("before", "after2", "after3"))
    left = killed_anywhere(states, tmp_path)
    assert len(left) > 15
    seen = set()
    for out in left:
        corpus = Corpus.open(out)
        assert corpus.manifest in (before.manifest, after.manifest)
        assert corpus.content_hash() in (before.content_hash(), after.content_hash())
        seen.add(len(corpus.sources))
        assert corpus.read("de").height in (2, 4)
        again = tmp_path / f"{out.name}-other"
        shutil.copytree(out, again)
        ingest([states["2.gz"]], out)
        assert contents(out) == contents(states["after2"])
        if len(corpus.sources) == 1:
            ingest([states["3.gz"]], again)
            assert contents(again) == contents(states["after3"])
            assert Corpus.open(again).content_hash() == other.content_hash()
    assert seen == {1, 2}


def test_a_kill_at_any_step_of_sweeping_is_swept_the_next_time(states: dict[str, Path], tmp_path: Path) -> None:
    """The second ingest is killed too, at any of its first steps; the corpus opens, and the third one ends."""
    first = tmp_path / "first"
    shutil.copytree(states["before"], first)
    staged = first / moving.STAGING
    for path in states["after2"].rglob("00001.*"):
        name = path.relative_to(states["after2"])
        (staged / name.parent).mkdir(parents=True, exist_ok=True)
        (first / name.parent).mkdir(exist_ok=True)
        shutil.copy(path, first / name)
    names = sorted(path.relative_to(first).as_posix() for path in first.glob("*/00001.*"))
    moving.files.write_json(staged / moving.LEDGER, {"files": names})
    for call in range(1, 15):
        out = tmp_path / f"c{call}"
        shutil.copytree(first, out)
        assert Corpus.open(out).manifest == Corpus.open(states["before"]).manifest
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, call)
            with pytest.raises(Killed):
                ingest([states["3.gz"]], out)
        assert Corpus.open(out).manifest == Corpus.open(states["before"]).manifest
        ingest([states["3.gz"]], out)
        assert contents(out) == contents(states["after3"])


def test_what_no_ledger_names_is_foreign_and_stays(states: dict[str, Path], tmp_path: Path) -> None:
    """A file that looks like ours, a thesis in the hidden folder, a link in its place: refused by name, untouched."""
    out = tmp_path / "c"
    shutil.copytree(states["before"], out)
    stranger = out / "de" / "00009.0123456789ab.0000.parquet"
    stranger.write_bytes(b"x")
    for act in (lambda: Corpus.open(out), lambda: ingest([states["2.gz"]], out)):
        with pytest.raises(FolderError, match=r"00009\.0123456789ab\.0000\.parquet: a foreign file"):
            act()
    assert stranger.read_bytes() == b"x"
    stranger.unlink()
    thesis = out / moving.STAGING / "de" / "thesis.tex"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years")
    with pytest.raises(FolderError, match=r"thesis\.tex: not written by an ingest; move it elsewhere"):
        ingest([states["2.gz"]], out)
    assert thesis.read_text() == "years"
    shutil.rmtree(out / moving.STAGING)
    elsewhere = tmp_path / "photos"
    (elsewhere / "de").mkdir(parents=True)
    (elsewhere / "de" / stranger.name).write_bytes(b"photo")
    (out / moving.STAGING).symlink_to(elsewhere)
    with pytest.raises(FolderError, match=r"\.partial: expected a folder that an ingest left"):
        ingest([states["2.gz"]], out)
    assert (elsewhere / "de" / stranger.name).read_bytes() == b"photo"


@pytest.mark.parametrize(
    "name", ["../x/00009.0123456789ab.0000.parquet", "/etc/passwd", "de/../00009.0123456789ab.0000.parquet", 7,
             "corpus.json", "de/00009.0123456789ab.0000.txt"]
)  # fmt: skip
def test_a_ledger_names_nothing_outside_the_corpus(states: dict[str, Path], tmp_path: Path, name: object) -> None:
    """Whoever wrote it, a path that is none of ours is neither passed over nor removed."""
    out = tmp_path / "c"
    shutil.copytree(states["before"], out)
    (tmp_path / "x").mkdir()
    victim = tmp_path / "x" / "00009.0123456789ab.0000.parquet"
    victim.write_bytes(b"x")
    (out / moving.STAGING).mkdir()
    moving.files.write_json(out / moving.STAGING / moving.LEDGER, {"files": [name]})
    assert moving.moving(out) == frozenset()
    ingest([states["2.gz"]], out)
    assert victim.read_bytes() == b"x"
    assert contents(out) == contents(states["after2"])


def test_what_the_ledger_names_is_not_removed_through_a_link(states: dict[str, Path], tmp_path: Path) -> None:
    """A language's folder that is a link leads elsewhere."""
    out = tmp_path / "c"
    shutil.copytree(states["before"], out)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    victim = elsewhere / "00009.0123456789ab.0000.parquet"
    victim.write_bytes(b"x")
    (out / "nl").symlink_to(elsewhere)
    (out / moving.STAGING).mkdir()
    moving.files.write_json(out / moving.STAGING / moving.LEDGER, {"files": [f"nl/{victim.name}"]})
    moving.clear(out, ())
    assert victim.read_bytes() == b"x"


def test_a_full_disk_leaves_the_corpus_as_it_was(
    states: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write finds no room, of a part, of the ledger, of the manifest: one line, the old state, and the same
    ingest goes on once there is room."""
    from sprachbund.errors import CapacityError

    real, failed = Path.write_bytes, 0
    for number in range(1, 20):
        out = tmp_path / f"c{number}"
        shutil.copytree(states["before"], out)
        calls: list[int] = []

        def full(path: Path, data: bytes) -> int:
            calls.append(1)  # noqa: B023
            if len(calls) >= number:  # noqa: B023
                raise OSError(28, os.strerror(28), str(path))
            return real(path, data)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", full)
            try:
                ingest([states["2.gz"]], out)
                break
            except CapacityError as error:
                assert "the disk is full" in str(error) and "bytes are free" in str(error) and "\n" not in str(error)
                failed += 1
        assert Corpus.open(out).manifest == Corpus.open(states["before"]).manifest
        assert contents(out) == contents(states["before"])
        ingest([states["2.gz"]], out)
        assert contents(out) == contents(states["after2"])
    assert failed >= 4
