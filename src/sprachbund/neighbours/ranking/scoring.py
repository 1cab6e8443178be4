"""How good a ranking of candidates is, where what each brought has been measured.

Scores that are equal leave the order open, so every number here is its expectation over all orders of equals: a ranker
that gives everybody the same score is chance, exactly, and no library's sort decides. A score of NaN, a candidate that
the ranker knows nothing of, stands behind all others.

Source: Lin et al. 2019, Choosing Transfer Languages for Cross-Lingual Learning, sections 3.3 and 4.2 (NDCG@3).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BEST_RELEVANCE", "chance_of_best", "loss", "ndcg", "relevance", "share_lost"]

BEST_RELEVANCE = 10
"""LangRank's gamma_max: the ten best candidates count 10, 9, ... 1, all others nothing."""
Floats = npt.NDArray[np.float64]


def relevance(gains: Floats) -> npt.NDArray[np.int64]:
    """10 for the candidate that brought most, 9 for the next, 0 from the eleventh on; equals share the better place."""
    order = np.sort(-gains)
    above = np.searchsorted(order, -gains, side="left")
    return np.maximum(0, BEST_RELEVANCE - above).astype(np.int64)


def ndcg(scores: Floats, relevances: npt.NDArray[Any], k: int = 3) -> float:
    """Normalised discounted cumulative gain of the first k: sum of (2^relevance - 1) / log2(1 + place) over its best.

    Args:
        scores: float [candidates], higher is first. relevances: int [candidates].

    Returns:
        0 to 1; NaN where no candidate is of any use, or there is none.
    """
    gains = 2.0 ** np.asarray(relevances, np.float64) - 1
    discounts = 1 / np.log2(np.arange(2, min(k, len(gains)) + 2))
    best = float(np.sort(gains)[::-1][: len(discounts)] @ discounts)
    return float(_expected(scores, gains)[: len(discounts)] @ discounts) / best if best > 0 else float("nan")


def loss(scores: Floats, gains: Floats) -> float:
    """What the first choice brings less than the best would have, in the unit of the gains: what the user pays."""
    return float(gains.max() - _expected(scores, gains)[0])


def share_lost(scores: Floats, gains: Floats) -> float:
    """`loss` over what choosing can bring at all, the best less the mean: 0 for the best, 1 as good as chance.

    Without a unit, so that it has a mean over targets and tasks. NaN where all brought the same.
    """
    spread = float(gains.max() - gains.mean())
    return loss(scores, gains) / spread if spread > 0 else float("nan")


def chance_of_best(scores: Floats, gains: Floats, k: int) -> float:
    """How probable it is that the first k have one that brought most."""
    order, group = _grouped(scores)
    is_best = (gains == gains.max())[order]
    missed, taken = 1.0, 0
    for each in range(group.max() + 1):
        here = int((group == each).sum())
        drawn = min(here, max(0, k - taken))
        best = int(is_best[group == each].sum())
        # none of the best among `drawn` of `here` without replacement
        for turn in range(drawn):
            missed *= max(0, here - best - turn) / (here - turn)
        taken += here
    return 1.0 - missed


def _grouped(scores: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The order of candidates, and for each place the number of its group of equals."""
    known = np.where(np.isnan(scores), -np.inf, scores)
    order = np.argsort(-known, kind="stable")
    steps = np.concatenate([[0], known[order][1:] != known[order][:-1]]).astype(np.int64)
    return order, np.cumsum(steps)


def _expected(scores: Floats, values: Floats) -> Floats:
    """The value expected at each place: of equals, their mean."""
    order, group = _grouped(scores)
    sums, counts = np.bincount(group, values[order]), np.bincount(group)
    found: Floats = (sums / counts)[group]
    return found
