"""A search for the best mixture finds the one that was put in, and says so where there is none."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from mixers import OPTIMUM, SIZES, Mixer

from sprachbund.analyses.finding import Finding, read_findings, write_findings
from sprachbund.analyses.mixtures import runs as mixture_runs
from sprachbund.analyses.mixtures.findings import mixture_finding, share_finding, temperature_finding
from sprachbund.analyses.mixtures.mixing import passes_of
from sprachbund.analyses.mixtures.optimising import MixtureSettings, propose
from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.analyses.mixtures.shares import share_curve
from sprachbund.errors import DivergenceError, SettingsError
from sprachbund.lab.strategies import EVERYONE
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Plan

LANGUAGES = ("en", "gl", "pt")
SMALL = MixtureSettings(samples=20_000)
DRAWS = 500


@pytest.fixture(scope="module", autouse=True)
def _here() -> Iterator[None]:
    """Runs in this process: what is tested is which, not where."""

    def perform(runs: Runs, specifications: Sequence[Any], work: Any, **_: Any) -> None:
        for specification in specifications:
            runs.perform(specification, work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixture_runs, "perform_all", perform)
        yield


def bench(folder: Path, kind: Mixer | None = None, targets: tuple[str, ...] = ()) -> Bench:
    """Three languages, two seeds."""
    plan = Plan(("mix",), LANGUAGES, ("pooled",), ("unseen",), targets, seeds=2)
    return Bench(kind or Mixer(), plan, "mix", Runs(folder / "runs"), draws=DRAWS)


@pytest.fixture(scope="module")
def found(_here: None, tmp_path_factory: pytest.TempPathFactory) -> Finding:
    """The whole search on the kind whose best mixture is known."""
    return mixture_finding(bench(tmp_path_factory.mktemp("search")), SMALL)


def rows(finding: Finding, heading: str) -> pl.DataFrame:
    """A table of a finding."""
    return dict(finding.tables)[heading]


def test_the_proposal_is_near_what_was_put_in_and_keeps_to_four_repetitions(found: Finding) -> None:
    """60%, 8% and 32%, of which the smallest is read 4 times at 8%; its native share is 2%."""
    mixtures = rows(found, "Mixtures")
    mine = mixtures.filter(pl.col("mixture") == "optimised")
    assert dict(mine.select("language", "share").rows()) == pytest.approx(OPTIMUM, abs=0.06)
    assert mine["passes"].max() <= 4 + 1e-9 and mine["share"].sum() == pytest.approx(1)
    natural = mixtures.filter((pl.col("mixture") == "natural") & (pl.col("language") == "gl"))
    assert natural.select("share", "passes", "examples").row(0) == pytest.approx((0.02, 1, 200))


def test_it_is_confirmed_on_test_with_verdicts(found: Finding) -> None:
    """Better than uniform and natural, in every language and over all; the regression ranks runs held out."""
    compared = rows(found, "Comparisons on test")
    assert set(compared["arm"]) == {"optimised"}
    assert set(compared["against"]) == {"uniform", "natural", "temperature", "unimax"}
    sure = compared.filter(pl.col("against").is_in(["uniform", "natural"]))
    assert set(sure["language"]) == {*LANGUAGES, EVERYONE} and set(sure["verdict"]) == {"better"}
    assert (rows(found, "How the regression ranks runs held out")["spearman"] > 0.9).all()
    assert rows(found, "Small runs on dev").height == 9  # three a language
    assert "9 small runs, and a regression that ranks runs held out with a mean Spearman of" in found.sentence
    assert found.replicated == "" and "against natural" in found.ours and "guess" not in found.sentence


def test_where_mixtures_do_not_matter_the_finding_says_so(tmp_path: Path) -> None:
    """No difference shown, that a search is not worth it, and that no method is sure to beat even sampling."""
    finding = mixture_finding(bench(tmp_path, Mixer(effect=0.0)), SMALL)
    everyone = rows(finding, "Comparisons on test").filter(pl.col("language") == EVERYONE)
    assert set(everyone["verdict"]) == {"no difference shown"}
    assert "Against uniform, natural, temperature and unimax no difference is shown" in finding.sentence
    assert "beat even sampling (Aioli)" in finding.sentence
    assert "Runs are not told apart that well: take it for a guess" in finding.sentence


def test_a_search_that_was_killed_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is complete is not trained again, and what comes out is the same; weights of the mean ask for no new run."""
    first = propose(bench(tmp_path), SMALL)
    monkeypatch.setattr(Mixer, "train", None)  # nothing may be trained any more
    again = propose(bench(tmp_path), SMALL)
    assert np.array_equal(first.mixture, again.mixture) and np.array_equal(first.correlation, again.correlation)
    propose(bench(tmp_path), MixtureSettings(samples=20_000, weights={"gl": 3}))


def test_runs_that_diverge_are_left_out_and_told(tmp_path: Path) -> None:
    """Small runs read a quarter of a pass: 3.9 times in one is .975. Where too many do there is no proposal."""
    some = propose(bench(tmp_path / "some", Mixer(broken=0.975)), MixtureSettings(samples=2_000, runs=20))
    assert 0 < some.diverged < 12 and len(some.mixtures) == 20 - some.diverged
    with pytest.raises(DivergenceError, match="of 9 small runs of mixtures diverged"):
        propose(bench(tmp_path / "all", Mixer(broken=0.05)), SMALL)


