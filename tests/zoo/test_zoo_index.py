"""Names and paths that stay where they belong, and an index that is checked though it is signed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import sealed
from sprachbund.zoo.index import Index, Tombstone, index_of
from sprachbund.zoo.names import require_name, require_paths, slug, wanted
from sprachbund.zoo.opening import open_zoo


@pytest.mark.parametrize("name", ["pt", "pt-small_2.1", "A", "x" * 80, "9"])
def test_names_that_may_be(name: str) -> None:
    """Letters, digits, and marks that no file system or address reads otherwise."""
    assert require_name(name) == name and wanted(name) == (name, None) and wanted(f"{name}@12") == (name, 12)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../pt",
        "a/b",
        "a\\b",
        ".hidden",
        "-rf",
        "x" * 81,
        "pt.",
        "ü",
        "a b",
        "a\0b",
        "con",
        "NUL.txt",
        "a:b",
    ],
)
def test_names_that_may_not(name: str) -> None:
    """Neither given nor asked for."""
    with pytest.raises(SettingsError):
        require_name(name)
    with pytest.raises(SettingsError):
        wanted(name)


@pytest.mark.parametrize("text", ["pt@", "pt@0", "pt@-1", "pt@1.5", "pt@1@2", "@1", "pt@9999999999"])
def test_versions_that_may_not(text: str) -> None:
    """A version is a whole number from 1 on."""
    with pytest.raises(SettingsError, match="expected the name of a model"):
        wanted(text)


def test_a_name_out_of_any_text() -> None:
    """What cannot stand in one goes; nothing may be left."""
    assert [slug(text) for text in ("Modelo de português!", "../../etc", "ქართული", "con", "a" * 99)] == [
        "Modelo-de-portugu-s", "etc", "", "", "a" * 80
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "../x", "a/../../x", "/etc/passwd", "a//b", "a/./b", "./a", "a\\..\\b", "C:x", "a\0b", "", "a/", "~/x",
        "a\nb", "a b", "nul", "a/aux.txt", ".ssh/key", "x.", "a" * 401, "é", "a\u202eb", "-x",
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere(path: str) -> None:
    """By the way up, a root, a drive, a backslash, a hidden name, a device: none is taken."""
    with pytest.raises(FolderError, match="no plain path inside a folder"):
        require_paths(["good.bin", path], "x")


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["Readme", "README"], "one on many a file system"),
        (["A/x", "a/y"], "one on many a file system"),
        (["a", "a/b"], "as a file and as a folder"),
        (["a", "a"], "one on many a file system"),
    ],
)
def test_paths_that_collide(paths: list[str], said: str) -> None:
    """By case, or a file with a folder."""
    with pytest.raises(FolderError, match=said):
        require_paths(paths, "x")
    require_paths(["a/x", "a/y", "b", "model/vectors.safetensors"], "x")


def test_an_index_is_read_back(zoo: Path) -> None:
    """All of it, stones too."""
    index = open_zoo(zoo).index
    stone = Tombstone("pt", 3, "encoder", ("pt",), "ab" * 32, ("cd" * 32,), "2026-02-01")
    whole = replace(index, removed=(stone,))
    assert index_of(whole.to_bytes(), "x") == whole
    assert (index.serial, len(index.models)) == (4, 4)


def changed(index: Index, change: Any) -> bytes:
    """An index as it would be signed by a keeper whose program is broken, or not ours."""
    said = json.loads(index.to_bytes())
    change(said)
    return json.dumps(sealed(said)).encode()


def _set(*path: Any) -> Any:
    *way, last, value = path

    def change(said: Any) -> None:
        for step in way:
            said = said[step]
        said[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set("serial", 0), "its serial number is 0"),
        (_set("serial", "7"), "expected int"),
        (_set("serial", True), "expected int"),
        (_set("kind", "corpus"), "expected the index of a zoo"),
        (_set("format", 2), "zoo format 2"),
        (_set("key", "../../x"), "should be a SHA-256"),
        (_set("models", {}), "expected tuple"),
        (_set("stranger", 1), "expected Index"),
        (_set("models", 0, "name", "../pt"), "cannot be the name of a model"),
        (_set("models", 0, "version", 0), "has the version 0"),
        (_set("models", 0, "version", -1), "has the version -1"),
        (_set("models", 0, "folder", "../../etc"), "no plain path"),
        (_set("models", 0, "folder", "/etc"), "no plain path"),
        (_set("models", 0, "files", 0, "path", "model/../../../x"), "no plain path"),
        (_set("models", 0, "files", 0, "path", "model/.bashrc"), "no plain path"),
        (_set("models", 0, "files", 0, "size", -1), "a size of en@1 cannot be"),
        (_set("models", 0, "files", 0, "size", 1 << 60), "a size of en@1 cannot be"),
        (_set("models", 0, "files", 0, "size", 1.5), "expected int"),
        (_set("models", 0, "files", 0, "sha256", "AB" * 32), "should be a SHA-256"),
        (_set("models", 0, "files", 0, "sha256", ""), "should be a SHA-256"),
        (_set("models", 0, "card", "languages", ["<b>"]), "a language is no code"),
        (_set("models", 0, "card", None), "expected Card"),
        (_set("models", 1, "name", "EN"), "two of its models have one name"),
        (_set("removed", [{"name": "x"}]), "expected Tombstone"),
    ],
)
def test_a_signed_index_is_checked_too(change: Any, said: str, zoo: Path) -> None:
    """An honest key may sign what a broken program wrote, and a stolen one anything."""
    with pytest.raises(FolderError, match=said):
        index_of(changed(open_zoo(zoo).index, change), "x")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff", b'{"kind": "zoo"', b"[" * 100_000, b'{"kind": "zoo", "format": 1}']
)
def test_what_is_no_index(data: bytes) -> None:
    """One error each."""
    with pytest.raises(FolderError, match=r"^x: "):
        index_of(data, "x")


def test_the_seal_is_compared(zoo: Path) -> None:
    """A value that was changed without it."""
    data = open_zoo(zoo).index.to_bytes().replace(b'"serial": 4', b'"serial": 5')
    with pytest.raises(FolderError, match="its SHA-256 is not the one in it"):
        index_of(data, "x")


def test_what_is_not_there_is_told(zoo: Path) -> None:
    """With what there is; a name without version is the newest."""
    index = open_zoo(zoo).index
    assert index.find("gl").called == "gl@2" and index.find("gl@1").called == "gl@1"
    for asked, said in (("pt", "no pt; it has en@1, es@1, gl@1, gl@2"), ("gl@3", "no gl@3; it has gl@1, gl@2")):
        with pytest.raises(SettingsError, match=said):
            index.find(asked)
