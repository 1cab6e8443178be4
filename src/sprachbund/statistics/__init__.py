"""Means over queries, how sure they are, and the fixed words for what they show."""

from sprachbund.statistics.bootstrap import bootstrap_means, interval
from sprachbund.statistics.comparison import Comparison, compare, compare_draws, null_leaks, overall, verdict
from sprachbund.statistics.corrections import holm

__all__ = [
    "Comparison",
    "bootstrap_means",
    "compare",
    "compare_draws",
    "holm",
    "interval",
    "null_leaks",
    "overall",
    "verdict",
]
