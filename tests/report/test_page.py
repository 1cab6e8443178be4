"""The page holds the study's numbers, escapes what it is given, and needs nothing from outside."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from handmade import declare

from sprachbund.errors import FolderError
from sprachbund.report import write_report
from sprachbund.report.charts import VERDICT_COLOURS, VERDICT_SHAPES
from sprachbund.retrieval.declared import DECLARATION
from sprachbund.statistics.comparison import VERDICTS

EVIL = '</script><script>alert("x")</script>'


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.specs: list[dict] = []
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("type") or tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "application/json":
            self.specs.append(json.loads(data))
        elif not self._inside:
            self.text += data


def page_of(study: Path) -> Page:
    return Page(write_report(study).read_text(encoding="utf-8"))


def rename(path: Path, old: str, new: str) -> None:
    """Give a language of a table another name."""
    frame = pl.read_parquet(path)
    frame.with_columns(pl.col("language").replace({old: new})).write_parquet(path)


def test_values_of_the_tables_are_on_the_page(study: Path) -> None:
    """The relative improvement, its interval and the MRR of Turkish, worked out from the fixture by hand."""
    text = page_of(study).text
    assert "+9.4%" in text
    # 0.094 ∓ 0.022 * (20000 / 5210) ** 0.33 = 0.0597 and 0.1283.
    assert "+6.0% to +12.8%" in text
    for number in ("41,200", "5,210", "93.4%", "3f9c1d0a77e2"):
        assert number in text


def test_one_sentence_a_task_counts_the_verdicts(study: Path) -> None:
    """tr no he are better, en el worse, ar fa too few, the other five show nothing."""
    text = page_of(study).text
    assert (
        "IC: of 12 languages, pooling made 3 better and 2 worse; 5 show no difference; "
        "2 have too few queries or documents for a verdict." in text
    )
    assert "Over all languages MRR changes by +4.6% (+1.1% to +7.9%): better." in text


def test_nothing_is_fetched(study: Path) -> None:
    """No element refers outside the page, and the content policy forbids connections."""
    page = page_of(study)
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert tag not in ("link", "iframe", "img", "object", "base")
        assert (attributes.get("href") or "#").startswith("#")
    source = (study / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(\s*['\"]?https?:", source.split("</style>")[0])
    policies = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]


def test_links_lead_to_parts_of_the_page(study: Path) -> None:
    """Every link within the page has its target, and no id is there twice."""
    elements = page_of(study).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in elements if tag == "a"]
    assert {str(link).removeprefix("#") for link in links} <= set(ids)
    parts = [attributes["id"] for tag, attributes in elements if attributes.get("class") == "part"]
    assert parts == [
        *("table", "improvement", "examples", "contrast-0", "null", "pools", "comparisons", "corpus", "settings")
    ]


def test_the_page_begins_with_what_to_do(study: Path) -> None:
    """A sentence, a small table of the languages with a verdict and a chart a task; all else is closed."""
    source = write_report(study).read_text(encoding="utf-8")
    first = source[source.index('<section id="answer"') : source.index("</section>")]
    assert first.index("IC: pooling made he (+16.0%), no (+11.0%) and tr (+9.4%) better") < first.index("<table")
    assert first.count("<table") == first.count("<figure") == 2
    rows = re.findall(r'<th scope="row"><span>(\w+)</span>', first)
    assert rows == ["en", "de", "vi", "uk", "fr", "id", "tr", "el", "no", "he"] * 2  # ar and fa have too few
    rest = source[source.index("</section>") : source.index("</main>")]
    assert rest.count("<table") == rest[: rest.rindex("</details>")].count("<table")  # none outside a closed part
    assert not re.search(r"<details[^>]*\bopen\b", source)


def test_nothing_that_decides_nothing_is_bold(study: Path) -> None:
    """Persian has too few documents: neither its largest value nor its difference stands out."""
    source = write_report(study).read_text(encoding="utf-8")
    rows = re.findall(r"<tr><th scope=\"row\"><span>(ar|fa)</span>.*?</tr>", source, re.S)
    assert rows
    for row in re.finditer(r"<tr><th scope=\"row\"><span>(ar|fa|en)</span>.*?</tr>", source, re.S):
        if "too few" in row.group():
            assert "<b>" not in row.group()
        elif "worse" in row.group():
            assert "<b>" in row.group()


def test_charts_side_by_side_have_one_scale_and_open_ends(study: Path) -> None:
    """The two tasks' figures share their axis; a bar without an end leads to the edge and has an arrow there."""
    path = study / "comparisons.parquet"
    endless = (pl.col("language") == "en") & (pl.col("task") == "ic")
    pl.read_parquet(path).with_columns(
        pl.when(endless).then(float("inf")).otherwise(pl.col("high")).alias("high")
    ).write_parquet(path)
    first, second = page_of(study).specs[:2]
    scales = [spec["layer"][1]["encoding"]["x"]["scale"]["domain"] for spec in (first, second)]
    assert scales[0] == scales[1] and scales[0][0] < -0.08 and scales[0][1] > 0.41
    arrows = [layer for layer in first["layer"] if "angle" in layer["encoding"]]
    assert len(arrows) == 1
    assert [row for row in arrows[0]["data"]["values"] if row["language"] == "en"] == [
        {"language": "en", "verdict": "worse", "end": scales[0][1], "turn": 90}
    ]


