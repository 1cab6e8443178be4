"""What was counted, in plain sentences."""

from collections import Counter
from typing import NamedTuple

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.advice import no_comparison
from sprachbund.report.asked import claim_of, tabled
from sprachbund.report.frames import StudyFrames
from sprachbund.report.rows import Effect, effects_by_language, verdict_counts
from sprachbund.report.wording import percent, span
from sprachbund.statistics.comparison import BETTER, LEAKS, NO_DIFFERENCE, TOO_FEW, WORSE


class Answer(NamedTuple):
    """What was counted, and how far it carries: after Holm's correction, and over all languages."""

    claim: str
    reach: str


def answers(frames: StudyFrames, task: str) -> list[Answer]:
    """Sentences for a task, one for each comparison of the declaration's tables, in their order."""
    found: list[Answer] = []
    declaration, title = frames.declaration, frames.title(task)
    for asked in tabled(frames, task):
        effects = effects_by_language(frames, task, asked.arm, asked.against, frames.pool, frames.measure)
        counts = verdict_counts(effects)
        if counts["languages"]:
            start = "Of" if found else f"{title}: of"
            claim = f"{start} {counted(counts, claim_of(asked, declaration), declaration)}."
            overall = _overall(effects.get(EVERYONE), frames.measure.title)
            found.append(Answer(claim, f"{_after_holm(counts)} {overall}".strip()))
    return found or [Answer(f"{title}: {no_comparison(declaration)}", "")]


def counted(counts: Counter[str], claim: str, declaration: Declaration) -> str:
    """``12 languages, pooling made 2 better and 1 worse; 7 show no difference; 2 have too few ...``."""
    languages = counts["languages"]
    # replaced, not formatted: the words come from a file
    said = claim.replace("{better}", str(counts[BETTER])).replace("{worse}", str(counts[WORSE]))
    parts = [f"{languages} language{'s' if languages != 1 else ''}, {said}"]
    if shown := counts[NO_DIFFERENCE]:
        parts.append(f"{shown} show{'s' if shown == 1 else ''} no difference")
    if few := counts[TOO_FEW]:
        words = dict.fromkeys((declaration.item.many, declaration.document.many))
        parts.append(f"{few} {'has' if few == 1 else 'have'} too few {' or '.join(words)} for a verdict")
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


def _overall(effect: Effect | None, title: str) -> str:
    if effect is None or effect.verdict is None:
        return ""
    return (
        f"Over all languages {title} changes by {percent(effect.relative)} "
        f"({span(effect.low, effect.high)}): {effect.verdict}."
    )
