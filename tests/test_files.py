"""Writing is whole or not at all, manifests refuse what they do not know, and sizes mean powers of 1024."""

import gc
import json
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from sprachbund import files
from sprachbund.errors import FolderError


class Stop(Exception):
    """Raised by the tests inside a body."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_atomic_path_replaces_on_success(tmp_path: Path) -> None:
    """The new bytes are there, nothing else is, and folders on the way are made."""
    target = tmp_path / "in" / "file"
    files.write_text(target, "old")
    with files.atomic_path(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert names(tmp_path / "in") == ["file"]


def test_atomic_path_keeps_the_old_state_when_the_body_raises(tmp_path: Path) -> None:
    """Half-written bytes never reach the place, nor do they stay beside it."""
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(Stop), files.atomic_path(target) as temporary:
        temporary.write_text("ne")
        raise Stop
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_write_json_is_sorted_and_readable(tmp_path: Path) -> None:
    """The same value gives the same bytes: sorted keys, letters as they are, a newline at the end."""
    files.write_json(tmp_path / "a", {"b": "ñ", "a": [1]})
    assert (tmp_path / "a").read_text(encoding="utf-8") == '{\n  "a": [\n    1\n  ],\n  "b": "ñ"\n}\n'


@pytest.mark.parametrize("size", [0, 1, 5000])
@pytest.mark.parametrize("mapped", [True, False])
def test_arrays_come_back(tmp_path: Path, size: int, mapped: bool) -> None:
    """Any length, mapped or not; an empty array cannot be mapped and is read."""
    array = np.arange(size, dtype=np.int32)
    files.write_array(tmp_path / "a.npy", array)
    found = files.read_array(tmp_path / "a.npy", mapped=mapped)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, array)


def test_arrays_are_read_in_threads(tmp_path: Path) -> None:
    """Also where the garbage collector calls back, as it does with Prometheus, and another thread goes on meanwhile."""
    path = tmp_path / "a.npy"
    files.write_array(path, np.arange(1_000))
    wrong: list[BaseException] = []

    def give_way(phase: str, info: dict[str, int]) -> None:
        time.sleep(0)

    def read() -> None:
        try:
            for _ in range(1_000):
                assert len(files.read_array(path)) == 1_000
        except BaseException as error:
            wrong.append(error)

    before, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(7)
    sys.setswitchinterval(1e-6)
    gc.callbacks.append(give_way)
    try:
        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(give_way)
        gc.set_threshold(*before)
        sys.setswitchinterval(interval)
    assert not wrong


def test_arrays_that_are_not_there_or_damaged(tmp_path: Path) -> None:
    """Each is an error of ours that names the file."""
    with pytest.raises(FolderError, match=r"a\.npy: expected a file here, found nothing"):
        files.read_array(tmp_path / "a.npy")
    (tmp_path / "b.npy").write_bytes(b"x" * 2000)
    with pytest.raises(FolderError, match=r"b\.npy: not a readable \.npy array"):
        files.read_array(tmp_path / "b.npy")
    files.write_array(tmp_path / "c.npy", np.arange(1000))
    data = (tmp_path / "c.npy").read_bytes()
    (tmp_path / "c.npy").write_bytes(data[: len(data) // 2])
    for mapped in (True, False):
        with pytest.raises(FolderError, match=r"c\.npy: not a readable"):
            files.read_array(tmp_path / "c.npy", mapped=mapped)


def test_atomic_folder_appears_whole(tmp_path: Path) -> None:
    """Before the end nothing is at the place; after it all is, and the old content is gone."""
    target = tmp_path / "folder"
    with files.atomic_folder(target) as temporary:
        (temporary / "in").mkdir()
        (temporary / "in" / "a").write_text("1")
        assert not target.exists()
    assert (target / "in" / "a").read_text() == "1"
    files.write_manifest(target, "m.json", "thing", 1)
    with files.atomic_folder(target, "m.json") as temporary:
        (temporary / "b").write_text("2")
        assert names(target) == ["in", "m.json"]
    assert names(target) == ["b"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("system", [True, False])
def test_atomic_folder_replaces(tmp_path: Path, system: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where names can be exchanged there is a whole folder at every moment; elsewhere the result is the same."""
    for name in ("one", "other"):
        (tmp_path / "try" / name).mkdir(parents=True)
    able = files._exchange(tmp_path / "try" / "one", tmp_path / "try" / "other")  # not every file system can
    if not system:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    target = tmp_path / "folder"
    missing, stop = [], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            try:
                (target / "value").read_text()
            except FileNotFoundError:
                missing.append(1)

    def write(number: int) -> None:
        with files.atomic_folder(target, "m.json") as temporary:
            (temporary / "value").write_text(str(number))
            (temporary / f"only {number}").write_text("")
            files.write_manifest(temporary, "m.json", "thing", 1)

    write(0)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(1, 200):
            write(number)
    finally:
        stop.set()
        watcher.join()
    assert names(tmp_path) == ["folder", "try"] and names(target) == ["m.json", "only 199", "value"]
    assert (target / "value").read_text() == "199"
    if system and able:
        assert not missing


