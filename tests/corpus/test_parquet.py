"""Parquet of any maker: columns of other types, rows that cannot be read, and files that are small only on disk."""

import decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from peak import peak

from sprachbund.corpus.ingest import SourceSummary, ingest
from sprachbund.corpus.sources.parquet_pages import row_groups
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError

MILL = "The mill stands by the river and grinds corn. People come from far away to see it."


def read(
    tmp_path: Path, table: pa.Table, lang: str | None = "en", limits: Limits | None = None, **options: object
) -> tuple[SourceSummary, Corpus]:
    pq.write_table(table, tmp_path / "rows.parquet", **options)
    source = ingest([tmp_path / "rows.parquet"], tmp_path / "corpus", lang, limits=limits).sources[0]
    return source, Corpus.open(tmp_path / "corpus")


def ids(corpus: Corpus, lang: str = "en") -> list[str]:
    return corpus.documents(lang)["document"].to_list()


def texts(count: int) -> list[str]:
    return [f"Mill {number} stands by the river. It grinds corn for all." for number in range(count)]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([0, 1, 2], pa.int64()), ["0", "1", "2"]),
        (pa.array([2**64 - 1, 0, 1], pa.uint64()), ["18446744073709551615", "0", "1"]),
        (pa.array([0.0, 1.0, None]), ["0", "1", "rows.parquet:3"]),
        (pa.array(["a", "", None], pa.large_string()), ["a", "rows.parquet:2", "rows.parquet:3"]),
        (pa.array([b"a", b"b\xff", b"c"], pa.binary()), ["a", "62ff", "c"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a#2"]),
        (pa.array(["a", "b", "c"], pa.string_view()), ["a", "b", "c"]),
        (pa.array([False, True, None]), ["false", "true", "rows.parquet:3"]),
        (pa.array([b"\xff" * 16, b"\xfe" * 16, b"x" * 16], pa.binary(16)),
         ["ffffffff-ffff-ffff-ffff-ffffffffffff", "fefefefe-fefe-fefe-fefe-fefefefefefe", "x" * 16]),
        (pa.array([decimal.Decimal("1"), decimal.Decimal("2"), None]), ["1", "2", "rows.parquet:3"]),
        (pa.nulls(3), ["rows.parquet:1", "rows.parquet:2", "rows.parquet:3"]),
    ],
    ids=["int", "uint", "float", "large", "binary", "dictionary", "view", "bool", "uuid", "decimal", "null"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["id", "_id", "docid"])
def test_ids_of_any_type(tmp_path: Path, name: str, column: pa.Array, expected: list[str]) -> None:
    """What another library has for an id is the id as a person writes it; where there is none, the place is."""
    _, corpus = read(tmp_path, pa.table({name: column, "text": texts(3)}))
    assert ids(corpus) == expected


@pytest.mark.parametrize("name", ["lang", "language"])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int8(), pa.string())])
def test_a_column_says_the_language_of_each_row(tmp_path: Path, name: str, kind: pa.DataType) -> None:
    """A row without one has the language of its address, or of its text; other columns are nothing."""
    languages = pa.array(["de", "nl", None, None], pa.string())
    table = pa.table(
        {
            "text": texts(4),
            name: languages.dictionary_encode() if pa.types.is_dictionary(kind) else languages.cast(kind),
            "url": [None, "https://en.wikipedia.org/wiki/A", "https://fr.wikipedia.org/wiki/A", None],
            "score": [0.5] * 4,
            "tags": [["a"]] * 4,
            "meta": [{"a": 1}] * 4,
        }
    )
    source, corpus = read(tmp_path, table, None)
    assert {"de", "fr", "nl"} <= set(corpus.languages) and source.dropped == {}
    assert sum(said["documents"] for said in source.detected.values()) == 1


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string())]
)
def test_text_of_any_kind_of_string(tmp_path: Path, kind: pa.DataType) -> None:
    """Nulls are empty and counted, the rest is the same text; a title may be missing."""
    column = pa.array([MILL, None, MILL + " It is old."])
    column = column.dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)
    source, corpus = read(tmp_path, pa.table({"text": column, "id": ["a", "b", "c"]}))
    assert ids(corpus) == ["a", "c"] and source.dropped == {"empty": 1}
    assert corpus.read("en")["text"].to_list()[-1] == "It is old."


