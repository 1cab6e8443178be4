"""What a strategy is, and what it is asked for: an arm, a target, the languages that there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sprachbund.lab.recipe import Options, Recipe

__all__ = ["EVERYONE", "Arm", "Ask", "Strategy"]

EVERYONE = "(all)"
"""What stands for all languages: a unit of tuning, and the row of their geometric mean."""


@dataclass(frozen=True)
class Arm:
    """A strategy and its detail, ``continued`` and ``es``."""

    strategy: str
    detail: str = ""

    @property
    def name(self) -> str:
        """As tables and the command line have it."""
        return f"{self.strategy}:{self.detail}" if self.detail else self.strategy

    @property
    def sources(self) -> tuple[str, ...]:
        """The languages that its detail names."""
        if self.is_number:
            return ()
        return tuple(part.partition("=")[0] for part in self.detail.split("+") if part)

    @property
    def is_number(self) -> bool:
        """Whether the detail is a temperature."""
        return self.detail.replace(".", "", 1).isdecimal()

    @property
    def amounts(self) -> dict[str, float]:
        """The passes over each language that the detail names."""
        parts = (part.partition("=") for part in self.detail.split("+") if part)
        return {language: float(amount) if sign else 1.0 for language, sign, amount in parts}


@dataclass(frozen=True)
class Ask:
    """What a strategy is asked for.

    Attributes:
        arm: its own. task, target, languages: of the study; a model is made for the target.
        options: that a trial tries or dev chose. seed: of the training.
        sizes: training examples by language.
        chosen: (strategy, language or EVERYONE) to the options that dev chose, for starts.
        rows, body: the parts of a model, see the kind's declaration; so are mixture_options and shape_options.
    """

    arm: Arm
    task: str
    target: str
    languages: tuple[str, ...]
    options: Options
    seed: int
    sizes: Mapping[str, int]
    chosen: Mapping[tuple[str, str], Options]
    rows: str
    body: tuple[str, ...] = ()
    mixture_options: tuple[str, ...] = ()
    shape_options: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """All languages but the target."""
        return tuple(language for language in self.languages if language != self.target)

    def options_for(self, options: Options, languages: Sequence[str], start: Recipe | None = None) -> dict[str, Any]:
        """Options without those of mixtures for one language; a start's shape is that of all that follows it."""
        left = self.mixture_options if len(languages) == 1 else ()
        if start is None:
            return {name: value for name, value in options.items() if name not in left}
        own = {name: v for name, v in options.items() if name not in left and name not in self.shape_options}
        return own | {name: value for name, value in start.options.items() if name in self.shape_options}


@dataclass(frozen=True)
class Strategy:
    """One way for languages to help each other.

    Attributes:
        make: from what is asked to a recipe; None where the target is not to have this arm.
        doing: for claims, "pooling", with ``{detail}`` where there is one. meaning: for the glossary.
        needs: strategies whose settings it takes, tuned before it. tuned: whether it has trials of its own.
        detail: what may follow the colon: "" nothing, "sources", "mixture", "pivots" (and the language behind them).
    """

    name: str
    make: Callable[[Ask], Recipe | None]
    doing: str
    meaning: str
    needs: tuple[str, ...] = ()
    tuned: bool = True
    detail: str = ""
