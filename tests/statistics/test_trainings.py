"""How few trainings say how they scatter: against Student's t, by hand, and in the comparisons of a study."""

import math

import numpy as np
import pytest

from sprachbund.statistics import compare
from sprachbund.statistics.trainings import degrees, error_of, of_trainings, quantile


def test_quantiles_are_students() -> None:
    """Never below the exact ones, at most 2 in 1,000 above, for any degrees of freedom."""
    stats = pytest.importorskip("scipy.stats")
    freedom = 1 / np.linspace(1e-6, 1, 999)
    ratio = quantile(freedom) / stats.t.ppf(0.975, freedom)
    assert ratio.min() > 1 - 2e-5 and ratio.max() < 1.0021
    assert quantile(math.inf) == pytest.approx(1.959964)


def test_errors_and_degrees_by_hand() -> None:
    """1, 2, 3: a variance of 1, a third of it of the mean. Welch: (1 + 1)^2 / (1 / 2 + 1 / 2); nothing estimated."""
    assert error_of(np.array([1.0, 2.0, 3.0])) == pytest.approx(1 / 3) and error_of(np.array([5.0])) == 0
    assert degrees(0.0, (1.0, 2), (1.0, 2)) == pytest.approx(4)
    assert degrees(2.0, (1.0, 2), (1.0, 2)) == pytest.approx(16)
    assert degrees(2.0, (0.0, 2), (1.0, 0)) == math.inf


def test_trainings_alike_change_nothing() -> None:
    """Counted models are the same every time: the interval is that of the bootstrap."""
    generator = np.random.default_rng(0)
    arm, groups = generator.normal(0.3, 0.1, 400), np.arange(400) // 5
    once = compare(arm, arm * 0.9, groups, 500)
    thrice = compare(np.tile(arm[:, None], 3), np.tile(arm[:, None] * 0.9, 3), groups, 500)
    assert thrice.absolute_low == pytest.approx(once.absolute_low) and thrice.p == pytest.approx(once.p)


def test_trainings_that_scatter_widen_the_interval_as_much_as_students_t() -> None:
    """Means 0.1 apart in the trainings of one arm, hardly any scatter of text: +- 4.30 * 0.1 / root 3."""
    values = np.full((400, 1), 0.5) + np.random.default_rng(1).normal(0, 1e-4, (400, 1))
    found = compare(values + np.array([[-0.1, 0.0, 0.1]]), np.tile(values - 0.1, 3), np.arange(400), 20_000)
    assert found.absolute == pytest.approx(0.1) and found.verdict == "no difference shown"
    assert found.absolute_high - 0.1 == pytest.approx(4.303 * 0.1 / 3**0.5, rel=0.03)
    assert compare(values, values - 0.1, np.arange(400), 500).verdict == "better"


def test_what_two_arms_have_from_their_seeds_in_common_is_no_scatter() -> None:
    """Both arms 0.1 apart by seed, one 0.01 better in each: seen where seeds pair, not where one has fewer of them."""
    values = np.full((400, 1), 0.5) + np.random.default_rng(2).normal(0, 1e-4, (400, 1))
    seeds = np.array([[-0.1, 0.0, 0.1]])
    assert compare(values + seeds + 0.01, values + seeds, np.arange(400), 500).verdict == "better"
    fewer = values + seeds[:, :2] + 0.05
    assert compare(values + seeds + 0.01, fewer, np.arange(400), 500).verdict == "no difference shown"
    nothing = compare(values + seeds, values + seeds, np.arange(400), 500)
    assert nothing.absolute_low == nothing.absolute_high == 0


def test_draws_of_one_document_stay_unknown() -> None:
    """There is no interval where documents cannot be seen to differ."""
    assert np.isnan(of_trainings(np.full(10, np.nan), 0.0, np.array([1.0, 2.0]), np.array([1.0, 1.0]))).all()
