"""Tables and JSON with named columns: found by the names that people use, or as they are told."""

import io
import json
from pathlib import Path

import polars as pl
import pytest

from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.sources.columns import Columns, parts_of
from sprachbund.corpus.sources.tables import separator_of
from sprachbund.corpus.sources.values import iso_date
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SettingsError, SourceError

Documents = list[tuple[str, str, list[str], dict[str, str]]]


def read(tmp_path: Path, name: str, data: bytes | str, **options: object) -> tuple[IngestSummary, Corpus]:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    summary = ingest([path], tmp_path / "corpus", **options)  # type: ignore[arg-type]
    return summary, Corpus.open(tmp_path / "corpus")


def documents(corpus: Corpus, lang: str) -> Documents:
    """Id, title, sentences and metadata of each document."""
    paths = sorted((corpus.path / lang).glob("*.documents.jsonl"))
    told = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    rows = corpus.read(lang, ["document", "text"])
    said = {name: rows.filter(pl.col("document") == name)["text"].to_list() for name in rows["document"].unique()}
    return [(one["document"], one["title"], said[one["document"]], one["meta"]) for one in told]


NAMES = ["Key", "Name", "Body", "Language", "Date", "Author", "Link", "Rating"]
ROWS = [
    ["a", "O gato", 'O gato, o "Tobias", dorme.\nEle sonha.', "pt", "2020-01-02", "Ana", "https://example.org/a", "5"],
    ["b", "A casa", "A casa é grande; tem jardim.", "pt", "", "", "", ""],
]
EXPECTED: Documents = [
    (
        "a",
        "O gato",
        ['O gato, o "Tobias", dorme.', "Ele sonha."],
        {"url": "https://example.org/a", "date": "2020-01-02", "author": "Ana", "Rating": "5"},
    ),
    ("b", "A casa", ["A casa é grande; tem jardim."], {}),
]


def written(separator: str, ends: str = "\n", names: list[str] = NAMES) -> str:
    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"' if set(value) & {separator, '"', "\n"} else value

    return "".join(separator.join(map(cell, row)) + ends for row in [names, *ROWS])


def parquet(names: list[str] = NAMES) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(ROWS, schema=names, orient="row").write_parquet(buffer)
    return buffer.getvalue()


def objects(names: list[str] = NAMES) -> list[dict[str, str]]:
    return [dict(zip(names, row, strict=True)) for row in ROWS]


TABLES = {
    "a.csv": written(","),
    "b.csv": "\ufeff" + written(";", "\r\n"),
    "c.dat": "sep=;\n" + written(";"),
    "d.tsv": written("\t"),
    "e": written("|"),
    "f.csv": written(",").encode("utf-16"),
    "g.csv": written(";").encode("cp1252"),
    "h.jsonl": "".join(json.dumps(one) + "\n" for one in objects()),
    "i.json": json.dumps(objects()),
    "j.json": json.dumps({"count": 2, "rows": objects(), "body": "as in the rows"}, indent=2, ensure_ascii=False),
    "k.parquet": parquet(),
}


@pytest.mark.parametrize("name", TABLES)
def test_names_that_people_use_are_found(name: str, tmp_path: Path) -> None:
    """Whatever parts and encodes the values, in any case of the names; the other columns are metadata."""
    _, corpus = read(tmp_path, name, TABLES[name])
    assert documents(corpus, "pt") == EXPECTED


SAID = ["Schlüssel", "Kopf", "Inhalt", "Sprache", "Date", "Author", "Link", "Rating"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", written(",", names=SAID)),
        ("b.parquet", parquet(SAID)),
        ("c.jsonl", "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects(SAID))),
        ("d.json", json.dumps(objects(SAID), indent=1, ensure_ascii=False)),
    ],
)
def test_columns_are_as_they_are_said(name: str, data: bytes | str, tmp_path: Path) -> None:
    """By their names in any case, from a mapping or `Columns`; without them there is no text."""
    said = {"text": "inhalt", "title": "Kopf", "id": "Schlüssel", "lang": "Sprache"}
    _, corpus = read(tmp_path, name, data, columns=said)
    assert documents(corpus, "pt") == EXPECTED
    other = ingest([tmp_path / name], tmp_path / "other", columns=Columns(**said))
    assert other.counts == corpus.counts
    if name != "d.json":
        with pytest.raises(SourceError, match=r"Schlüssel.*--text"):
            ingest([tmp_path / name], tmp_path / "none")


def test_a_name_that_is_said_wins_over_one_that_is_found(tmp_path: Path) -> None:
    """The text is what was said, even where there is a column called text, which is then metadata."""
    _, corpus = read(
        tmp_path, "a.csv", "id,text,note\n1,Um texto.,Uma nota.\n", language="pt", columns={"text": "note"}
    )
    assert documents(corpus, "pt") == [("1", "", ["Uma nota."], {"text": "Um texto."})]


def test_the_parts_of_a_record() -> None:
    """`text` before `content`; a title is no text; several that may be the id, in their order; what is left is kept."""
    names = ("Content", "TEXT", "headline", "_id", "id", "URL", "published", "x")
    parts = parts_of(names, Columns())
    assert (parts.text, parts.title, parts.ids, parts.langs) == ("TEXT", "headline", ("id", "_id"), ())
    assert parts.meta == (("URL", "url"), ("published", "date"), ("Content", "Content"), ("x", "x"))


