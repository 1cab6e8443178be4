"""What holds of Qdrant alone: collections of others, what a killed change left, servers that do not answer."""

import sys
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models

from sprachbund import Database, Index, write_index
from sprachbund.errors import DatabaseError, MissingExtraError


def test_collections_of_others_stay_and_leftovers_go(index: Index, tmp_path: Path) -> None:
    """A collection under the table's name is not ours; one that a killed change left is removed by the next."""
    client = QdrantClient(path=str(tmp_path / "q"))
    vectors = models.VectorParams(size=2, distance=models.Distance.DOT)
    for name in ("theirs", "ours-0123", "ours_too-1"):
        client.create_collection(name, vectors)
    client.close()
    with pytest.raises(DatabaseError, match="is no table that sprachbund wrote"):
        write_index(index, f"qdrant://{tmp_path}/q?table=theirs")
    write_index(index, f"qdrant://{tmp_path}/q?table=ours")
    client = QdrantClient(path=str(tmp_path / "q"))
    names = {one.name for one in client.get_collections().collections}
    client.close()
    assert {"theirs", "ours_too-1"} < names and "ours-0123" not in names and len(names) == 3


def test_another_version_of_the_schema(index: Index, tmp_path: Path) -> None:
    """Both versions are named."""
    url = f"qdrant://{tmp_path}/q?table=later"
    write_index(index, url)
    client = QdrantClient(path=str(tmp_path / "q"))
    client.update_collection("later", metadata={"schema": 99})
    client.close()
    with pytest.raises(DatabaseError, match=r"schema version 99, .* this version reads 1"):
        Database.open(url, index.path)


def test_a_folder_in_use_and_servers_that_are_down(index: Index, tmp_path: Path) -> None:
    """One line each, without the key."""
    client = QdrantClient(path=str(tmp_path / "q"))
    with pytest.raises(DatabaseError, match="already accessed"):
        write_index(index, f"qdrant://{tmp_path}/q")
    client.close()
    with pytest.raises(DatabaseError, match="does not answer") as caught:
        write_index(index, "qdrant://:s3cret@127.0.0.1:9/")
    assert "s3cret" not in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(DatabaseError, match="does not answer"):
        write_index(index, "qdrant://127.0.0.1:port")
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="refuses"):
        write_index(index, f"qdrant://{tmp_path}/file/q")


def test_without_the_client(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[qdrant\]'"):
        write_index(index, "qdrant://h")
