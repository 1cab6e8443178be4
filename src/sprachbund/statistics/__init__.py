"""Means over items, how sure they are, and the fixed words for what they show."""

from sprachbund.statistics.bootstrap import bootstrap_means, interval, weighted_means
from sprachbund.statistics.comparison import (
    Comparison,
    Direction,
    Enough,
    compare,
    compare_draws,
    is_better,
    null_leaks,
    overall,
    verdict,
)
from sprachbund.statistics.corrections import holm

VERSION = 2
"""Rises when the same items give other intervals. 2: comparisons know how trainings scatter."""

__all__ = [
    "VERSION",
    "Comparison",
    "Direction",
    "Enough",
    "bootstrap_means",
    "compare",
    "compare_draws",
    "holm",
    "interval",
    "is_better",
    "null_leaks",
    "overall",
    "verdict",
    "weighted_means",
]
