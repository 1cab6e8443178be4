"""F1, F3, F5 to F7, T1 and what to expect: from made-up studies whose numbers are worked out by hand or by numpy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from made_gains import CODES, Made, study

from sprachbund.analyses.explaining.findings import explain, replicated_by_slopes
from sprachbund.analyses.explaining.gains import gains_of
from sprachbund.analyses.explaining.regression import regress
from sprachbund.analyses.explaining.summary import correlation, improvement, predict_gain
from sprachbund.analyses.explaining.transfer import replicated_transfer
from sprachbund.analyses.finding import Finding, read_findings, write_findings
from sprachbund.errors import SettingsError
from sprachbund.lm.declared import DECLARATION as LM
from sprachbund.report import StudyFrames
from sprachbund.report.frames import COMPARISONS, RESULTS

BEFORE = {code: 0.10 + 0.03 * place for place, code in enumerate(CODES)}
PAIRS = {code: 100_000 // (place + 1) for place, code in enumerate(CODES)}
OVERLAPS = {code: 0.05 + 0.02 * ((5 * place) % 11) for place, code in enumerate(CODES) if code != "en"}
NOISE = dict(zip(CODES, np.random.default_rng(3).normal(scale=0.02, size=len(CODES)), strict=True))


def hard_gain_more(code: str, size: float = 1.0) -> Made:
    """Relative gains that fall with the score before: .5 at 0, .0 at .5, and some noise."""
    gain = size * (0.5 - BEFORE[code] + NOISE[code])
    return Made(code, BEFORE[code], BEFORE[code] * (1 + gain), PAIRS[code])


def whole(leaking: tuple[str, ...] = ("paper",)) -> StudyFrames:
    """Twelve languages, both tasks, both pools; IC gains twice what NSP does, the paper's pool half as much again."""
    return study(
        {
            (task, pool): [hard_gain_more(code, size * more) for code in CODES]
            for task, size in (("nsp", 1.0), ("ic", 2.0))
            for pool, more in (("unseen", 1.0), ("paper", 1.5))
        },
        leaking,
    )


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    """Findings by their names."""
    return {finding.name: finding for finding in findings}


def drawn_rows(spec: Any, columns: set[str]) -> list[list[dict[str, float]]]:
    """Every set of rows of a figure that has just these columns."""
    if isinstance(spec, list):
        return [found for part in spec for found in drawn_rows(part, columns)]
    if not isinstance(spec, dict):
        return []
    values = spec.get("values")
    own = [values] if isinstance(values, list) and values and set(values[0]) == columns else []
    return own + [found for part in spec.values() if part is not values for found in drawn_rows(part, columns)]


def test_gains_are_relative_and_absolute() -> None:
    """.10 to .12 is +.02 and +20%; shares are of all pairs of the task; the hub, English, has no overlap itself."""
    frames = study({("nsp", "unseen"): [Made("en", 0.4, 0.38, 3000, "worse"), Made("uk", 0.10, 0.12, 1000)]})
    gains = gains_of(frames, {"en": {"uk": 0.07}})
    row = gains.table.filter(language="uk").row(0, named=True)
    assert (row["absolute"], row["relative"], row["share"]) == pytest.approx((0.02, 0.2, 0.25))
    assert (row["low"], row["high"], row["overlap"]) == pytest.approx((0.18, 0.22, 0.07))
    assert gains.table.filter(language="en")["overlap"].item() is None and gains.hub == "en"
    assert gains.table.filter(language="en")["relative"].item() == pytest.approx(-0.05)


def test_without_english_the_largest_is_the_hub() -> None:
    """And a language that only helps counts in the shares as soon as its size is known."""
    made = [Made("gl", 0.1, 0.12, 1000), Made("pt", 0.2, 0.21, 3000)]
    assert gains_of(study({("ic", "unseen"): made})).hub == "pt"
    helped = study({("ic", "unseen"): made}, languages=["gl", "pt", "es"])
    assert gains_of(helped).table["share"].null_count() == 2
    known = gains_of(helped, {"es": {"gl": 0.5, "pt": 0.4}}, sizes={"gl": 1000, "pt": 3000, "es": 6000})
    assert dict(known.table.select("language", "share").iter_rows()) == pytest.approx({"gl": 0.1, "pt": 0.3})
    assert known.hub == "es" and known.table["overlap"].to_list() == [0.5, 0.4]


