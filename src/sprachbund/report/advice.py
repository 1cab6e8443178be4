"""What to do, in one sentence a task: the first thing on the page and on the terminal.

It is built from the verdicts alone. Languages with too little text are not part of the answer: they are named after it,
with what they would need, and where no language has enough that is the answer. Where several strategies were tried
against the same one, each has a sentence, and where several helped a language the best of those is named.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.measures import Measure, better_of
from sprachbund.lab.seen import seen
from sprachbund.report.asked import (
    ALONE,
    Asked,
    asked_of,
    between_strategies,
    main_question,
    view_of,
    what_it_does,
    without_view,
)
from sprachbund.report.frames import StudyFrames
from sprachbund.report.rows import Effect, judged_effects, values_by_language
from sprachbund.report.wording import enough_parts, known, listed, percent, sentence
from sprachbund.statistics.comparison import BETTER, LEAKS, NO_DIFFERENCE, TOO_FEW, WORSE

NOTHING = "made no difference that could be shown"
CONTROLS = ("longer", "placebo", "control")
"""Strategies that have all of another one's but the other languages: as much time, letters or words shared wrongly."""


@dataclass(frozen=True)
class Advice:
    """What a reader can act on.

    Attributes:
        sentence: the verdict and what follows from it.
        besides: further sentences: the same under a view, other strategies, languages with too little text or a leak.
    """

    sentence: str
    besides: tuple[str, ...] = ()


def advise(frames: StudyFrames, task: str) -> Advice:
    """The answer to the main question for a task: one model of all languages, or one each?"""
    start, main = f"{frames.title(task)}: ", main_question(frames, task)
    effects = judged_effects(frames, task, main) if main else {}
    if main is None or not effects:
        return Advice(f"{start}{no_comparison(frames.declaration)}")
    few = [language for language, effect in effects.items() if effect.verdict == TOO_FEW]
    judged = [language for language in effects if language not in few and effects[language].verdict != LEAKS]
    leaking = _leaking(effects)
    takes = " and ".join(enough_parts(frames.declaration))
    needed = (f"A verdict takes {takes} on the test side: {_lacking(frames, task, few, effects)}.",)
    if not judged:
        if not few:
            return Advice(f"{start}no answer: the candidates leak in every language.", leaking)
        return Advice(f"{start}no answer yet, there is too little text.", needed)
    found = f"{_against(main, frames.declaration)}{_verdict(effects, main, frames)}"
    others = {asked: judged_effects(frames, task, asked) for asked in between_strategies(frames, task, main)}
    others = {asked: some for asked, some in others.items() if (asked.arm, asked.against) != (main.arm, main.against)}
    besides = [_no_more_than_control(frames, task, {main: effects, **others})]
    besides += [_besides(asked, some, judged, main, frames) for asked, some in others.items()]
    besides.append(_best(frames, task, {main: effects, **others}))
    return Advice(f"{start}{found}", (*filter(None, besides), *(needed if few else ()), *leaking))


def no_comparison(declaration: Declaration) -> str:
    """What is said where nothing was compared."""
    asked = declaration.pairs[0]
    return f"the study holds no comparison of {asked.arm} against {asked.against}."


def _against(main: Asked, declaration: Declaration) -> str:
    """What the main question compares with, where that is not a language by itself."""
    return "" if main.against == ALONE else f"against {what_it_does(main.against, declaration)}, "


def _verdict(effects: Mapping[str, Effect], main: Asked, frames: StudyFrames) -> str:
    does = what_it_does(main.arm, frames.declaration)
    unit = _unit(frames.measure)
    better, same = _named(effects, BETTER, unit), _named(effects, NO_DIFFERENCE)
    worse = _named(effects, WORSE, "" if better else unit)  # the first number says of what it is
    rest = f"; no difference shown in {listed(same)}" if same else ""
    use = f"use the {main.arm} model"
    own = "a language's own model" if main.against == ALONE else f"the {main.against} model"
    if better and worse:
        both = f"{listed(better)} better and {listed(worse)} worse"
        return f"{does} made {both}{rest}: {use} where it is better, and {own} where it is worse."
    if better:
        return f"{does} made {listed(better)} better and hurt nobody{rest}: {use}."
    if worse:
        instead = "train each language by itself" if main.against == ALONE else f"use {own}"
        return f"{does} made {listed(worse)} worse and helped nobody{rest}: {instead}."
    return f"{does} {NOTHING} in {listed(same)}: the {main.arm} model serves as well as {own}."


def _unit(measure: Measure) -> str:
    """What a relative difference is of, where it is not plain that more is better."""
    return f" {measure.title}" if measure.direction == "lower" else ""


def _named(effects: Mapping[str, Effect], verdict: str, unit: str = "") -> list[str]:
    """The languages with a verdict, the largest effect first, with its size unless there is none to speak of."""
    chosen = [(language, effect.relative) for language, effect in effects.items() if effect.verdict == verdict]
    if verdict == NO_DIFFERENCE:
        return [language for language, _ in chosen]
    chosen.sort(key=lambda pair: (-abs(pair[1]) if known(pair[1]) else 0, pair[0]))
    units = [unit] + [""] * len(chosen)
    return [
        f"{language} ({percent(relative)}{of})" if known(relative) else language
        for (language, relative), of in zip(chosen, units, strict=False)
    ]


