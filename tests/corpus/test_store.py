"""A corpus on disk is readable by others, whole or refused by name, and named by its content."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, LanguageError

COLUMNS = ["lang", "document", "group", "section", "paragraph", "position", "text"]


def source(path: Path, lang: str, *texts: str) -> Path:
    rows = [
        {
            "id": f"{path.name}{number}",
            "lang": lang,
            "title": f"T{number}",
            "sections": [{"title": "S", "paragraphs": [text]}],
        }
        for number, text in enumerate(texts)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two languages from three sources; German in two files."""
    first = source(tmp_path / "a", "de", "Eins ist da. Zwei auch.", "Drei kommt.")
    second = source(tmp_path / "b", "uk", "Це речення. І ще одне.")
    third = source(tmp_path / "c", "de", "Vier geht.")
    ingest([first, second, third], tmp_path / "corpus")
    return tmp_path / "corpus"


GERMAN = ["Eins ist da.", "Zwei auch.", "Drei kommt.", "Vier geht."]


def test_languages_counts_and_reading_order(folder: Path) -> None:
    """Files in the order of their names are the corpus in the order in which it was ingested."""
    corpus = Corpus.open(folder)
    assert corpus.languages == ("de", "uk")
    assert corpus.counts["de"] == {
        "documents": 3,
        "sections": 3,
        "paragraphs": 3,
        "sentences": 4,
        "characters": sum(map(len, GERMAN)),
    }
    frame = corpus.read("de")
    assert frame["text"].to_list() == GERMAN
    assert dict(frame.schema) == {
        **dict.fromkeys(("lang", "document", "group", "text"), pl.String()),
        **dict.fromkeys(("section", "paragraph", "position"), pl.Int32()),
    }
    assert frame.columns == COLUMNS
    assert frame.null_count().sum_horizontal().item() == 0
    assert corpus.read("de", ["text", "document"]).columns == ["text", "document"]
    documents = corpus.documents("de")
    assert documents["title"].to_list() == ["T0", "T1", "T0"]
    assert documents["sentences"].to_list() == [2, 1, 1]
    assert documents["document"].to_list() == frame["document"].unique(maintain_order=True).to_list()


def test_others_read_it_without_us(folder: Path) -> None:
    """DuckDB over all languages, and pyarrow a file at a time, see the same rows and the same types."""
    rows = f"read_parquet('{folder}/*/*.parquet', filename=true, file_row_number=true)"
    found = duckdb.sql(f"select lang, text from {rows} order by filename, file_row_number").fetchall()
    assert [text for lang, text in found if lang == "de"] == GERMAN
    assert len(found) == 6
    [path] = folder.glob("uk/*.parquet")
    table = pq.read_table(path)
    assert table.column_names == COLUMNS
    assert table.column("text").to_pylist() == ["Це речення.", "І ще одне."]
    assert table.schema.field("position").type == pa.int32()
    columns = pq.ParquetFile(path).metadata.row_group(0)
    assert {columns.column(index).compression for index in range(7)} == {"ZSTD"}
    for name in ("lang", "document", "group"):
        assert "DICTIONARY" in " ".join(columns.column(COLUMNS.index(name)).encodings)


def test_the_content_hash_is_that_of_the_languages_asked_for(folder: Path, tmp_path: Path) -> None:
    """Another language added changes the hash of all and not of those that were there."""
    before = Corpus.open(folder)
    ingest([source(tmp_path / "d", "nl", "Een zin hier.")], folder)
    after = Corpus.open(folder)
    assert after.content_hash() != before.content_hash()
    assert after.content_hash(["uk", "de"]) == before.content_hash() == before.content_hash(["de", "uk"])
    assert after.content_hash(["de"]) != after.content_hash(["uk"])


def test_a_language_that_is_not_there(folder: Path) -> None:
    """The error lists those that are."""
    with pytest.raises(LanguageError, match="has no fr; it has de, uk"):
        Corpus.open(folder).read("fr")
    with pytest.raises(LanguageError, match="has no fr;"):
        Corpus.open(folder).content_hash(["fr"])


@pytest.mark.parametrize("check", [True, False])
def test_a_missing_a_short_and_a_foreign_file_are_named(folder: Path, check: bool) -> None:
    """What is wrong with the folder is said with the file that it is wrong with."""
    [victim] = folder.glob("uk/*.parquet")
    data = victim.read_bytes()
    stranger = folder / "uk" / "extra.parquet"
    stranger.write_bytes(data)
    with pytest.raises(FolderError, match=r"extra\.parquet: a foreign file.*move it elsewhere"):
        Corpus.open(folder, check=check)
    stranger.rename(folder / "uk" / "00009.0123456789ab.0000.parquet")
    with pytest.raises(FolderError, match=r"00009.*a foreign file.*move it elsewhere"):
        Corpus.open(folder, check=check)
    (folder / "uk" / "00009.0123456789ab.0000.parquet").unlink()
    victim.write_bytes(data[:-10])
    with pytest.raises(FolderError, match=f"{victim.name}: damaged"):
        Corpus.open(folder, check=check)
    victim.unlink()
    with pytest.raises(FolderError, match=f"{victim.name}: .*missing"):
        Corpus.open(folder, check=check)


def test_one_changed_byte_is_found_by_the_hash(folder: Path) -> None:
    """Of the right size and wrong: opening checks the hashes, and the file is named."""
    [victim] = folder.glob("uk/*.parquet")
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(bytes(data))
    with pytest.raises(FolderError, match=f"{victim.name}: damaged, its SHA-256"):
        Corpus.open(folder)


def test_damage_that_opening_did_not_look_for_is_named_by_reading(folder: Path) -> None:
    """Without the check, a file that is no Parquet any more is an error of ours when it is read."""
    corpus = Corpus.open(folder, check=False)
    [victim] = folder.glob("uk/*.parquet")
    victim.write_bytes(b"x" * victim.stat().st_size)
    with pytest.raises(FolderError, match=f"{victim.name}: damaged"):
        corpus.read("uk")


def test_another_kind_and_another_version_are_refused(folder: Path, tmp_path: Path) -> None:
    """The manifest says what the folder is; a newer format names the version that wrote it."""
    manifest = json.loads((folder / "corpus.json").read_text())
    (folder / "corpus.json").write_text(json.dumps({**manifest, "format": 9, "written_by": "7.0"}))
    with pytest.raises(FolderError, match=r"corpus format 9, written by sprachbund 7\.0"):
        Corpus.open(folder)
    (folder / "corpus.json").write_text(json.dumps({**manifest, "kind": "model"}))
    with pytest.raises(FolderError, match="expected a corpus, found a model"):
        Corpus.open(folder)
    with pytest.raises(FolderError, match="found nothing"):
        Corpus.open(tmp_path / "absent")