def test_bytes_that_are_no_utf8_are_replaced_and_counted(tmp_path: Path) -> None:
    """In a column of bytes, as in any other file."""
    source, corpus = read(
        tmp_path, pa.table({"id": ["a"], "text": pa.array([b"The m\xffll stands here."], pa.binary())})
    )
    assert corpus.read("en")["text"].to_list() == ["The m\ufffdll stands here."]
    assert source.replaced == 1


def test_a_column_of_something_else_is_refused(tmp_path: Path) -> None:
    """The error says of what it is."""
    for number, column in enumerate(([1, 2], [["a"], ["b"]], [{"a": 1}, {"a": 2}])):
        (tmp_path / str(number)).mkdir()
        with pytest.raises(SourceError, match=r"a column text of (Int64|List|Struct).*; expected strings"):
            read(tmp_path / str(number), pa.table({"text": column}))


def test_one_row_that_is_no_utf8_costs_itself(tmp_path: Path) -> None:
    """In a column of strings no library checks what it writes; rows 1 to 1,000 but 700 are kept, in order."""
    rows = [text.encode() for text in texts(1_000)]
    rows[699] = b"\xff" + rows[699][1:]
    column = pa.Array.from_buffers(pa.string(), 1_000, pa.array(rows, pa.binary()).buffers())
    table = pa.table({"id": [str(n) for n in range(1, 1_001)], "text": column})
    source, corpus = read(tmp_path, table, use_dictionary=False)
    assert ids(corpus) == [str(n) for n in range(1, 1_001) if n != 700]
    assert source.dropped == {"damaged row": 1} and source.broken
    assert any("damaged row: 1 records skipped (row 700: " in text for text in source.warnings)


def test_a_damaged_page_costs_its_rows(tmp_path: Path) -> None:
    """Bytes in the middle are overwritten: what lies before and behind is kept, and read is kept plus dropped."""
    table = pa.table({"id": [str(n) for n in range(4_000)], "text": texts(4_000)})
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path, row_group_size=500, compression="zstd", use_dictionary=False)
    data = bytearray(path.read_bytes())
    place = pq.ParquetFile(path).metadata.row_group(3).column(1).data_page_offset
    data[place + 200 : place + 400] = bytes(200)
    path.write_bytes(data)
    source = ingest([path], tmp_path / "corpus", "en").sources[0]
    assert source.broken and source.read == 4_000 == source.kept + sum(source.dropped.values())
    kept = ids(Corpus.open(tmp_path / "corpus"))
    assert kept == [str(n) for n in range(4_000) if not 1_500 <= n < 2_000]


@pytest.mark.parametrize("cut", [3, 8, 100, 0.5, 0.99])
def test_a_file_that_is_cut_or_scrambled_is_an_error(tmp_path: Path, cut: float) -> None:
    """Parquet ends with what says where everything is: without it there is nothing to read."""
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": texts(100)}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut] if isinstance(cut, int) else whole[: int(len(whole) * cut)])
    with pytest.raises(SourceError, match=r"rows\.parquet: damaged, not readable as Parquet"):
        ingest([path], tmp_path / "corpus", "en")


