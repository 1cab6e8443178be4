"""Gain against the number, the size and the nearness of auxiliaries, where what each brings was put in."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.analyses.helpers import SIZES, Helped
from tests.lm.corpora import make_corpus

from sprachbund.analyses.auxiliaries.adding import Adding, Curves, add_all
from sprachbund.analyses.auxiliaries.findings import auxiliaries_finding
from sprachbund.analyses.auxiliaries.orders import by_overlap, prefixes
from sprachbund.analyses.auxiliaries.settings import AuxiliarySettings
from sprachbund.analyses.auxiliaries.study import add_auxiliaries
from sprachbund.analyses.finding import read_findings
from sprachbund.analyses.laboratory.kinds import quiet
from sprachbund.analyses.laboratory.laboratory import run_study_file
from sprachbund.analyses.laboratory.study_file import read_study_file
from sprachbund.analyses.mixtures import runs as bench_runs
from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.analyses.overlap.vocabularies import overlap
from sprachbund.errors import SettingsError
from sprachbund.runs.store import Runs
from sprachbund.simulation.simulating import simulate
from sprachbund.simulation.world import Documents, Meanings, Tongue, World
from sprachbund.studies import study
from sprachbund.studies.study import Plan

NEAR = {"gl": ("pt", "es", "tr")}
AMOUNTS = {code: 2 * size for code, size in SIZES.items()}


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    """Runs in this process: starting others takes longer than the work."""

    def perform(runs: Runs, specifications: Sequence[Any], work: Any, **_: Any) -> None:
        for specification in specifications:
            runs.perform(specification, work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench_runs, "perform_all", perform)
        patch.setattr(study, "perform_all", perform)
        yield


def adding(folder: Path, near: Any = None, seeds: int = 1, pivots: tuple[str, ...] = (), **told: Any) -> Adding:
    """A bench of the kind whose help is known, in a folder of runs."""
    languages = tuple(sorted(SIZES))
    near = NEAR if near is None else near
    plan = Plan(("mix",), languages, ("alone",), ("unseen",), tuple(near), trials=1, seeds=seeds)
    bench = Bench(Helped(), plan, "mix", Runs(folder), shower=quiet, draws=500)
    return Adding(bench, near, AMOUNTS, AuxiliarySettings(**told), pivots)


def gains(curves: Curves, curve: str, series: str, target: str = "gl") -> dict[float, float]:
    """By number or part the gain."""
    own = curves.table.filter(curve=curve, series=series, target=target)
    return dict(own.select("at", pl.col("gain").round(6)).iter_rows())


def test_gains_are_those_that_were_put_in(tmp_path: Path) -> None:
    """.2 of Portuguese, .1 of Spanish, -.05 of Turkish, each in its order; the own text again .01 a pass."""
    curves = add_all(adding(tmp_path, counts=(1, 2, 0)))
    assert gains(curves, "count", "nearest") == {1: 0.2, 2: 0.3, 3: 0.25}
    assert gains(curves, "count", "farthest") == {1: -0.05, 2: 0.05, 3: 0.25}
    # 100 of its own and 1,000, 1,400 and 3,400 of the nearest: 10, 14 and 34 passes more
    assert gains(curves, "count", "own") == {1: 0.1, 2: 0.14, 3: 0.34}
    assert gains(curves, "part", "nearest") == {0.125: 0.025, 0.25: 0.05, 0.5: 0.1, 1: 0.2}
    assert gains(curves, "part", "farthest") == {0.125: -0.00625, 0.25: -0.0125, 0.5: -0.025, 1: -0.05}
    assert gains(curves, "part", "own") == {0.125: 0.0125, 0.25: 0.025, 0.5: 0.05, 1: 0.1}
    two = curves.table.filter(curve="count", series="nearest", at=2.0).row(0, named=True)
    assert (two["auxiliaries"], two["examples"], two["times"]) == ("es+pt", 1_500, 15) and two["verdict"] == "better"


def test_random_orders_are_several_and_their_mean_counts(tmp_path: Path) -> None:
    """Of each order a training a seed; all auxiliaries are one order, and shared with the nearest first."""
    near = NEAR["gl"]
    drawn = [chosen[0] for chosen in prefixes(near, "random", 1, 4, (0, 0))]
    assert len(drawn) == 4 and set(drawn) <= set(near) and len(set(drawn)) > 1
    assert prefixes(near, "random", 3, 4, (0, 0)) == [("es", "pt", "tr")] == prefixes(near, "nearest", 3, 4, (0, 0))
    curves = add_all(adding(tmp_path, counts=(1, 0), shuffles=4, seeds=2, parts=()))
    expected = sum({"pt": 0.2, "es": 0.1, "tr": -0.05}[code] for code in drawn) / 4
    assert gains(curves, "count", "random") == {1: pytest.approx(expected), 3: 0.25}
    assert curves.judged.results.filter(arm="random 1", measure="score")["seed"].to_list() == list(range(1, 9))


def test_runs_are_shared_and_kept(tmp_path: Path) -> None:
    """One of two points alike is trained once; a second call trains nothing, further numbers only what is new."""
    add_all(adding(tmp_path, counts=(1, 0), orders=("nearest", "farthest"), parts=(1.0,)))
    texts = [json.loads(path.read_text())["specification"]["recipe"]["text"] for path in tmp_path.glob("*/run.json")]
    # alone, pt, tr, all, and as many examples as with pt and with all; the parts of 1 are there
    assert len(texts) == 6 and sum(set(text) == {"gl"} for text in texts) == 3
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/run.json")}
    add_all(adding(tmp_path, counts=(1, 2, 0), orders=("nearest", "farthest"), parts=(1.0,)))
    after = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/run.json")}
    assert {path: after[path] for path in before} == before and len(after) == 6 + 3


def test_auxiliaries_can_have_as_much_text_each(tmp_path: Path) -> None:
    """800 sentences of each are 40% of Portuguese, all of Spanish, 20% of Turkish; 400, 400 and 400 examples."""
    curves = add_all(adding(tmp_path, counts=(0,), orders=("nearest",), text=800, parts=(0.5,)))
    assert gains(curves, "count", "nearest") == {3: pytest.approx(0.2 * 0.4 + 0.1 - 0.05 * 0.2)}
    assert curves.table.filter(curve="count", series="nearest")["examples"].to_list() == [1_300]
    assert gains(curves, "part", "nearest") == {0.5: pytest.approx(0.04)}


def test_several_targets_and_a_pivot(tmp_path: Path) -> None:
    """Each has its own order, and there is a mean of both; the pivot's text is varied besides."""
    near = {"gl": ("pt", "es", "tr"), "es": ("pt", "gl", "tr")}
    curves = add_all(adding(tmp_path, near, counts=(1,), orders=("nearest",), parts=(0.5,), pivots=("tr",)))
    assert gains(curves, "count", "nearest", "es") == {1: pytest.approx(0.2 / 1.1, abs=1e-6)}
    both = (1.2 * (1.3 / 1.1)) ** 0.5 - 1  # the geometric mean of the ratios
    assert gains(curves, "count", "nearest", "(all)") == {1: pytest.approx(both, abs=1e-6)}
    assert gains(curves, "part", "pivot tr") == {0.5: -0.025}