def test_what_a_row_lacks_or_has_too_much_costs_nothing(tmp_path: Path) -> None:
    """A short row has empty values, a long one loses what has no name, a blank one is none."""
    data = "id,title,text\n1,A,Um texto.\n2\n\n3,C,Outro texto.,e,mais\n"
    summary, corpus = read(tmp_path, "a.csv", data, language="pt")
    assert [one[0] for one in documents(corpus, "pt")] == ["1", "3"]
    assert summary.sources[0].dropped == {"empty": 1}


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    """In a table with commas it takes the rest with it, which is one record; with tabs it is only a mark."""
    rows = ["1{0}Um texto.", '2{0}"Outro texto.', "3{0}Mais um."]
    _, corpus = read(tmp_path, "a.tsv", "\n".join(["id{0}text", *rows]).format("\t"), language="pt")
    assert [one[2] for one in documents(corpus, "pt")] == [["Um texto."], ['"Outro texto.'], ["Mais um."]]
    (tmp_path / "b").mkdir()
    _, corpus = read(tmp_path / "b", "a.csv", "\n".join(["id{0}text", *rows]).format(","), language="pt")
    assert [one[0] for one in documents(corpus, "pt")] == ["1", "2"]


@pytest.mark.parametrize(
    ("start", "tabs", "expected"),
    [
        ("id,text\n1,a; b; c\n2,d; e; f\n", False, (",", True)),
        ("id;text\n1;a, b, c\n2;d, e\n", False, (";", True)),
        ('id\ttext\n1\t"a\n2\tb\n', False, ("\t", False)),
        ('id\ttext\n1\t"a\tb"\n', False, ("\t", True)),
        ("text\nUm, dois.\n", True, ("\t", True)),
    ],
)
def test_what_parts_the_values(start: str, tabs: bool, expected: tuple[str, bool]) -> None:
    """The mark that all rows have equally often; quotation marks hold values together where they are in pairs."""
    assert separator_of(start, tabs) == expected


def test_prose_with_commas_is_no_table(tmp_path: Path) -> None:
    """Its first line would have to name a column of text, and every row to have as many values."""
    summary, _ = read(tmp_path, "a", "Um texto, com vírgulas.\nOutra linha, com outra.\n", language="pt")
    assert summary.sources[0].format == "text"


def test_a_table_without_text_in_a_folder_is_named(tmp_path: Path) -> None:
    """The rest of the folder is read."""
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    (folder / "b.txt").write_text("Um texto.", encoding="utf-8")
    summary = ingest([folder], tmp_path / "corpus", "pt")
    assert any("the columns x, y; expected one called text" in warning for warning in summary.warnings)
    assert summary.counts["pt"]["documents"] == 1


def test_a_row_that_is_all_short_lines_is_kept(tmp_path: Path) -> None:
    """No line of it ends as a sentence does, so that all would be headings of nothing."""
    _, corpus = read(tmp_path, "a.csv", "id,text\n1,Bom dia a todos\n", language="pt")
    assert documents(corpus, "pt") == [("1", "", ["Bom dia a todos"], {})]


@pytest.mark.parametrize(("said", "message"), [({"body": "x"}, "no part 'body'"), ({"text": 1}, "expected the name")])
def test_columns_that_are_none_are_refused(said: dict[str, str], message: str, tmp_path: Path) -> None:
    """With what there is."""
    with pytest.raises(SettingsError, match=message):
        ingest([tmp_path], tmp_path / "corpus", columns=said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2020-01-02", "2020-01-02"),
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
        ("2020", "2020"),
        ("Thu, 02 Jan 2020 23:30:00 -0300", "2020-01-02"),
        ("2 Jan 2020 10:00", "2020-01-02"),
        ("ontem", "ontem"),
        ("", ""),
        ("99 Jan 2020 10:00", "99 Jan 2020 10:00"),
    ],
)
def test_dates_are_written_in_one_way(said: str, expected: str) -> None:
    """As ISO 8601 has them, so that they sort; what is no date that anybody could tell stays."""
    assert iso_date(said) == expected


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "id,lang,text,Group\na,pt,O rio corre.,g1\nb,es,El río corre.,g1\nc,pt,A casa é alta.,\n"),
        (
            "b.jsonl",
            '{"id": "a", "lang": "pt", "text": "O rio corre.", "group": "g1"}\n'
            '{"id": "b", "lang": "es", "text": "El río corre.", "group": "g1"}\n'
            '{"id": "c", "lang": "pt", "text": "A casa é alta.", "group": ["no", "name"]}\n',
        ),
    ],
)
def test_rows_of_one_group_are_kept_together(name: str, data: str, tmp_path: Path) -> None:
    """A field `group` puts documents on one side of a split; where it says nothing a document is its own group."""
    _, corpus = read(tmp_path, name, data)
    groups = {row["document"]: row["group"] for code in ("pt", "es") for row in corpus.read(code).iter_rows(named=True)}
    assert groups == {"a": "g1", "b": "g1", "c": "c"}
