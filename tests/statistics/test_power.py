"""How much it takes to see an effect: against the bootstrap itself, against formulas, against counting."""

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.statistics.bootstrap import bootstrap_means
from sprachbund.statistics.comparison import compare
from sprachbund.statistics.power import clustered_error, measure, scatter, smallest_effects


def made(
    documents: int, each: int, seeds: int, of_documents: float, of_items: float, of_seeds: float, seed: int = 1
) -> tuple["np.ndarray", "np.ndarray"]:
    """Differences [items, seeds] with known components of variance, and the documents of the items."""
    generator = np.random.default_rng(seed)
    groups = np.repeat(np.arange(documents), each)
    values = generator.normal(0, of_documents, documents)[groups][:, None]
    values = values + generator.normal(0, of_items, len(groups))[:, None]
    return values + generator.normal(0, of_seeds, seeds)[None, :], groups


def test_the_closed_form_is_the_bootstraps_error() -> None:
    """For documents of unequal sizes, the standard deviation of 20,000 draws is the closed form to 2 in 100."""
    generator = np.random.default_rng(5)
    groups = np.repeat(np.arange(60), generator.integers(3, 30, 60))
    values = generator.normal(0, 0.3, 60)[groups] + generator.normal(0, 0.5, len(groups))
    draws = bootstrap_means(values[:, None], groups, 20_000, 3)[:, 0]
    sums, squares, items = (np.bincount(groups, weights)[None, :] for weights in (values, values**2, None))
    assert clustered_error(sums, squares, items.astype(float))[0] == pytest.approx(draws.std(), rel=0.02)


def test_the_closed_form_by_hand() -> None:
    """Two documents, (1, 3) and (0): mean 4/3; residual sums 4/3 and -4/3, inside 2: root(32/9 + 2) / 3."""
    found = clustered_error(np.array([[4.0, 0.0]]), np.array([[10.0, 0.0]]), np.array([[2.0, 1.0]]))
    assert found[0] == pytest.approx((32 / 9 + 2) ** 0.5 / 3)


def test_components_are_those_put_in() -> None:
    """Of 4,000 documents of 10 items: 0.2 between documents, 0.5 inside, and trainings as their means say."""
    differences, groups = made(4_000, 10, 4, 0.2, 0.5, 0.1)
    found = scatter(measure(differences, groups, 1.0))
    assert found.documents == pytest.approx(0.2, rel=0.05) and found.items == pytest.approx(0.5, rel=0.02)
    assert found.seeds == pytest.approx(differences.mean(axis=0).std(ddof=1)) and found.items_per_document == 10


@pytest.mark.parametrize("documents", [40, 400])
def test_without_scatter_of_trainings_it_is_the_textbooks_formula(documents: int) -> None:
    """1.96 errors of the bootstrap, which counts the items' scatter twice, and 0.84 of the mean, over a mean of 0.5.

    Variances a document: 0.2^2 + 0.5^2 / 10 = 0.065 of its mean, and 0.025 more in the bootstrap. So false alarms are
    fewer than 5 in 100: P(|N(0, 1)| > 1.96 root(90 / 65)) is 2.1, and with errors estimated from 40 documents 3.
    """
    differences, groups = made(6_000, 10, 1, 0.2, 0.5, 0.0)
    (found,) = smallest_effects(measure(differences, groups, 0.5), [documents], [1])
    by_hand = (1.96 * (0.09 / documents) ** 0.5 + 0.8416 * (0.065 / documents) ** 0.5) / 0.5
    assert found.effect == pytest.approx(by_hand, rel=0.06)
    assert 0.01 < found.alarms < 0.04 and found.items == 10 * documents


def test_the_effect_that_it_names_is_seen_four_times_in_five() -> None:
    """Of 400 new studies of that size and effect, `compare` calls 80 in 100 better."""
    differences, groups = made(3_000, 8, 6, 0.1, 0.3, 0.0, seed=2)
    one, three = smallest_effects(measure(differences, groups, 0.4), [60], [1, 3])
    assert one.effect == pytest.approx(three.effect, rel=0.05)  # trainings that are alike bring nothing
    seen = 0
    for number in range(400):
        new, of = made(60, 8, 1, 0.1, 0.3, 0.0, seed=1_000 + number)
        against = np.full(len(new), 0.4)
        seen += compare(against + one.effect * 0.4 + new[:, 0], against, of, 400, number).verdict == "better"
    assert seen / 400 == pytest.approx(0.8, abs=0.06)


def test_one_training_raises_false_alarms_and_several_know_better() -> None:
    """Trainings as far apart as the mean's standard error; the bootstrap's is root(26 / 18) of it, see above.

    One training: P(|N(0, 1)| > 1.96 root(26 / 18) / root 2) is 9.6 in 100. The intervals of ten know how they scatter:
    P(|N(0, 1)| > 1.96 root((26 / 18 + 0.1) / 1.1)) is 2.0.
    """
    differences, groups = made(2_000, 5, 40, 0.1, 0.2, 0.0, seed=3)
    generator = np.random.default_rng(4)
    of_trainings = generator.normal(0, 1, 40)
    error = ((0.01 + 0.008) / 100) ** 0.5
    spread = differences + error * (of_trainings - of_trainings.mean()) / of_trainings.std(ddof=1)
    one, ten = smallest_effects(measure(spread, groups, 0.3), [100], [1, 10])
    assert one.alarms == pytest.approx(0.096, abs=0.02) and ten.alarms == pytest.approx(0.02, abs=0.012)
    assert ten.effect < one.effect


@pytest.mark.parametrize("trainings", [2, 3, 10])
def test_where_trainings_are_all_that_scatters_alarms_are_as_many_as_they_should_be(trainings: int) -> None:
    """5 in 100, by Student's t: planned, and counted with `compare` on 600 new studies of two arms that are alike."""
    generator = np.random.default_rng(6)
    base, groups = made(400, 5, 1, 0.01, 0.01, 0.0)
    scattered = base + generator.normal(0, 0.05, 16)[None, :]
    (planned,) = smallest_effects(measure(scattered - scattered.mean(), groups, 0.5), [100], [trainings])
    assert planned.alarms == pytest.approx(0.05, abs=0.025)
    told = 0
    for number in range(600):
        new, of = made(40, 10, 1, 0.01, 0.01, 0.0, seed=number)
        one, other = (new + generator.normal(0, 0.05, trainings)[None, :] for _ in range(2))
        told += compare(one, other, of, 2_000, number).verdict != "no difference shown"
    assert told / 600 == pytest.approx(0.05, abs=0.025)


def test_what_cannot_be_planned_is_refused() -> None:
    """One document, an arm that finds nothing, studies of nothing."""
    values = np.ones((4, 1))
    with pytest.raises(SettingsError, match="two documents at least"):
        measure(values, np.zeros(4, np.int64), 1.0)
    with pytest.raises(SettingsError, match="finds nothing"):
        measure(values, np.arange(4), 0.0)
    with pytest.raises(SettingsError, match="2 documents and 1 seed"):
        smallest_effects(measure(values, np.arange(4), 1.0), [1], [1])
