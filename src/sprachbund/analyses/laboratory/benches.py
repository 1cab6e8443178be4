"""Where analyses that train models of their own try them: the finished studies of a laboratory, task by task."""

from typing import TYPE_CHECKING

from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.engines.choosing import sharing
from sprachbund.errors import SettingsError
from sprachbund.progress import progress as show_progress
from sprachbund.runs.store import Runs
from sprachbund.studies.prepared import Prepared

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory
    from sprachbund.analyses.laboratory.study_file import Declared

__all__ = ["benches", "prepared_studies"]


def prepared_studies(laboratory: "Laboratory", kind: str = "") -> list[tuple["Declared", Prepared, Runs]]:
    """Every finished study as it was carried out, and the runs of all of them.

    Args:
        kind: of model; of every kind if "".

    Raises:
        SettingsError: no such study is finished.
    """
    from sprachbund.analyses.laboratory.kinds import KINDS
    from sprachbund.analyses.laboratory.laboratory import Workplace, together
    from sprachbund.analyses.laboratory.study_file import questions_of

    file = laboratory.file
    place = Workplace(laboratory.folder, file, laboratory.corpus, questions_of(file, laboratory.corpus))
    asked = [study for study in file.studies if study.kind == (kind or study.kind) and study.name in laboratory.studies]
    if not asked:
        raise SettingsError("no study finished")
    found = []
    for study in asked:
        question, shared = place.questions[study.name], together(place.questions)
        prepared = KINDS[study.kind].ready(question, place.folder, shared, workers(laboratory), show_progress, True)
        assert prepared is not None
        found.append((study, prepared, place.runs))
    return found


def benches(laboratory: "Laboratory", kind: str = "") -> list[tuple["Declared", Bench]]:
    """A bench for every finished study and each of its tasks; their trainings share the laboratory's folder of runs.

    Args:
        kind: of model; of every kind if "".

    Raises:
        SettingsError: no such study is finished.
    """
    return [
        (study, Bench(prepared.kind, prepared.plan, task, runs, workers(laboratory), engine=laboratory.engine))
        for study, prepared, runs in prepared_studies(laboratory, kind)
        for task in prepared.plan.tasks
    ]


def workers(laboratory: "Laboratory") -> int:
    """Runs side by side on this machine, which have its memory together."""
    return sharing(laboratory.engine, laboratory.jobs)
