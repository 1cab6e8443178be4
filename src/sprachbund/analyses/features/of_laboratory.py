"""The analysis ``features`` of a study file: each finished study of retrieval is one sort of features."""

from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from sprachbund.analyses.features.common import Common, common_of
from sprachbund.analyses.features.findings import Feature, features_finding
from sprachbund.analyses.finding import Finding
from sprachbund.errors import SettingsError
from sprachbund.lab.strategies import EVERYONE
from sprachbund.machine import cpu_count
from sprachbund.progress import progress as show_progress
from sprachbund.report import StudyFrames
from sprachbund.report.rows import effects_by_language, values_by_language
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
from sprachbund.retrieval.kind import RetrievalKind

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["comparing_features"]

POOLED, ALONE = "pooled", "alone"


def comparing_features(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """A finding a task, of all finished studies of retrieval.

    Raises:
        SettingsError: none is finished.
    """
    from sprachbund.analyses.laboratory.kinds import KINDS
    from sprachbund.analyses.laboratory.laboratory import together
    from sprachbund.analyses.laboratory.study_file import questions_of  # which names the analyses

    file = laboratory.file
    questions = questions_of(file, laboratory.corpus)
    asked = [study for study in file.studies if study.kind == RETRIEVAL.name and study.name in laboratory.studies]
    if not asked:
        raise SettingsError("features are of retrieval, and no study of it is finished")
    counts = laboratory.text.counts
    languages = {code for study in asked for code in questions[study.name].plan.languages}
    hub = max(sorted(languages), key=lambda code: counts[code]["sentences"])
    names = [str(study.values.get("features", study.name)) for study in asked]
    found: dict[str, list[Feature]] = {}
    for study, name in zip(asked, names, strict=True):
        frames = laboratory.studies[study.name]
        prepared = KINDS[RETRIEVAL.name].ready(
            questions[study.name], laboratory.folder, together(questions), cpu_count(), show_progress, True
        )
        kind = prepared.kind if prepared else None
        assert prepared is not None and isinstance(kind, RetrievalKind)
        common = common_of(kind.encoded, prepared.plan.languages, kind.settings.encoder, hub)
        for task in frames.tasks:
            feature = _feature(name if names.count(name) == 1 else study.name, common, frames, task)
            if feature is not None:
                found.setdefault(task, []).append(feature)
    measure = RETRIEVAL.measures[0].title
    tasks = {task.name: task.title for task in RETRIEVAL.tasks}
    several = len(found) > 1
    return tuple(
        features_finding(features, measure, hub, tasks[task] if several else "", f"-{task}" if several else "")
        for task, features in found.items()
    ) or (features_finding((), measure, hub),)


def _feature(name: str, common: Common, frames: StudyFrames, task: str) -> Feature | None:
    """None where the study lacks one of the two strategies."""
    values = values_by_language(frames, task, frames.pool, frames.measure)
    effect = effects_by_language(frames, task, POOLED, ALONE, frames.pool, frames.measure).get(EVERYONE)
    both = [arms for code, arms in values.items() if code != EVERYONE and {POOLED, ALONE} <= set(arms)]
    if not both:
        return None
    alone, pooled = (float(np.mean([arms[arm] or 0.0 for arms in both])) for arm in (ALONE, POOLED))
    return Feature(
        name,
        common,
        alone,
        pooled,
        _number(effect.relative if effect else None),
        _number(effect.low if effect else None),
        _number(effect.high if effect else None),
    )


def _number(value: float | None) -> float:
    return nan if value is None or not isfinite(value) else value
