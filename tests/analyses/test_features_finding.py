"""The analysis of features: what is in common by sets, what the finding says of made numbers, and of a laboratory."""

from dataclasses import replace
from math import nan
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made_gains import Made, study
from tests.lm.corpora import make_corpus
from tests.retrieval.tiny import SETTINGS, TINY, texts, write_corpus

from sprachbund.analyses.features.common import Common, common_of
from sprachbund.analyses.features.findings import Feature, features_finding, rank_correlation
from sprachbund.analyses.finding import write_findings
from sprachbund.analyses.laboratory.findings_table import ANALYSES
from sprachbund.analyses.laboratory.laboratory import Laboratory
from sprachbund.analyses.laboratory.study_file import read_study_file
from sprachbund.cognates.romanising import plain_word
from sprachbund.corpus.segment import words
from sprachbund.corpus.splits import TRAIN
from sprachbund.errors import SettingsError
from sprachbund.lab.strategies import EVERYONE
from sprachbund.ngrams.keys import character_keys, word_key
from sprachbund.report import StudyFrames
from sprachbund.retrieval.encoder.encoded import encode_corpus
from sprachbund.retrieval.settings import change


@pytest.mark.parametrize("spelling", ["written", "romanised"])
def test_what_is_in_common_by_sets(tmp_path: Path, spelling: str) -> None:
    """Words and runs of four of the training text, as sets of keys; of test the part of its tokens that is known."""
    settings = change(SETTINGS, spelling=spelling)
    encoded = encode_corpus(write_corpus(tmp_path, TINY), tmp_path / "encoded", settings=settings, cut=False)

    def keys(language: str, train: bool) -> list[int]:
        sides = encoded.language(language).sides
        chosen = (TRAIN,) if train else (2,)
        lines = [line for line, side in zip(texts(TINY, language), sides, strict=True) if side in chosen]
        found = [word for line in lines for word in words(line, language)]
        spelt = [plain_word(word) if spelling == "romanised" else word for word in found]
        return [key for word in spelt for key in (word_key(word), *character_keys(word, 4))]

    pt, gl = set(keys("pt", True)), set(keys("gl", True))
    found = common_of(encoded, ("gl", "pt"), settings.encoder, "pt")
    assert found.rows == len(pt | gl)
    assert found.jaccard == pytest.approx(len(pt & gl) / len(pt | gl))
    assert found.directed == pytest.approx(len(pt & gl) / len(gl))
    tested = {code: keys(code, False) for code in ("gl", "pt")}
    own = [np.mean([key in known for key in tested[code]]) for code, known in (("gl", gl), ("pt", pt))]
    pooled = [np.mean([key in pt | gl for key in tested[code]]) for code in ("gl", "pt")]
    assert (found.own, found.pooled) == (pytest.approx(np.mean(own)), pytest.approx(np.mean(pooled)))
    assert found.own < found.pooled
    assert np.isnan(common_of(encoded, ("gl", "pt"), settings.encoder, "es").directed)


def test_rank_correlation() -> None:
    """1 - 6 * 2 / (4 * 15) = .8; equal values share their mean rank; three pairs, or values all equal, say nothing."""
    rising = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(rising, np.array([1.0, 3.0, 2.0, 9.0])) == pytest.approx(0.8)
    assert rank_correlation(np.array([5.0, 5.0, 6.0, 7.0]), rising) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert rank_correlation(rising, np.array([1.0, nan, 2.0, 9.0])) is None
    assert rank_correlation(rising, np.ones(4)) is None


def made(name: str, jaccard: float, alone: float, pooled: float) -> Feature:
    """A feature with a gain of pooled over alone, give or take five points."""
    gain = pooled / alone - 1
    return Feature(name, Common(1000, jaccard, 2 * jaccard, 0.8, 0.9), alone, pooled, gain, gain - 0.05, gain + 0.05)