def test_where_lower_is_better_a_gain_is_still_above_zero() -> None:
    """2.0 to 1.8 bits is a gain of 10%, its interval turned round."""
    cell = {"task": LM.tasks[0].name, "pool": LM.pools[0].name, "measure": LM.measures[0].name, "k": None}
    sizes = {"language": "gl", "items": 400, "documents": 90}
    results = [cell | sizes | {"arm": arm, "value": value} for arm, value in (("alone", 2.0), ("pooled", 1.8))]
    compared = cell | sizes | {"arm": "pooled", "against": "alone", "relative": -0.1, "low": -0.14, "high": -0.04}
    frames = StudyFrames(
        LM,
        pl.DataFrame(results, schema=RESULTS),
        pl.DataFrame([compared], schema=COMPARISONS),
        pl.DataFrame([{"task": cell["task"], "language": "gl", LM.examples: 1000}]),
    )
    row = gains_of(frames).table.row(0, named=True)
    assert (row["absolute"], row["relative"], row["low"], row["high"]) == pytest.approx((0.2, 0.1, 0.04, 0.14))


def test_means_are_over_languages_and_few_queries_do_not_count() -> None:
    """Of +20%, -10% and +5% the mean is +5%; few queries are named; of zero before there is no relative gain."""
    frames = study(
        {
            ("nsp", "unseen"): [
                Made("en", 0.10, 0.12), Made("de", 0.20, 0.18, 900, "worse"), Made("fr", 0.40, 0.42, 800, p_holm=0.3),
                Made("eo", 0.01, 0.05, 10, "too few"), Made("gl", 0.0, 0.1, 20),
            ]
        }
    )  # fmt: skip
    found = improvement(gains_of(frames), "nsp")
    assert found is not None and found.few == ("eo",) and found.languages == 3
    assert (found.mean, found.absolute) == pytest.approx((0.05, (0.02 - 0.02 + 0.02) / 3))
    assert (found.positive, found.better, found.worse) == (2, 1, 1)
    assert [found.low, found.high] == pytest.approx([-0.1, 0.2]) and not found.decided
    assert (found.leaks, found.tested) == (0, 5) and found.found == pytest.approx(0.002)


def test_tasks_gains_are_correlated_as_numpy_has_it() -> None:
    """Pearson's r over the languages of both tasks; none where three languages have both, or one task's do not vary."""
    frames = study(
        {
            ("nsp", "unseen"): [hard_gain_more(code) for code in CODES],
            ("ic", "unseen"): [Made(code, 0.2, 0.2 * (1.3 + NOISE[code])) for code in CODES[2:]],
        }
    )
    gains = gains_of(frames)
    found = correlation(gains, "nsp", "ic")
    one, other = (
        gains.rows(task).filter(pl.col("language").is_in(CODES[2:])).sort("language")["relative"]
        for task in ("nsp", "ic")
    )
    assert found is not None and found.languages == 10
    assert found.r == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert np.arctanh([found.low, found.high]) == pytest.approx(
        np.arctanh(found.r) + 1.959964 / 7**0.5 * np.array([-1, 1])
    )
    few = study({(task, "unseen"): [hard_gain_more(code) for code in CODES[:3]] for task in ("nsp", "ic")})
    assert correlation(gains_of(few), "nsp", "ic") is None


def test_the_headline_is_answered_by_a_rule() -> None:
    """All gain and IC more: yes. One down, not beyond doubt: in part. One worse beyond doubt: no. A leak: nothing."""

    def answer(frames: StudyFrames, own_terms: bool = False) -> str:
        gains = gains_of(frames)
        found = [each for task in frames.tasks if (each := improvement(gains, task)) is not None]
        return replicated_transfer(found, own_terms)

    both = {
        (task, "unseen"): [hard_gain_more(code, size) for code in CODES] for task, size in (("nsp", 1.0), ("ic", 2.0))
    }
    assert answer(study(both)) == "yes"
    assert (
        answer(study({(("ic", "nsp")[task == "ic"], pool): rows for (task, pool), rows in both.items()})) == "in part"
    )
    down = Made("xx", 0.3, 0.299, verdict="no difference shown", p_holm=0.9)
    assert answer(study({key: [*rows, down] for key, rows in both.items()})) == "in part"
    worse = Made("xx", 0.3, 0.28, verdict="worse", p_holm=0.001)
    assert answer(study({key: [*rows, worse] for key, rows in both.items()})) == "no"
    assert answer(study(both, ["unseen"])) == "not shown" and answer(study(both, ["unseen"]), True) == "yes"
    mixed = [Made(code, 0.2, 0.2 + 0.02 * (-1) ** place, p_holm=0.5) for place, code in enumerate(CODES)]
    assert answer(study({("nsp", "unseen"): mixed})) == "not shown"
    few = [Made(code, 0.2, 0.3, verdict="too few") for code in CODES]
    assert answer(study({("nsp", "unseen"): few})) == "not shown"


