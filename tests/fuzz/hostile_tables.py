"""Parquet of Wikipedia's layout: other types, null rows, columns missing or nested, strings that are no UTF-8."""

import io
from random import Random

import polars as pl
from hostile_texts import LANGUAGES, text, title

__all__ = ["parquet"]

MARK = "QZQZQZ"
NO_UTF8 = (b"\xff\xfe\xed\xa0\x80\xc0", b"\0\0\0\0\0\0", b"\xf4\x90\x80\x80\x80\x80")


def parquet(r: Random) -> bytes:
    """A table of up to 3,000 rows."""
    rows = r.choice((0, 1, 3, 40)) if r.random() < 0.95 else 3_000
    small = rows > 100
    columns: dict[str, pl.Series] = {
        "id": pl.Series([str(number) for number in range(rows)], dtype=pl.String),
        "url": pl.Series([f"https://{r.choice(LANGUAGES)}.wikipedia.org/wiki/X" for _ in range(rows)], dtype=pl.String),
        "title": pl.Series([title(r) for _ in range(rows)], dtype=pl.String),
        "text": pl.Series(
            [MARK if small else text(r) + r.choice(("", "", MARK)) for _ in range(rows)], dtype=pl.String
        ),
    }
    if r.random() < 0.2:
        columns["lang"] = pl.Series([r.choice((*LANGUAGES, "zz", None)) for _ in range(rows)], dtype=pl.String)
    for _ in range(r.choice((0, 0, 1, 2))):
        name = r.choice(list(columns))
        if r.random() < 0.3:
            del columns[name]
        else:
            columns[name] = _other(r, columns[name])
        if not columns:
            break
    if r.random() < 0.1:  # a column of one value costs nothing in the file, and much once it is read
        columns["text"] = pl.repeat("a. " * r.choice((1_000, 100_000)), rows, eager=True)
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(
        file,
        compression=r.choice(("uncompressed", "zstd", "snappy", "gzip")),
        row_group_size=r.choice((1, 7, 1_000)) if rows < 100 else None,
        statistics=r.random() < 0.5,
    )
    data = file.getvalue()
    return data.replace(MARK.encode(), r.choice(NO_UTF8)) if r.random() < 0.3 else data


def _other(r: Random, column: pl.Series) -> pl.Series:
    """The column as another type, or with rows that are null."""
    count = len(column)
    return r.choice(
        (
            lambda: pl.Series([None] * count, dtype=pl.String),
            lambda: pl.Series([None if r.random() < 0.5 else f"{one}" for one in column], dtype=pl.String),
            lambda: pl.Series(range(count), dtype=pl.Int64),
            lambda: pl.Series([float("nan")] * count, dtype=pl.Float64),
            lambda: pl.Series([[one] for one in column], strict=False),
            lambda: pl.Series([{"a": one} for one in column], strict=False),
            lambda: pl.Series([f"{one}".encode() + b"\xff" for one in column], dtype=pl.Binary),
            lambda: pl.Series([f"{one}" for one in column], dtype=pl.String).cast(pl.Categorical),
            lambda: pl.Series([True] * count, dtype=pl.Boolean),
            lambda: pl.Series([0] * count, dtype=pl.Int32).cast(pl.Date),
            lambda: pl.Series([None] * count, dtype=pl.Null),
            lambda: pl.Series([b"\xff\xfe"] * count, dtype=pl.Binary),
        )
    )()
