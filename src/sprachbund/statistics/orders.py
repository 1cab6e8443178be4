"""Whether two lists of numbers rise together."""

import polars as pl

from sprachbund.arrays import Float64

__all__ = ["spearman"]


def spearman(one: Float64, other: Float64) -> float:
    """Spearman's correlation, those that are equal in their mean place; NaN where either does not vary."""
    frame = pl.DataFrame({"one": one, "other": other})
    return float(frame.select(pl.corr("one", "other", method="spearman")).item())
