"""Analyses of mixtures as a study file names them: each asked of its studies of retrieval, task by task.

A study's trainings and a mixture's share the folder of runs. A table ``[mixture]`` says what `MixtureSettings` has.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.laboratory.located import Located, nearest
from sprachbund.analyses.mixtures.optimising import MixtureSettings
from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.analyses.mixtures.study import mixture_findings
from sprachbund.errors import SettingsError
from sprachbund.machine import cpu_count
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
from sprachbund.settings import by_name, change, from_text

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
    given, usual = at.values.get(TABLE, {}), MixtureSettings()
    if not isinstance(given, dict):
        raise at.error(f"{TABLE} is a table, found {given!r:.60}; write [{TABLE}]", TABLE)
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in by_name(usual):
            raise at.error(f"no key of mixtures is called {name}{nearest(name, by_name(usual))}", TABLE, name)
        try:
            values[name] = from_text(usual, name, value)
            change(usual, {name: values[name]})
        except SettingsError as error:
            raise at.error(str(error), TABLE, name) from None
    try:
        return change(usual, values)
    except SettingsError as error:
        raise at.error(str(error), TABLE) from None


def mixing(laboratory: "Laboratory", only: str) -> tuple[Finding, ...]:
    """An analysis of mixtures by its name, of every finished study of retrieval and each of its tasks.

    Raises:
        SettingsError: no study is of retrieval, or a mixture cannot be asked for.
    """
    from sprachbund.analyses.laboratory.kinds import KINDS
    from sprachbund.analyses.laboratory.laboratory import Workplace, together
    from sprachbund.analyses.laboratory.study_file import questions_of

    file = laboratory.file
    place = Workplace(laboratory.folder, file, laboratory.corpus, questions_of(file, laboratory.corpus))
    asked = [study for study in file.studies if study.kind == RETRIEVAL.name and study.name in laboratory.studies]
    if not asked:
        raise SettingsError(WHY if any(study.kind != RETRIEVAL.name for study in file.studies) else "no study finished")
    every = [(study.name, task) for study in asked for task in place.questions[study.name].plan.tasks]
    found: list[Finding] = []
    for number, (name, task) in enumerate(every, 1):
        question, workers = place.questions[name], cpu_count()
        prepared = KINDS[RETRIEVAL.name].ready(
            question, place.folder, together(place.questions), workers, show_progress, True
        )
        assert prepared is not None
        targets = [code for code in prepared.plan.targets if code in prepared.plan.languages]
        ending = f"-{number}" if len(every) > 1 else ""
        bench = Bench(prepared.kind, prepared.plan, task, place.runs, workers)
        made = mixture_findings(bench, (only,), targets=targets, settings=file.mixture, ending=ending)
        found += [
            replace(finding, title=f"{finding.title} ({name}, {task})") if ending else finding for finding in made
        ]
    return tuple(found)