def test_both_pools_stand_side_by_side_with_the_null_test() -> None:
    """The sentence says of each pool the means, how many gain, and whether the null test holds; unseen decides."""
    gains = gains_of(whole(), {"en": OVERLAPS})
    finding = by_name(explain(gains))["F3"]
    means = {
        task: np.mean([size * (0.5 - BEFORE[code] + NOISE[code]) for code in CODES])
        for task, size in (("nsp", 1.0), ("ic", 2.0))
    }
    for factor, pool in ((1.0, "unseen"), (1.5, "paper")):
        assert f"{pool}: NSP +{100 * factor * means['nsp']:.1f}%" in finding.ours.replace("; ", "\n")
        assert f"IC +{100 * factor * means['ic']:.1f}%" in finding.sentence
    assert "The null test holds there: another query's answer is found first in 0.2%" in finding.sentence
    assert (
        "The null test fails there in 24 of 24 cases: another query's answer is found first in 30.0%"
        in finding.sentence
    )
    assert finding.sentence.endswith(
        "So the paper's headline comes back in its own terms and comes back among unseen candidates."
    )
    assert finding.replicated == "yes" and "r 1.00" in finding.ours
    (_, means_table), (_, by_language) = finding.tables
    assert means_table.height == 4 and by_language.height == 48
    assert [chart.name for chart in finding.charts] == ["F3-nsp", "F3-ic"]


def test_one_language_that_leaks_is_told_from_a_pool_that_does() -> None:
    """The null test's mean is that of the languages where it fails, and only what they gain is called no gain."""
    made = study({("nsp", "unseen"): [hard_gain_more(code) for code in CODES]})
    null = pl.when((pl.col("language") == "vi") & pl.col("pool").str.ends_with("-null")).then(0.4)
    leaking = made.results.with_columns(null.otherwise("value").alias("value"), null.otherwise("low").alias("low"))
    gains = gains_of(StudyFrames(made.declaration, leaking, made.comparisons, made.languages, made.settings))
    assert gains.nulls.select("languages", "leaks", "found").row(0) == pytest.approx((12, 1, 0.4))
    sentence = by_name(explain(gains))["F3"].sentence
    assert "fails there in 1 of 12 cases: another query's answer is found first in 40.0%" in sentence
    assert "what those languages gain there is no gain in finding" in sentence


def test_lines_are_drawn_with_a_band_of_one_standard_deviation() -> None:
    """F5: relative gain on the score before; the band's ends are the fit of numpy and its residuals' deviation."""
    finding = by_name(explain(gains_of(whole(), {"en": OVERLAPS})))["F5"]
    x = np.array([BEFORE[code] for code in CODES])
    y = np.array([0.5 - BEFORE[code] + NOISE[code] for code in CODES])
    (slope, intercept), (left,), *_ = np.polyfit(x, y, 1, full=True)
    spread = np.sqrt(left / (len(x) - 2))
    (band,) = drawn_rows(json.loads(json.dumps(finding.charts[0].spec, allow_nan=False)), {"x", "y", "low", "high"})
    assert [band[0][name] for name in ("x", "y", "low", "high")] == pytest.approx(
        [
            x.min(),
            intercept + slope * x.min(),
            intercept + slope * x.min() - spread,
            intercept + slope * x.min() + spread,
        ]
    )
    rows = finding.tables[0][1].filter(pool="unseen", task="NSP", outcome="relative").row(0, named=True)
    assert rows["R2"] == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2) and rows["slope"] == pytest.approx(slope)
    assert finding.replicated == "yes" and "falls" in finding.sentence


def test_every_factor_is_answered_by_the_sign_of_its_line() -> None:
    """Falling with the score before is the paper's F5, rising with overlap its F7; what is not sure is not shown."""
    found = by_name(explain(gains_of(whole(), {"en": OVERLAPS})))
    rows = pl.DataFrame({"language": CODES, "x": list(BEFORE.values()), "y": [NOISE[code] for code in CODES]})
    down = regress(rows.with_columns(y=pl.col("y") - pl.col("x")), "y", ["x"])
    up = regress(rows.with_columns(y=pl.col("y") + pl.col("x")), "y", ["x"])
    flat = regress(rows.with_columns(y=pl.Series(NOISE.values()) + 1e-9 * pl.col("x")), "y", ["x"])
    assert [replicated_by_slopes(fits, -1) for fits in ([down, down], [down, flat], [down, up], [down, None])] == [
        "yes", "in part", "in part", "in part",
    ]  # fmt: skip
    assert [replicated_by_slopes(fits, -1) for fits in ([up, up], [up, flat], [flat, flat], [None, None], [])] == [
        "no", "no", "not shown", "not shown", "not shown",
    ]  # fmt: skip
    seven = found["F7"].tables[0][1].filter(pool="unseen", task="NSP", outcome="absolute").row(0, named=True)
    absolute = {code: BEFORE[code] * (0.5 - BEFORE[code] + NOISE[code]) for code in OVERLAPS}
    assert seven["languages"] == 11, "the hub's overlap with itself is none"
    expected = np.corrcoef(list(OVERLAPS.values()), [absolute[code] for code in OVERLAPS])[0, 1] ** 2
    assert seven["R2"] == pytest.approx(expected)


