"""What to add, in which order, what to expect of it and why; or that nothing should be added.

The rules, in this order:

1. What the user's own studies measured decides. A candidate with the verdict *better* comes first, the largest gain
   before the others; one that is *worse*, or of which *no difference* is *shown*, is not advised, for it was tried.
   Other verdicts (*too few*, *leaks*) are no measurement.
2. Of what was not measured, a candidate is near enough to be tried where it is nearer than the floor of unrelated
   languages by more than half of the measures of text that have a floor, its interval too; two at least must know it.
3. The order of those is that of the fusion. A ranker trained on the user's studies replaces it only where its NDCG@3,
   on targets held out, is surely higher (paired 95% interval above zero).
4. Where nothing is left, the advice is none, and says by which rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sprachbund.errors import LanguageError
from sprachbund.languages import find
from sprachbund.neighbours.asking import COVERED, Candidate, Neighbours
from sprachbund.neighbours.fusing import nearness
from sprachbund.neighbours.identities import same_language
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.ranking.measured import Measured
from sprachbund.neighbours.ranking.protocol import Judged, better_by, judge
from sprachbund.neighbours.ranking.rankers import Ranker, fusion
from sprachbund.neighbours.ranking.trained import lambdarank, lightgbm_is_here, linear
from sprachbund.neighbours.truth import Gain, table_of
from sprachbund.statistics.comparison import BETTER, NO_DIFFERENCE, WORSE

__all__ = ["LEAST_TARGETS", "Advice", "Order", "Pick", "advise", "beyond_floor", "order_by"]

LEAST_TARGETS = 4
"""Targets with two measured candidates or more, below which no ranker is trained: there is nothing to hold out."""
_LEAST_MEASURES = 2
_TRIED = (BETTER, WORSE, NO_DIFFERENCE)
_REASONS = 3
_MOST = 3


@dataclass(frozen=True)
class Pick:
    """A language to add.

    Attributes:
        gains: what was measured of it for this target. because: by which values, a phrase each.
    """

    language: str
    gains: tuple[Gain, ...]
    because: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """What to add, the first first; ``none`` says why nothing, where there are no picks. ``lines``: plain sentences."""

    target: str
    picks: tuple[Pick, ...]
    none: str
    lines: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {"add": [pick.language for pick in self.picks], "none": self.none or None, "said": list(self.lines)}


@dataclass(frozen=True, eq=False)
class Order:
    """How candidates are ordered, and how good that order was on the user's studies.

    Attributes:
        ranker: fitted on nothing yet. table: the studies. judged: with each target held out; None with too few targets.
    """

    ranker: Ranker
    table: Measured
    judged: Judged | None


def order_by(table: Measured) -> Order:
    """The fusion, or a ranker trained on the user's studies where that is surely better on targets held out."""
    lists = [rows for rows in table.lists() if len(rows) > 1]
    targets = {str(table.targets[rows[0]]) for rows in lists}
    if len(targets) < LEAST_TARGETS:
        return Order(fusion(), table, None)
    rankers = [fusion(), linear(), *([lambdarank(4, raw=False)] if lightgbm_is_here() else [])]
    kept = table.rows(np.sort(np.concatenate(lists)))
    plain, *learnt = judge(kept, rankers)
    for ranker, judged in zip(rankers[1:], learnt, strict=True):
        if better_by(judged, plain)[1] > 0:
            return Order(ranker, kept, judged)
    return Order(rankers[0], kept, plain)


def advise(found: Neighbours, gains: Sequence[Gain] = (), order: Order | None = None, most: int = _MOST) -> Advice:
    """What should help the target.

    Args:
        found: what the measures say. gains: of the user's own studies, of any target.
        order: of what was not measured; the fusion's, which ``found`` has, if None. most: languages to add.
    """
    measured: dict[str, list[Gain]] = {}
    for gain in gains:
        if _one(gain.target, found.target) and gain.verdict in _TRIED:
            measured.setdefault(gain.candidate, []).append(gain)
    tried = {each: mine for each in _languages(found) if (mine := _of(measured, each))}
    tried |= {each: mine for each, mine in measured.items() if not any(_one(each, other) for other in tried)}
    gained = [each for each, mine in tried.items() if _sure(mine)]
    gained.sort(key=lambda each: -max(gain.gain for gain in tried[each]))
    near = [each for each in _ordered(found, order) if each.language not in tried and _near(found, each)]
    by_name = {each.language: each for each in found.candidates}
    picks = [Pick(each, tuple(tried[each]), _because(found, by_name.get(each))) for each in gained]
    picks += [Pick(each.language, (), _because(found, each)) for each in near]
    picks = picks[:most]
    none = "" if picks else _none(found, tried)
    return Advice(found.target, tuple(picks), none, tuple(_lines(found, picks, none, tried, order)))


def beyond_floor(measure: Measure, value: Value) -> bool | None:
    """Whether a value is nearer than unrelated languages are, its interval too; None where that is not known."""
    if value.value is None or value.floor is None or (value.coverage is not None and value.coverage < COVERED):
        return None
    far = value.low if measure.direction == "higher" else value.high
    return nearness(measure, value.value if far is None else far) > nearness(measure, value.floor)


def _near(found: Neighbours, candidate: Candidate) -> bool:
    said = [
        beyond
        for measure in found.measures
        if measure.text and (beyond := beyond_floor(measure, candidate.values[measure.name])) is not None
    ]
    return len(said) >= _LEAST_MEASURES and sum(said) > len(said) / 2


def _sure(gains: Sequence[Gain]) -> bool:
    """Better in one study at least, and worse in none."""
    return any(gain.verdict == BETTER for gain in gains) and not any(gain.verdict == WORSE for gain in gains)