def test_atomic_folder_keeps_the_old_state_when_the_body_raises(tmp_path: Path) -> None:
    """The old folder stays as it was, the temporary one goes."""
    target = tmp_path / "folder"
    target.mkdir()
    (target / "a").write_text("old")
    files.write_manifest(target, "m.json", "thing", 1)
    with pytest.raises(Stop), files.atomic_folder(target, "m.json") as temporary:
        (temporary / "a").write_text("new")
        raise Stop
    assert (target / "a").read_text() == "old"
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_modes_follow_the_umask(tmp_path: Path, mask: int) -> None:
    """Files and folders are as readable as if they had been made by hand, whatever mode a library gave them."""
    old = os.umask(mask)
    try:
        with files.atomic_path(tmp_path / "file") as temporary:
            temporary.write_text("")
            temporary.chmod(0o600)
        with files.atomic_folder(tmp_path / "folder") as folder:
            (folder / "in").mkdir()
            (folder / "in" / "a").write_text("")
            (folder / "in" / "a").chmod(0o600)
    finally:
        os.umask(old)
    for path, full in (("file", 0o666), ("folder", 0o777), ("folder/in", 0o777), ("folder/in/a", 0o666)):
        assert (tmp_path / path).stat().st_mode & 0o777 == full & ~mask, path


def test_links_are_written_through(tmp_path: Path) -> None:
    """A link stays a link; what it points to is replaced, and nothing else."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("old")
    (tmp_path / "file").symlink_to(tmp_path / "real" / "file")
    files.write_text(tmp_path / "file", "new")
    assert (tmp_path / "file").is_symlink() and (tmp_path / "real" / "file").read_text() == "new"
    (tmp_path / "folder").symlink_to(tmp_path / "real" / "folder")
    with files.atomic_folder(tmp_path / "folder") as temporary:
        (temporary / "a").write_text("1")
    assert (tmp_path / "folder").is_symlink() and names(tmp_path / "real" / "folder") == ["a"]


def test_devices_and_folders_are_no_files_to_write(tmp_path: Path) -> None:
    """Renaming over /dev/null would remove it."""
    (tmp_path / "folder").mkdir()
    for path, what in ((Path("/dev/null"), "a device"), (tmp_path / "folder", "a folder")):
        with pytest.raises(FolderError, match=f"expected a file to write, found {what}"):
            files.write_text(path, "")


def test_only_what_is_ours_is_replaced(tmp_path: Path) -> None:
    """A file, a link or an empty folder that the manifest does not list keeps its folder as it is, and is named."""
    target = tmp_path / "model"

    def write(value: str) -> None:
        with files.atomic_folder(target, "m.json") as folder:
            (folder / "in").mkdir()
            (folder / "in" / "data").write_text(value)
            files.write_manifest(folder, "m.json", "thing", 1)

    write("1")
    write("2")
    assert (target / "in" / "data").read_text() == "2"
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_text("x")
    for name in ("thesis.txt", "in/thesis.txt", "photos", "notes"):
        foreign = target / name
        if name == "photos":
            foreign.symlink_to(tmp_path / "photos")
        elif name == "notes":
            foreign.mkdir()
        else:
            foreign.write_text("mine")
        with pytest.raises(FolderError, match=f"{foreign.name}: not written by sprachbund"):
            write("3")
        assert (target / "in" / "data").read_text() == "2" and foreign.exists()
        if name == "notes":
            foreign.rmdir()
        else:
            foreign.unlink()
    assert (tmp_path / "photos" / "one.jpg").exists()
    (target / "m.json").write_text("[]")  # nothing says any more what is ours
    with pytest.raises(FolderError, match="no longer known to be"):
        write("3")
    assert (target / "in" / "data").read_text() == "2"


def test_manifest_round_trip(tmp_path: Path) -> None:
    """Kind, version, fields and the hashes of all files, those in folders too; SHA-256 of nothing is well known."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty").write_bytes(b"")
    files.write_manifest(tmp_path, "m.json", "thing", 3, extra={"x": [1]})
    manifest = files.read_manifest(tmp_path, "m.json", "thing", 3, check=True)
    assert manifest["kind"] == "thing"
    assert manifest["format"] == 3
    assert manifest["extra"] == {"x": [1]}
    assert manifest["files"] == {"in/empty": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}