def test_the_sentence_says_what_the_numbers_say(tmp_path: Path) -> None:
    """Gains by number, near against far, many against few, against the own text, and by part; figures of both."""
    found = auxiliaries_finding(adding(tmp_path, counts=(1, 9, 0)))
    for said in (
        "With 1 and 3 of its auxiliaries, the nearest first, gl gains +20.0% and +25.0% over training alone",
        "reading 35.0 times as many examples",
        "the farthest first −5.0% and +25.0%",
        "its own text instead +10.0% and +34.0%",
        "The nearest is better than the farthest (+26.3%",
        "more auxiliaries are better than the fewest (+4.2%",
        "they are worse than as many examples of the own text (−6.7%",
        "12.5%, 25%, 50% and 100% of the text of the nearest alone bring +2.5%, +5.0%, +10.0% and +20.0%",
        "9 stands for all, since there are 3.",
    ):
        assert said in found.sentence, said
    assert [chart.name for chart in found.charts] == ["auxiliaries-count", "auxiliaries-part"]
    near = dict(found.tables)["The auxiliaries of each target, the nearest first"]
    assert near["auxiliary"].to_list() == ["pt", "es", "tr"]


def test_of_one_auxiliary_nothing_is_said_of_near_and_far(tmp_path: Path) -> None:
    """One point of each order, no comparison of one with itself; without any the target is named."""
    found = auxiliaries_finding(adding(tmp_path, {"gl": ("pt",)}))
    assert "With 1 of its auxiliaries, the nearest first, gl gains +20.0%" in found.sentence
    assert "There is one auxiliary" in found.sentence and "than the farthest" not in found.sentence
    with pytest.raises(SettingsError, match="gl has no auxiliary: name languages that may help it"):
        adding(tmp_path, {"gl": ()})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("count = [1]", "line 5: no key of auxiliaries is called count; the nearest is counts"),
        ("counts = [-1]", "line 5: counts of auxiliaries must be at least 0 each"),
        ("parts = [2.0]", "line 5: parts of auxiliaries must be above 0, at most 1 each"),
        ('by = "sound"', "line 5: by of auxiliaries must be one of jaccard, directed, neighbours, found sound"),
        ('orders = ["best"]', "line 5: orders of auxiliaries must be some of nearest, farthest, random"),
        ("shuffles = 0", "line 5: shuffles of auxiliaries must be from 1 to 100"),
    ],
)
def test_what_the_table_cannot_say_is_named_with_its_line(line: str, message: str, tmp_path: Path) -> None:
    """Before anything is trained."""
    (tmp_path / "corpus").mkdir()
    path = tmp_path / "study.toml"
    path.write_text(f'corpus = "corpus"\ntargets = ["gl"]\nanalyses = ["auxiliaries"]\n[auxiliary]\n{line}\n')
    with pytest.raises(SettingsError, match=message):
        read_study_file(path)