def test_the_finding_says_what_was_measured() -> None:
    """Who has most in common, where pooling brings most, which is best, and all of it against the first."""
    found = features_finding(
        [made("words", 0.02, 0.2, 0.25), made("bytes", 0.1, 0.4, 0.44), made("folded", 0.03, 0.3, 0.36),
         made("romanised", 0.04, 0.25, 0.3)], "MRR", "de",
    )  # fmt: skip
    assert found.name == "features" and found.paper == found.replicated == ""
    assert found.sentence == (
        "Two languages have 2.0% of their n-grams in common with words, most with bytes, 10.0%. Pooling brings +25.0% "
        "[+20.0% to +30.0%] with words, and most with words, +25.0% [+20.0% to +30.0%]. The best pooled score in MRR "
        "is that of bytes, 0.440 (alone 0.400); with words it is 0.250 (alone 0.200). Over 4 sorts of features more "
        "overlap goes with less gain (rank correlation -0.95); they are too few to say why."
    )
    ((_, table),) = found.tables
    assert table["features"].to_list() == ["words", "bytes", "folded", "romanised"]
    assert table["alone over words"].to_list() == pytest.approx([0.0, 1.0, 0.5, 0.25])
    assert table["pooled over words"].to_list() == pytest.approx([0.0, 0.76, 0.44, 0.2])
    assert table["in de"].to_list() == pytest.approx([0.04, 0.2, 0.06, 0.08])
    assert len(found.charts) == 1


def test_one_sort_of_features_is_no_comparison() -> None:
    """Said, and not drawn."""
    found = features_finding([made("words", 0.02, 0.2, 0.25)], "MRR", "de")
    assert found.replicated == "not shown" and not found.charts and "Fewer than two sorts" in found.sentence


def by_rank(rows: list[Made]) -> StudyFrames:
    """A study of made values, in the measure that decides."""
    frames = study({("ic", "unseen"): rows}, languages=["gl", "pt"])
    measure = {"measure": pl.lit(frames.measure.name), "k": pl.lit(None, pl.Int64)}
    results, comparisons = (frame.with_columns(**measure) for frame in (frames.results, frames.comparisons))
    return replace(frames, results=results, comparisons=comparisons)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Two finished studies of a grid of features, whose gains are made; nothing was trained."""
    folder = tmp_path_factory.mktemp("features")
    corpus = make_corpus(folder, {"gl": 12, "pt": 12, "fi": 12}, sentences=6)
    (folder / "study.toml").write_text(
        'corpus = "corpus"\nlanguages = ["gl", "pt"]\ntrials = 1\ntasks = ["ic"]\nstrategies = ["alone", "pooled"]\n'
        'analyses = ["features"]\n[grid]\nfeatures = ["words", "bytes"]\n',
        encoding="utf-8",
    )
    file = read_study_file(folder / "study.toml")
    gains = (
        [Made("gl", 0.1, 0.13), Made("pt", 0.3, 0.3), Made(EVERYONE, 0.2, 0.22)],
        [Made("gl", 0.2, 0.22), Made("pt", 0.4, 0.44), Made(EVERYONE, 0.3, 0.36)],
    )
    frames = {each.name: by_rank(rows) for each, rows in zip(file.studies, gains, strict=True)}
    return Laboratory(folder / "out", corpus, file, frames)


def test_the_analysis_is_made_of_a_laboratory(laboratory: Laboratory, tmp_path: Path) -> None:
    """A row a study, each with the overlap of its own spelling, in a folder of ids of its own."""
    (found,) = ANALYSES["features"](laboratory)
    ((_, table),) = found.tables
    assert table["features"].to_list() == ["words", "bytes"]
    assert table["alone"].to_list() == pytest.approx([0.2, 0.3])
    assert table["pooled"].to_list() == pytest.approx([0.215, 0.33])
    assert table["gain"].to_list() == pytest.approx([0.1, 0.2]) and table["low"].to_list() == pytest.approx(
        [0.08, 0.18]
    )
    assert len(list((laboratory.folder / "encoded").iterdir())) == 2
    assert table["rows"][1] > table["rows"][0] > 0 and table["Jaccard index"].is_between(0, 1).all()
    write_findings(tmp_path / "found", [found])


def test_without_a_finished_study_it_says_so(laboratory: Laboratory) -> None:
    """An error of one line, which ends no other analysis."""
    empty = Laboratory(laboratory.folder, laboratory.corpus, laboratory.file, {})
    with pytest.raises(SettingsError, match="no study of it is finished"):
        ANALYSES["features"](empty)


def test_a_sort_of_features_that_there_is_not(laboratory: Laboratory) -> None:
    """The line, and the nearest that would be right."""
    path = laboratory.folder.parent / "wrong.toml"
    path.write_text('corpus = "corpus"\n[grid]\nfeatures = ["words", "romanized"]\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="line 3: no sort of features is called romanized; the nearest is roman"):
        read_study_file(path)
