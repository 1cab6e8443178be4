"""`sprachbund encode --out vectors.parquet`: a table that vector stores read."""

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from terminal import sprachbund, succeed

from sprachbund import Encoder

LINES = ["babebo cidofu", "fuga hike", 'a "quoted", line;']


@pytest.fixture(scope="module")
def table(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three lines, encoded."""
    out = tmp_path_factory.mktemp("parquet") / "vectors.parquet"
    shown = succeed("encode", model, "--out", out, standard_input="\n".join(LINES).encode())
    assert shown == f"{out}: 3 vectors of 16 numbers\n"
    return out


def test_polars_and_arrow_read_vectors_of_a_fixed_size(model: Path, table: Path) -> None:
    """The lines and the encoder's vectors, to the bit."""
    expected = Encoder.load(model).encode(LINES)
    frame = pl.read_parquet(table)
    assert dict(frame.schema) == {"text": pl.String, "vector": pl.Array(pl.Float32, 16)}
    assert frame["text"].to_list() == LINES
    np.testing.assert_array_equal(frame["vector"].to_numpy(), expected)
    arrow = pq.read_table(table)
    assert arrow.schema.field("vector").type == pa.list_(pa.float32(), 16)
    np.testing.assert_array_equal(np.array(arrow["vector"].to_pylist(), np.float32), expected)


def test_a_database_searches_it(model: Path, table: Path) -> None:
    """DuckDB's own inner product finds the line itself first."""
    vector = Encoder.load(model).encode([LINES[1]])[0].tolist()
    query = "SELECT text, array_inner_product(vector::FLOAT[16], ?::FLOAT[16]) AS score FROM read_parquet(?)"
    rows = duckdb.execute(f"{query} ORDER BY score DESC", [vector, str(table)]).fetchall()
    assert rows[0][0] == LINES[1] and rows[0][1] == pytest.approx(1, abs=1e-5)


def test_no_lines_and_lines_without_words(model: Path, tmp_path: Path) -> None:
    """An empty table keeps its columns; a line without words has the zero vector, and a warning counts it."""
    out = tmp_path / "vectors.parquet"
    succeed("encode", model, "--out", out)
    assert dict(pl.read_parquet(out).schema) == {"text": pl.String, "vector": pl.Array(pl.Float32, 16)}
    assert pl.read_parquet(out).is_empty()
    done = sprachbund("encode", model, "--out", out, standard_input=b"\nbabebo\n")
    assert b"1 of 2 lines have no words" in done.stderr
    frame = pl.read_parquet(out)
    assert frame["text"].to_list() == ["", "babebo"] and not frame["vector"].to_numpy()[0].any()