def test_the_table_has_each_factor_and_all_together() -> None:
    """R2 of all three from numpy's least squares, over the languages that have all three; both outcomes, labelled."""
    found = by_name(explain(gains_of(whole(), {"en": OVERLAPS})))["T1"]
    table = found.tables[0][1].filter(task="NSP", pool="unseen", outcome="relative")
    codes = list(OVERLAPS)
    total = sum(PAIRS.values())
    y = np.array([0.5 - BEFORE[code] + NOISE[code] for code in codes])
    design = np.column_stack(
        (np.ones(11), [PAIRS[c] / total for c in codes], [BEFORE[c] for c in codes], [OVERLAPS[c] for c in codes])
    )
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    combined = table.filter(factor="combined").row(0, named=True)
    assert combined["R2"] == pytest.approx(1 - left.var() / y.var()) and combined["slope"] is None
    assert table["factor"].to_list() == [
        "sample size", "task difficulty", "vocabulary overlap", "combined", "sample size, logarithmic (ours)",
    ]  # fmt: skip
    assert set(found.tables[0][1]["outcome"]) == {"relative", "absolute"} and found.replicated == "yes"


def test_too_few_languages_are_said() -> None:
    """Seven languages: no fit, no line, and the reason in every finding; findings are written and read all the same."""
    frames = study({(task, "unseen"): [hard_gain_more(code) for code in CODES[:7]] for task in ("nsp", "ic")})
    findings = explain(gains_of(frames, {"en": OVERLAPS}))
    found = by_name(findings)
    for name in ("F5", "F6", "F7", "T1", "expected"):
        assert "too few languages for a regression" in found[name].sentence, name
        assert found[name].replicated in ("not shown", "")
    assert found["F5"].tables[0][1]["R2"].null_count() == found["F5"].tables[0][1].height
    assert not drawn_rows(found["F5"].charts[0].spec, {"x", "y", "low", "high"})
    nothing = by_name(explain(gains_of(frames)))
    assert "overlap is not known of any language" in nothing["F7"].sentence
    with pytest.raises(SettingsError, match="too few languages for a regression on 1 factor: 7, and it takes 8"):
        predict_gain(gains_of(frames), "nsp", {"log_share": -3.0})


def test_findings_are_data_of_any_study(tmp_path: Path) -> None:
    """Written and read whole, with a mark where several studies have them; without any language of both arms too."""
    findings = explain(gains_of(whole(), {"en": OVERLAPS}))
    assert [finding.name for finding in findings] == ["F1", "F3", "F5", "F6", "F7", "T1", "expected"]
    marked = explain(gains_of(whole(), {"en": OVERLAPS}), "-small")
    write_findings(tmp_path / "found", [*findings, *marked])
    names = [finding.name for finding in read_findings(tmp_path / "found")]
    assert names[7:] == [f"{name}-small" for name in names[:7]]
    empty = by_name(explain(gains_of(study({("nsp", "unseen"): [Made("en", 0.0, 0.1)]}))))
    assert empty["F3"].replicated == "not shown" and "nothing can be compared" in empty["F3"].sentence


def test_a_gain_is_foretold_before_training() -> None:
    """The finding foretells each from share and overlap alone; a new language is foretold from what is known of it."""
    gains = gains_of(whole(), {"en": OVERLAPS})
    found = by_name(explain(gains))["expected"]
    table = found.tables[0][1]
    assert table.height == 11 and set(table.columns) == {"language", "foretold", "low", "high", "actual"}
    assert "from its share of the data and its overlap with en" in found.sentence and found.replicated == ""
    new = predict_gain(gains, "nsp", {"before": 0.25})
    assert new.value == pytest.approx(0.25, abs=0.03) and new.low < 0.25 < new.high and new.languages == 12
    with pytest.raises(
        SettingsError, match="foretold from before, share, log_share, overlap; found relative from size"
    ):
        predict_gain(gains, "nsp", {"size": 3.0})
