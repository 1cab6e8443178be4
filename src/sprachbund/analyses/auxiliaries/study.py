"""Auxiliaries of a corpus: from the text to the finding, and as a study file names them.

OUT/work.json     what it is of; another corpus or other settings are refused
    encoded/      of retrieval, the corpus as ids
    runs/         every training, named by its content
    findings/     what was found, see `finding`
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.analyses.auxiliaries.adding import Adding
from sprachbund.analyses.auxiliaries.findings import auxiliaries_finding
from sprachbund.analyses.auxiliaries.orders import by_neighbours, by_overlap
from sprachbund.analyses.auxiliaries.settings import AuxiliarySettings
from sprachbund.analyses.finding import Finding, write_findings
from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.analyses.overlap.vocabularies import Overlap, overlap
from sprachbund.corpus.splits import TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SettingsError
from sprachbund.languages import among
from sprachbund.lm.kind import LmKind
from sprachbund.machine import cpu_count
from sprachbund.progress import logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Shower

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["TABLE", "add_auxiliaries", "adding_auxiliaries"]

TABLE = "auxiliary"
"""Of a study file: ``auxiliaries`` are languages there."""


def amounts_of(kind: Any, languages: Sequence[str]) -> dict[str, int]:
    """The training text of languages in the unit that a recipe cuts by: sentences, of language models characters."""
    if isinstance(kind, RetrievalKind):
        return {code: int(np.count_nonzero(kind.encoded.language(code).sides == TRAIN)) for code in languages}
    assert isinstance(kind, LmKind)
    return {code: kind.sides(code).train.characters for code in languages}


def add_auxiliaries(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    targets: Sequence[str],
    auxiliaries: Sequence[str] | None = None,
    pivots: Sequence[str] = (),
    kind: str = "retrieval",
    asked: AuxiliarySettings | None = None,
    workers: int | None = None,
    shower: Shower = show_progress,
    **values: Any,
) -> Finding:
    """What auxiliaries bring to targets as there are more of them, and as one of them has more text.

    Killed, the same call goes on.

    Args:
        out: a folder of its own. targets: are judged. auxiliaries: may help; all other languages if None.
        pivots: may help too, and the amount of their text is varied. kind: of model, ``retrieval`` or ``lm``.
        asked: numbers, orders and parts. workers: processes side by side, one thread each.
        values: what a study of the kind has in a study file: ``tasks`` (the first is asked), ``pools``, ``preset``,
            ``features``, ``sizes``, ``seeds``, ``settings``.

    Raises:
        SettingsError, LanguageError, CorpusError: it cannot be asked. FolderError: ``out`` holds something else.
    """
    from sprachbund.analyses.laboratory.kinds import KINDS

    opened = corpus if isinstance(corpus, Corpus) else Corpus.open(Path(corpus))
    if kind not in KINDS:
        raise SettingsError(f"no kind of model is called {kind}; there are: {', '.join(KINDS)}")
    where = f"{opened.path}:"
    judged, through = (among(list(codes), opened.languages, where) for codes in (targets, pivots))
    helping = [code for code in opened.languages if code not in judged] if auxiliaries is None else among(
        list(auxiliaries), opened.languages, where)  # fmt: skip
    every = list(dict.fromkeys([*judged, *helping, *through]))
    settings = asked or AuxiliarySettings()
    question = KINDS[kind].ask(
        opened, {"trials": 1, "strategies": ["alone", "pooled"], **values, "languages": every, "targets": judged}
    )
    folder, workers = Path(out), workers or cpu_count()
    said = {**question.specification(), "auxiliaries": [helping, through, asdict(settings)]}
    with unfinished.claimed(folder, said, "a study of auxiliaries", "at work on these auxiliaries"):
        prepared = KINDS[kind].ready(question, folder, (), workers, shower, True)
        assert prepared is not None
        for note in prepared.notes:
            logger.warning("%s", note)
        bench = Bench(prepared.kind, prepared.plan, prepared.plan.tasks[0], Runs(folder / "runs"), workers, shower)
        found = None if settings.by == "neighbours" else overlap(opened, prepared.plan.languages)
        finding = auxiliaries_finding(_adding(bench, opened, settings, judged, helping, through, found))
        write_findings(folder / "findings", [finding])
        return finding


def _adding(
    bench: Bench,
    corpus: Corpus,
    settings: AuxiliarySettings,
    targets: Sequence[str],
    helping: Sequence[str],
    pivots: Sequence[str],
    found: Overlap | None,
) -> Adding:
    """With the auxiliaries of each target in their order; languages that are too small were left out before."""
    there = [code for code in dict.fromkeys((*helping, *pivots)) if code in bench.languages]
    judged = [code for code in targets if code in bench.plan.judged]
    others = {target: [code for code in there if code != target] for target in judged}
    near: Mapping[str, Sequence[str]]
    if found is None:
        near = by_neighbours(judged, others, corpus.path)
    else:
        near = by_overlap(found, judged, others, settings.by)
    through = tuple(code for code in pivots if code in bench.languages)
    return Adding(bench, near, amounts_of(bench.kind, bench.languages), settings, through)


def adding_auxiliaries(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """The analysis ``auxiliaries`` of every finished study and each of its tasks.

    A study's targets are asked, all of its languages where it names none; the others may help, or its auxiliaries and
    pivots where it names some. A table ``[auxiliary]`` says what `AuxiliarySettings` has.

    Raises:
        SettingsError: no study is finished, or a target has no auxiliary.
    """
    from sprachbund.analyses.laboratory.benches import benches

    settings = laboratory.file.auxiliary
    found = []
    every = benches(laboratory)
    for number, (study, bench) in enumerate(every, 1):
        named = [
            among(study.values.get(key, []), laboratory.corpus.languages, f"{laboratory.corpus.path}:")
            for key in ("auxiliaries", "pivots")
        ]
        helping, pivots = named
        helping = helping if helping or pivots else list(bench.languages)
        overlaps = None if settings.by == "neighbours" else _overlaps(laboratory)
        adding = _adding(bench, laboratory.text, settings, bench.plan.judged, helping, pivots, overlaps)
        ending = f"-{number}" if len(every) > 1 else ""
        made = auxiliaries_finding(adding, f"auxiliaries{ending}")
        found.append(replace(made, title=f"{made.title} ({study.name}, {bench.task})") if ending else made)
    return tuple(found)


def _overlaps(laboratory: "Laboratory") -> Overlap:
    from sprachbund.analyses.laboratory.explained import overlap_in

    return overlap_in(laboratory)