def test_no_bar_stands_on_a_logarithmic_axis(study: Path) -> None:
    """A bar's length would mean nothing there."""
    specs = page_of(study).specs
    logarithmic = [spec for spec in specs if '"log"' in json.dumps(spec)]
    assert len(logarithmic) == 1
    assert '"bar"' not in json.dumps(logarithmic)


def test_names_are_escaped_in_markup_and_in_data(study: Path) -> None:
    """A language named like a script element stays text, in tables and in the figures' data."""
    for name in ("results", "comparisons", "languages"):
        rename(study / f"{name}.parquet", "tr", EVIL)
    before = len([tag for tag, _ in page_of(study).elements if tag == "script"])
    page = page_of(study)
    source = (study / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in source
    assert EVIL in page.text
    assert EVIL in json.dumps(page.specs).replace('\\"', '"')
    assert before == len(page.specs) + 2  # one script a figure, the library, the start


def test_a_missing_arm_is_a_dash(study: Path) -> None:
    """Of the placebo only English has a value: its column stays, and holds dashes for all others."""
    path = study / "results.parquet"
    pl.read_parquet(path).filter((pl.col("arm") != "placebo") | (pl.col("language") == "en")).write_parquet(path)
    write_report(study)
    source = (study / "report.html").read_text(encoding="utf-8")
    assert source.count('<td class="number missing">–</td>') == 2 * 12  # 11 languages and all, two tasks


def test_an_arm_that_nobody_has_is_no_column(study: Path) -> None:
    """Without any placebo there is no column of dashes."""
    path = study / "results.parquet"
    pl.read_parquet(path).filter(pl.col("arm") != "placebo").write_parquet(path)
    assert all("placebo" not in found for found in heads(study))
    assert '<td class="number missing">' not in (study / "report.html").read_text(encoding="utf-8")


AROUND = ("bm25-around", "whole-alone", "whole-pooled")


def heads(study: Path) -> list[list[str]]:
    """The heads of the columns of each transfer table."""
    source = write_report(study).read_text(encoding="utf-8")
    tables = re.findall(r'<table class="transfer">.*?</table>', source, re.S)
    return [re.findall(r'<th[^>]*scope="col"[^>]*>([^<]*)</th>', made) for made in tables]


def test_arms_that_a_study_has_not_are_no_columns(study: Path) -> None:
    """Of candidates by themselves: one table a task, none of the arms that count the text around, nor a figure."""
    found = heads(study)
    assert len(found) == 2 and found[0] == found[1]
    assert found[0][4:] == [
        *("alone", "pooled", "control", "placebo", "bm25", "hybrid-alone", "hybrid-pooled"),
        *("pooled vs alone", "hybrid-pooled vs hybrid-alone", "hybrid-pooled vs bm25"),
    ]
    text = page_of(study).text
    assert not any(arm in text for arm in AROUND)


def test_arms_that_count_the_text_around_have_a_table(around_study: Path) -> None:
    """A second one a task, no wider than the first; its numbers are the study's; two figures and sentences more."""
    found = heads(around_study)
    assert len(found) == 4 and found[0] == found[2] and len(found[0]) == 14
    assert (
        found[1][4:]
        == found[3][4:]
        == [
            *("bm25", *AROUND),
            *("whole-pooled vs whole-alone", "whole-pooled vs bm25", "whole-pooled vs bm25-around"),
        ]
    )
    page = page_of(around_study)
    assert len(page.specs) == 9 + 2
    assert page.text.count("the pooled whole is better than tuned BM25 in ") == 2
    assert page.text.count("the pooled whole is better than tuned BM25 with the text around each candidate in ") == 2
    # Turkish: (1.3 + 0.5 * 0.094) / 1.3 and over 1.2
    assert "+3.6%" in page.text and "+12.3%" in page.text


def test_a_whole_that_no_language_has_in_a_task_is_no_table_there(around_study: Path) -> None:
    """Each task decides by its own rows."""
    for name in ("results", "comparisons"):
        frame = pl.read_parquet(around_study / f"{name}.parquet")
        gone = (pl.col("task") == "ic") & pl.col("arm").is_in(AROUND)
        frame.filter(~gone).write_parquet(around_study / f"{name}.parquet")
    assert [head[-1] for head in heads(around_study)] == [
        *("hybrid-pooled vs bm25", "hybrid-pooled vs bm25", "whole-pooled vs bm25-around")
    ]


def test_results_alone_make_a_page(study: Path) -> None:
    """Without comparisons, languages and settings the page says so and still shows the values."""
    for name in ("comparisons.parquet", "languages.parquet", "study.toml"):
        (study / name).unlink()
    text = page_of(study).text
    assert "IC: the study holds no comparison of pooled against alone." in text
    assert "0.211" in text


@pytest.mark.parametrize("column", ["candidates", "low", "items", "seed", "unit"])
def test_missing_columns_do_not_break_the_page(study: Path, column: str) -> None:
    """A table without one of its columns is read as if the column were empty."""
    path = study / "results.parquet"
    pl.read_parquet(path).drop(column).write_parquet(path)
    assert "+9.4%" in page_of(study).text


def test_infinite_and_undefined_values_do_not_break_the_figures(study: Path) -> None:
    """JSON has no infinity: the page is written and the ends are said in words."""
    path = study / "comparisons.parquet"
    first = pl.col("language") == "en"
    pl.read_parquet(path).with_columns(
        pl.when(first).then(float("inf")).otherwise(pl.col("high")).alias("high"),
        pl.when(pl.col("language") == "de").then(float("nan")).otherwise(pl.col("relative")).alias("relative"),
    ).write_parquet(path)
    page = page_of(study)
    assert "to +∞" in page.text
    assert page.specs


def test_null_test_marks_what_leaks(study: Path) -> None:
    """Turkish alone ranks a stranger first in 31% of the cases in the training pools, and nowhere else."""
    text = page_of(study).text
    assert "IC: the null test failed in paper-equal, paper." in text
    assert "The 4 cells that leak" in text


def test_tables_are_accessible(study: Path) -> None:
    """Every table has a caption, every header cell a scope, the page a title and a language."""
    elements = page_of(study).elements
    tags = [tag for tag, _ in elements]
    assert tags.count("table") == tags.count("caption") > 8
    assert all(attributes.get("scope") for tag, attributes in elements if tag == "th")
    assert tags.count("title") == tags.count("h1") == 1
    assert dict(elements)["html"] == {"lang": "en"}


def test_library_is_there_once(study: Path) -> None:
    """Nine figures share one copy: improvement in three ways and the gap for two tasks, and the pairs."""
    page = page_of(study)
    assert len(page.specs) == 9
    assert (study / "report.html").stat().st_size < 1_600_000


def test_every_verdict_has_a_colour_and_a_shape() -> None:
    """The scales of the figures name as many colours and shapes as there are verdicts."""
    assert len(VERDICT_COLOURS) == len(VERDICT_SHAPES) == len(VERDICTS)
    assert len(set(VERDICT_SHAPES)) == len(VERDICTS)


def test_same_study_same_bytes(study: Path) -> None:
    """Writing the page twice gives the same file."""
    first = write_report(study).read_bytes()
    assert write_report(study).read_bytes() == first


def test_a_folder_that_is_no_study_is_named(tmp_path: Path) -> None:
    """Nothing, an empty folder and a damaged table are errors with the path."""
    with pytest.raises(FolderError, match="found nothing"):
        write_report(tmp_path / "absent")
    with pytest.raises(FolderError, match=r"no study\.json; run the study first"):
        write_report(tmp_path)
    declare(tmp_path, DECLARATION)
    with pytest.raises(FolderError, match=r"no results\.parquet"):
        write_report(tmp_path)
    (tmp_path / "results.parquet").write_bytes(b"not a table")
    with pytest.raises(FolderError, match=r"results\.parquet: not a readable table"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    "column", [pl.lit("good").alias("verdict"), pl.concat_list(pl.col("absolute")).alias("absolute")]
)
def test_a_column_of_other_values_is_damage(study: Path, column: pl.Expr) -> None:
    """Verdicts that no study gives, lists for numbers: one line, whatever the library of tables says of them."""
    table = study / "comparisons.parquet"
    pl.read_parquet(table).with_columns(column).write_parquet(table)
    with pytest.raises(FolderError, match=r"comparisons\.parquet: not a readable table") as caught:
        write_report(study)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("said", ["notes = 3", 'notes = "x"'])
def test_notes_that_are_no_tables_are_damage(study: Path, said: str) -> None:
    """One line that names the file, and no page."""
    (study / "study.toml").write_text(said)
    with pytest.raises(FolderError, match=r"study\.toml.*notes are to be tables, found (int|str)"):
        write_report(study)


def test_a_table_without_columns_is_damage(study: Path) -> None:
    """Its missing columns would make a row that has neither task nor language."""
    pl.DataFrame().write_parquet(study / "languages.parquet")
    with pytest.raises(FolderError, match=r"languages\.parquet.*rows without (task|language)"):
        write_report(study)
