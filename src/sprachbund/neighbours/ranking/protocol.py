"""Rankers judged on languages, or tasks, that they have not seen.

With a language held out, no row of the training has it as target or as candidate (as LangRank holds out); with a task
held out, the training is of the other tasks alone. Intervals draw the targets again, all tasks of one together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sprachbund.errors import SettingsError
from sprachbund.neighbours.ranking.measured import Measured
from sprachbund.neighbours.ranking.rankers import Ranker
from sprachbund.neighbours.ranking.scoring import chance_of_best, loss, ndcg, relevance, share_lost
from sprachbund.statistics import bootstrap_means, interval

__all__ = ["SHORTLISTS", "Judged", "better_by", "judge", "of_task", "scores_of"]

SHORTLISTS = (1, 3, 5, 10)
"""Lengths of which it is asked whether the best candidate is in."""
Floats = npt.NDArray[np.float64]
Hold = Literal["language", "task"]


@dataclass(frozen=True, eq=False)
class Judged:
    """What a ranker was worth, a number a list (a task and target) in the order of `Measured.lists`.

    Attributes:
        ndcg: NDCG@3. loss: gain missed by its first choice, in the unit of the gains. share: the same as a share of
            what choosing can bring, 1 is chance. covered: float64 [lists, len(SHORTLISTS)], chance that the best is in.
        tasks, targets: of each list; the bootstrap draws targets.
    """

    ranker: str
    tasks: npt.NDArray[np.str_]
    targets: npt.NDArray[np.str_]
    ndcg: Floats
    loss: Floats
    share: Floats
    covered: Floats

    def mean(self, name: Literal["ndcg", "loss", "share"]) -> tuple[float, float, float]:
        """The mean over the lists where it is defined, and the ends of its 95% interval over targets drawn again."""
        return _mean(getattr(self, name), self.targets)


def judge(table: Measured, rankers: Sequence[Ranker], hold: Hold = "language") -> list[Judged]:
    """Hold each language or task out in turn, fit every ranker on the rest, and rank the candidates of what is held.

    Raises:
        SettingsError: there is only one of what is held out.
    """
    return [_judged(table, ranker.name, scores_of(table, ranker, hold)) for ranker in rankers]


def scores_of(table: Measured, ranker: Ranker, hold: Hold = "language") -> Floats:
    """The score of every row by a ranker that was fitted without what the row is of, float64 [rows]."""
    held = table.targets if hold == "language" else table.tasks
    names = sorted(set(held.tolist()))
    if len(names) < 2 and ranker.trained:
        raise SettingsError(f"expected at least two {hold}s, one to hold out, found {', '.join(names) or 'none'}")
    if not ranker.trained:
        return ranker.fit(table.rows(np.zeros(len(table), bool)))(table)
    scores = np.full(len(table), np.nan)
    for name in names:
        test = held == name
        train = ~test if hold == "task" else ~test & (table.candidates != name)
        scores[test] = ranker.fit(table.rows(train))(table.rows(test))
    return scores


def of_task(judged: Judged, task: str) -> Judged:
    """The lists of one task alone."""
    kept = judged.tasks == task
    return Judged(
        judged.ranker,
        judged.tasks[kept],
        judged.targets[kept],
        judged.ndcg[kept],
        judged.loss[kept],
        judged.share[kept],
        judged.covered[kept],
    )


def better_by(one: Judged, other: Judged) -> tuple[float, float, float]:
    """How much higher the NDCG@3 of one is over the same lists, and the paired 95% interval."""
    return _mean(one.ndcg - other.ndcg, one.targets)


def _judged(table: Measured, name: str, scores: Floats) -> Judged:
    lists = table.lists()

    def each(function: Callable[[Floats, Floats], float]) -> Floats:
        return np.array([function(scores[rows], table.gains[rows]) for rows in lists])

    return Judged(
        name,
        np.array([table.tasks[rows[0]] for rows in lists]),
        np.array([table.targets[rows[0]] for rows in lists]),
        each(lambda s, g: ndcg(s, relevance(g))),
        each(loss),
        each(share_lost),
        np.column_stack([each(lambda s, g, k=k: chance_of_best(s, g, k)) for k in SHORTLISTS]),  # type: ignore[misc]
    )


def _mean(values: Floats, targets: npt.NDArray[np.str_]) -> tuple[float, float, float]:
    known = ~np.isnan(values)
    if not known.any():
        return (float("nan"),) * 3
    groups = np.unique(targets[known], return_inverse=True)[1]
    low, high = interval(bootstrap_means(values[known][:, None], groups)[:, 0])
    return float(values[known].mean()), low, high