@pytest.fixture
def thing(tmp_path: Path) -> Path:
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "data").write_text("content")
    files.write_manifest(folder, "m.json", "thing", 1)
    return folder


def test_what_is_wrong_with_a_folder_is_named(thing: Path) -> None:
    """Absent, a file, without a manifest, no JSON, no text, foreign JSON, other kinds and versions."""

    def problem(folder: Path = thing) -> str:
        with pytest.raises(FolderError) as error:
            files.read_manifest(folder, "m.json", "thing", 1, check=True)
        assert "\n" not in str(error.value)
        return str(error.value)

    manifest = json.loads((thing / "m.json").read_text())
    assert problem(thing / "no") == f"{thing / 'no'}: expected a thing folder, found nothing"
    assert problem(thing / "data") == f"{thing / 'data'}: expected a thing folder, found a file"
    (thing / "m.json").unlink()
    assert problem() == f"{thing}: expected a thing folder, but it has no m.json"
    (thing / "m.json").write_text('{"kind": "thi')
    assert "m.json: damaged, not readable as JSON" in problem()
    (thing / "m.json").write_bytes(b"\xff\xfe\x00")
    assert "m.json: damaged, not readable as JSON" in problem()
    (thing / "m.json").write_text("[" * 100_000)
    assert "m.json: damaged, not readable as JSON" in problem()
    (thing / "m.json").write_text(json.dumps({**manifest, "extra": float("nan")}))
    assert "NaN is no JSON" in problem()
    for foreign in ("[1]", '"text"', '{"kind": "thing"}'):
        (thing / "m.json").write_text(foreign)
        assert "not a manifest of sprachbund" in problem()
    (thing / "m.json").write_text(json.dumps({**manifest, "kind": "other"}))
    assert problem() == f"{thing}: expected a thing, found an other"
    (thing / "m.json").write_text(json.dumps({**manifest, "format": 2, "written_by": "9.9"}))
    assert "thing format 2, written by sprachbund 9.9; this version reads format 1" in problem()
    assert "install sprachbund 9.9" in problem()
    for change in ({"format": 1.0}, {"extra": 1}, {"files": {}}, {"sha256": "0"}):
        (thing / "m.json").write_text(json.dumps({**manifest, **change}))
        assert "m.json: damaged, its SHA-256 is not the one in it" in problem()
    without = {name: value for name, value in manifest.items() if name != "sha256"}
    (thing / "m.json").write_text(json.dumps(without))
    assert "m.json: damaged, its SHA-256 is not the one in it" in problem()
    for files_ in ([], {"../data": "0"}, {"/etc/passwd": "0"}, {"a/./b": "0"}, {"": "0"}, {"a\0": "0"}):
        (thing / "m.json").write_text(json.dumps(files.sealed({**manifest, "files": files_})))
        assert ("no path inside the folder" in problem()) or "expected files to be dict, found list" in problem()
    written = {**manifest, "format": 2, "written_by": files.package_version()}
    (thing / "m.json").write_text(json.dumps(written))
    assert problem().endswith("make it anew")  # the version that wrote it is this one


def test_missing_and_damaged_files_are_named(thing: Path) -> None:
    """A missing file is seen at once, a changed one when the hashes are checked."""
    (thing / "data").write_text("c0ntent")
    files.read_manifest(thing, "m.json", "thing", 1)
    with pytest.raises(FolderError, match=r"data: damaged, its SHA-256 is not the one in m\.json"):
        files.read_manifest(thing, "m.json", "thing", 1, check=True)
    (thing / "data").unlink()
    with pytest.raises(FolderError, match=r"data: the thing's manifest lists this file, but it is missing"):
        files.read_manifest(thing, "m.json", "thing", 1)


