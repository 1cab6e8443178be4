"""What starts bring against how near they are: nearness of transcripts by hand, correlations, too few pairs."""

import math

import polars as pl
import pytest

from sprachbund.analyses.nearness.findings import correlations, nearness_finding
from sprachbund.analyses.nearness.transcripts import nearness_of


def test_nearness_of_transcripts() -> None:
    """By hand: three of five letters, one word of three, runs of three by their cosine; blanks are no letters."""
    found = nearness_of(["casa bela"], ["casa c"])
    assert found["letters in common"] == pytest.approx(3 / 6)  # a, c, s of a, b, c, e, l, s
    assert found["words in common"] == pytest.approx(1 / 3)  # casa of bela, c, casa
    # cas asa sa_ a_b _be bel ela and cas asa sa_ a_c: three in common
    assert found["runs of three letters"] == pytest.approx(3 / math.sqrt(7 * 4))
    assert nearness_of(["abc"], ["xyz"]) == dict.fromkeys(found, 0.0)
    assert nearness_of(["ab"], ["ab"])["runs of three letters"] == 0


def _tables(gains: list[float]) -> tuple[pl.DataFrame, pl.DataFrame]:
    pairs = [(f"t{number % 2}", f"s{number}") for number in range(len(gains))]
    told = [
        {"study": "a", "task": "x", "target": target, "start": start, "gain": gain, "low": gain - 1, "high": gain + 1}
        for (target, start), gain in zip(pairs, gains, strict=True)
    ]
    near = [{"target": target, "start": start, "measure": "words in common", "nearness": float(number)}
            for number, (target, start) in enumerate(pairs)]  # fmt: skip
    return pl.DataFrame(told), pl.DataFrame(near)


def test_a_correlation_has_an_interval() -> None:
    """Spearman by hand, 1 - 6 * 2 / (8 * 63); Fisher's interval about it."""
    (row,) = correlations(*_tables([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.7])).to_dicts()
    rho = 1 - 6 * 2 / (8 * 63)
    width = 1.96 * math.sqrt(1.06 / 5)
    assert (row["pairs"], row["spearman"]) == (8, pytest.approx(rho))
    assert row["low"] == pytest.approx(math.tanh(math.atanh(rho) - width))
    assert row["high"] == pytest.approx(math.tanh(math.atanh(rho) + width))
    finding = nearness_finding(*_tables([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.7]))
    assert "words in common: +0.98 [" in finding.sentence and "t0 by s6, t1 by s7" in finding.sentence
    assert len(finding.charts) == 1


def test_too_few_pairs_are_said() -> None:
    """No correlation, and how many it takes."""
    finding = nearness_finding(*_tables([0.1, 0.2, 0.3, 0.4]))
    assert "With 4 pairs of a target and a start there are too few to correlate: 6 at least" in finding.sentence
    assert finding.ours == "" and finding.tables[2][1]["spearman"].is_nan().all()
