"""The first sentence of a report: what was found, and what to do about it."""

from pathlib import Path

import polars as pl
import pytest

from sprachbund.report import advise, answer_table, load_study
from sprachbund.report.wording import listed


def judge(study: Path, **verdicts: str) -> None:
    """Give languages a verdict in every comparison; those that are not named show no difference."""
    path = study / "comparisons.parquet"
    frame = pl.read_parquet(path)
    word = pl.col("language").replace_strict(verdicts, default="no difference shown", return_dtype=pl.String)
    frame.with_columns(verdict=pl.when(pl.col("language") == "(all)").then("verdict").otherwise(word)).write_parquet(
        path
    )


def test_better_and_worse(study: Path) -> None:
    """Largest effect first; each kind of language is told what to use."""
    advice = advise(load_study(study), "ic")
    assert advice.sentence == (
        "IC: pooling made he (+16.0%), no (+11.0%) and tr (+9.4%) better and el (−5.0%) and en (−3.5%) worse; no "
        "difference shown in de, vi, uk, fr and id: use the pooled model where it is better, and a language's own "
        "model where it is worse."
    )
    # 14 of 30 documents: 85 * 30 / 14 = 182, but 120 of 300 queries: 85 * 2.5 = 212.5
    assert advice.besides == (
        "A verdict takes 30 documents and 300 queries on the test side: ar has 14 documents there (85 in all, some 220 "
        "would do); fa has 14 documents there (54 in all, some 140 would do).",
    )


@pytest.mark.parametrize(
    ("verdicts", "end"),
    [
        ({"en": "better"}, "en (−3.5%) better and hurt nobody; no difference shown in de, vi, uk, fr and 7 more: use"),
        ({"en": "worse"}, "worse and helped nobody; no difference shown in de, vi, uk, fr and 7 more: train each"),
        ({}, "made no difference that could be shown in en, de, vi, uk and 8 more: the pooled model serves as well"),
    ],
)
def test_one_sided_answers(study: Path, verdicts: dict[str, str], end: str) -> None:
    """Each says what follows."""
    judge(study, **verdicts)
    assert end in advise(load_study(study), "ic").sentence


def test_what_a_control_brings_too_is_said_at_once(study: Path) -> None:
    """What helped en and no, is better than the control for no alone, and for no worse than the placebo."""
    path = study / "comparisons.parquet"
    frame = pl.read_parquet(path).filter(pl.col("language").is_in(["en", "no"]))
    better = (pl.col("language") == "no") | ((pl.col("arm") == "pooled") & (pl.col("against") == "alone"))
    worse = (pl.col("language") == "no") & (pl.col("against") == "placebo")
    word = pl.when(worse).then(pl.lit("worse")).when(better).then(pl.lit("better"))
    word = word.otherwise(pl.lit("no difference shown"))
    frame.with_columns(verdict=word).write_parquet(path)
    said = advise(load_study(study), "ic").besides[0]
    assert said.startswith("But pooling is not shown to do more for en than ")
    assert "; pooling is not shown to do more for en and no than " in said
    assert said.endswith(": it need not be the other language that helps.")


def test_too_little_text_everywhere_is_the_answer(study: Path) -> None:
    """No number is given then, but what would be needed, and no table on the terminal."""
    few = pl.read_parquet(study / "comparisons.parquet")["language"].unique().to_list()
    judge(study, **dict.fromkeys(few, "too few"))
    frames = load_study(study)
    advice = advise(frames, "ic")
    assert advice.sentence == "IC: no answer yet, there is too little text."
    assert advice.besides[0].startswith("A verdict takes 30 documents and 300 queries on the test side: en has ")
    assert answer_table(frames, "ic") is None


def test_leaks_are_no_answer(study: Path) -> None:
    """A language whose candidates leak is named, and where all do there is none."""
    judge(study, en="better", de="leaks")
    advice = advise(load_study(study), "ic")
    assert advice.besides[-1] == "No verdict for de: the null test failed, the candidates leak."
    judge(study, **dict.fromkeys(pl.read_parquet(study / "comparisons.parquet")["language"].unique(), "leaks"))
    assert advise(load_study(study), "ic").sentence == "IC: no answer: the candidates leak in every language."


def test_the_whole_search_is_said_besides(around_study: Path) -> None:
    """(1.3 + 0.5 * 0.16) / 1.3 is 6.2% more for Hebrew, 3.6% for Turkish, 4.2% for Norwegian whose bar is too wide."""
    assert advise(load_study(around_study), "ic").besides[0] == (
        "In the whole search, with BM25 and the text around each passage, it made he (+6.2%) and tr (+3.6%) better."
    )
    assert advise(load_study(around_study), "nsp").besides[0].endswith("it made no difference that could be shown.")


def test_names_in_a_row() -> None:
    """Up to five are named; of more the first four."""
    assert listed(["a"]) == "a" and listed(["a", "b"]) == "a and b"
    assert listed(list("abcde")) == "a, b, c, d and e"
    assert listed(list("abcdef")) == "a, b, c, d and 2 more"
