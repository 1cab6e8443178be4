"""Mixtures: their formulas by hand, and what a regression over them learns from runs that others made."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund.analyses.mixtures.mixing import capped, drawn, natural, passes_of, tempered, unimax, with_share
from sprachbund.analyses.mixtures.proxy import best_mixture, fit_proxy, held_out
from sprachbund.errors import SettingsError
from sprachbund.statistics.orders import spearman

SIZES = np.array([10.0, 90.0, 900.0])


def read_runs(side: str) -> tuple[np.ndarray, np.ndarray]:
    """Mixtures [runs, 17] and losses [runs, 13] of the 1M models of RegMix, from the file beside."""
    mixtures, losses = [], []
    for line in (Path(__file__).parent / "regmix.txt").read_text(encoding="utf-8").splitlines()[1:]:
        of, shares, found = line.split("; ")
        if of == side:
            row = np.zeros(17)
            for each in shares.split():
                domain, share = map(int, each.split(":"))
                row[domain] = share
            mixtures.append(row / row.sum())
            losses.append([int(each) / 100 for each in found.split()])
    return np.array(mixtures), np.array(losses)


def test_tempered_mixtures_by_hand() -> None:
    """Exponent 1 is natural, 0 uniform, a half the square roots; repetitions are shares of the total over sizes."""
    assert natural(SIZES) == pytest.approx([0.01, 0.09, 0.9])
    assert tempered(SIZES, 0.0) == pytest.approx([1 / 3] * 3)
    assert tempered(np.array([1.0, 4.0, 25.0]), 0.5) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert passes_of(np.array([0.04, 0.36, 0.6]), SIZES) == pytest.approx([4, 4, 2 / 3])


def test_unimax_by_hand() -> None:
    """Of 1,000: the smallest may be read 4 times, 40; an even part is 480 then, of which 90 have 360; rest 600."""
    assert unimax(SIZES, most=4) == pytest.approx([0.04, 0.36, 0.6])
    assert unimax(np.array([900.0, 10.0, 90.0]), most=4) == pytest.approx([0.6, 0.04, 0.36])
    assert unimax(SIZES, total=30.0, most=1) == pytest.approx([1 / 3] * 3)
    assert unimax(SIZES, most=1) == pytest.approx(natural(SIZES))
    with pytest.raises(SettingsError, match="4 repetitions of all languages are 4,000, from which 5,000 cannot"):
        unimax(SIZES, total=5_000.0, most=4)


def test_a_mixture_is_clipped_and_the_rest_raised() -> None:
    """The smallest at its limit of .04, the others in proportion; one that then passes its own is clipped too."""
    assert capped(np.array([0.5, 0.05, 0.45]), SIZES, most=4) == pytest.approx([0.04, 0.096, 0.864])
    assert capped(np.array([0.5, 0.3, 0.2]), SIZES, most=4) == pytest.approx([0.04, 0.36, 0.6])
    assert capped(np.array([1.0, 0.0, 0.0]), SIZES, most=4) == pytest.approx([0.04, 0.96 / 11, 0.96 * 10 / 11])
    fine = np.array([[0.01, 0.09, 0.9], [0.04, 0.36, 0.6]])
    assert np.array_equal(capped(fine, SIZES, most=4), fine)


def test_drawn_mixtures_keep_to_the_limit_and_lie_around_their_centre() -> None:
    """Sums of 1, no repetition above four; drawn strongly around one exponent their mean is the tempered mixture."""
    found = drawn(SIZES, 2_000, 3)
    assert found.sum(axis=1) == pytest.approx(np.ones(2_000))
    assert passes_of(found, SIZES).max() <= 4 + 1e-9
    assert np.array_equal(found, drawn(SIZES, 2_000, 3)) and not np.array_equal(found, drawn(SIZES, 2_000, 4))
    near = drawn(SIZES, 4_000, 0, exponents=(0.5, 0.5), strengths=(50.0, 50.0), most=1_000)
    assert near.mean(axis=0) == pytest.approx(tempered(SIZES, 0.5), abs=0.003)


def test_one_language_with_a_share_and_the_others_natural() -> None:
    """A tenth of the target leaves nine tenths, in proportion to the sizes of the others."""
    assert with_share(SIZES, 1, 0.1) == pytest.approx([0.9 * 10 / 910, 0.1, 0.9 * 900 / 910])
    with pytest.raises(SettingsError, match="a share is from 0 to 1"):
        with_share(SIZES, 1, 1.1)


def test_sizes_that_are_none_are_refused() -> None:
    """A language with nothing to train on has no mixture."""
    for sizes in (np.array([]), np.array([1.0, 0.0]), np.array([1.0, np.nan])):
        with pytest.raises(SettingsError, match="something to train on"):
            tempered(sizes, 0.5)


def test_three_runs_a_domain_rank_mixtures_of_others() -> None:
    """51 runs of RegMix's 1M models rank test runs with a mean Spearman of .95 over 13 domains; 20 runs do not."""
    mixtures, losses = read_runs("train")
    unseen, measured = read_runs("test")
    assert mixtures.shape == (51, 17) and measured.shape == (64, 13)

    def ranks(runs: int) -> float:
        expected = fit_proxy(mixtures[:runs], losses[:runs])(unseen)
        return float(np.mean([spearman(expected[:, place], measured[:, place]) for place in range(13)]))

    assert ranks(51) == pytest.approx(0.95, abs=0.005)
    assert ranks(20) < 0.9


