"""Curves of mixtures: a target's score against its share of all that is read (F4), and all scores against temperature.

The total is fixed, and the other languages keep their natural proportions among themselves. Which share is best dev
says; test says how much better than the native one it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.analyses.mixtures.mixing import natural, passes_of, tempered, with_share
from sprachbund.analyses.mixtures.runs import Bench, Judged
from sprachbund.arrays import Float64
from sprachbund.errors import DivergenceError
from sprachbund.lab.strategies import EVERYONE
from sprachbund.statistics import Direction

__all__ = ["NATIVE", "Curve", "share_curve", "temperature_curve"]

NATIVE = "native"
CLOSE = 0.15
"""A share that differs from the native one by less than this, relatively, would say the same again."""


@dataclass(frozen=True)
class Curve:
    """Scores along a grid of mixtures.

    Attributes:
        target: language, or ``(all)``. names: of the mixtures, ``native`` (or natural) among them. at: share or
            temperature of each, infinite for uniform. passes: of the target, NaN for all. dev: score of each.
        best: the name that dev chose. mixtures: float64 [points, languages].
    """

    target: str
    names: tuple[str, ...]
    at: Float64
    passes: Float64
    dev: Float64
    best: str
    mixtures: Float64
    judged: Judged

    def table(self, bench: Bench) -> pl.DataFrame:
        """A row a point: where, passes, scores on dev and on test, and the difference from native with its interval."""
        return pl.concat([self._rows(bench, pool) for pool in bench.plan.pools])

    def _rows(self, bench: Bench, pool: str) -> pl.DataFrame:
        measure = bench.measure
        mine = (pl.col("pool") == pool) & (pl.col("measure") == measure.name)
        mine &= pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k
        results = self.judged.results.filter(mine)
        enough = bench.kind.declaration.enough  # the languages that the comparisons over all are of
        having = results.filter((pl.col("items") >= enough.items) & (pl.col("documents") >= enough.documents))
        results = having if having.height else results
        compared = self.judged.comparisons.filter(mine & (pl.col("language") == self.target))
        rows = []
        for name, at, passes, dev in zip(self.names, self.at, self.passes, self.dev, strict=True):
            own = results.filter(pl.col("arm") == name)
            by_language = own.group_by("language").agg(pl.col("value").mean())["value"].to_numpy()
            score = float(np.exp(np.log(by_language).mean())) if len(by_language) and (by_language > 0).all() else 0.0
            against = compared.filter(pl.col("arm") == name)
            row = against.row(0, named=True) if against.height else {}
            rows.append(
                {
                    "mixture": name, "at": float(at), "passes": float(passes), "pool": pool, "dev": float(dev),
                    "score": score, "chosen": name == self.best,
                    **{key: row.get(key) for key in ("absolute", "absolute_low", "absolute_high")},
                    **{key: row.get(key) for key in ("relative", "low", "high", "verdict")},
                }
            )  # fmt: skip
        numbers = ("absolute", "absolute_low", "absolute_high", "relative", "low", "high")
        return pl.DataFrame(rows, schema_overrides={**dict.fromkeys(numbers, pl.Float64), "verdict": pl.String})


def share_curve(bench: Bench, target: str, shares: Sequence[float]) -> Curve:
    """F4: a target's score against its share of the data.

    Args:
        shares: besides the native one; those that are all but the native one are left out.

    Raises:
        DivergenceError: all of them did on dev.
    """
    place = bench.languages.index(target)
    native = float(natural(bench.sizes)[place])
    kept = [share for share in dict.fromkeys(shares) if abs(share / native - 1) >= CLOSE]
    at = np.array(sorted([*kept, native]))
    names = tuple(NATIVE if share == native else f"share {100 * share:.3g}%" for share in at)
    mixtures = np.array([with_share(bench.sizes, place, share) for share in at])
    dev = bench.on_dev(f"shares of {target} on dev", mixtures)[:, bench.plan.judged.index(target)]
    best = _best(names, dev, bench.measure.direction)
    pairs = [(name, NATIVE) for name in names if name != NATIVE]
    named = dict(zip(names, mixtures, strict=True))
    judged = bench.on_test(f"shares of {target} on test", named, pairs, (target,))
    passes = passes_of(mixtures, bench.sizes)[:, place]
    return Curve(target, names, at, passes, dev, best, mixtures, judged)


def temperature_curve(bench: Bench, temperatures: Sequence[float]) -> Curve:
    """All languages' scores against the temperature; 1 is natural and always among them, 0 stands for uniform.

    Raises:
        DivergenceError: all of them did on dev.
    """
    at = np.array(sorted({1.0, *(t or math.inf for t in temperatures)}))
    names = tuple(NATIVE if t == 1 else "uniform" if t == math.inf else f"temperature {t:g}" for t in at)
    mixtures = np.array([tempered(bench.sizes, 1 / t) for t in at])
    scores = bench.on_dev("temperatures on dev", mixtures)
    with np.errstate(invalid="ignore", divide="ignore"):
        dev = np.exp(np.log(scores).mean(axis=1))
    best = _best(names, dev, bench.measure.direction)
    pairs = [(name, NATIVE) for name in names if name != NATIVE]
    judged = bench.on_test("temperatures on test", dict(zip(names, mixtures, strict=True)), pairs)
    passes = passes_of(mixtures, bench.sizes).max(axis=1)
    return Curve(EVERYONE, names, at, passes, dev, best, mixtures, judged)


def _best(names: Sequence[str], dev: Float64, direction: Direction) -> str:
    if not np.isfinite(dev).any():
        raise DivergenceError("every training of the curve diverged on dev; lower rate or scale")
    return names[int(np.nanargmax(dev) if direction == "higher" else np.nanargmin(dev))]
