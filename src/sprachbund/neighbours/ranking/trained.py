"""Rankers that are trained on measured transfer: a linear model, LambdaRank, and the choice among several.

Both see where a candidate stands among those of its list rather than values, which have no scale that two targets or
tasks share; LambdaRank may see the values too (``raw``), which only pays where all lists are of one task. What has
settings is chosen inside the training: `chosen` holds out targets of the training, never of the test.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sprachbund.errors import MissingExtraError, SettingsError
from sprachbund.neighbours.ranking.measured import Measured, standings
from sprachbund.neighbours.ranking.rankers import Ranker, Scorer
from sprachbund.neighbours.ranking.scoring import BEST_RELEVANCE, ndcg, relevance

__all__ = ["chosen", "lambdarank", "lightgbm_is_here", "linear"]

Floats = npt.NDArray[np.float64]
_KNEES = (0.8, 0.95)
"""Standings above which the linear model may rise faster: who is second of fifty matters, who is thirtieth does not."""
_FOLDS = 5
_BAGS = 3
"""Models of LambdaRank with other samples whose scores are averaged; one alone varies by some points of NDCG."""


def linear(penalty: float = 0.1, name: str = "linear") -> Ranker:
    """Ridge regression of the relevance on standings, each with two knees.

    Args:
        penalty: of the squared weights, times the number of rows.

    Raises (when fitted):
        SettingsError: there is nothing to learn from.
    """

    def fit(train: Measured) -> Scorer:
        if not len(train):
            raise SettingsError("expected measured transfer to train on, found no row")
        design, wanted = _design(train), _relevances(train) / BEST_RELEVANCE
        middle = design.mean(axis=0)
        centred = design - middle
        matrix = centred.T @ centred + penalty * len(train) * np.eye(design.shape[1])
        weights: Floats = np.linalg.solve(matrix, centred.T @ (wanted - wanted.mean()))
        return lambda table: np.asarray((_design(table) - middle) @ weights, np.float64)

    return Ranker(name, fit)


def lambdarank(leaves: int = 16, raw: bool = True, name: str = "LambdaRank") -> Ranker:
    """LightGBM's gradient-boosted trees for NDCG, as LangRank has them: 100 trees, rate .1, leaves of at least 5 rows.

    Args:
        leaves: of a tree. raw: whether it sees the values beside the standings.

    Raises (when fitted):
        MissingExtraError: LightGBM is not installed. SettingsError: there is nothing to learn from.

    Source: Lin et al. 2019, section 4.1; Burges 2010, From RankNet to LambdaRank to LambdaMART.
    """

    def fit(train: Measured) -> Scorer:
        if not lightgbm_is_here():
            raise MissingExtraError(
                "LambdaRank needs lightgbm (pip install 'sprachbund[ranking]') and OpenMP (Debian: libgomp1)"
            )
        if not len(train):
            raise SettingsError("expected measured transfer to train on, found no row")
        import lightgbm

        lists = train.lists()
        order = np.concatenate(lists)
        seen, wanted = _seen(train, raw)[order], _relevances(train)[order]
        models = []
        for seed in range(_BAGS):
            options = {
                "objective": "lambdarank",
                "num_leaves": leaves,
                "learning_rate": 0.1,
                "min_data_in_leaf": 5,
                "bagging_fraction": 0.8,
                "bagging_freq": 1,
                "seed": seed,
                "num_threads": 1,
                "deterministic": True,
                "force_row_wise": True,
                "verbosity": -1,
            }
            data = lightgbm.Dataset(seen, wanted, group=[len(rows) for rows in lists], free_raw_data=True)
            models.append(lightgbm.train(options, data, num_boost_round=100))

        def score(table: Measured) -> Floats:
            features = _seen(table, raw)
            found: Floats = np.mean([np.asarray(model.predict(features)) for model in models], axis=0)
            return found

        return score

    return Ranker(name, fit)


def chosen(name: str, options: Sequence[Ranker], folds: int = _FOLDS) -> Ranker:
    """Whichever of several is best inside the training, by NDCG@3 on targets held out there, then fitted on all of it.

    The first is taken where the training has too few targets to hold any out.
    """

    def fit(train: Measured) -> Scorer:
        names = sorted(set(train.targets.tolist()))
        parts = min(folds, len(names))
        if len(options) == 1 or parts < 2:
            return options[0].fit(train)
        found = np.zeros(len(options))
        for part in range(parts):
            held = names[part::parts]
            inner = train.rows(~np.isin(train.targets, held) & ~np.isin(train.candidates, held))
            test = train.rows(np.isin(train.targets, held))
            if not len(inner):
                continue
            for place, ranker in enumerate(options):
                scores = ranker.fit(inner)(test)
                values = [ndcg(scores[rows], relevance(test.gains[rows])) for rows in test.lists()]
                found[place] += np.nansum(values)
        return options[int(np.argmax(found))].fit(train)

    return Ranker(name, fit)


def lightgbm_is_here() -> bool:
    """Whether LightGBM can be used: a system without OpenMP's library has the package and cannot load it."""
    try:
        import lightgbm  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def _relevances(table: Measured) -> npt.NDArray[np.int64]:
    found = np.zeros(len(table), np.int64)
    for rows in table.lists():
        found[rows] = relevance(table.gains[rows])
    return found


def _design(table: Measured) -> Floats:
    """Standings, unknown ones in the middle, and how far each is above the knees."""
    stands = standings(table)
    stands = np.where(np.isnan(stands), 0.5, stands)
    return np.hstack([stands, *(np.maximum(0.0, stands - knee) / (1 - knee) for knee in _KNEES)])


def _seen(table: Measured, raw: bool) -> Floats:
    """What trees see; they take what is unknown as it is."""
    stands = standings(table)
    return np.hstack([table.values, stands]) if raw else stands
