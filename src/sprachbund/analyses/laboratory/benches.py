"""Where analyses that train models of their own try them: the finished studies of a laboratory, task by task."""

from typing import TYPE_CHECKING

from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.errors import SettingsError
from sprachbund.machine import cpu_count
from sprachbund.progress import progress as show_progress

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory
    from sprachbund.analyses.laboratory.study_file import Declared

__all__ = ["benches"]


def benches(laboratory: "Laboratory", kind: str = "") -> list[tuple["Declared", Bench]]:
    """A bench for every finished study and each of its tasks; their trainings share the laboratory's folder of runs.

    Args:
        kind: of model; of every kind if "".

    Raises:
        SettingsError: no such study is finished.
    """
    from sprachbund.analyses.laboratory.kinds import KINDS
    from sprachbund.analyses.laboratory.laboratory import Workplace, together
    from sprachbund.analyses.laboratory.study_file import questions_of

    file, workers = laboratory.file, laboratory.jobs or cpu_count()
    place = Workplace(laboratory.folder, file, laboratory.corpus, questions_of(file, laboratory.corpus))
    asked = [study for study in file.studies if study.kind == (kind or study.kind) and study.name in laboratory.studies]
    if not asked:
        raise SettingsError("no study finished")
    found = []
    for study in asked:
        question = place.questions[study.name]
        prepared = KINDS[study.kind].ready(
            question, place.folder, together(place.questions), workers, show_progress, True
        )
        assert prepared is not None
        found += [
            (study, Bench(prepared.kind, prepared.plan, task, place.runs, workers)) for task in prepared.plan.tasks
        ]
    return found