def test_the_correlation_on_held_out_runs_is_that_of_a_test_set() -> None:
    """Of the same 51 runs: within .05 of what the test set says of 41, and about none where scores are shuffled."""
    mixtures, losses = read_runs("train")
    unseen, measured = read_runs("test")
    expected = fit_proxy(mixtures[:41], losses[:41])(unseen)
    other = np.mean([spearman(expected[:, place], measured[:, place]) for place in range(13)])
    assert np.mean(held_out(mixtures, losses)) == pytest.approx(other, abs=0.05)
    shuffled = losses[np.random.default_rng(0).permutation(len(losses))]
    assert abs(np.mean(held_out(mixtures, shuffled))) < 0.3


def test_the_penalty_is_the_one_that_leaving_out_run_by_run_chooses() -> None:
    """The short way to the error of each run left out gives what fitting without it gives."""
    generator = np.random.default_rng(5)
    mixtures = generator.dirichlet(np.ones(3), 12)
    scores = np.exp(mixtures @ [0.2, -0.4, 1.0] + 0.05 * generator.standard_normal(12))[:, None]
    penalties = np.array([1e-3, 0.1, 1.0, 10.0])
    errors = []
    for penalty in penalties:
        own = []
        for left in range(12):
            rest = np.arange(12) != left
            x = np.concatenate([mixtures, np.log(mixtures + 0.001)], axis=1)
            y = np.log(scores[:, 0])
            centre, mean = x[rest].mean(axis=0), y[rest].mean()
            z = x[rest] - centre
            beta = np.linalg.solve(z.T @ z + penalty * np.eye(6), z.T @ (y[rest] - mean))
            own.append(y[left] - mean - (x[left] - centre) @ beta)
        errors.append(np.mean(np.square(own)))
    # leaving one out moves the centre too, which an entry 1/n of the hat matrix is exact for
    assert fit_proxy(mixtures, scores, penalties).penalties[0] == penalties[int(np.argmin(errors))]


def test_the_best_mixture_is_found_where_it_was_put() -> None:
    """The sum of a_i log w_i is highest at w = a, whatever else was run; for a loss the sign is turned."""
    sizes = np.array([100.0, 120.0, 150.0])
    optimum = np.array([0.6, 0.3, 0.1])
    runs = drawn(sizes, 60, 1)
    scores = np.exp(np.log(runs + 0.001) @ optimum)[:, None]
    found = best_mixture(fit_proxy(runs, scores), sizes, samples=20_000)
    lost = best_mixture(fit_proxy(runs, 1 / scores), sizes, samples=20_000, direction="lower")
    assert np.abs(found - optimum).max() < 0.04 and np.abs(lost - found).max() < 0.02
    assert found.sum() == pytest.approx(1) and passes_of(found, sizes).max() <= 4


def test_nothing_is_proposed_that_no_run_was_near() -> None:
    """A score that rises without end as a language's share falls: the share stays within those of the runs."""
    sizes = np.array([300.0, 200.0, 100.0])
    runs = drawn(sizes, 200, 3)
    runs = runs[runs[:, 0] > 0.3][:12]
    scores = np.exp(-2 * runs[:, 0])[:, None]
    proxy = fit_proxy(runs, scores)
    found = best_mixture(proxy, sizes, samples=20_000)
    assert runs[:, 0].min() <= found[0] < runs[:, 0].min() + 0.1
    assert (runs.min(axis=0) <= found).all() and (found <= runs.max(axis=0)).all()
    alike = best_mixture(fit_proxy(runs[[0, 0, 0, 0]], scores[[0, 0, 0, 0]]), sizes, samples=1_000)
    assert alike == pytest.approx(runs[0])


def test_each_language_counts_alike_or_as_it_is_weighted() -> None:
    """Two languages that each want all for themselves, one with scores ten times as high: get half each."""
    sizes = np.array([100.0, 100.0])
    runs = drawn(sizes, 60, 2)
    scores = np.stack([10 * np.exp(runs[:, 0]) * (runs[:, 0] + 0.001) ** 0.3,
                       np.exp(runs[:, 1]) * (runs[:, 1] + 0.001) ** 0.3], axis=1)  # fmt: skip
    proxy = fit_proxy(runs, scores)
    assert best_mixture(proxy, sizes, samples=20_000) == pytest.approx([0.5, 0.5], abs=0.03)
    assert best_mixture(proxy, sizes, samples=20_000, weighting=np.array([9.0, 1.0]))[0] > 0.7


def test_too_few_runs_and_scores_that_are_none_are_refused() -> None:
    """Said, not fitted."""
    runs = drawn(SIZES, 10)
    with pytest.raises(SettingsError, match="takes 4 runs with their scores at least, found 3"):
        fit_proxy(runs[:3], np.ones((3, 1)))
    with pytest.raises(SettingsError, match="scores above 0"):
        fit_proxy(runs, np.zeros((10, 1)))


def test_rank_correlation_by_hand() -> None:
    """Ties have their mean rank; without variation there is none."""
    assert spearman(np.array([1.0, 2, 3, 4]), np.array([10.0, 30, 20, 40])) == pytest.approx(0.8)
    assert spearman(np.array([1.0, 1, 2]), np.array([1.0, 2, 3])) == pytest.approx(np.sqrt(0.75))
    assert np.isnan(spearman(np.ones(3), np.arange(3.0)))