def _besides(
    asked: Asked, effects: Mapping[str, Effect], judged: Sequence[str], main: Asked, frames: StudyFrames
) -> str:
    """The same question of another strategy, or under a view of which the kind has a sentence."""
    declaration = frames.declaration
    view = view_of(asked.arm, declaration)
    if view is not None and not view.answer:
        return ""
    effects = {language: effect for language, effect in effects.items() if language in judged}
    if not effects:
        return ""
    does = "it" if without_view(asked.arm, declaration) == main.arm else what_it_does(asked.arm, declaration)
    start = f"{view.answer} {does}" if view else sentence(does)
    unit = _unit(frames.measure)
    better = _named(effects, BETTER, unit)
    worse = _named(effects, WORSE, "" if better else unit)
    leaking = [language for language, effect in effects.items() if effect.verdict == LEAKS]
    end = f" No verdict on it for {listed(leaking)}: the candidates leak." if leaking else ""
    if not better and not worse:
        same = any(effect.verdict == NO_DIFFERENCE for effect in effects.values())
        return f"{start} {NOTHING}.{end}" if same else end.strip()
    parts = [f"{listed(names)} {word}" for names, word in ((better, "better"), (worse, "worse")) if names]
    return f"{start} made {' and '.join(parts)}.{end}"


def _no_more_than_control(frames: StudyFrames, task: str, asked: Mapping[Asked, Mapping[str, Effect]]) -> str:
    """What helped and is not shown to do more than its control does: it need not be the other languages that help."""
    declaration = frames.declaration
    helped = {
        one.arm: [language for language, effect in effects.items() if effect.verdict == BETTER]
        for one, effects in asked.items()
        if one.against == ALONE
    }
    said = []
    for one in asked_of(frames, task, declaration.pairs):
        if seen(one.against, declaration).strategy not in CONTROLS:
            continue
        effects = judged_effects(frames, task, one)
        same = [
            code
            for code in helped.get(one.arm, [])
            if code in effects and effects[code].verdict in (NO_DIFFERENCE, WORSE)
        ]
        if same:
            does, control = (what_it_does(arm, declaration) for arm in (one.arm, one.against))
            said.append(f"{does} is not shown to do more for {listed(same)} than {control}")
    if not said:
        return ""
    return f"But {'; '.join(said)}: it need not be the other language that helps."


def _best(frames: StudyFrames, task: str, asked: Mapping[Asked, Mapping[str, Effect]]) -> str:
    """Which arm is the best one, for the languages that several made better; only among those that did."""
    helped: dict[str, list[str]] = {}
    for one, effects in asked.items():
        for language, effect in effects.items():
            if effect.verdict == BETTER and not seen(one.arm, frames.declaration).view:
                helped.setdefault(language, []).append(one.arm)
    values = values_by_language(frames, task, frames.pool, frames.measure)
    best: dict[str, list[str]] = {}
    for language, arms in helped.items():
        scores = {arm: score for arm in arms if known(score := values.get(language, {}).get(arm))}
        if len(scores) > 1:
            found = next(iter(scores))
            for arm, score in scores.items():
                found = arm if better_of(frames.measure, score, scores[found]) else found
            best.setdefault(found, []).append(language)
    if not best:
        return ""
    named = [f"{what_it_does(arm, frames.declaration)} for {listed(languages)}" for arm, languages in best.items()]
    return f"Where several help, the best by {frames.measure.title} is {listed(named)}."


def _leaking(effects: Mapping[str, Effect]) -> tuple[str, ...]:
    leaking = [language for language, effect in effects.items() if effect.verdict == LEAKS]
    return (f"No verdict for {listed(leaking)}: the null test failed, the candidates leak.",) if leaking else ()


def _lacking(frames: StudyFrames, task: str, few: Sequence[str], effects: Mapping[str, Effect]) -> str:
    """What languages have, and how many documents in all would do; those that have as much are named together."""
    declaration, enough = frames.declaration, frames.declaration.enough
    totals = _documents(frames, task)
    groups: dict[tuple[str, int | None], list[tuple[str, float]]] = {}
    for language in few:
        documents, items = effects[language].documents or 0, effects[language].items or 0
        words, number = declaration.document, documents
        if documents >= enough.documents:
            words, number = declaration.item, items
        short = max(enough.documents / max(documents, 1), enough.items / max(items, 1))
        has = f"{number:,} {words.one if number == 1 else words.many}"
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


def _documents(frames: StudyFrames, task: str) -> dict[str, int | None]:
    """Documents of all sides by language, where the kind tells their number."""
    word = frames.declaration.document.many
    column = next((size.column for size in frames.declaration.sizes if size.title == word and not size.share), None)
    if column is None:
        return {}
    return dict(frames.languages.filter(pl.col("task") == task).select("language", column).iter_rows())


def _rounded(value: float) -> int:
    """Upwards to two digits: a rule of thumb should look like one."""
    unit = 10 ** max(0, math.floor(math.log10(value)) - 1) if value >= 1 else 1
    return math.ceil(value / unit) * unit
