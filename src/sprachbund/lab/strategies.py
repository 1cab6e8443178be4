"""Strategies: ways for languages to help each other, each a function from what is asked to a recipe.

    alone            the language's own text
    pooled           one model of the text of all languages (Arnold & Cohen 2021)
    mixed:3          pooled, the languages evened out: n examples count n^(1/3)
    mixed:es=0.5     the language's own text, and Spanish read half as often as once a pass
    continued:es     a model of Spanish goes on with the language's text; en+es is a chain; without a name it is the
                     model of all the other languages
    rows:es          only rows are carried over, each to the target's nearest in spelling; all else begins fresh
    frozen:es        continued, what is carried over kept still while the rest learns, then freed
    respelled:es     continued, but the Spanish was read in the language's words, as far as a table knows them
    longer:es        alone, with as many examples as the start and the target have together: what time alone brings
    control          pooled, and nothing is shared: what the settings of pooling bring by themselves
    placebo          pooled, and what is shared is shared wrongly; placebo:es is continued so

An arm is a strategy with what follows the colon. A new strategy is one row of `STRATEGIES`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import Carry, Options, Recipe, Share

__all__ = ["EVERYONE", "PAIRS", "STRATEGIES", "Arm", "Ask", "Strategy", "arms_of", "doing", "read_arm", "recipe_for"]

_WHOLE = Share()
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
        detail: what may follow the colon: "" nothing, "sources", "mixture".
    """

    name: str
    make: Callable[[Ask], Recipe | None]
    doing: str
    meaning: str
    needs: tuple[str, ...] = ()
    tuned: bool = True
    detail: str = ""


def _alone(ask: Ask) -> Recipe:
    return Recipe(ask.task, {ask.target: Share()}, ask.options_for(ask.options, (ask.target,)), ask.seed)


def _pooled(ask: Ask) -> Recipe:
    options = ask.options_for(ask.options, ask.languages)
    return Recipe(ask.task, dict.fromkeys(ask.languages, Share()), options, ask.seed)


def _mixed(ask: Ask) -> Recipe:
    if ask.arm.is_number:
        whole = sum(ask.sizes[language] for language in ask.languages)
        even = {language: ask.sizes[language] ** (1 / float(ask.arm.detail)) for language in ask.languages}
        text = {
            language: Share(round(even[language] / sum(even.values()) * whole / max(1, ask.sizes[language]), 6))
            for language in ask.languages
        }
    else:
        beside = {language: Share(passes) for language, passes in ask.arm.amounts.items() if language != ask.target}
        text = {ask.target: Share(), **beside}
    return Recipe(ask.task, text, ask.options_for(ask.options, tuple(text)), ask.seed)


def _start(ask: Ask, share: Share = _WHOLE) -> Recipe | None:
    """The model that an arm begins from: the chain that it names, or all other languages together."""
    if not ask.arm.sources:
        options = ask.options_for(ask.chosen.get(("pooled", EVERYONE), {}), ask.others)
        return Recipe(ask.task, dict.fromkeys(ask.others, share), options, ask.seed)
    if ask.target in ask.arm.sources:
        return None
    made: Recipe | None = None
    for language in ask.arm.sources:
        options = ask.options_for(ask.chosen.get(("alone", language), {}), (language,), made)
        made = Recipe(ask.task, {language: share}, options, ask.seed, start=made)
    return made


def _continued(ask: Ask, share: Share = _WHOLE) -> Recipe | None:
    start = _start(ask, share)
    if start is None:
        return None
    options = ask.options_for(ask.options, (ask.target,), start)
    return Recipe(ask.task, {ask.target: Share()}, options, ask.seed, start=start)


def _carried(ask: Ask, how: Carry) -> Recipe | None:
    made = _continued(ask)
    return made and replace(made, carry={ask.rows: how})


def _rows(ask: Ask) -> Recipe | None:
    made = _carried(ask, "near")
    fresh: dict[str, Carry] = dict.fromkeys(ask.body, "separate")
    return made and replace(made, carry={**made.carry, **fresh})


def _frozen(ask: Ask) -> Recipe | None:
    made = _continued(ask)
    return made and replace(made, frozen=ask.body or (ask.rows,))


def _respelled(ask: Ask) -> Recipe | None:
    return _continued(ask, Share(into=ask.target))


def _longer(ask: Ask) -> Recipe | None:
    sources = ask.arm.sources or ask.others
    if ask.target in sources:
        return None
    more = sum(ask.sizes[language] for language in sources) / max(1, ask.sizes[ask.target])
    return replace(_alone(ask), text={ask.target: Share(round(1 + more, 6))})


def _control(ask: Ask) -> Recipe:
    return replace(_pooled(ask), carry=dict.fromkeys((ask.rows, *ask.body), "separate"))


def _placebo(ask: Ask) -> Recipe | None:
    if ask.arm.sources:
        return _carried(ask, "permuted")
    return replace(_pooled(ask), carry={ask.rows: "permuted"})


STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy("alone", _alone, "training alone", "a model of the language's own text."),
        Strategy("pooled", _pooled, "pooling", "one model of the text of all languages together."),
        Strategy(
            "mixed", _mixed, "mixing {detail}",
            "one model of a mixture: a number evens the languages out, n examples counting n to the power of one over "
            "it; names with amounts are read beside the language's own text, so many times as often.",
            detail="mixture",
        ),
        Strategy(
            "continued", _continued, "continuing from {detail}",
            "a model that begins from one of the languages named, or of all others together, and goes on with the "
            "language's own text; its settings of shape are the start's.",
            needs=("alone", "pooled"), detail="sources",
        ),
        Strategy(
            "rows", _rows, "carrying rows over from {detail}",
            "only rows are carried over from such a start, each to what is spelled alike or nearest; the rest is "
            "fresh.",
            needs=("alone", "pooled"), detail="sources",
        ),
        Strategy(
            "frozen", _frozen, "continuing from {detail}, frozen at first,",
            "continued, but the carried body (the carried rows of a model without one) is kept still for half of the "
            "training, then freed.",
            needs=("alone", "pooled"), detail="sources",
        ),
        Strategy(
            "respelled", _respelled, "continuing from {detail} in its words",
            "continued, but what it begins from has read the other languages' text in the words of the language, as "
            "far as cognates or a dictionary know them.",
            needs=("alone", "pooled"), detail="sources",
        ),
        Strategy(
            "longer", _longer, "training as long as with {detail}",
            "alone, with as many examples in all as a start and the language have together: what time alone brings.",
            detail="sources",
        ),
        Strategy(
            "control", _control, "pooling without sharing",
            "pooled, but nothing is shared between languages: what the pooled settings bring by themselves.",
            needs=("pooled",), tuned=False,
        ),
        Strategy(
            "placebo", _placebo, "sharing wrongly",
            "pooled, or continued from the languages named, with what is shared permuted among the alike: sharing "
            "without meaning.",
            needs=("pooled",), detail="sources",
        ),
    )
}  # fmt: skip

PAIRS: tuple[tuple[str, str], ...] = (
    ("pooled", "alone"), ("mixed", "alone"), ("mixed", "pooled"), ("continued", "alone"), ("rows", "alone"),
    ("frozen", "alone"), ("respelled", "alone"), ("respelled", "continued"), ("continued", "pooled"),
    ("frozen", "continued"), ("continued", "longer"), ("longer", "alone"),
    ("pooled", "control"), ("pooled", "placebo"), ("continued", "placebo"), ("control", "alone"),
)  # fmt: skip
"""What is compared with what, for every kind; a kind adds its views and baselines. The first is what is asked."""


def read_arm(text: str) -> Arm:
    """An arm from its name.

    Raises:
        SettingsError: no strategy is called so, or what follows its colon cannot be.
    """
    name, colon, detail = text.strip().partition(":")
    strategy = STRATEGIES.get(name)
    if strategy is None:
        raise SettingsError(f"no arm is called {name or repr('')}; there are: {', '.join(STRATEGIES)}")
    arm = Arm(name, detail.strip())
    if colon and (not arm.detail or not strategy.detail):
        rather = f"{name}:es, with a language" if strategy.detail else name
        raise SettingsError(f"{text}: not an arm; write {rather}")
    if strategy.detail == "mixture":
        _require_mixture(arm)
    elif "=" in arm.detail:
        raise SettingsError(f"{text}: {name} takes languages without amounts, as {name}:es")
    return arm


def _require_mixture(arm: Arm) -> None:
    try:
        fits = float(arm.detail) > 0 if arm.is_number else bool(arm.detail) and min(arm.amounts.values()) > 0
    except ValueError:
        fits = False
    if not fits:
        raise SettingsError(
            f"{arm.name}: expected a temperature above 0, as mixed:3, or languages with amounts above 0, as "
            "mixed:es=0.5+en=0.1"
        )


def arms_of(names: Sequence[str], languages: Sequence[str]) -> tuple[Arm, ...]:
    """The arms of a study, in their order.

    Args:
        languages: that are trained on.

    Raises:
        SettingsError: an arm cannot be made, or needs another whose settings it takes.
    """
    arms = tuple(dict.fromkeys(map(read_arm, names)))
    if not arms:
        raise SettingsError(f"a study needs an arm, found none; there are: {', '.join(STRATEGIES)}")
    there = {arm.name for arm in arms}
    for arm in arms:
        strangers = [language for language in arm.sources if language not in languages]
        if strangers:
            raise SettingsError(
                f"{arm.name}: the study has no language {', '.join(strangers)}; it has {', '.join(languages)}"
            )
        for need in _needed(arm):
            if need not in there:
                raise SettingsError(f"the arm {arm.name} needs the arm {need}, whose settings it takes")
    return arms


def _needed(arm: Arm) -> tuple[str, ...]:
    """The strategies whose settings an arm takes."""
    needs = STRATEGIES[arm.strategy].needs
    if "sources" not in STRATEGIES[arm.strategy].detail:
        return needs
    if arm.sources:
        return ("alone",) if needs else ()
    return ("pooled",) if needs else ()


def recipe_for(ask: Ask) -> Recipe | None:
    """The recipe of an arm for a target; None where the target is not to have it."""
    return STRATEGIES[ask.arm.strategy].make(ask)


def doing(arm: Arm) -> str:
    """What an arm does, for claims: ``continuing from es``."""
    named = ", then ".join(arm.detail.split("+")) if arm.detail else "the other languages"
    return STRATEGIES[arm.strategy].doing.format(detail=named)
