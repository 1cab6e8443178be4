"""Whether pooling helps every language, how much, and what to expect of one that nobody trained yet.

Numbers for the findings F3 and F5 to F7 and the table T1, from the gains of a finished study; see `gains`. The mean
over languages is the paper's, of the relative gains; its interval draws languages again, since another set of languages
is what a reader would have.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.analyses.explaining.gains import Gains
from sprachbund.analyses.explaining.regression import Prediction, predict
from sprachbund.errors import SettingsError
from sprachbund.report.rows import LEVEL
from sprachbund.statistics import bootstrap_means, interval

__all__ = [
    "BEFORE_TRAINING",
    "LEAST",
    "Correlation",
    "Improvement",
    "correlation",
    "improvement",
    "known_before",
    "predict_gain",
]

BEFORE_TRAINING = ("log_share", "overlap")
"""Factors of a language that its text alone gives."""
LEAST = 6
"""Languages that a claim about all of them takes: fewer that all gain could be chance (sign test, two-sided, 5%)."""
_LEAST_PAIRS = 4  # points for an interval of a correlation


@dataclass(frozen=True)
class Improvement:
    """The relative gains of a task in a pool.

    Attributes:
        languages: that enter. few: left out for too few queries.
        mean, low, high: of the relative gain. absolute: the mean of the absolute gain.
        positive: how many gain. better, worse: how many are so beyond doubt (after Holm).
        leaks: in how many the null test fails; tested: of how many. found, chance: its mean, and chance.
    """

    task: str
    pool: str
    languages: int
    few: tuple[str, ...]
    mean: float
    low: float
    high: float
    absolute: float
    positive: int
    better: int
    worse: int
    leaks: int
    tested: int
    found: float | None
    chance: float | None

    @property
    def decided(self) -> bool:
        """Whether enough languages of enough queries entered for a claim about languages."""
        return self.languages >= LEAST and not np.isnan(self.low)


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of two tasks' relative gains over the languages of both, with its interval (Fisher's z)."""

    r: float
    low: float
    high: float
    languages: int


def improvement(gains: Gains, task: str, pool: str | None = None) -> Improvement | None:
    """What a pool says of a task; None where it has no language."""
    pool = pool or gains.frames.pool
    rows, few = gains.enough(task, pool)
    if not rows.height:
        return None
    only_few = len(few) == rows.height
    relative = rows["relative"].to_numpy()
    drawn = bootstrap_means(relative[:, None], np.arange(len(relative)))
    low, high = (float("nan"), float("nan")) if only_few else interval(drawn[:, 0])
    nulls = gains.nulls.filter(task=task, pool=pool).to_dicts()
    null = nulls[0] if nulls else {"languages": 0, "leaks": 0, "found": None, "chance": None}
    sure = rows.filter(pl.col("p_holm") < LEVEL)["relative"].to_numpy()
    return Improvement(
        task=task,
        pool=pool,
        languages=rows.height,
        few=tuple(few),
        mean=float(relative.mean()),
        low=low,
        high=high,
        absolute=float(rows["absolute"].to_numpy().mean()),
        positive=int((relative > 0).sum()),
        better=int((sure > 0).sum()),
        worse=int((sure < 0).sum()),
        leaks=int(null["leaks"] or 0),
        tested=int(null["languages"] or 0),
        found=null["found"],
        chance=null["chance"],
    )


def correlation(gains: Gains, one: str, other: str, pool: str | None = None) -> Correlation | None:
    """How alike two tasks' gains are; None where fewer than four languages have both, or all gain alike."""
    first, second = (gains.enough(task, pool)[0].select("language", "relative") for task in (one, other))
    both = first.join(second, on="language")
    x, y = both["relative"].to_numpy(), both["relative_right"].to_numpy()
    if len(x) < _LEAST_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    r = float(np.corrcoef(x, y)[0, 1])
    # Fisher's z: atanh(r) is about normal with the standard deviation 1 / sqrt(n - 3)
    middle, wide = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), 1.959964 / np.sqrt(len(x) - 3)
    return Correlation(r, float(np.tanh(middle - wide)), float(np.tanh(middle + wide)), len(x))


def known_before(gains: Gains, task: str, pool: str | None = None) -> tuple[str, ...]:
    """The factors of `BEFORE_TRAINING` that the study's languages have; without a hub's overlap the share alone."""
    rows, _ = gains.enough(task, pool)
    return tuple(name for name in BEFORE_TRAINING if rows[name].is_not_null().sum() > 1)


def predict_gain(
    gains: Gains, task: str, known: Mapping[str, float], *, outcome: str = "relative", pool: str | None = None
) -> Prediction:
    """What pooling will bring a language that was not trained, by the line through those that were.

    Args:
        known: factors of the language: `log_share` (or `share`) and `overlap` need no training, `before` a model of the
            language alone. outcome: ``relative`` or ``absolute``.

    Raises:
        SettingsError: there are too few languages, or no such factor.
        MissingExtraError: statsmodels is not installed.
    """
    factors = ("before", "share", "log_share", "overlap")
    if not known or set(known) - set(factors) or outcome not in ("relative", "absolute"):
        raise SettingsError(
            f"a gain, relative or absolute, is foretold from {', '.join(factors)}; found "
            f"{outcome} from {', '.join(known) or 'nothing'}"
        )
    return predict(gains.enough(task, pool)[0], outcome, known)
