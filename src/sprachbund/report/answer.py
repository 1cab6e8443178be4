"""The answer in one plain sentence a task."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from sprachbund.report.frames import ALL, StudyFrames
from sprachbund.report.rows import EFFECTS, Row, effects_by_language, verdict_counts
from sprachbund.report.wording import percent, span, task_name
from sprachbund.statistics.comparison import BETTER, LEAKS, NO_DIFFERENCE, TOO_FEW, WORSE

CLAIMS = {
    "transfer": "pooling made {better} better and {worse} worse",
    "hybrid_transfer": "with BM25 fused into both sides pooling made {better} better and {worse} worse",
    "hybrid_against_bm25": "the pooled hybrid is better than tuned BM25 in {better} and worse in {worse}",
    "whole_transfer": "with BM25 and the text around each candidate on both sides pooling made {better} better and "
    "{worse} worse",
    "whole_against_bm25": "the pooled whole is better than tuned BM25 in {better} and worse in {worse}",
    "whole_against_around": "the pooled whole is better than tuned BM25 with the text around each candidate in "
    "{better} and worse in {worse}",
}


class Answer(NamedTuple):
    """What was counted, and how far it carries: after Holm's correction, and over all languages."""

    claim: str
    reach: str


def answers(frames: StudyFrames, task: str) -> list[Answer]:
    """Sentences for a task: pooled against alone first, then the hybrids."""
    found: list[Answer] = []
    for name, (arm, against) in EFFECTS.items():
        effects = effects_by_language(frames, task, arm, against, "unseen", "mrr", None)
        counts = verdict_counts(effects)
        if counts["languages"]:
            start = "Of" if found else f"{task_name(task)}: of"
            claim = f"{start} {counted(counts, CLAIMS[name])}."
            found.append(Answer(claim, f"{_after_holm(counts)} {_overall(effects.get(ALL))}".strip()))
    return found or [Answer(f"{task_name(task)}: the study holds no comparison of pooled against alone.", "")]


def counted(counts: Counter[str], claim: str) -> str:
    """``12 languages, pooling made 2 better and 1 worse; 7 show no difference; 2 have too few ...``."""
    languages = counts["languages"]
    parts = [
        f"{languages} language{'s' if languages != 1 else ''}, "
        + claim.format(better=counts[BETTER], worse=counts[WORSE])
    ]
    if shown := counts[NO_DIFFERENCE]:
        parts.append(f"{shown} show{'s' if shown == 1 else ''} no difference")
    if few := counts[TOO_FEW]:
        parts.append(f"{few} {'has' if few == 1 else 'have'} too few queries or documents for a verdict")
    if leaking := counts[LEAKS]:
        parts.append(f"{leaking} {'has' if leaking == 1 else 'have'} no verdict because the candidates leak")
    return "; ".join(parts)


def _after_holm(counts: Counter[str]) -> str:
    if not counts[BETTER] + counts[WORSE]:
        return ""
    better, worse = counts[f"{BETTER} after Holm"], counts[f"{WORSE} after Holm"]
    if not better + worse:
        return "After Holm’s correction for looking at every language none of these differences remains."
    return f"After Holm’s correction for looking at every language, {better} better and {worse} worse remain."


def _overall(effect: Mapping[str, Any] | Row | None) -> str:
    if effect is None or effect["verdict"] is None:
        return ""
    return (
        f"Over all languages MRR changes by {percent(effect['relative'])} "
        f"({span(effect['low'], effect['high'])}): {effect['verdict']}."
    )
