"""What to do, in one sentence a task: the first thing on the page and on the terminal.

It is built from the verdicts alone. Languages with too little text are not part of the answer: they are named after it,
with what they would need, and where no language has enough that is the answer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sprachbund.report.frames import ALL, StudyFrames
from sprachbund.report.rows import EFFECTS, Row, effects_by_language
from sprachbund.report.wording import known, percent, task_name
from sprachbund.statistics.comparison import (
    BETTER,
    LEAKS,
    MIN_DOCUMENTS,
    MIN_QUERIES,
    NO_DIFFERENCE,
    TOO_FEW,
    WORSE,
)

NEED = f"A verdict takes {MIN_DOCUMENTS} documents and {MIN_QUERIES} queries on the test side"
NAMED = 4
"""Languages that a sentence names before it says how many more there are."""


@dataclass(frozen=True)
class Advice:
    """What a reader can act on.

    Attributes:
        sentence: the verdict and what follows from it.
        besides: further sentences: the whole search, languages with too little text or a leak.
    """

    sentence: str
    besides: tuple[str, ...] = ()


def advise(frames: StudyFrames, task: str) -> Advice:
    """The answer to "one model of all languages, or one each?" for a task."""
    effects = _effects(frames, task, "transfer")
    if not effects:
        return Advice(f"{task_name(task)}: the study holds no comparison of pooled against alone.")
    few = [language for language, effect in effects.items() if effect["verdict"] == TOO_FEW]
    judged = [language for language in effects if language not in few and effects[language]["verdict"] != LEAKS]
    lacking = _lacking(frames, task, few, effects)
    if not judged:
        if not few:
            return Advice(f"{task_name(task)}: no answer: the candidates leak in every language.", _leaking(effects))
        return Advice(f"{task_name(task)}: no answer yet, there is too little text.", (f"{NEED}: {lacking}.",))
    besides = [_whole(frames, task, judged)]
    if few:
        besides.append(f"{NEED}: {lacking}.")
    return Advice(f"{task_name(task)}: {_verdict(effects)}", (*filter(None, besides), *_leaking(effects)))


def listed(names: Sequence[str]) -> str:
    """``en, de and tr``; of many the first few and how many more."""
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _verdict(effects: Mapping[str, Row]) -> str:
    better, worse, same = (_named(effects, word) for word in (BETTER, WORSE, NO_DIFFERENCE))
    rest = f"; no difference shown in {listed(same)}" if same else ""
    if better and worse:
        return (
            f"pooling made {listed(better)} better and {listed(worse)} worse{rest}: use the pooled model where it is "
            "better, and a language's own model where it is worse."
        )
    if better:
        return f"pooling made {listed(better)} better and hurt nobody{rest}: use the pooled model."
    if worse:
        return f"pooling made {listed(worse)} worse and helped nobody{rest}: train each language by itself."
    return f"pooling made no difference that could be shown in {listed(same)}: one pooled model serves as well as many."


def _named(effects: Mapping[str, Row], verdict: str) -> list[str]:
    """The languages with a verdict, the largest effect first, with its size unless there is none to speak of."""
    chosen = [(language, effect["relative"]) for language, effect in effects.items() if effect["verdict"] == verdict]
    if verdict == NO_DIFFERENCE:
        return [language for language, _ in chosen]
    chosen.sort(key=lambda pair: (-abs(pair[1]) if known(pair[1]) else 0, pair[0]))
    return [f"{language} ({percent(relative)})" if known(relative) else language for language, relative in chosen]


def _whole(frames: StudyFrames, task: str, judged: Sequence[str]) -> str:
    """The same question about the whole search, where the study has it: it is what a user of an index meets."""
    effects = {
        language: effect for language, effect in _effects(frames, task, "whole_transfer").items() if language in judged
    }
    if not effects:
        return ""
    better, worse = _named(effects, BETTER), _named(effects, WORSE)
    start = "In the whole search, with BM25 and the text around each passage, it made"
    if not better and not worse:
        return f"{start} no difference that could be shown."
    parts = [f"{listed(names)} {word}" for names, word in ((better, "better"), (worse, "worse")) if names]
    return f"{start} {' and '.join(parts)}."


def _leaking(effects: Mapping[str, Row]) -> tuple[str, ...]:
    leaking = [language for language, effect in effects.items() if effect["verdict"] == LEAKS]
    return (f"No verdict for {listed(leaking)}: the null test failed, the candidates leak.",) if leaking else ()


def _lacking(frames: StudyFrames, task: str, few: Sequence[str], effects: Mapping[str, Row]) -> str:
    """What languages have, and how many documents in all would do; those that have as much are named together."""
    chosen = frames.languages.filter(pl.col("task") == task)
    totals: dict[str, int | None] = dict(chosen.select("language", "documents").iter_rows())
    groups: dict[tuple[str, int | None], list[tuple[str, float]]] = {}
    for language in few:
        documents, queries = effects[language]["documents"] or 0, effects[language]["queries"] or 0
        enough = documents >= MIN_DOCUMENTS
        has = f"{queries:,} queries" if enough else f"{documents} document{'s' if documents != 1 else ''}"
        short = max(MIN_DOCUMENTS / max(documents, 1), MIN_QUERIES / max(queries, 1))
        groups.setdefault((has, totals.get(language)), []).append((language, short))
    said = []
    for (has, total), members in groups.items():
        names = [language for language, _ in members]
        line = f"{listed(names)} {'have' if len(names) > 1 else 'has'} {has} there"
        if total:
            most = max(short for _, short in members)
            line += f" ({total:,} in all, some {_rounded(total * most):,} would do)"
        said.append(line)
    return "; ".join(said)


def _rounded(value: float) -> int:
    """Upwards to two digits: a rule of thumb should look like one."""
    unit = 10 ** max(0, math.floor(math.log10(value)) - 1) if value >= 1 else 1
    return math.ceil(value / unit) * unit


def _effects(frames: StudyFrames, task: str, name: str) -> dict[str, Row]:
    """The judged comparisons of the pool that decides, without the row of all languages."""
    found = effects_by_language(frames, task, *EFFECTS[name], "unseen", "mrr", None)
    return {language: row for language, row in found.items() if language != ALL and row["verdict"] is not None}
