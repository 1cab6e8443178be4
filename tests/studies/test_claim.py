"""Whose folder a study's is."""

from pathlib import Path

import pytest

from sprachbund.errors import FolderError
from sprachbund.runs.unfinished import claimed

WORK: dict[str, object] = {"seeds": 3, "languages": ["gl", "pt"], "settings": {"shares": (0.8, 0.1, 0.1)}}


def _claim(folder: Path, work: dict[str, object] = WORK) -> bool:
    with claimed(folder, work, "a study", "at work") as fresh:
        return fresh


def test_a_study_is_begun_and_taken_up(tmp_path: Path) -> None:
    """New in a folder that is not there, or empty, or holds what a kill left of the very first file."""
    for name in ("absent", "empty", "killed"):
        folder = tmp_path / name
        if name != "absent":
            folder.mkdir()
        if name == "killed":
            (folder / ".sprachbund-0123456789abcdef.tmp").mkdir()
            (folder / ".sprachbund-0123456789abcdef.tmp" / "work.json").write_text("{")
        assert _claim(folder) is True
        assert _claim(folder) is False
        assert [path.name for path in folder.iterdir()] == ["work.json"]


def test_another_study_is_refused_and_the_differences_named(tmp_path: Path) -> None:
    """Also where the other has more to say."""
    _claim(tmp_path / "study")
    with pytest.raises(FolderError, match=r"holds a study that differs in extra, seeds; finish it"):
        _claim(tmp_path / "study", WORK | {"seeds": 4, "extra": 1})


@pytest.mark.parametrize("note", [None, "[]", "{", "3"])
def test_what_is_no_study_is_left_alone(tmp_path: Path, note: str | None) -> None:
    """A folder of something else, a note that cannot be read, a file."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    if note is not None:
        (tmp_path / "mine" / "work.json").write_text(note)
    with pytest.raises(FolderError, match="holds something that is not a study"):
        _claim(tmp_path / "mine")
    with pytest.raises(FolderError, match="it is a file"):
        _claim(tmp_path / "mine" / "letter")
    assert (tmp_path / "mine" / "letter").read_text() == "dear"
