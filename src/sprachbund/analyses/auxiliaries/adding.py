"""What auxiliaries bring as there are more of them, and as one of them has more text.

A model is pooled of all of the target's text and of its auxiliaries', each read once a pass, as the strategy `pooled`
does: so it reads more examples the more auxiliaries there are, and takes longer. The control *own* takes as long: it
reads the target's own text again until it has had as many examples as the model with the nearest auxiliaries. Settings
are as they are; nothing is chosen by dev, so that a curve has no best point that chance made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sprachbund.analyses.auxiliaries.orders import prefixes
from sprachbund.analyses.auxiliaries.settings import ALL, FARTHEST, NEAREST, AuxiliarySettings
from sprachbund.analyses.mixtures.runs import Bench, Judged
from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import Recipe, Share, check_recipe
from sprachbund.lab.strategies import EVERYONE

__all__ = ["ALONE", "COUNT", "OWN", "PART", "Adding", "Curves", "Point", "add_all", "points_of", "rivals"]

ALONE, OWN = "alone", "own"
COUNT, PART = "count", "part"
DIGITS = 6
Training = tuple[Recipe, tuple[str, ...]]


@dataclass(frozen=True)
class Adding:
    """Targets, and what may be added to each.

    Attributes:
        near: by target its auxiliaries, the nearest first. pivots: whose amount of text is varied besides.
        amounts: by language its training text, in the unit that a recipe cuts by: sentences, characters.
    """

    bench: Bench
    near: Mapping[str, Sequence[str]]
    amounts: Mapping[str, int]
    settings: AuxiliarySettings = field(default_factory=AuxiliarySettings)
    pivots: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a target without auxiliaries."""
        if without := [target for target, others in self.near.items() if not others]:
            raise SettingsError(f"{without[0]} has no auxiliary: name languages that may help it")
        if not self.near:
            raise SettingsError("auxiliaries are added to a target: name one")

    @property
    def targets(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(self.near)

    @property
    def most(self) -> int:
        """Auxiliaries that every target has."""
        return min(map(len, self.near.values()))

    @property
    def counts(self) -> tuple[int, ...]:
        """How many are added, rising; those that are more than there are stand for all."""
        return tuple(sorted({self.most if count == ALL else min(count, self.most) for count in self.settings.counts}))

    def text(self, code: str, part: float = 1.0) -> tuple[Share, float]:
        """The share of an auxiliary's text, and how many examples that is, about."""
        whole = self.amounts[code]
        kept = min(whole, self.settings.text or whole)
        taken = max(1, round(kept * part))
        size = float(self.bench.sizes[self.bench.languages.index(code)])
        return (Share(), size) if taken >= whole else (Share(sentences=taken), size * taken / whole)


@dataclass(frozen=True)
class Point:
    """A point of a curve.

    Attributes:
        curve: ``count`` or ``part``. series: the order, the auxiliary that is cut (``nearest``, ``farthest``, ``pivot
            en``), or ``own``. at: how many, or which part of its text.
        trainings: of the arm. examples: by target how many a pass reads, the mean over random orders.
        auxiliaries: by target, those of each order joined by +.
    """

    curve: str
    series: str
    at: float
    trainings: tuple[Training, ...]
    examples: Mapping[str, float]
    auxiliaries: Mapping[str, str]

    @property
    def name(self) -> str:
        """Of the arm: ``nearest 2``, ``own 1/4 of nearest``."""
        return f"{self.series} {self.at:g}" if self.curve == COUNT else f"{self.series}, {self.at:g} of its text"


def points_of(adding: Adding) -> list[Point]:
    """The points of both curves, with a control for each number of auxiliaries and each part."""
    found = []
    settings = adding.settings
    for count in adding.counts:
        for order in settings.orders:
            chosen = {
                target: prefixes(near, order, count, settings.shuffles, (settings.seed, adding.targets.index(target)))
                for target, near in adding.near.items()
            }
            found.append(_point(adding, COUNT, order, count, chosen))
        like = {target: near[:count] for target, near in adding.near.items()}
        found.append(_own(adding, COUNT, OWN, count, like, 1.0))
    for part in sorted(set(settings.parts)):
        for series, one in _ones(adding).items():
            found.append(_point(adding, PART, series, part, {target: [(code,)] for target, code in one.items()}, part))
            if series == NEAREST:
                like = {target: (code,) for target, code in one.items()}
                found.append(_own(adding, PART, OWN, part, like, part))
    return found


def _ones(adding: Adding) -> dict[str, dict[str, str]]:
    """By series the one auxiliary of each target whose text is cut."""
    found = {NEAREST: {target: near[0] for target, near in adding.near.items()}}
    if adding.most > 1:
        found[FARTHEST] = {target: near[-1] for target, near in adding.near.items()}
    return found | {f"pivot {code}": dict.fromkeys(adding.near, code) for code in adding.pivots}


def alone(adding: Adding) -> list[Training]:
    """The targets without any auxiliary."""
    return [
        (_recipe(adding, {target: Share()}, seed), (target,))
        for target in adding.targets
        for seed in _seeds(adding)
    ]  # fmt: skip


def _seeds(adding: Adding) -> range:
    return range(1, adding.bench.plan.seeds + 1)


def _recipe(adding: Adding, text: Mapping[str, Share], seed: int) -> Recipe:
    bench = adding.bench
    mixed = len(text) > 1 and "mixture" in bench.kind.declaration.mixture_options
    made = Recipe(bench.task, text, {"mixture": "natural", "weights": {}} if mixed else {}, seed)
    check_recipe(made, bench.kind.declaration.parts)
    return made


def _size(adding: Adding, code: str) -> float:
    return float(adding.bench.sizes[adding.bench.languages.index(code)])


def _point(
    adding: Adding, curve: str, series: str, at: float, chosen: Mapping[str, Sequence[Sequence[str]]], part: float = 1.0
) -> Point:
    trainings, examples = [], {}
    for target, orders in chosen.items():
        read = []
        for others in orders:
            texts = {code: adding.text(code, part) for code in others}
            text = {target: Share(), **{code: share for code, (share, _) in texts.items()}}
            trainings += [(_recipe(adding, text, seed), (target,)) for seed in _seeds(adding)]
            read.append(_size(adding, target) + sum(size for _, size in texts.values()))
        examples[target] = sum(read) / len(read)
    named = {target: " | ".join("+".join(others) for others in orders) for target, orders in chosen.items()}
    return Point(curve, series, at, tuple(trainings), examples, named)


def _own(adding: Adding, curve: str, series: str, at: float, like: Mapping[str, Sequence[str]], part: float) -> Point:
    """As many examples of the target's own text as a model with some auxiliaries reads."""
    trainings, examples = [], {}
    for target, others in like.items():
        size = _size(adding, target)
        examples[target] = size + sum(adding.text(code, part)[1] for code in others)
        text = {target: Share(round(examples[target] / max(1.0, size), DIGITS))}
        trainings += [(_recipe(adding, text, seed), (target,)) for seed in _seeds(adding)]
    return Point(curve, series, at, tuple(trainings), examples, dict.fromkeys(like, ""))


@dataclass(frozen=True)
class Curves:
    """Both curves, judged on test.

    Attributes:
        table: a row a point, target (and ``(all)``) and pool: score, gain over alone with its interval, verdict.
        judged: results and comparisons of all arms.
    """

    points: tuple[Point, ...]
    table: pl.DataFrame
    judged: Judged


def add_all(adding: Adding) -> Curves:
    """Train and judge every point with every seed.

    Raises:
        DivergenceError: a training did.
    """
    points = points_of(adding)
    arms = {ALONE: alone(adding), **{point.name: list(point.trainings) for point in points}}
    pairs = [(point.name, ALONE) for point in points]
    pairs += [(one.name, other.name) for one, other in rivals(points)]
    judged = adding.bench.judged("auxiliaries on test", arms, pairs)
    return Curves(tuple(points), _table(adding, points, judged), judged)


def rivals(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """What is compared besides: every order with the control, the nearest with the farthest, many of them with few."""
    found = []
    for one in points:
        for other in points:
            same = one.curve == other.curve and one.at == other.at and one.series != other.series
            beside = same and (other.series == OWN or (one.series, other.series) == (NEAREST, FARTHEST))
            fewest = min(point.at for point in points if point.curve == one.curve)
            series = {one.series, other.series} == {NEAREST} and one.curve == other.curve
            if beside or (series and one.at > other.at == fewest):
                found.append((one, other))
    return found


def _table(adding: Adding, points: Sequence[Point], judged: Judged) -> pl.DataFrame:
    _bench, measure = adding.bench, adding.bench.measure
    mine = (pl.col("measure") == measure.name) & (
        pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k
    )
    compared = judged.comparisons.filter(mine & (pl.col("against") == ALONE))
    scores = judged.results.filter(mine).group_by("arm", "language", "pool").agg(pl.col("value").mean())
    sign = 1.0 if measure.direction == "higher" else -1.0
    rows = []
    for point in points:
        for row in compared.filter(arm=point.name).iter_rows(named=True):
            code = row["language"]
            everyone = code == EVERYONE
            low, high = (sign * row[end] for end in (("low", "high") if sign > 0 else ("high", "low")))
            own = scores.filter(arm=point.name, language=code, pool=row["pool"])["value"]
            read = sum(point.examples.values()) if everyone else point.examples[code]
            native = sum(_size(adding, each) for each in adding.targets) if everyone else _size(adding, code)
            rows.append(
                {
                    "target": code, "curve": point.curve, "series": point.series, "at": float(point.at),
                    "auxiliaries": "" if everyone else point.auxiliaries[code], "pool": row["pool"],
                    "examples": read, "times": read / max(1.0, native), "score": own[0] if len(own) else None,
                    "gain": sign * row["relative"], "low": low, "high": high, "verdict": row["verdict"],
                }
            )  # fmt: skip
    numbers = ("score", "gain", "low", "high", "examples", "times")
    frame = pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64))
    return frame if len(adding.targets) > 1 else frame.filter(pl.col("target") != EVERYONE)
