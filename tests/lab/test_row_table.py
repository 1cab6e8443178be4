"""Tables of targets and starts: every format, and what is refused."""

import json
import logging
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sprachbund.errors import SettingsError, SourceError
from sprachbund.lab import table_rows
from sprachbund.lab.carry import RowMap, from_table, table_hash

TARGETS, STARTS = ["casa", "perro", "gato"], ["house", "home", "dog"]
EXPECTED = [{0: 0.75, 1: 0.25}, {2: 1.0}, {}]


def rows_of(found: RowMap) -> list[dict[int, float]]:
    """The starts and weights of each target."""
    ends = zip(found.offsets[:-1], found.offsets[1:], strict=True)
    return [dict(zip(found.rows[a:b].tolist(), found.weights[a:b].tolist(), strict=True)) for a, b in ends]


TEXTS = {
    "plain.tsv": "casa\thouse\t3\ncasa\thome\t1\nperro\tdog\n",
    "named.tsv": "note\tstart\tTARGET\tweight\r\nx\thouse\tcasa\t3\r\n\r\ny\thome\tcasa\t1\r\nz\tdog\tperro\t\r\n",
    "mark.txt": "\ufeffcasa\thouse\t3\ncasa\thome\t1\nperro\tdog\t0.5",
    "quoted.csv": 'target,start,weight\n"casa","house",3\ncasa,home,1\nperro,"dog",2e-3\n',
    "lines.jsonl": '{"target": "casa", "start": "house", "weight": 3}\n\n{"start": "home", "target": "casa"}\n'
    '{"target": "perro", "start": "dog", "weight": null}\n',
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_format_says_the_same(name: str, tmp_path: Path) -> None:
    """With and without a line of names; several rows of a target are a weighted mean, no weight is 1."""
    (tmp_path / name).write_bytes(TEXTS[name].encode())
    assert rows_of(from_table(tmp_path / name, TARGETS, STARTS)) == EXPECTED


def test_parquet_and_mappings_say_the_same(tmp_path: Path) -> None:
    """Weights of any type of numbers; a mapping to one start, to a list, to weights or to pairs."""
    frame = pl.DataFrame({"weight": [6, 2, 9], "start": ["house", "home", "dog"], "target": ["casa", "casa", "perro"]})
    for kind in (pl.UInt8, pl.Float32):
        frame.with_columns(pl.col("weight").cast(kind)).write_parquet(tmp_path / "table.parquet")
        assert rows_of(from_table(str(tmp_path / "table.parquet"), TARGETS, STARTS)) == EXPECTED
    given = {"casa": {"house": np.float32(3), "home": 1}, "perro": "dog"}
    assert rows_of(from_table(given, TARGETS, STARTS)) == EXPECTED
    pairs = {"casa": [("house", 3.0), ("home", 1.0)], "perro": ["dog"]}
    assert rows_of(from_table(pairs, TARGETS, STARTS)) == EXPECTED


def test_the_same_start_twice_adds_up() -> None:
    """Rows of one target and one start are one row of their weights' sum."""
    found = from_table({"casa": [("house", 1.0), ("home", 1.0), ("house", 2.0)]}, TARGETS, STARTS)
    assert rows_of(found) == [EXPECTED[0], {}, {}]


def test_kinds_and_the_models_way_of_writing() -> None:
    """Strings meet inside their kind; what a person wrote is brought to how the model writes, and to NFC."""
    given = {"CASA": "House", "Cafe\u0301": "coffee"}
    found = from_table(
        given, ["casa", "casa", "caf\u00e9"], ["house", "coffee"], kinds=[1, -4, 1], start_kinds=[1, 1],
        written=lambda column: column.str.to_lowercase(),
    )  # fmt: skip
    assert rows_of(found) == [{0: 1}, {}, {1: 1}]


def test_starts_that_the_model_lacks_are_named(caplog: pytest.LogCaptureFixture) -> None:
    """They are left out and counted; rows about other targets are no news."""
    given = {"casa": ["house", "mansion"], "gato": "cat", "sol": "sun"}
    with caplog.at_level(logging.WARNING, "sprachbund"):
        found = from_table(given, TARGETS, STARTS)
    assert rows_of(found) == [{0: 1}, {}, {}]
    assert [record.getMessage() for record in caplog.records] == [
        "the table: 2 of the 3 rows about these targets name a start that the start model lacks and are left out: "
        "'mansion', 'cat'"
    ]


def test_a_table_about_other_keys_is_refused() -> None:
    """It says what was expected, and sees columns that are the other way round."""
    with pytest.raises(SettingsError, match=r"none of its 1 rows .* columns target, start"):
        from_table({"sol": "sun"}, TARGETS, STARTS)
    with pytest.raises(SettingsError, match="the other way round"):
        from_table({"house": "casa", "dog": "perro"}, TARGETS, STARTS)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.tsv", "casa\thouse\t1\nperro\tdog\tnan\n", "line 2: expected a weight above 0, at most 1e+12, found 'nan'"),
        ("a.tsv", "casa\thouse\t-1\n", "line 1: expected a weight above 0, at most 1e+12, found '-1.0'"),
        ("a.tsv", "casa\thouse\t0\n", "line 1: expected a weight above 0"),
        ("a.tsv", "casa\thouse\tinf\n", "line 1: expected a weight above 0"),
        ("a.tsv", "casa\thouse\tnoun\n", "line 1: expected a weight above 0, at most 1e+12, found 'noun'"),
        ("a.tsv", "\ncasa\n", "line 2: expected the cells target, start and perhaps weight, found 1"),
        ("a.tsv", "casa\t\n", "line 1: expected the start as text, found ''"),
        ("a.csv", 'casa,"house\n', "line 1: cannot be read"),
        ("a.csv", f"casa,{'x' * 5_000}\n", "line 1: the start has 5,000 characters; 4,096 are the most"),
        ("a.csv", f"casa,{'x' * 70_000}\n", "line 1: longer than 65,536 bytes; is this a table?"),
        ("a.jsonl", '{"target": "casa", "start": "house"}\n[1]\n', "line 2: expected an object with target and start"),
        ("a.jsonl", '{"target": "casa", "start": 7}\n', "line 1: expected the start as text, found '7'"),
        ("a.jsonl", '{"target": "casa", "start": "house", "weight": true}\n', "line 1: expected a weight above 0"),
        ("a.jsonl", '{"target": "casa", "start": "house", "weight": 1e999}\n', "line 1: "),
        ("a.jsonl", "{\n", "line 1: not readable as JSON"),
        ("a.parquet", "casa", "damaged, not readable as Parquet"),
        ("a.npy", "casa", "expected a table whose name ends in .tsv, .txt, .csv, .parquet, .jsonl, .ndjson"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    """In one line, with the file and the number of the line."""
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError) as caught:
        from_table(tmp_path / name, TARGETS, STARTS)
    assert str(caught.value).startswith(str(tmp_path / name)) and said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_bytes_and_absent_files_are_refused(tmp_path: Path) -> None:
    """Text that is no UTF-8, half a surrogate pair, a folder, nothing."""
    (tmp_path / "a.tsv").write_bytes(b"casa\thouse\nni\xf1o\tchild\n")
    (tmp_path / "folder.tsv").mkdir()
    for name, said in (("a.tsv", "line 2: expected UTF-8"), ("folder.tsv", "no file"), ("none.tsv", "found nothing")):
        with pytest.raises(SourceError, match=said):
            from_table(tmp_path / name, TARGETS, STARTS)
    with pytest.raises(SourceError, match=r"entry 1: .* surrogate"):
        from_table({"casa\ud800": "house"}, TARGETS, STARTS)
    with pytest.raises(SourceError, match="entry 1: expected the start as text"):
        from_table({"casa": 7}, TARGETS, STARTS)


def test_parquet_of_other_columns_is_refused(tmp_path: Path) -> None:
    """The columns that are there are named; a row without a value has its number."""
    pl.DataFrame({"from": ["casa"], "to": ["house"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(SourceError, match=r"found from \(String\), to \(String\)"):
        from_table(tmp_path / "a.parquet", TARGETS, STARTS)
    pl.DataFrame({"target": ["casa", None], "start": ["house", "dog"]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(SourceError, match="row 2: expected the target as text"):
        from_table(tmp_path / "b.parquet", TARGETS, STARTS)


def test_tables_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, bytes, what Parquet expands to, and the starts of one target."""
    (tmp_path / "a.tsv").write_text("casa\thouse\n" * 9)
    pl.DataFrame({"target": ["casa"] * 9, "start": ["house"] * 9}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(SettingsError, match="'casa' has 1,001 starts; 1,000 are the most"):
        from_table({"casa": [str(n) for n in range(1_001)]}, TARGETS, [str(n) for n in range(1_001)])
    monkeypatch.setattr(table_rows, "MOST_ROWS", 8)
    for name in ("a.tsv", "a.parquet"):
        with pytest.raises(SourceError, match="at most 8 rows"):
            from_table(tmp_path / name, TARGETS, STARTS)
    monkeypatch.setattr(table_rows, "memory_limit", lambda: 40)
    for name in ("a.tsv", "a.parquet"):
        with pytest.raises(SourceError, match="more than the 10 that a table may have"):
            from_table(tmp_path / name, TARGETS, STARTS)


def test_a_table_has_a_hash(tmp_path: Path) -> None:
    """Of its bytes, or of what a mapping says."""
    (tmp_path / "a.jsonl").write_text(json.dumps({"target": "casa", "start": "house"}))
    before = table_hash(tmp_path / "a.jsonl")
    (tmp_path / "a.jsonl").write_text(json.dumps({"target": "casa", "start": "home"}))
    assert table_hash(tmp_path / "a.jsonl") != before
    assert table_hash({"casa": "house"}) == table_hash({"casa": {"house": 1}}) != table_hash({"casa": "home"})
    with pytest.raises(SourceError, match="found nothing"):
        table_hash(tmp_path / "b.jsonl")
