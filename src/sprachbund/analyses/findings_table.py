"""The analyses that a study file may name: each makes findings of a laboratory."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.transitive import transitive

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory import Laboratory

__all__ = ["ANALYSES", "Analysis"]

Analysis = Callable[["Laboratory"], tuple[Finding, ...]]
ANALYSES: Mapping[str, Analysis] = {"T2": transitive}
"""By the name in ``analyses``; a new analysis is one row."""