def test_fields_have_their_types(tmp_path: Path) -> None:
    """Missing and of another type are told apart; true is no number, and a whole number serves as a fraction."""
    said = {"rows": 3, "share": 1, "whole": True, "name": None}
    files.require_fields(tmp_path, said, {"rows": int, "share": float, "whole": bool, "name": (str, type(None))})
    for name, expected, found in (("rows", str, "int"), ("whole", int, "bool"), ("gone", int, "nothing")):
        with pytest.raises(FolderError, match=f"expected {name} to be {expected.__name__}, found {found}"):
            files.require_fields(tmp_path, said, {name: expected})


def test_arrays_of_another_kind_are_refused(tmp_path: Path) -> None:
    """By type and by the number of dimensions; an archive of arrays is none."""
    files.write_array(tmp_path / "a.npy", np.zeros((2, 3), np.int32))
    assert files.read_array(tmp_path / "a.npy", dtype=np.int32, dimensions=2).shape == (2, 3)
    for dtype, dimensions in ((np.int64, 2), (np.int32, 1), (np.float32, None)):
        with pytest.raises(FolderError, match=r"a\.npy: expected an array of .*, found int32 with 2"):
            files.read_array(tmp_path / "a.npy", dtype=dtype, dimensions=dimensions)
    np.savez(tmp_path / "b.npz", np.zeros(1_000))
    (tmp_path / "b.npz").rename(tmp_path / "b.npy")
    with pytest.raises(FolderError, match="an archive"):
        files.read_array(tmp_path / "b.npy")


def test_require_free(tmp_path: Path) -> None:
    """Nothing and an empty folder are free; a file and a folder with something in it are not."""
    files.require_free(tmp_path / "no")
    files.require_free(tmp_path)
    (tmp_path / "a").write_text("")
    for taken in (tmp_path, tmp_path / "a"):
        with pytest.raises(FolderError, match="already holds something else"):
            files.require_free(taken)


def test_content_hash_is_of_the_value_and_not_of_its_order() -> None:
    """Keys may come in any order, items of a list may not; the hash is SHA-256 of the canonical JSON."""
    assert files.content_hash({"a": 1, "b": [1, 2]}) == files.content_hash({"b": [1, 2], "a": 1})
    assert files.content_hash({"b": [1, 2]}) != files.content_hash({"b": [2, 1]})
    # printf '{}' | sha256sum
    assert files.content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("folder", [True, False])
def test_an_output_may_lack_one_folder_above_it(tmp_path: Path, folder: bool) -> None:
    """Where it is, or one folder away; nothing is made by asking."""
    for path in (tmp_path / "a", tmp_path / "new" / "a"):
        files.require_place(path, folder=folder)
    assert names(tmp_path) == []


@pytest.mark.parametrize("folder", [True, False])
def test_an_output_is_refused_where_nobody_meant_it(tmp_path: Path, folder: bool) -> None:
    """Two folders missing, one missing in the root, a file on the way: each named, and nothing made."""
    with pytest.raises(FolderError, match=rf"x: the folder {tmp_path}/no does not exist; make it first"):
        files.require_place(tmp_path / "no" / "such" / "x", folder=folder)
    with pytest.raises(FolderError, match=r"^/no-such-folder/x: the folder /no-such-folder does not exist"):
        files.require_place(Path("/no-such-folder/x"), folder=folder)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderError, match=rf"{tmp_path}/file is a file, not a folder"):
        files.require_place(tmp_path / "file" / "x", folder=folder)
    with pytest.raises(FolderError, match=rf"{tmp_path}/file is a file, not a folder"):
        files.require_place(tmp_path / "file" / "in" / "x", folder=folder)
    assert names(tmp_path) == ["file"]


def test_an_output_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    """A folder where a file is to be written, and the reverse."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FolderError, match="folder: is a folder; name a file to write"):
        files.require_place(tmp_path / "folder", folder=False)
    with pytest.raises(FolderError, match="file: is a file; name a folder to write"):
        files.require_place(tmp_path / "file", folder=True)
    files.require_place(tmp_path / "file", folder=False)
    files.require_place(tmp_path / "folder", folder=True)


def test_an_output_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without the right to write, or on a disk mounted for reading: before any work."""
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path)
    with pytest.raises(FolderError, match=rf"{tmp_path} may not be written"):
        files.require_place(tmp_path / "new" / "x", folder=True)
    (tmp_path / "ours").mkdir()
    files.require_place(tmp_path / "ours", folder=True)