def _ordered(found: Neighbours, order: Order | None) -> list[Candidate]:
    if order is None or not order.ranker.trained:
        return list(found.candidates)
    names = {feature.name for feature in order.table.features}
    wanted = [Gain("", "", found.target, each.language, 0.0, 0.0, 0.0, "", "") for each in found.candidates]
    table = table_of(wanted, {found.target: found}, [each for each in found.measures if each.name in names])
    scores = order.ranker.fit(_same_columns(order.table, table))(table)
    by_name = dict(zip(table.candidates.tolist(), scores.tolist(), strict=True))
    return sorted(found.candidates, key=lambda each: -by_name[each.language])


def _same_columns(table: Measured, like: Measured) -> Measured:
    """The features of another table, in its order."""
    places = [table.column(feature.name) for feature in like.features]
    return replace(table, features=like.features, values=table.values[:, places])


def _because(found: Neighbours, candidate: Candidate | None) -> tuple[str, ...]:
    """The values of text that are beyond the floor, as phrases."""
    if candidate is None:
        return ()
    said = []
    for measure in found.measures:
        value = candidate.values[measure.name]
        if measure.text and beyond_floor(measure, value):
            said.append(f"{measure.title} {_number(value.value)} (unrelated {_number(value.floor)})")
    return tuple(said[:_REASONS])


def _none(found: Neighbours, tried: dict[str, list[Gain]]) -> str:
    if tried and all(each.language in tried or not _near(found, each) for each in found.candidates):
        return f"none: {_counted(len(tried))} measured for {found.target} in your studies, and none surely gained"
    floors = any(
        beyond_floor(measure, each.values[measure.name]) is not None
        for each in found.candidates
        for measure in found.measures
        if measure.text
    )
    if not floors:
        return (
            "none: no measure of text has a floor of unrelated languages here, so nearness cannot be told from chance"
        )
    return "none: no candidate is nearer than unrelated languages by more than half of the measures of text"


def _lines(
    found: Neighbours, picks: Sequence[Pick], none: str, tried: dict[str, list[Gain]], order: Order | None
) -> list[str]:
    target = _named(found.target)
    if none:
        return [f"What to add to {target}: {none}.", *_tried(tried)]
    lines = [f"What to add to {target}, in this order:"]
    for place, pick in enumerate(picks, 1):
        why = f", because of {', '.join(pick.because)}" if pick.because else ""
        if pick.gains:
            lines.append(
                f"  {place}. {_named(pick.language)}: measured {'; '.join(_gain(each) for each in pick.gains)}{why}"
            )
        else:
            lines.append(f"  {place}. {_named(pick.language)}: not measured yet{why}")
    left = {each: mine for each, mine in tried.items() if each not in {pick.language for pick in picks}}
    lines += _tried(left)
    return [*lines, *_expectation(found, picks, order)]


def _expectation(found: Neighbours, picks: Sequence[Pick], order: Order | None) -> list[str]:
    if order is None or order.judged is None:
        unmeasured = [pick.language for pick in picks if not pick.gains]
        if not unmeasured:
            return ["What to expect is what was measured."]
        arms = ",".join(["alone", *(f"continued:{each}" for each in unmeasured)])
        said = "What it brings is not known before it is measured:"
        return [said, f"  sprachbund transfer CORPUS --arms {arms}"]
    first, best, middle = _brought(order)
    how = order.ranker.name + (", trained on your studies," if order.ranker.trained else ",")
    targets = len(set(order.judged.targets.tolist()))
    return [
        f"In your studies of {targets} targets the first of this order ({how} each target held out) brought "
        f"{first:+.1%} on average, the best candidate {best:+.1%}, one drawn blindly {middle:+.1%}."
    ]


def _brought(order: Order) -> tuple[float, float, float]:
    """What the first choice, the best and a candidate drawn blindly brought, means over lists."""
    assert order.judged is not None
    lists = order.table.lists()
    best = np.array([order.table.gains[rows].max() for rows in lists])
    middle = np.array([order.table.gains[rows].mean() for rows in lists])
    return float((best - order.judged.loss).mean()), float(best.mean()), float(middle.mean())


def _tried(tried: dict[str, list[Gain]]) -> list[str]:
    """What was measured and is not advised, the largest gains first; the rest is counted."""
    order = sorted(tried, key=lambda each: -max(gain.gain for gain in tried[each]))
    lines = [
        f"  not {_named(each)}: measured {'; '.join(_gain(gain) for gain in tried[each])}" for each in order[:_MOST]
    ]
    more = len(order) - _MOST
    return [*lines, f"  nor {more} more that were measured and did not surely gain"] if more > 0 else lines


def _gain(gain: Gain) -> str:
    ends = f" [{gain.low:+.1%}, {gain.high:+.1%}]" if np.isfinite([gain.low, gain.high]).all() else ""
    return f"{gain.gain:+.1%}{ends} in {gain.measure} ({gain.task}, study {gain.study}): {gain.verdict}"


def _counted(number: int) -> str:
    return "one candidate was" if number == 1 else f"{number} candidates were"


def _languages(found: Neighbours) -> list[str]:
    return [each.language for each in found.candidates]


def _of(measured: dict[str, list[Gain]], language: str) -> list[Gain]:
    return [gain for name, gains in measured.items() if _one(name, language) for gain in gains]


def _one(one: str, other: str) -> bool:
    try:
        return one == other or same_language(one, other)
    except LanguageError:
        return False


def _named(code: str) -> str:
    try:
        return f"{code} {find(code).name}"
    except LanguageError:
        return code


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"
