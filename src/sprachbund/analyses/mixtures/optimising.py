"""One mixture for all languages: small runs, a regression over them, a proposal, and its confirmation on test.

Small runs are drawn around tempered mixtures and scored on dev. What the regression proposes is then judged on test
with seeds beside uniform, natural, tempered and UniMax mixtures, since a proxy that ranks well need not find a mixture
that is better: no method of this sort was shown to beat even sampling for sure (Chen et al. 2024, Aioli).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sprachbund.analyses.mixtures.mixing import MOST, drawn, natural, passes_of, tempered, unimax
from sprachbund.analyses.mixtures.proxy import KEPT, LEAST, SAMPLES, Proxy, best_mixture, fit_proxy, held_out
from sprachbund.analyses.mixtures.runs import Bench, Judged
from sprachbund.arrays import Float64
from sprachbund.errors import DivergenceError, SettingsError

__all__ = [
    "OPTIMISED",
    "RUNS_A_LANGUAGE",
    "Confirmed",
    "MixtureSettings",
    "Proposal",
    "confirm",
    "propose",
    "small_runs",
]

RUNS_A_LANGUAGE = 3
OPTIMISED = "optimised"
SMALLEST = 8
"""Runs at least, however few languages there are."""


@dataclass(frozen=True)
class MixtureSettings:
    """What analyses of mixtures can be told.

    Attributes:
        runs: small runs; 0 for three a language, which is also the least. part: of what pooling reads, in each.
        most: repetitions of a language in a pass over all. exponent: of the tempered mixture it is held against.
        samples, kept: mixtures that the regression looks at, and how many of the best make the proposal.
        seed: of what is drawn. weights: of languages in the mean that is to be best, 1 for those that are not named.
        shares: of a target, for its curve; the native one comes besides. temperatures: of the sweep; 0 stands for
            without end, that is uniform.
    """

    runs: int = 0
    part: float = 0.25
    most: float = MOST
    exponent: float = 0.3
    samples: int = SAMPLES
    kept: int = KEPT
    seed: int = 0
    weights: Mapping[str, float] = field(default_factory=dict)
    shares: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
    temperatures: tuple[float, ...] = (1.0, 2.0, 3.0, 5.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        rules = (
            (self.runs >= 0, "runs", "at least 0 (0 for three a language)"),
            (0 < self.part <= 1, "part", "above 0, at most 1"),
            (self.most >= 1, "most", "at least 1"),
            (0 <= self.exponent <= 1, "exponent", "from 0 to 1"),
            (1 <= self.kept <= self.samples, "kept", "from 1 to the samples"),
            (self.samples <= 1_000_000, "samples", "at most 1,000,000"),
            (self.seed >= 0, "seed", "at least 0"),
            (all(0 <= w < math.inf for w in self.weights.values()), "weights", "at least 0 each"),
            (bool(self.shares) and all(0 < share < 1 for share in self.shares), "shares", "between 0 and 1 each"),
            (bool(self.temperatures) and all(t == 0 or 1 <= t < math.inf for t in self.temperatures), "temperatures",
             "at least 1 each, or 0 for uniform"),
        )  # fmt: skip
        for holds, name, allowed in rules:
            if not holds:
                raise SettingsError(f"{name} of mixtures must be {allowed}, found {getattr(self, name)!s:.60}")


@dataclass(frozen=True)
class Proposal:
    """What the small runs say.

    Attributes:
        mixtures: of the runs, float64 [runs, languages]. scores: on dev, float64 [runs, languages judged].
        proxy: fitted to all of them. correlation: Spearman's on held-out runs, float64 [languages judged].
        mixture: that is proposed, float64 [languages]. diverged: runs that were left out.
    """

    mixtures: Float64
    scores: Float64
    proxy: Proxy
    correlation: Float64
    mixture: Float64
    diverged: int


@dataclass(frozen=True)
class Confirmed:
    """The proposal beside mixtures that need no search, on test.

    Attributes:
        mixtures: by name, float64 [languages] each; the proposal is ``optimised``.
    """

    mixtures: Mapping[str, Float64]
    judged: Judged

    def table(self, bench: Bench) -> pl.DataFrame:
        """A row a mixture and language: its share, and how often the language is read."""
        return mixture_table(bench, self.mixtures)


def mixture_table(bench: Bench, mixtures: Mapping[str, Float64]) -> pl.DataFrame:
    """A row a mixture and language: share, passes, training examples."""
    return pl.DataFrame(
        [
            {"mixture": name, "language": code, "share": float(w), "passes": float(times), "examples": int(size)}
            for name, own in mixtures.items()
            for code, w, times, size in zip(bench.languages, own, passes_of(own, bench.sizes), bench.sizes, strict=True)
        ]
    )


def small_runs(languages: int, settings: MixtureSettings) -> int:
    """How many small runs a search over so many languages has.

    Raises:
        SettingsError: fewer are asked for than it takes.
    """
    least = max(SMALLEST, RUNS_A_LANGUAGE * languages)
    if 0 < settings.runs < least:
        raise SettingsError(
            f"runs of mixtures must be at least {least}, {RUNS_A_LANGUAGE} a language, for {languages} languages; "
            f"found {settings.runs}"
        )
    return settings.runs or least


def propose(bench: Bench, settings: MixtureSettings | None = None) -> Proposal:
    """Run small models, fit, and propose a mixture.

    Raises:
        SettingsError: fewer runs are asked for than the languages take.
        DivergenceError: too many of them diverged.
    """
    settings = settings or MixtureSettings()
    count = small_runs(len(bench.languages), settings)
    weighting = _weighting(bench, settings)
    mixtures = drawn(bench.sizes, count, settings.seed, most=settings.most)
    scores = bench.on_dev("small runs of mixtures", mixtures, settings.part)
    sound = np.asarray(np.isfinite(scores).all(axis=1))
    if sound.sum() < max(LEAST + 1, count // 2):
        raise DivergenceError(
            f"{int((~sound).sum())} of {len(sound)} small runs of mixtures diverged; lower rate or scale"
        )
    mixtures, scores = mixtures[sound], scores[sound]
    proxy = fit_proxy(mixtures, scores)
    found = best_mixture(
        proxy, bench.sizes, direction=bench.measure.direction, weighting=weighting,
        samples=settings.samples, kept=settings.kept, most=settings.most, seed=settings.seed,
    )  # fmt: skip
    return Proposal(mixtures, scores, proxy, held_out(mixtures, scores, settings.seed), found, int((~sound).sum()))


def _weighting(bench: Bench, settings: MixtureSettings) -> Float64:
    given = settings.weights
    if strangers := sorted(set(given) - set(bench.plan.judged)):
        raise SettingsError(
            f"weights of mixtures name {', '.join(strangers)}, but judged are {', '.join(bench.plan.judged)}"
        )
    found = np.array([float(given.get(code, 1.0)) for code in bench.plan.judged])
    if not found.sum():
        raise SettingsError("the weights of mixtures sum to 0; give a language more")
    return found


def others(bench: Bench, settings: MixtureSettings) -> dict[str, Float64]:
    """The mixtures that need no search."""
    sizes = bench.sizes
    return {
        "uniform": tempered(sizes, 0.0),
        "natural": natural(sizes),
        "temperature": tempered(sizes, settings.exponent),
        "unimax": unimax(sizes, most=settings.most),
    }


def confirm(bench: Bench, mixture: Float64, settings: MixtureSettings | None = None) -> Confirmed:
    """Judge a mixture on test, with the plan's seeds, against those that need no search."""
    known = others(bench, settings or MixtureSettings())
    mixtures = {OPTIMISED: mixture, **known}
    pairs = [(OPTIMISED, name) for name in known]
    return Confirmed(mixtures, bench.on_test("mixtures on test", mixtures, pairs))
