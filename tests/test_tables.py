"""A table is the file of exactly that name, and a full disk is said by its own error."""

import os
from pathlib import Path

import polars as pl
import pytest

from sprachbund.tables import read_parquet, write_parquet

FRAME = pl.DataFrame({"a": ["x", "y"], "b": [1, 2]})


@pytest.mark.parametrize(
    "name", ["t[1].parquet", "t*.parquet", "t?.parquet", "{a,b}.parquet", "~", "~root", "%20#.parquet"]
)
def test_a_name_is_no_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Beside files that the pattern would match, relative to the folder as a person types it."""
    monkeypatch.chdir(tmp_path)
    for other in ("t1.parquet", "tt.parquet", "a", "b.parquet"):
        write_parquet(FRAME.head(1), Path(other))
    write_parquet(FRAME, Path(name))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["t1.parquet", "tt.parquet", "a", "b.parquet", name]
    )
    assert read_parquet(Path(name)).equals(FRAME)
    assert read_parquet(Path(name), ["b"]).columns == ["b"]


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    """Folders and files on disk have names of bytes."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    write_parquet(FRAME, folder / "t.parquet")
    assert read_parquet(folder / "t.parquet").equals(FRAME)


def test_a_full_disk_is_an_oserror_with_the_file() -> None:
    """Polars calls it a table out of specification."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with pytest.raises(OSError, match=r"\[Errno 28\] .*'/dev/full'"):
        write_parquet(FRAME, Path("/dev/full"))
