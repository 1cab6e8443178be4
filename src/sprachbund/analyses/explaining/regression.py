"""Straight lines through a few languages, and how little a few languages can say.

Ordinary least squares by statsmodels, as the paper fits (Arnold & Cohen 2021, figures 5 to 7, table 1), and beside its
R2 what it lacks: the interval of the slope, the language that the line hangs on, and how well the lines of the other
languages foretell each one. R2 rises with every factor, helpful or not; what is foretold does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "FEWEST",
    "Foretold",
    "Prediction",
    "Regression",
    "foretell",
    "lacking",
    "predict",
    "regress",
]

FEWEST, FOR_EACH = 8, 3
"""Languages that a regression takes, and those that it takes for each factor."""
LEVEL = 0.95


@dataclass(frozen=True)
class Regression:
    """A fitted line or plane.

    Attributes:
        outcome, factors: their names. languages: how many.
        intercept; slopes: by factor; low, high: of each slope, 95%. p: of all factors together (F test).
        r2, adjusted: R2, and R2 less what factors without meaning would bring.
        spread: the standard deviation of the residuals, with languages - factors - 1 degrees of freedom: the band.
        influential: the language that moves the fit most (Cook's distance). without: R2 of the others.
    """

    outcome: str
    factors: tuple[str, ...]
    languages: int
    intercept: float
    slopes: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    p: float
    r2: float
    adjusted: float
    spread: float
    influential: str
    without: float

    def line(self, xs: Sequence[float] | Float64) -> Float64:
        """The fit at some places of the one factor: float64 [places]."""
        (slope,) = self.slopes.values()
        return self.intercept + slope * np.asarray(xs, np.float64)


@dataclass(frozen=True)
class Prediction:
    """A gain that nobody measured yet, with the interval in which 95% of such languages lie if the line holds."""

    outcome: str
    value: float
    low: float
    high: float
    factors: tuple[str, ...]
    languages: int


@dataclass(frozen=True)
class Foretold:
    """Each language foretold by the line of the others.

    Attributes:
        languages; actual, predicted, low, high: of each, float64 [languages].
        r2: 1 - sum of squared errors over that of the mean of the others; below 0 the mean foretells better.
        error: the mean absolute error; of_mean: that of foretelling the others' mean.
        inside: how many languages lie in their interval.
    """

    outcome: str
    factors: tuple[str, ...]
    languages: tuple[str, ...]
    actual: Float64
    predicted: Float64
    low: Float64
    high: Float64
    r2: float
    error: float
    of_mean: float
    inside: int


def lacking(languages: int, factors: int) -> str:
    """Why so few languages allow no regression, as a part of a sentence; empty where they do."""
    least = max(FEWEST, FOR_EACH * factors)
    if languages >= least:
        return ""
    many = f"{factors} factor{'' if factors == 1 else 's'}"
    return f"too few languages for a regression on {many}: {languages}, and it takes {least}"


def regress(rows: "pl.DataFrame", outcome: str, factors: Sequence[str]) -> Regression:
    """Fit an outcome on factors.

    Args:
        rows: a row a language: `language` and the columns of the outcome and the factors; those without a value are
            left out.

    Raises:
        SettingsError: there are too few languages, or a factor is the same in all.
        MissingExtraError: statsmodels is not installed.
    """
    names, y, x = _numbers(rows, outcome, factors)
    fitted = _fitted(y, x)
    slopes, ends = fitted.params[1:], fitted.conf_int(1 - LEVEL)[1:]
    with np.errstate(divide="ignore", invalid="ignore"):  # a fit without residuals
        distances, p = fitted.get_influence().cooks_distance[0], float(fitted.f_pvalue)
    worst = int(np.nanargmax(distances)) if np.isfinite(distances).any() else 0
    left = np.arange(len(y)) != worst
    return Regression(
        outcome=outcome,
        factors=tuple(factors),
        languages=len(y),
        intercept=float(fitted.params[0]),
        slopes=dict(zip(factors, map(float, slopes), strict=True)),
        low=dict(zip(factors, map(float, ends[:, 0]), strict=True)),
        high=dict(zip(factors, map(float, ends[:, 1]), strict=True)),
        p=p,
        r2=float(fitted.rsquared),
        adjusted=float(fitted.rsquared_adj),
        spread=float(np.sqrt(fitted.mse_resid)),
        influential=names[worst],
        without=float(_fitted(y[left], x[left]).rsquared) if _varies(y[left], x[left]) else float("nan"),
    )


def predict(rows: "pl.DataFrame", outcome: str, known: Mapping[str, float]) -> Prediction:
    """Foretell the outcome of a language that is not among the rows.

    Args:
        known: the language's factors, which are those of the regression.

    Raises:
        SettingsError, MissingExtraError: see `regress`.
    """
    factors = tuple(known)
    _, y, x = _numbers(rows, outcome, factors)
    value, low, high = _ahead(y, x, np.array([known[name] for name in factors]))
    return Prediction(outcome, value, low, high, factors, len(y))


def foretell(rows: "pl.DataFrame", outcome: str, factors: Sequence[str]) -> Foretold:
    """Foretell each language by the regression of all others.

    Raises:
        SettingsError, MissingExtraError: see `regress`.
    """
    names, y, x = _numbers(rows, outcome, factors)
    others = ~np.eye(len(y), dtype=bool)
    found = np.array([_ahead(y[mask], x[mask], x[place]) for place, mask in enumerate(others)])
    means = np.array([y[mask].mean() for mask in others])
    errors = y - found[:, 0]
    return Foretold(
        outcome=outcome,
        factors=tuple(factors),
        languages=names,
        actual=y,
        predicted=found[:, 0],
        low=found[:, 1],
        high=found[:, 2],
        r2=float(1 - (errors**2).sum() / ((y - means) ** 2).sum()),
        error=float(np.abs(errors).mean()),
        of_mean=float(np.abs(y - means).mean()),
        inside=int(((found[:, 1] <= y) & (y <= found[:, 2])).sum()),
    )


def _numbers(rows: "pl.DataFrame", outcome: str, factors: Sequence[str]) -> tuple[tuple[str, ...], Float64, Float64]:
    """Names, outcome [languages] and factors [languages, factors] of the languages that have all of them."""
    chosen = rows.select("language", outcome, *factors).fill_nan(None).drop_nulls()
    y = chosen[outcome].to_numpy().astype(np.float64)
    x = chosen.select(factors).to_numpy().astype(np.float64)
    if why := lacking(len(y), len(factors)):
        raise SettingsError(why)
    for name, column in ((outcome, y), *zip(factors, x.T, strict=True)):
        if np.ptp(column) == 0:
            raise SettingsError(f"{name} is the same in all {len(y)} languages, so that nothing can be fitted on it")
    if np.linalg.matrix_rank(np.column_stack((np.ones(len(y)), x))) < len(factors) + 1:
        raise SettingsError(f"{' and '.join(factors)} say the same of all {len(y)} languages: leave one out")
    return tuple(chosen["language"]), y, x


def _varies(y: Float64, x: Float64) -> bool:
    return bool(np.ptp(y) > 0 and (np.ptp(x, axis=0) > 0).all())


def _ahead(y: Float64, x: Float64, at: Float64) -> tuple[float, float, float]:
    """The fit at a new place, and the ends of the interval of an observation there."""
    frame = _fitted(y, x).get_prediction(np.concatenate(([1.0], at))[None]).summary_frame(alpha=1 - LEVEL)
    value, low, high = (float(frame[name].iloc[0]) for name in ("mean", "obs_ci_lower", "obs_ci_upper"))
    return value, low, high


def _fitted(y: Float64, x: Float64) -> Any:
    try:
        from statsmodels.regression.linear_model import OLS
    except ImportError:
        raise MissingExtraError("a regression needs statsmodels; pip install 'sprachbund[laboratory]'") from None
    return OLS(y, np.column_stack((np.ones(len(y)), x))).fit()
