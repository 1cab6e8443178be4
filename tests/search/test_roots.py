"""What a document is called: the same however its source is spelt, in whatever order, and never another's name."""

import os
from pathlib import Path

import pytest

from sprachbund.errors import SourceError
from sprachbund.files import file_name, named_file
from sprachbund.search.roots import FILES, FOLDER, Plan, Root, file_of, place


def tree(folder: Path, *names: str) -> Path:
    """A folder with files of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def called(plan: Plan) -> list[str]:
    """What stands before the ids of documents without one of their own, and the files' names."""
    return [f"{one.prefix}{one.name}" for one in plan.found]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders with a file of the same name, seen from beside them."""
    tree(tmp_path, "2023/report.txt", "2024/report.txt", "2024/deep/more.txt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_two_folders_with_files_of_one_name(here: Path) -> None:
    """Each has its name before its ids, in any order and spelling; once known they stay what they are."""
    expected = ["2023/report.txt", "2024/deep/more.txt", "2024/report.txt"]
    (here / "link").symlink_to(here / "2024")
    plans = [
        place(sources, [], (here / "index",))
        for sources in (
            ["2023", "2024"],
            ["2024/", "./2023/"],
            [here / "2023", "2023/../2024"],
            ["link", "2023", "2023"],
        )
    ]
    assert [called(plan) for plan in plans] == [expected] * 4
    assert [plan.roots for plan in plans] == [plans[0].roots] * 4
    known = plans[0].roots.values()
    assert called(place(["2024"], known, (here / "index",))) == expected[1:]
    assert place(["2024"], known, (here / "index",)).roots == plans[0].roots


def test_the_first_folder_alone_adds_nothing(here: Path) -> None:
    """And goes on so when another comes, which has its name before its ids."""
    first = place(["2023"], [], (here / "index",))
    assert called(first) == ["report.txt"]
    second = place(["2024"], first.roots.values(), (here / "index",))
    assert called(second) == ["2024/deep/more.txt", "2024/report.txt"]
    both = place(["2024", "2023"], second.roots.values(), (here / "index",))
    assert called(both) == ["report.txt", "2024/deep/more.txt", "2024/report.txt"]


def test_a_file_or_a_folder_inside_a_known_one_belongs_to_it(here: Path) -> None:
    """It is not read under a second name; nor is a folder inside another that is named with it."""
    known = place(["2024"], [], (here / "index",)).roots.values()
    for source in ("2024/deep", "2024/deep/more.txt", "2024/./deep/../deep"):
        assert called(place([source], known, (here / "index",))) == ["deep/more.txt"]
    assert called(place(["2024/deep", "2024", "2024/report.txt"], [], (here / "index",))) == [
        "deep/more.txt",
        "report.txt",
    ]


def test_a_folder_around_a_known_one_leaves_that_its_own(here: Path) -> None:
    """The innermost root has the file; the rest belongs to the folder around it."""
    known = place(["2024"], [], (here / "index",)).roots.values()
    plan = place(["."], known, (here / "index",))
    assert sorted(called(plan)) == sorted(["deep/more.txt", "report.txt", f"{here.name}/2023/report.txt"])


def test_files_that_are_named_belong_to_their_folder(here: Path) -> None:
    """Two of one name do not meet; the folder, named later, has the same names, and then more than the file."""
    plan = place(["2024/report.txt", "2023/report.txt"], [], (here / "index",))
    assert called(plan) == ["2023/report.txt", "2024/report.txt"]
    assert {(root.name, root.kind, root.owned) for root in plan.roots.values()} == {
        ("2023", FILES, False),
        ("2024", FILES, False),
    }
    later = place(["2024"], plan.roots.values(), (here / "index",))
    assert called(later) == ["2024/deep/more.txt", "2024/report.txt"]
    assert later.roots["2024"].kind == FOLDER and not later.roots["2024"].owned
    alone = place(["2023/report.txt"], [], (here / "index",))
    assert called(alone) == ["report.txt"] and called(place(["2023"], alone.roots.values(), (here / "x",))) == [
        "report.txt"
    ]


def test_folders_of_one_name(tmp_path: Path) -> None:
    """As much of their paths as tells them apart, from each other and from what is known."""
    tree(tmp_path, "a/docs/x.txt", "b/docs/x.txt", "c/docs/x.txt")
    plan = place([tmp_path / "b/docs", tmp_path / "a/docs"], [], (tmp_path / "index",))
    assert called(plan) == ["a/docs/x.txt", "b/docs/x.txt"]
    known = [Root("docs", f"{tmp_path}/a/docs", "", True, FOLDER)]
    assert called(place([tmp_path / "c/docs"], known, (tmp_path / "index",))) == ["c/docs/x.txt"]


def test_the_index_itself_is_not_read(here: Path) -> None:
    """Nor what is made on the way, in the very folder that is indexed."""
    tree(here, "2023/index/index.json", "2023/index.partial/x/y.txt")
    plan = place(["2023"], [], (here / "2023/index", here / "2023/index.partial"))
    assert called(plan) == ["report.txt"]
    tree(here, "empty/index/index.json")
    with pytest.raises(SourceError, match="empty: expected files to read, found an empty folder"):
        place(["empty"], [], (here / "empty/index", here / "none"))


def test_what_a_source_covers(here: Path) -> None:
    """All below it, whichever root has it; a file is itself; a name that begins alike is another."""
    tree(here, "2024/deeper/x.txt")
    plan = place(["2024"], [], (here / "index",))
    (whole,) = plan.scopes
    (deep,) = place(["2024/deep"], plan.roots.values(), (here / "index",)).scopes
    (file,) = place(["2024/report.txt"], plan.roots.values(), (here / "index",)).scopes
    paths = ["deep/more.txt", "deeper/x.txt", "report.txt"]
    assert [[plan.covers(scope, "2024", path) for path in paths] for scope in (whole, deep, file)] == [
        [True, True, True],
        [True, False, False],
        [False, False, True],
    ]
    assert not plan.covers(whole, "", "") and not plan.covers(whole, "wikipedia:pt/", "")


def test_a_source_that_is_not_there(here: Path) -> None:
    """An error, but where it is known to be gone."""
    with pytest.raises(SourceError, match="nowhere: expected a file or folder to read, found nothing there; a hint"):
        place(["nowhere"], [], (here / "index",), hint="; a hint")
    plan = place(["nowhere"], [], (here / "index",), gone=True)
    assert plan.found == () and plan.scopes[0].path == f"{here}/nowhere"


@pytest.mark.parametrize("name", [b"caf\xe9", b"\\xe9", b"\\x5cxe9", b"a\\\xff\\xzz", "país".encode(), b"\\\\xe9"])
def test_the_name_of_a_file_comes_back(name: bytes, tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and names that look like what is written for them, are told apart and found again."""
    written = file_name(os.fsdecode(name))
    assert os.fsencode(named_file(written)) == name
    assert written.encode() and written.isprintable()
    folder = tmp_path / os.fsdecode(b"d\xe9")
    folder.mkdir()
    (folder / os.fsdecode(name)).write_text("x")
    plan = place([folder], [], (tmp_path / "index",))
    (root,), (one,) = plan.roots.values(), plan.found
    assert file_of(root, one.name).read_text() == "x"


def test_names_are_written_apart() -> None:
    """A byte and the four characters that stand for it."""
    assert file_name(os.fsdecode(b"\xe9")) == "\\xe9" and file_name("\\xe9") == "\\x5cxe9"