def test_a_curve_over_shares_finds_more_than_the_native_share(tmp_path: Path) -> None:
    """Galician's native share is 2%, its best 8%: of 2, 8, 30% that is best, read 4 times, and better on test."""
    kind = bench(tmp_path, targets=("gl",))
    finding = share_finding(kind, "gl", MixtureSettings(shares=(0.021, 0.08, 0.3)))
    table = rows(finding, "Score by share")
    assert table["mixture"].to_list() == ["native", "share 8%", "share 30%"]  # 2.1% is all but native
    assert table["passes"].to_list() == pytest.approx([1, 4, 15])
    assert table["at"].to_list() == pytest.approx([0.02, 0.08, 0.3])
    best = table.row(1, named=True)
    assert best["chosen"] and best["verdict"] == "better" and finding.replicated == "yes"
    assert (
        "best with 8.0% of what is read, above its native 2.0% (read 4.0 times in a pass over all)" in finding.sentence
    )
    assert finding.paper == "native share 2% (uk); best at 10-20%; +17% relative over native"
    points = finding.charts[0].spec["data"]["values"]
    assert (points[0]["name"], points[0]["which"]) == ("native", "native")
    assert points[1]["low"] == pytest.approx(points[0]["score"] + best["absolute_low"])
    write_findings(tmp_path / "findings", [finding])
    assert read_findings(tmp_path / "findings")[0].sentence == finding.sentence


def test_a_curve_that_falls_is_no_replication(tmp_path: Path) -> None:
    """Where the target wants less than it has the finding says no; where it never falls, in part."""
    rising = share_finding(bench(tmp_path / "rising", targets=("gl",)), "gl", MixtureSettings(shares=(0.08,)))
    assert rising.replicated == "in part" and "the largest share that was tried" in rising.sentence
    kind = bench(tmp_path, Mixer(optimum={"en": 0.6, "gl": 0.005, "pt": 0.395}), ("gl",))
    assert share_finding(kind, "gl", MixtureSettings(shares=(0.1, 0.3))).replicated == "no"
    curve = share_curve(kind, "gl", (0.1, 0.3))
    assert curve.best == "native" and curve.target == "gl" and np.all(np.diff(curve.dev) < 0)


def test_temperatures_are_in_their_order_with_natural_among_them(tmp_path: Path) -> None:
    """1, 2, 5, uniform; the shares of the best are those of the sizes to the power of a half."""
    finding = temperature_finding(bench(tmp_path), MixtureSettings(temperatures=(5.0, 0.0, 2.0)))
    table = rows(finding, "Score by temperature")
    assert table["mixture"].to_list() == ["native", "temperature 2", "temperature 5", "uniform"]
    assert table.filter(pl.col("chosen"))["mixture"].to_list() == ["temperature 2"]
    assert "On dev temperature 2 is best over all languages" in finding.sentence
    assert rows(finding, "Score by language").height == 4 * 3
    sizes = np.array([SIZES[code] for code in LANGUAGES], float)
    half = np.sqrt(sizes) / np.sqrt(sizes).sum()
    assert table["passes"][1] == pytest.approx(passes_of(half, sizes).max())


def test_a_language_with_too_little_text_is_named_where_the_others_decide(tmp_path: Path) -> None:
    """Twenty documents are too few for a verdict: the mean over all is of the other two, and the finding says so."""
    settings = MixtureSettings(temperatures=(2.0,))
    finding = temperature_finding(bench(tmp_path / "one", Mixer(small="pt")), settings)
    assert "pt has too little text to count in this." in finding.sentence
    native, other = rows(finding, "Score by temperature").to_dicts()
    assert other["score"] - native["score"] == pytest.approx(other["absolute"])  # of the same languages
    assert "too little text" not in temperature_finding(bench(tmp_path / "none"), settings).sentence


def test_what_cannot_work_is_refused(tmp_path: Path) -> None:
    """Named, with what is allowed."""
    for values, message in (
        ({"part": 0}, "part of mixtures must be above 0, at most 1, found 0"),
        ({"shares": (1.0,)}, "shares of mixtures must be between 0 and 1 each"),
        ({"temperatures": (0.5,)}, "temperatures of mixtures must be at least 1 each, or 0"),
        ({"weights": {"gl": -1}}, "weights of mixtures must be at least 0"),
    ):
        with pytest.raises(SettingsError, match=message):
            MixtureSettings(**values)
    with pytest.raises(SettingsError, match="at least 9, 3 a language, for 3 languages; found 8"):
        propose(bench(tmp_path), MixtureSettings(runs=8))
    with pytest.raises(SettingsError, match="weights of mixtures name es, but judged are en, gl, pt"):
        propose(bench(tmp_path), MixtureSettings(weights={"es": 1}))
    with pytest.raises(SettingsError, match="sum to 0"):
        propose(bench(tmp_path), MixtureSettings(weights=dict.fromkeys(LANGUAGES, 0.0)))
    with pytest.raises(SettingsError, match="a mixture is of two languages at least, found gl"):
        Bench(Mixer(), Plan(("mix",), ("gl",), ("pooled",), ("unseen",)), "mix", Runs(tmp_path))
