"""The analyses of overlap and of why pooling helps, over all finished studies of a study file."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.analyses.explaining.findings import explain
from sprachbund.analyses.explaining.gains import gains_of
from sprachbund.analyses.finding import Finding
from sprachbund.analyses.overlap.findings import Triple, clusters_finding, links_finding
from sprachbund.analyses.overlap.vocabularies import Overlap, overlap_of
from sprachbund.languages import among
from sprachbund.progress import progress
from sprachbund.report import StudyFrames
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.reuse import Asked, covering, encode_once
from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.spelling.spellings import WRITTEN
from sprachbund.retrieval.transfer import Question

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["EXPLAINED", "OVERLAPS", "explaining", "overlap_in", "overlapping", "triples_of"]

POOLED, ALONE = "pooled", "alone"
ENCODED = "encoded"
OVERLAPS, EXPLAINED = ("F2", "F8"), ("F1", "F3", "F5", "F6", "F7", "T1", "expected")
"""Findings that the analyses make, each of which may be asked for alone."""


def overlapping(laboratory: "Laboratory", only: str = "") -> tuple[Finding, ...]:
    """F2, and F8 with F10; or one of them."""
    found = overlap_in(laboratory)
    made = (clusters_finding(found), links_finding(found, triples_of(laboratory)))
    return tuple(finding for finding in made if only in ("", finding.name))


def explaining(laboratory: "Laboratory", only: str = "") -> tuple[Finding, ...]:
    """F1, F3, F5, F6, F7, T1 and what to expect, or one of them, of each study that has pooled and alone.

    Where several have, a number is put behind the names.
    """
    studies = {name: frames for name, frames in laboratory.studies.items() if _compares(frames)}
    if not studies:
        sentence = "No finished study has both strategies, pooled and alone, so there is no gain to explain."
        return (Finding(only or "F3", "What pooling brings each language", sentence, replicated="not shown"),)
    found = overlap_in(laboratory)
    towards = {code: found.towards(code) for code in found.languages}
    sizes: Mapping[str, int] = dict(found.coverage.select("language", "sentences").iter_rows())
    made: list[Finding] = []
    for place, (name, frames) in enumerate(studies.items(), 1):
        several = len(studies) > 1
        findings = explain(gains_of(frames, towards, sizes=sizes), f"-{place}" if several else "")
        made += [replace(each, title=f"{each.title}: {name}") if several else each for each in findings]
    return tuple(finding for finding in made if only in ("", finding.name.partition("-")[0]))


def triples_of(laboratory: "Laboratory") -> tuple[Triple, ...]:
    """Every target with every auxiliary and pivot that a study names beside it."""
    made: dict[Triple, None] = {}
    for study in laboratory.file.studies:
        targets, auxiliaries, pivots = (
            among(study.values.get(key, []), laboratory.corpus.languages, f"{laboratory.corpus.path}:")
            for key in ("targets", "auxiliaries", "pivots")
        )
        made |= {
            (target, auxiliary, pivot): None
            for target in targets
            for auxiliary in auxiliaries
            for pivot in pivots
            if len({target, auxiliary, pivot}) == 3
        }
    return tuple(made)


def _compares(frames: StudyFrames) -> bool:
    return not frames.comparisons.filter(arm=POOLED, against=ALONE).is_empty()


def overlap_in(laboratory: "Laboratory") -> Overlap:
    """Of the languages of all studies, from the ids that the studies were made of; encoded where none was."""
    from sprachbund.analyses.laboratory.study_file import (
        questions_of,  # which names the analyses, and so comes after them
    )

    questions = questions_of(laboratory.file, laboratory.corpus).values()
    languages = tuple(sorted({code for each in questions for code in each.plan.languages}))
    ours = [each for each in questions if isinstance(each, Question)]
    asked = next(
        # words as they are written, where a study has them so
        (each.asked(languages) for each in sorted(ours, key=lambda one: one.settings.encoder.spelling != WRITTEN)),
        Asked(languages, BEST, bigrams=True, characters=(), cut=False),
    )
    path, together = covering(laboratory.text, laboratory.folder / ENCODED, asked, ())
    encode_once(laboratory.text, path, replace(asked, languages=together), None, progress)
    cap = asked.settings.encoder
    return _measured(path, languages, cap.min_count, cap.max_rows)


@lru_cache(maxsize=1)
def _measured(path: Path, languages: tuple[str, ...], min_count: int, max_rows: int) -> Overlap:
    """Two analyses ask for the same; a folder is named by what is in it."""
    return overlap_of(EncodedCorpus.open(path), languages, change(BEST, min_count=min_count, max_rows=max_rows))
