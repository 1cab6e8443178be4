"""The analyses that a study file may name: each makes findings of a laboratory."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from sprachbund.analyses.amounts.findings import amounts
from sprachbund.analyses.auxiliaries.study import adding_auxiliaries
from sprachbund.analyses.crosslingual.findings import TABLE as CROSSLINGUAL
from sprachbund.analyses.crosslingual.findings import crosslingual_findings
from sprachbund.analyses.features.of_laboratory import comparing_features
from sprachbund.analyses.finding import Finding
from sprachbund.analyses.laboratory.explained import EXPLAINED, OVERLAPS, explaining, overlapping
from sprachbund.analyses.mixtures.of_laboratory import mixing
from sprachbund.analyses.mixtures.study import MIXTURES
from sprachbund.analyses.nearness.findings import nearness
from sprachbund.analyses.transfers.findings import transfers
from sprachbund.analyses.transitive.findings import transitive
from sprachbund.analyses.transitive.path_findings import paths_finding

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["ANALYSES", "Analysis"]

Analysis = Callable[["Laboratory"], tuple[Finding, ...]]
ANALYSES: Mapping[str, Analysis] = {
    **{name: partial(mixing, only=name) for name in MIXTURES},
    "overlap": overlapping,
    **{name: partial(overlapping, only=name) for name in OVERLAPS},
    "explaining": explaining,
    **{name: partial(explaining, only=name) for name in EXPLAINED},
    "amounts": amounts,
    "auxiliaries": adding_auxiliaries,
    "features": comparing_features,
    "transfers": transfers,
    "nearness": nearness,
    CROSSLINGUAL: crosslingual_findings,
    "T2": transitive,
    "F9": paths_finding,
}
"""By the name in ``analyses``; a new analysis is one row."""
