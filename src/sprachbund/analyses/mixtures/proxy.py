"""What small runs say of mixtures that nobody ran: ridge regression of each language's score on its mixture.

The logarithm of a score is linear in w and log(w + .001), penalised, for every language by itself; the penalty is the
one whose error on runs left out one by one is least. The logarithm, since what is judged in the end is the geometric
mean over languages. Three runs a domain rank the test runs of RegMix (Liu et al. 2024) with a Spearman of .95
(`benchmarks/results/mixtures-proxy.md`).
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.analyses.mixtures.mixing import MOST, capped, drawn
from sprachbund.arrays import Flags, Float64
from sprachbund.errors import SettingsError
from sprachbund.statistics import Direction
from sprachbund.statistics.orders import spearman

__all__ = ["PENALTIES", "Proxy", "best_mixture", "fit_proxy", "held_out"]

PENALTIES: Float64 = np.logspace(-4, 4, 33)
FLOOR = 0.001
FOLDS = 5
LEAST = 4
"""Runs that a regression takes at least."""
SAMPLES, KEPT = 100_000, 128


@dataclass(frozen=True)
class Proxy:
    """Scores as a function of the mixture.

    Attributes:
        centre: of the features, float64 [features]. weights: float64 [features, languages judged].
        means: of the scores' logarithms, float64 [languages judged]. penalties: that were chosen, of the same shape.
        lowest, highest: share of each language in the runs that it learned from, float64 [languages].
    """

    centre: Float64
    weights: Float64
    means: Float64
    penalties: Float64
    lowest: Float64
    highest: Float64

    def __call__(self, mixtures: Float64) -> Float64:
        """The scores that it expects of mixtures [n, languages], float64 [n, languages judged]."""
        return np.exp(self.logs(mixtures))

    def knows(self, mixtures: Float64) -> Flags:
        """Whether every language has a share in them that lies between those of the runs: bool [n]."""
        return np.asarray(((mixtures >= self.lowest) & (mixtures <= self.highest)).all(axis=1))

    def logs(self, mixtures: Float64) -> Float64:
        """Their natural logarithms."""
        found: Float64 = (_features(mixtures) - self.centre) @ self.weights + self.means
        return found


def _features(mixtures: Float64) -> Float64:
    return np.concatenate([mixtures, np.log(mixtures + FLOOR)], axis=1)


def fit_proxy(mixtures: Float64, scores: Float64, penalties: Float64 = PENALTIES) -> Proxy:
    """Learn scores from runs.

    Leaving one run out of a ridge regression needs no second fit: its error is r / (1 - h), h its own entry of the hat
    matrix (Hastie, Tibshirani & Friedman 2009, section 7.10); the mean is no part of the penalty.

    Args:
        mixtures: [runs, languages]. scores: [runs, languages judged].

    Raises:
        SettingsError: too few runs, or a score is no number.
    """
    if len(mixtures) < LEAST or scores.shape[:1] != mixtures.shape[:1]:
        raise SettingsError(
            f"a regression over mixtures takes {LEAST} runs with their scores at least, found {len(mixtures)} mixtures "
            f"and {len(scores)} scores"
        )
    if not (np.isfinite(scores) & (scores > 0)).all():
        raise SettingsError("a regression over mixtures takes scores above 0, found one that is none")
    features, logs = _features(mixtures), np.log(scores)
    centre, means = features.mean(axis=0), logs.mean(axis=0)
    left, singular, right = np.linalg.svd(features - centre, full_matrices=False)
    inner = left.T @ (logs - means)
    errors = np.empty((len(penalties), scores.shape[1]))
    for place, penalty in enumerate(penalties):
        kept = singular**2 / (singular**2 + penalty)
        rest = logs - means - left @ (kept[:, None] * inner)
        own = 1 / len(features) + (left**2 * kept).sum(axis=1)
        errors[place] = ((rest / np.maximum(1 - own, 1e-9)[:, None]) ** 2).mean(axis=0)
    chosen = penalties[errors.argmin(axis=0)]
    weights = right.T @ (singular[:, None] / (singular[:, None] ** 2 + chosen) * inner)
    return Proxy(centre, weights, means, chosen, mixtures.min(axis=0), mixtures.max(axis=0))


def held_out(mixtures: Float64, scores: Float64, seed: int = 0) -> Float64:
    """How the proxy ranks runs that it has not seen: Spearman's correlation, float64 [languages judged].

    Runs are held out in five parts, each predicted by a proxy of the others that chose its own penalties.
    """
    order = np.random.default_rng(seed).permutation(len(mixtures))
    expected = np.full(scores.shape, np.nan)
    for part in np.array_split(order, min(FOLDS, len(mixtures))):
        rest = np.setdiff1d(order, part)
        expected[part] = fit_proxy(mixtures[rest], scores[rest])(mixtures[part])
    return np.array([spearman(expected[:, place], scores[:, place]) for place in range(scores.shape[1])])


def best_mixture(
    proxy: Proxy,
    sizes: Float64,
    *,
    direction: Direction = "higher",
    weighting: Float64 | None = None,
    samples: int = SAMPLES,
    kept: int = KEPT,
    most: float = MOST,
    seed: int = 0,
) -> Float64:
    """The mean of the best mixtures of many that are drawn, float64 [languages].

    The mean of several is steadier than the best, which is where the regression errs most in its favour (RegMix).
    The best has the best geometric mean over languages, so that one with low scores counts like one with high ones.
    Only mixtures that the proxy `knows` are asked of, for what it says of a share that no run had is a guess; where
    none of those drawn is known, it is asked of the middle of the shares that the runs had.

    Args:
        direction: which way of the scores is better. weighting: of the languages judged; each alike if None.
        samples, kept: how many are drawn, and how many are taken. most: repetitions of a language at most.
    """
    candidates = drawn(sizes, samples, [seed, 1], most=most)
    candidates = candidates[proxy.knows(candidates)]
    if not len(candidates):
        middle = (proxy.lowest + proxy.highest) / 2
        candidates = capped((middle / middle.sum())[None], sizes, most=most)
    logs = proxy.logs(candidates)
    weighting = np.ones(logs.shape[1]) if weighting is None else weighting
    merit = logs @ (weighting / weighting.sum()) * (1 if direction == "higher" else -1)
    found: Float64 = candidates[np.argsort(-merit, kind="stable")[:kept]].mean(axis=0)
    return found
