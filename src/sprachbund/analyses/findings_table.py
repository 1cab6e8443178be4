"""The analyses that a study file may name: each makes findings of a laboratory."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sprachbund.analyses.finding import Finding

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory import Laboratory

__all__ = ["ANALYSES", "Analysis"]

Analysis = Callable[["Laboratory"], tuple[Finding, ...]]
ANALYSES: Mapping[str, Analysis] = {}
"""By the name in ``analyses``; a new analysis is one row."""
