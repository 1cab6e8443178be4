"""Where measures read from, and what is kept of it."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from sprachbund.errors import MissingDataError, SourceError
from sprachbund.neighbours.inventories import inventory_of
from sprachbund.neighbours.sources import VARIABLE, Sources, open_sources

SCHEMA = {"word": pl.String, "count": pl.Int64}


def test_a_missing_table_says_where_to_get_it(tmp_path: Path) -> None:
    """With the folder that was looked in, the page and the licence."""
    with pytest.raises(MissingDataError, match=rf"PHOIBLE .*{tmp_path}.*https://.*CC-BY-SA"):
        open_sources(tmp_path).folder("phoible")
    with pytest.raises(MissingDataError, match="--data or SPRACHBUND_DATA"):
        Sources().folder("iecor")
    (tmp_path / "iecor").mkdir()
    with pytest.raises(MissingDataError, match=r"iecor: expected forms.csv of IE-CoR; get it at"):
        open_sources(tmp_path).file("iecor", "forms.csv")


def test_the_folder_of_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is named wins over the environment; a name that is no folder is an error and not an empty result."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(MissingDataError, match=r"nothing \(from SPRACHBUND_DATA\): expected a folder"):
        open_sources()
    assert open_sources(tmp_path).data == tmp_path
    monkeypatch.delenv(VARIABLE)
    assert open_sources().data is None


def test_features_are_made_once_and_again_when_the_file_changes(tmp_path: Path) -> None:
    """Kept in memory and on disk under the content's hash; a damaged file is made anew."""
    source, made = tmp_path / "words", []

    def make() -> pl.DataFrame:
        made.append(1)
        return pl.DataFrame({"word": [source.read_text()], "count": [len(made)]}, SCHEMA)

    def read() -> tuple[str, int]:
        return open_sources(tmp_path, tmp_path / "kept").features("words", 1, [source], SCHEMA, make).row(0)

    source.write_text("one")
    assert [read(), read()] == [("one", 1), ("one", 1)]
    source.write_text("two")
    assert read() == ("two", 2)
    for path in (tmp_path / "kept").iterdir():
        path.write_bytes(path.read_bytes()[:-5])
    assert read() == ("two", 3)
    memory = open_sources(tmp_path, tmp_path / "other")
    memory.features("words", 1, [source], SCHEMA, make)
    assert memory.features("words", 1, [source], SCHEMA, make).row(0) == ("two", 4)


def test_a_folder_of_features_that_cannot_be_written_costs_time_alone(small: Sources, tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "taken").write_text("")
    found = inventory_of(Sources(small.data, tmp_path / "taken" / "features"), "es")
    assert found is not None and found.vowels == ("a",)


def test_another_table_than_expected_is_named(small: Sources, tmp_path: Path) -> None:
    """A heading that lacks, and a compressed file that is cut: one line with the file, no library's traceback."""
    assert small.data is not None
    path = small.data / "phoible" / "phoible-phonemes.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(SourceError, match=r"phoible-phonemes.tsv: cannot be read as the table .*get it anew"):
        inventory_of(open_sources(small.data, tmp_path / "other"), "es")
    path.unlink()
    whole = gzip.compress(b"InventoryID\tLanguageCode\n" + bytes(range(9, 127)) * 50)
    path.with_name("phoible-phonemes.tsv.gz").write_bytes(whole[:60])
    with pytest.raises(SourceError, match=r"phoible-phonemes.tsv.gz: cannot be read as the table"):
        inventory_of(open_sources(small.data, tmp_path / "another"), "es")
