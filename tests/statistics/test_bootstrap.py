"""The clustered bootstrap against worked examples and its plain reference."""

from itertools import product

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.statistics.bootstrap import (
    _mixed,
    bootstrap_means,
    bootstrap_means_reference,
    count_documents,
    interval,
    weighted_means,
)


def ragged(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """60 queries of 13 documents of different sizes in mixed order, four columns."""
    rng = np.random.default_rng(seed)
    return rng.random((60, 4)), rng.integers(0, 13, 60) * 7 - 20


def test_kernel_equals_plain_reference_bit_for_bit() -> None:
    """The kernel and the plain Python loop draw and add the same numbers in the same order."""
    values, groups = ragged()
    expected = bootstrap_means_reference(values, groups, 50, seed=11)
    assert np.array_equal(bootstrap_means(values, groups, 50, seed=11), expected)


def test_weights_equal_the_plain_reference_bit_for_bit() -> None:
    """A draw is the sum of the values over the sum of the weights of the items drawn; a weight is not a copy."""
    values, groups = ragged()
    weights = np.random.default_rng(4).random(60) + 0.1
    drawn = bootstrap_means(values, groups, 50, 11, weights)
    assert np.array_equal(drawn, bootstrap_means_reference(values, groups, 50, 11, weights))
    assert np.allclose(bootstrap_means(3 * values, groups, 50, 11, 3 * weights), drawn)
    ratio = bootstrap_means(np.column_stack([weights * 2, weights]), groups, 50, 11, weights)
    assert np.allclose(ratio, [2, 1])
    assert weighted_means(np.array([[1.0], [5.0]]), np.array([1.0, 2.0])) == pytest.approx([2.0])


def test_largest_seed_equals_plain_reference() -> None:
    """Sums of 64 bits wrap in the kernel as in the reference."""
    values, groups = ragged()
    seed = 2**64 - 1
    expected = bootstrap_means_reference(values, groups, 20, seed)
    assert np.array_equal(bootstrap_means(values, groups, 20, seed), expected)


def test_splitmix64_gives_its_published_numbers() -> None:
    """The first outputs for the seed 1234567 are those of the reference implementation by Vigna."""
    state, outputs = 1234567, []
    for _ in range(3):
        state = (state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        outputs.append(_mixed(state))
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_draws_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker and five give the same bits."""
    values, groups = ragged()
    monkeypatch.setattr("sprachbund.statistics.bootstrap.cpu_count", lambda: 1)
    one = bootstrap_means(values, groups, 101, seed=5)
    monkeypatch.setattr("sprachbund.statistics.bootstrap.cpu_count", lambda: 5)
    assert np.array_equal(bootstrap_means(values, groups, 101, seed=5), one)


def test_seeds_differ() -> None:
    """Another seed draws other documents."""
    values, groups = ragged()
    assert not np.array_equal(bootstrap_means(values, groups, 20, 0), bootstrap_means(values, groups, 20, 1))


def test_two_documents_of_one_query_have_the_exact_distribution() -> None:
    """With values 0 and 1 in two documents a draw is 0, 1/2 or 1 with chances 1/4, 1/2, 1/4."""
    draws = bootstrap_means(np.array([[0.0], [1.0]]), np.array([0, 1]), 40_000)[:, 0]
    shares = [(draws == value).mean() for value in (0.0, 0.5, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


def test_two_stages_have_the_exact_distribution() -> None:
    """Documents A = {0, 6} and B = {12}: every outcome's chance, enumerated by hand in the loop below."""
    chances: dict[float, float] = {}
    for documents in product("AB", repeat=2):
        outcomes = [[0.0, 6.0] if name == "A" else [12.0] for name in documents]
        sizes = [len(outcome) for outcome in outcomes]
        choices = [outcome for outcome, size in zip(outcomes, sizes, strict=True) for _ in range(size)]
        worlds = list(product(*choices))
        for world in worlds:
            mean = sum(world) / len(world)
            chances[mean] = chances.get(mean, 0.0) + 0.25 / len(worlds)
    draws = bootstrap_means(np.array([[0.0], [12.0], [6.0]]), np.array([4, 9, 4]), 40_000)[:, 0]
    found = {value: (np.isclose(draws, value)).mean() for value in chances}
    assert sum(found.values()) == pytest.approx(1.0)
    assert found == pytest.approx(chances, abs=0.01)


def test_error_of_the_mean_is_that_of_documents() -> None:
    """Forty equal queries a document: the error is that of 50 documents, not of 2,000 queries."""
    rng = np.random.default_rng(0)
    documents = rng.random(50)
    values = np.repeat(documents, 40)[:, None]
    draws = bootstrap_means(values, np.repeat(np.arange(50), 40), 20_000)
    assert draws.std() == pytest.approx(documents.std() / np.sqrt(50), rel=0.03)


def test_columns_share_the_draw() -> None:
    """A column that is another plus one stays so in every draw: arms are paired."""
    values, groups = ragged()
    draws = bootstrap_means(np.column_stack([values[:, 0], values[:, 0] + 1]), groups, 30)
    assert np.allclose(draws[:, 1] - draws[:, 0], 1.0)


def test_same_documents_and_seed_draw_the_same_documents() -> None:
    """Two languages with parallel documents of different sizes: the documents drawn are the same ones."""
    few = bootstrap_means(np.eye(5), np.arange(5), 30, seed=8)
    many = bootstrap_means(np.repeat(np.eye(5), 3, axis=0), np.repeat(np.arange(5), 3), 30, seed=8)
    assert np.allclose(few, many)


def test_no_queries_give_nan() -> None:
    """The mean of nothing is not a number."""
    draws = bootstrap_means(np.zeros((0, 2)), np.zeros(0, np.int64), 4)
    assert draws.shape == (4, 2)
    assert np.isnan(draws).all()


@pytest.mark.parametrize(
    ("values", "groups", "draws", "message"),
    [
        (np.zeros((3, 1)), np.zeros(2, int), 5, r"\(3, 1\), \(2,\)"),
        (np.zeros(3), np.zeros(3, int), 5, "items, columns"),
        (np.array([[np.nan]]), np.zeros(1, int), 5, "finite"),
        (np.zeros((3, 1)), np.zeros(3, int), 0, "at least one draw"),
    ],
)
def test_bad_input_is_named(values: np.ndarray, groups: np.ndarray, draws: int, message: str) -> None:
    """Shapes that do not fit, NaN and no draws are errors that say so."""
    with pytest.raises(SettingsError, match=message):
        bootstrap_means(values, groups, draws)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_weights_that_cannot_be_are_named(weight: float) -> None:
    """Nothing weighs nothing."""
    with pytest.raises(SettingsError, match="weights above 0"):
        bootstrap_means(np.zeros((2, 1)), np.arange(2), 5, 0, np.array([1.0, weight]))


def test_interval_takes_the_outer_draws() -> None:
    """Of 0..100 the 90% interval is 5 to 95; of 0..9 it is 0 to 9, the draws outside 0.45 and 8.55."""
    assert interval(np.arange(101.0), 0.90) == (5.0, 95.0)
    assert interval(np.arange(10.0), 0.90) == (0.0, 9.0)


def test_interval_leaves_out_nan_and_keeps_infinity() -> None:
    """NaN draws do not count; infinite ones do not make the ends NaN."""
    assert interval(np.array([np.nan, 1.0, 2.0, np.inf])) == (1.0, np.inf)
    assert all(np.isnan(interval(np.array([np.nan]))))


def test_count_documents() -> None:
    """Groups are counted once each."""
    assert count_documents(np.array([5, 5, -1, 7])) == 3
