"""Comparisons: worked numbers, verdict words, zero means, geometric means."""

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.statistics.comparison import (
    BETTER,
    LEAKS,
    NO_DIFFERENCE,
    TOO_FEW,
    WORSE,
    Enough,
    compare,
    compare_draws,
    is_better,
    null_leaks,
    overall,
    verdict,
)


def test_worked_example_from_draws() -> None:
    """Differences 0.0, 0.1, 0.2, 0.3 over an other side of 0.4: every field by hand."""
    against = np.full(4, 0.4)
    found = compare_draws(0.55, 0.4, against + np.arange(4) / 10, against, items=300, documents=30)
    assert found.absolute == pytest.approx(0.15)
    assert (found.absolute_low, found.absolute_high) == pytest.approx((0.0, 0.3))
    assert found.relative == pytest.approx(0.375)
    assert (found.low, found.high) == pytest.approx((0.0, 0.75))
    assert found.p == pytest.approx(0.5)  # one of four draws is not above zero, twice
    # The squares of -.15, -.05, .05, .15 sum to .05; over 3, the root, times 2.8, over .4.
    assert found.detectable == pytest.approx(2.8 * np.sqrt(0.05 / 3) / 0.4)
    assert found.verdict == NO_DIFFERENCE


def many(difference: float, queries: int = 400, documents: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queries around 0.5 and the same queries with ``difference`` added, ten or so a document."""
    rng = np.random.default_rng(1)
    against = rng.random(queries)
    return against + difference + 0.05 * rng.standard_normal(queries), against, np.arange(queries) % documents


def test_better_and_worse_and_neither() -> None:
    """A difference of 0.05 with an error near 0.0025 is seen with either sign; none is not."""
    assert compare(*many(0.05), 1_000).verdict == BETTER
    assert compare(*many(-0.05), 1_000).verdict == WORSE
    _, against, groups = many(0.0)
    assert compare(against, against, groups, 1_000).verdict == NO_DIFFERENCE


def test_an_arm_against_itself_is_certainly_equal() -> None:
    """No difference in any draw: interval of zero width, p of one."""
    _, against, groups = many(0.0)
    found = compare(against, against, groups, 500)
    assert (found.absolute, found.absolute_low, found.absolute_high, found.p) == (0.0, 0.0, 0.0, 1.0)
    assert (found.items, found.documents) == (400, 40)


def test_p_is_never_zero() -> None:
    """Where all draws are on one side p is one over the draws."""
    assert compare(*many(0.2), 200).p == pytest.approx(1 / 200)


def test_swapping_arms_turns_the_sign() -> None:
    """The draw is paired, so the absolute interval is mirrored exactly."""
    arm, against, groups = many(0.01)
    one, other = compare(arm, against, groups, 300), compare(against, arm, groups, 300)
    assert other.absolute_low == pytest.approx(-one.absolute_high)
    assert other.p == one.p


def test_limits_of_too_few() -> None:
    """300 items of 30 documents suffice; one less of either does not; a kind may say what is enough."""
    assert Enough() == Enough(300, 30)
    assert verdict(0.1, 0.2, 30, 30, enough=Enough(30, 30)) == BETTER
    assert verdict(0.1, 0.2, 29, 29, enough=Enough(30, 30)) == TOO_FEW
    assert verdict(0.1, 0.2, 300, 30) == BETTER
    assert verdict(0.1, 0.2, 299, 30) == TOO_FEW
    assert verdict(0.1, 0.2, 300, 29) == TOO_FEW


def test_an_interval_that_touches_zero_shows_nothing() -> None:
    """Zero itself is not excluded by an interval that ends there."""
    assert verdict(0.0, 0.2, 1_000, 100) == NO_DIFFERENCE
    assert verdict(-0.2, 0.0, 1_000, 100) == NO_DIFFERENCE
    assert verdict(-0.2, -0.1, 1_000, 100) == WORSE


def test_lower_is_better_where_the_measure_says_so() -> None:
    """The same intervals, the other words; the difference itself keeps its sign."""
    assert verdict(-0.2, -0.1, 1_000, 100, direction="lower") == BETTER
    assert verdict(0.1, 0.2, 1_000, 100, direction="lower") == WORSE
    assert verdict(-0.1, 0.2, 1_000, 100, direction="lower") == NO_DIFFERENCE
    found = compare(*many(-0.05), 1_000, direction="lower")
    assert found.verdict == BETTER and found.absolute < 0 and found.relative < 0
    assert [is_better(difference, "lower") for difference in (-0.1, 0.0, 0.1, float("nan"))] == [
        True, False, False, False
    ]  # fmt: skip


def test_a_mean_is_a_sum_over_a_sum() -> None:
    """Short documents cost more bits a byte, long ones fewer: over the bytes fewer, in the mean of documents more.

    Bytes 1 and 100, by turns; bits 4.3 and 190 against 4.0 and 200: 1.92 against 2.02 a byte, 3.10 against 3.00 a
    document's byte.
    """
    lengths = np.tile([1.0, 100.0], 200)
    arm, against, groups = np.tile([4.3, 190.0], 200), np.tile([4.0, 200.0], 200), np.arange(400)
    found = compare(arm, against, groups, 1_000, weights=lengths, direction="lower")
    assert (found.arm_mean, found.against_mean) == pytest.approx((194.3 / 101, 204 / 101))
    assert found.verdict == BETTER
    naive = compare(arm / lengths, against / lengths, groups, 1_000, direction="lower")
    assert (naive.arm_mean, naive.against_mean) == pytest.approx((3.1, 3.0))
    assert naive.verdict == WORSE


def test_weights_of_one_change_nothing() -> None:
    """To the last bit."""
    arm, against, groups = many(0.01)
    assert compare(arm, against, groups, 500) == compare(arm, against, groups, 500, weights=np.ones(len(arm)))


def test_leaks_come_before_every_other_word() -> None:
    """A pool that leaks has no verdict, however large or small the sample."""
    assert verdict(0.1, 0.2, 1_000, 100, leaks=True) == LEAKS
    assert verdict(0.1, 0.2, 1, 1, leaks=True) == LEAKS
    assert compare(*many(0.05), 100, leaks=True).verdict == LEAKS


def test_nothing_found_by_the_other_arm() -> None:
    """A mean of zero leaves the relative numbers undefined and the absolute ones whole."""
    arm, _, groups = many(0.0)
    found = compare(abs(arm) + 0.1, np.zeros(400), groups, 200)
    assert all(np.isnan([found.relative, found.low, found.high, found.detectable]))
    assert found.absolute_low > 0
    assert found.verdict == BETTER


def test_draws_without_a_hit_are_infinitely_better() -> None:
    """The other arm finds nothing in one draw of four: the upper end is infinite, the lower one is kept."""
    found = compare_draws(0.5, 0.3, np.full(4, 0.5), np.array([0.0, 0.4, 0.4, 0.4]), items=300, documents=30)
    assert (found.low, found.high) == (pytest.approx(0.25), np.inf)


def test_no_queries() -> None:
    """A language without a query is too few, without a warning or an error."""
    nothing = np.zeros(0)
    found = compare(nothing, nothing, nothing.astype(int), 10)
    assert np.isnan(found.absolute)
    assert np.isnan(found.p)
    assert (found.items, found.documents, found.verdict) == (0, 0, TOO_FEW)


def test_different_queries_are_refused() -> None:
    """Arms with different numbers of queries cannot be paired."""
    with pytest.raises(SettingsError, match=r"\(3,\) and \(2,\)"):
        compare(np.zeros(3), np.zeros(2), np.zeros(3, int))


def test_overall_is_the_geometric_mean_of_ratios() -> None:
    """Ratios 2 and 1/2 cancel; ratios 2 and 8 give 4, an improvement of 3."""
    draws = np.ones((2, 5))
    cancel = overall(np.array([0.2, 0.1]), np.array([0.1, 0.2]), draws, draws, items=900, documents=90)
    assert cancel.relative == pytest.approx(0.0)
    fourfold = overall(np.array([0.2, 0.8]), np.array([0.1, 0.1]), draws, draws, items=900, documents=90)
    assert fourfold.relative == pytest.approx(3.0)
    assert fourfold.languages == 2


def test_overall_interval_pairs_draws_of_languages() -> None:
    """Draw by draw the ratios are (1, 4) and (4, 9): geometric means 2 and 6, so 1 to 5 relative."""
    found = overall(
        np.array([0.2, 0.6]),
        np.array([0.1, 0.1]),
        np.array([[0.1, 0.4], [0.4, 0.9]]),
        np.full((2, 2), 0.1),
        items=900,
        documents=90,
    )
    assert (found.low, found.high) == pytest.approx((1.0, 5.0))
    assert found.verdict == BETTER


def test_overall_leaves_out_languages_without_a_hit() -> None:
    """A mean of zero has no logarithm; the count of languages says that it is out."""
    draws = np.full((2, 3), 0.5)
    found = overall(np.array([0.2, 0.0]), np.array([0.1, 0.3]), draws, draws, items=900, documents=90)
    assert (found.languages, found.relative) == (1, pytest.approx(1.0))
    none = overall(np.zeros(2), np.zeros(2), draws, draws, items=900, documents=90)
    assert none.languages == 0
    assert np.isnan(none.relative)
    assert none.verdict == TOO_FEW


def test_null_test() -> None:
    """Chance among 100 candidates is 0.01; the lower end may lie two hundredths above it."""
    assert not null_leaks(0.0299, 100)
    assert null_leaks(0.0301, 100)
    assert not null_leaks(0.9, 0)