def test_pages_are_those_that_pyarrow_wrote(tmp_path: Path) -> None:
    """Their bytes sum to what pyarrow's metadata say, headers apart; rows of all groups are covered once."""
    path = tmp_path / "rows.parquet"
    table = pa.table({"id": list(range(50_000)), "text": texts(50_000), "other": texts(50_000)})
    pq.write_table(table, path, row_group_size=20_000, data_page_size=1 << 14, use_dictionary=["id"], version="2.6")
    meta = pq.ParquetFile(path).metadata
    groups = row_groups(path, ["text", "id"])
    assert [(group.first, group.rows) for group in groups] == [(0, 20_000), (20_000, 20_000), (40_000, 10_000)]
    for number, group in enumerate(groups):
        total = sum(meta.row_group(number).column(column).total_uncompressed_size for column in (0, 1))
        assert 0.97 * total < sum(size for _, size in group.pages) <= total
        parts = list(group.parts(1 << 16, 700))
        assert parts[0][0] == group.first and parts[-1][1] == group.first + group.rows
        assert all(one[1] == two[0] for one, two in pairwise(parts))
        assert max(end - start for start, end in parts) <= 700
    by_pages = list(groups[0].parts(1 << 16, 1 << 20))
    assert 10 < len(by_pages) < 40


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_both_kinds_of_pages_and_those_of_polars(tmp_path: Path, version: str) -> None:
    """Rows in order, over the borders of pages and groups."""
    expected = [str(n) for n in range(30_000)]
    table = pa.table({"id": expected, "text": texts(30_000)})
    _, corpus = read(tmp_path, table, data_page_version=version, data_page_size=1 << 12, row_group_size=9_000)
    assert ids(corpus) == expected
    pl.DataFrame(table).write_parquet(tmp_path / "p.parquet", row_group_size=7_000)
    assert ingest([tmp_path / "p.parquet"], tmp_path / "p", "en").sources[0].kept == 30_000
    assert ids(Corpus.open(tmp_path / "p")) == expected


def bomb(path: Path, rows: int, **options: object) -> None:
    """A file of some kilobytes whose rows have 3,000 bytes each."""
    one = pa.array(["The mill stands by the river. " * 100])
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), one)
    pq.write_table(pa.table({"id": [str(n) for n in range(rows)], "text": text}), path, compression="zstd", **options)


def test_a_bomb_of_repeated_rows_is_refused(tmp_path: Path) -> None:
    """300 kB of Parquet and 150 MB of text: by the ratio, and by the size; with both off they are rows like any."""
    path = tmp_path / "bomb.parquet"
    bomb(path, 50_000)
    assert path.stat().st_size < 400_000
    with pytest.raises(SourceError, match="expands more than 100 times"):
        # no row is parsed: each is longer than a record may be, which costs a minute less and expands as much
        ingest([path], tmp_path / "a", "en", limits=Limits(ratio=100, record=1_000))
    with pytest.raises(SourceError, match="beyond the limit of 1,000,000 bytes"):
        ingest([path], tmp_path / "b", "en", limits=Limits(ratio=0, total=1_000_000))


def test_a_cell_beyond_the_record_limit_is_dropped(tmp_path: Path) -> None:
    """It is counted and named; a title counts as much as a text."""
    table = pa.table({"id": ["a", "b", "c"], "title": ["", "", "t" * 3_000], "text": [MILL, MILL * 30, MILL]})
    source, corpus = read(tmp_path, table, limits=Limits(record=2_000))
    assert ids(corpus) == ["a"]
    assert source.dropped == {"longer than the record limit": 2}
    assert "longer than the record limit: 2 records skipped (row 2; row 3)" in source.warnings


def test_a_page_beyond_the_memory_costs_its_row_group(tmp_path: Path) -> None:
    """A cell of 120 MB in 12 kB of zstd: its group is left out and counted, the others are read, in bounded memory."""
    path = tmp_path / "cell.parquet"
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        writer.write_table(pa.table({"id": ["a", "b"], "text": [MILL, MILL + " 2."]}, schema))
        writer.write_table(pa.table({"id": ["c", "d"], "text": ["x y. " * 24_000_000, MILL]}, schema))
        writer.write_table(pa.table({"id": ["e"], "text": [MILL + " 3."]}, schema))
    assert path.stat().st_size < 100_000
    reading = f"""
        from sprachbund import ingest
        from sprachbund.corpus.sources.streams import Limits
        ingest([{str(path)!r}], {str(tmp_path / "corpus")!r}, "en", memory=256 << 20, limits=Limits(ratio=0))
    """
    # importing alone takes some 150 MB; the page would take 240 more, its row another 120
    assert peak(reading) < 256 << 20
    corpus = Corpus.open(tmp_path / "corpus")
    assert ids(corpus) == ["a", "b", "e"]
    source = corpus.sources[0]
    assert (source["read"], source["dropped"]) == (5, {"longer than the memory allows": 2})
    assert "rows 3 to 4: a page of 120,000,0" in source["warnings"][0] and "raise --memory" in source["warnings"][0]
