"""Fits, intervals and what is foretold are those of numpy's least squares and of the formulas in any textbook."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from sprachbund.analyses.explaining.regression import foretell, lacking, predict, regress
from sprachbund.errors import SettingsError

GENERATOR = np.random.default_rng(7)
X = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
Z = GENERATOR.normal(size=10)
Y = 2 - 0.5 * X + 0.3 * Z + GENERATOR.normal(scale=0.4, size=10)
ROWS = pl.DataFrame({"language": [f"l{n}" for n in range(10)], "y": Y, "x": X, "z": Z})


def solved(y: np.ndarray, *columns: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients and the sum of squared residuals by numpy."""
    design = np.column_stack((np.ones(len(y)), *columns))
    found = np.linalg.lstsq(design, y, rcond=None)[0]
    return found, float(((y - design @ found) ** 2).sum())


def r_squared(y: np.ndarray, *columns: np.ndarray) -> float:
    """1 - the part of the variance that is left over."""
    return 1 - solved(y, *columns)[1] / float(((y - y.mean()) ** 2).sum())


def test_a_line_is_that_of_least_squares() -> None:
    """Coefficients, R2, adjusted R2, the residuals' deviation and the slope's interval, each from its formula."""
    fit = regress(ROWS, "y", ["x"])
    (intercept, slope), left = solved(Y, X)
    assert (fit.intercept, fit.slopes["x"]) == pytest.approx((intercept, slope))
    assert fit.r2 == pytest.approx(r_squared(Y, X)) and fit.r2 == pytest.approx(np.corrcoef(X, Y)[0, 1] ** 2)
    assert fit.adjusted == pytest.approx(1 - (1 - fit.r2) * 9 / 8)
    assert fit.spread == pytest.approx(np.sqrt(left / 8))
    wide = stats.t.ppf(0.975, 8) * fit.spread / np.sqrt(((X - X.mean()) ** 2).sum())
    assert (fit.low["x"], fit.high["x"]) == pytest.approx((slope - wide, slope + wide))
    assert fit.p == pytest.approx(stats.linregress(X, Y).pvalue)
    assert fit.line([0.0, 2.0]) == pytest.approx([intercept, intercept + 2 * slope])


def test_a_plane_is_that_of_least_squares() -> None:
    """Two factors: every coefficient, R2, and p of both together by the F test."""
    fit = regress(ROWS, "y", ["x", "z"])
    coefficients, left = solved(Y, X, Z)
    assert [fit.intercept, fit.slopes["x"], fit.slopes["z"]] == pytest.approx(coefficients)
    total = ((Y - Y.mean()) ** 2).sum()
    assert fit.r2 == pytest.approx(1 - left / total)
    assert fit.p == pytest.approx(stats.f.sf((total - left) / 2 / (left / 7), 2, 7))


def test_the_language_that_a_line_hangs_on_is_named() -> None:
    """One far off to the right of a cloud without a trend; R2 without it is that of the cloud."""
    cloud_x, cloud_y = GENERATOR.normal(size=9), GENERATOR.normal(size=9)
    x, y = np.append(cloud_x, 50.0), np.append(cloud_y, 30.0)
    fit = regress(pl.DataFrame({"language": [*"abcdefghi", "sh"], "y": y, "x": x}), "y", ["x"])
    assert fit.influential == "sh" and fit.r2 > 0.9
    assert fit.without == pytest.approx(r_squared(cloud_y, cloud_x))


def test_each_language_is_foretold_by_the_others() -> None:
    """Value and interval from the formula of a new observation; R2 and the errors from sums over the languages."""
    found = foretell(ROWS, "y", ["x"])
    means = []
    for place in range(10):
        others = np.arange(10) != place
        (intercept, slope), left = solved(Y[others], X[others])
        value, spread = intercept + slope * X[place], np.sqrt(left / 7)
        away = (X[place] - X[others].mean()) ** 2 / ((X[others] - X[others].mean()) ** 2).sum()
        wide = stats.t.ppf(0.975, 7) * spread * np.sqrt(1 + 1 / 9 + away)
        assert found.predicted[place] == pytest.approx(value)
        assert (found.low[place], found.high[place]) == pytest.approx((value - wide, value + wide))
        means.append(Y[others].mean())
    assert found.r2 == pytest.approx(1 - ((Y - found.predicted) ** 2).sum() / ((Y - means) ** 2).sum())
    assert found.error == pytest.approx(np.abs(Y - found.predicted).mean())
    assert found.of_mean == pytest.approx(np.abs(Y - means).mean())
    assert found.inside == ((found.low <= Y) & (found.high >= Y)).sum() >= 8
    nothing = foretell(ROWS.with_columns(y=pl.Series(GENERATOR.permutation(Y))), "y", ["z"])
    assert nothing.r2 < 0.3, "a factor without meaning foretells nothing"


def test_a_new_language_is_foretold_by_all() -> None:
    """As the leave-one-out of eleven would foretell the eleventh."""
    more = pl.concat([ROWS, pl.DataFrame({"language": ["new"], "y": [0.0], "x": [12.0], "z": [0.1]})])
    last = foretell(more, "y", ["x", "z"])
    found = predict(ROWS, "y", {"x": 12.0, "z": 0.1})
    assert (found.value, found.low, found.high) == pytest.approx((last.predicted[-1], last.low[-1], last.high[-1]))
    assert found.languages == 10 and found.factors == ("x", "z")


def test_too_little_is_said_and_not_fitted() -> None:
    """Fewer than 8 languages, or than 3 a factor, those without a value not counted; what does not vary, or twice."""
    assert lacking(8, 1) == "" == lacking(9, 3) and lacking(12, 4) == ""
    assert lacking(7, 1) == "too few languages for a regression on 1 factor: 7, and it takes 8"
    assert lacking(8, 3) == "too few languages for a regression on 3 factors: 8, and it takes 9"
    for function in (regress, foretell):
        with pytest.raises(SettingsError, match="too few languages for a regression on 1 factor: 7, and it takes 8"):
            function(ROWS[:7], "y", ["x"])
        with pytest.raises(SettingsError, match="too few languages"):
            function(ROWS.with_columns(x=pl.when(pl.col("x") > 7).then(None).otherwise("x")), "y", ["x"])
        with pytest.raises(SettingsError, match="x is the same in all 10 languages"):
            function(ROWS.with_columns(x=pl.lit(0.5)), "y", ["x"])
        with pytest.raises(SettingsError, match="x and w say the same of all 10 languages"):
            function(ROWS.with_columns(w=2 * pl.col("x") + 1), "y", ["x", "w"])
