"""Analyses of mixtures as a study file names them: each asked of its studies of retrieval, task by task.

A study's trainings and a mixture's share the folder of runs. A table ``[mixture]`` says what `MixtureSettings` has.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.laboratory.located import Located
from sprachbund.analyses.laboratory.told import read_told
from sprachbund.analyses.mixtures.optimising import MixtureSettings
from sprachbund.analyses.mixtures.study import mixture_findings
from sprachbund.errors import SettingsError
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["TABLE", "mixing", "read_mixture"]

TABLE = "mixture"
WHY = (
    "mixtures are of retrieval: a language model has n-grams of its own language, which no mixture touches, and its "
    "neural part reads what is repeated as often as the language that is repeated most"
)


def read_mixture(at: Located) -> MixtureSettings:
    """The table ``[mixture]`` of a study file.

    Raises:
        SettingsError: names the line.
    """
    return read_told(at, TABLE, MixtureSettings(), "mixtures")


def mixing(laboratory: "Laboratory", only: str) -> tuple[Finding, ...]:
    """An analysis of mixtures by its name, of every finished study of retrieval and each of its tasks.

    Raises:
        SettingsError: no study is of retrieval, or a mixture cannot be asked for.
    """
    from sprachbund.analyses.laboratory.benches import benches

    file = laboratory.file
    if not any(each.kind == RETRIEVAL.name for each in file.studies):
        raise SettingsError(WHY)
    every = benches(laboratory, RETRIEVAL.name)
    found: list[Finding] = []
    for number, (study, bench) in enumerate(every, 1):
        targets = [code for code in bench.plan.targets if code in bench.languages]
        ending = f"-{number}" if len(every) > 1 else ""
        made = mixture_findings(bench, (only,), targets=targets, settings=file.mixture, ending=ending)
        found += [
            replace(finding, title=f"{finding.title} ({study.name}, {bench.task})") if ending else finding
            for finding in made
        ]
    return tuple(found)