def test_kin_is_found_near_and_helps_more_than_a_stranger(tmp_path: Path) -> None:
    """In a world of a language with kin and a stranger: the vocabularies' order, and a gain from the kin alone."""
    world = World(
        {"qaa": Tongue(3_000), "qkk": Tongue(2_400, alike={"qaa": 0.8}),
         "qss": Tongue(3_000, alike={"qaa": 0.0, "qkk": 0.0})},
        2, Meanings(concepts=600, grammatical=20, topics=12, subtopics=1, zipf=0.3, general=0.25, topical=0.0),
        Documents(paragraphs=(2, 3), sentences_each=(5, 8)),
    )  # fmt: skip
    simulate(world, tmp_path / "corpus")
    order = by_overlap(overlap(tmp_path / "corpus"), ["qkk"], {"qkk": ["qaa", "qss"]}, "jaccard")
    assert order == {"qkk": ("qaa", "qss")}
    (tmp_path / "study.toml").write_text(
        'corpus = "corpus"\ntargets = ["qkk"]\nauxiliaries = ["qaa", "qss"]\ntasks = ["nsp"]\npools = ["unseen"]\n'
        'preset = "paper"\nstrategies = ["alone"]\nsizes = 150\ntrials = 1\nseeds = 2\nanalyses = ["auxiliaries"]\n'
        "[settings]\ndim = 64\nleast_words = 3\nbigram_weight = 0.0\nbatch = 256\nrate = 0.2\n"
        'shares = [0.5, 0.05, 0.45]\n[auxiliary]\ncounts = [1]\norders = ["nearest", "farthest"]\nparts = [0.1]\n',
        encoding="utf-8",
    )
    laboratory = run_study_file(tmp_path / "study.toml", tmp_path / "out", jobs=1)
    assert not laboratory.unanswered
    (finding,) = read_findings(tmp_path / "out" / "findings")
    table = dict(finding.tables)["Gains by number and by part, every target and pool"]
    near, far = (table.filter(curve="count", series=series).row(0, named=True) for series in ("nearest", "farthest"))
    assert near["auxiliaries"] == "qaa" and near["gain"] > 0.1 and near["low"] > 0
    assert far["auxiliaries"] == "qss" and far["gain"] == 0.0  # batches of one language that shares nothing
    part = table.filter(curve="part", series="nearest").row(0, named=True)
    assert part["gain"] < near["gain"]
    assert "the nearest is better than the farthest" in finding.sentence.lower()


def test_language_models_are_asked_too(tmp_path: Path) -> None:
    """By the function: fewer bits are a gain, a neighbour that spells alike brings one; again trains nothing."""
    make_corpus(tmp_path, {"gl": 60, "es": 60, "fi": 60}, sentences=8)
    asked = AuxiliarySettings(counts=(1, 0), orders=("nearest", "farthest"), parts=(0.25,))
    values: dict[str, Any] = {
        "targets": ["gl"], "kind": "lm", "asked": asked, "sizes": 500, "seeds": 1, "workers": 1,
        "settings": {"size": "none", "shares": [0.5, 0.2, 0.3]},
    }  # fmt: skip
    finding = add_auxiliaries(tmp_path / "corpus", tmp_path / "out", **values)
    table = dict(finding.tables)["Gains by number and by part, every target and pool"]
    near = table.filter(curve="count", series="nearest").sort("at").to_dicts()
    assert [row["auxiliaries"] for row in near] == ["es", "es+fi"]
    compared = dict(finding.tables)["Comparisons, all measures"].filter(arm="nearest 1", against="alone")
    assert near[0]["gain"] > 0.05 and near[0]["gain"] == -compared["relative"][0]
    far = table.filter(curve="count", series="farthest", at=1.0)["gain"][0]
    assert near[0]["gain"] > far and table.filter(curve="part", series="nearest")["gain"][0] > far
    assert table.filter(series="own")["gain"].abs().max() == 0  # n-grams count a text once
    before = sorted(path.stat().st_mtime_ns for path in (tmp_path / "out" / "runs").glob("*/run.json"))
    again = add_auxiliaries(tmp_path / "corpus", tmp_path / "out", **values)
    assert again.sentence == finding.sentence
    assert sorted(path.stat().st_mtime_ns for path in (tmp_path / "out" / "runs").glob("*/run.json")) == before
