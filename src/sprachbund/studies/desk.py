"""What there is to do in a study: its plan, the trials of every arm, and what is judged in the end.

One list serves the study that does the work and the outlook that only says what is left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sprachbund.errors import SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Options, Recipe, check_recipe
from sprachbund.lab.seam import Kind
from sprachbund.lab.strategies import EVERYONE, STRATEGIES, Arm, Ask, arms_of, recipe_for

__all__ = [
    "DIVERGED",
    "Chosen",
    "Desk",
    "Final",
    "Plan",
    "Trial",
    "check_arms",
    "desk_of",
    "finals_of",
    "settle",
    "settle_single",
    "trials_of",
]

DIVERGED = float("nan")
"""The score of a trial that diverged: it loses against every other."""

Chosen = dict[tuple[str, str, str], Options]


@dataclass(frozen=True)
class Plan:
    """What a study compares.

    Attributes:
        tasks, pools: of the kind. languages: whose text there is. arms: see `strategies`.
        targets: languages that are judged, all if empty.
        trials: settings that every arm tries. seeds: trainings of each chosen setting. tuning_seed: of the trials.
    """

    tasks: tuple[str, ...]
    languages: tuple[str, ...]
    arms: tuple[str, ...]
    pools: tuple[str, ...]
    targets: tuple[str, ...] = ()
    trials: int = 12
    seeds: int = 3
    tuning_seed: int = 0

    @property
    def unsure(self) -> tuple[str, ...]:
        """The warning that verdicts need where arms that are trained by chance are trained once."""
        once = "Every arm was trained once: intervals do not know how trainings differ, and claims want three seeds."
        return (once,) if self.seeds == 1 else ()

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if self.trials < 1 or self.seeds < 1:
            raise SettingsError(f"trials and seeds must be at least 1, found {self.trials} and {self.seeds}")
        strangers = [language for language in self.targets if language not in self.languages]
        if strangers:
            raise SettingsError(
                f"the study has no language {', '.join(strangers)} to judge; it has {', '.join(self.languages)}"
            )
        arms_of(self.arms, self.languages)

    @property
    def judged(self) -> tuple[str, ...]:
        """The languages that are judged."""
        return self.targets or self.languages


@dataclass(frozen=True)
class Trial:
    """One trial: an arm's options and its mean score on dev; ``language`` is ``(all)`` for a model that serves all.

    The score of one that diverged is `DIVERGED`.
    """

    task: str
    arm: str
    language: str
    number: int
    options: Options
    score: float


@dataclass(frozen=True)
class Desk:
    """What the steps of a study share.

    Attributes:
        sizes: training examples by task and language. chosen: what dev has chosen so far.
    """

    kind: Kind
    plan: Plan
    sizes: Mapping[tuple[str, str], int]
    arms: tuple[Arm, ...]
    chosen: Chosen = field(default_factory=dict)

    def recipe(self, arm: Arm, task: str, target: str, options: Options, seed: int) -> Recipe | None:
        """The recipe of an arm for a target; None where the target does not have the arm."""
        declared = self.kind.declaration
        made = recipe_for(
            Ask(
                arm,
                task,
                target,
                self.plan.languages,
                options,
                seed,
                {language: self.sizes[task, language] for language in self.plan.languages},
                {(name, unit): own for (of, name, unit), own in self.chosen.items() if of == task},
                declared.rows,
                declared.body,
                declared.mixture_options,
                declared.shape_options,
            )
        )
        if made is not None:
            check_recipe(made, declared.parts)
        return made

    def effort(self, recipe: Recipe) -> float:
        """How long a recipe takes, see the seam."""
        return self.kind.effort(recipe, {code: self.sizes[recipe.task, code] for code in recipe.text})

    def units(self, arm: Arm, task: str, targets: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
        """What is tuned together: (name, languages); one unit of all where one model serves all."""
        made = [self.recipe(arm, task, language, {}, 0) for language in self.plan.languages]
        targets = tuple(targets)
        if len(made) > 1 and made[0] is not None and made[0] == made[1]:
            return [(EVERYONE, targets)]
        there = {language for language, recipe in zip(self.plan.languages, made, strict=True) if recipe is not None}
        return [(target, (target,)) for target in targets if target in there]

    def begins(self, arm: Arm, task: str) -> bool:
        """Whether an arm begins from the models of others."""
        made = (self.recipe(arm, task, language, {}, 0) for language in self.plan.languages)
        return any(recipe is not None and recipe.start is not None for recipe in made)


def desk_of(kind: Kind, plan: Plan) -> Desk:
    """The desk at the beginning of a study.

    Raises:
        SettingsError: the kind has not an arm.
    """
    sizes = {(task, language): kind.size(task, language) for task in plan.tasks for language in plan.languages}
    check_arms(plan, kind.declaration)
    return Desk(kind, plan, sizes, arms_of(plan.arms, plan.languages))


def check_arms(plan: Plan, declaration: Declaration) -> None:
    """Refuse arms that a kind of model has not.

    Raises:
        SettingsError: names the arm and why.
    """
    for arm in arms_of(plan.arms, plan.languages):
        if why := (declaration.refuses or {}).get(arm.strategy):
            raise SettingsError(f"{arm.name}: {why}; leave the arm out")


def settle(desk: Desk, own: Chosen) -> None:
    """Take what dev chose; arms that have no trials of their own take the options of pooled."""
    for (task, name, unit), options in list(own.items()):
        if name == "pooled":
            own = own | {(task, arm.name, unit): options for arm in desk.arms if not STRATEGIES[arm.strategy].tuned}
    desk.chosen.update(own)


def trials_of(desk: Desk, starting: bool) -> list[tuple[Trial, Recipe, tuple[str, ...]]]:
    """Every trial of the tuned arms that begin from others, or of those that do not; trials alike share a run."""
    plan, found = desk.plan, []
    named = {language for arm in desk.arms for language in arm.sources}
    for task in plan.tasks:
        for number, options in enumerate(desk.kind.trials(plan.trials)):
            for arm in desk.arms:
                if not STRATEGIES[arm.strategy].tuned or desk.begins(arm, task) != starting:
                    continue
                # a language that others start from needs settings of its own, judged or not
                also = sorted(named - set(plan.judged)) if arm.name == "alone" else []
                for unit, languages in desk.units(arm, task, (*plan.judged, *also)):
                    recipe = desk.recipe(arm, task, languages[0], options, plan.tuning_seed)
                    if recipe is not None:
                        trial = Trial(task, arm.name, unit, number, recipe.options, DIVERGED)
                        found.append((trial, recipe, languages))
    return found


def settle_single(desk: Desk, tried: list[tuple[Trial, Recipe, tuple[str, ...]]]) -> bool:
    """Take the only trial of each arm, where one is all there is: nothing is chosen, so nothing is trained for it."""
    if desk.plan.trials > 1:
        return False
    settle(desk, {(trial.task, trial.arm, trial.language): trial.options for trial, _, _ in tried})
    return True


@dataclass(frozen=True)
class Final:
    """A model that is judged: of an arm and a seed, for a unit (a language, or all) of so many languages.

    Attributes:
        settled: whether dev has chosen its options; the recipe has none until then.
    """

    arm: str
    unit: str
    recipe: Recipe
    languages: tuple[str, ...]
    settled: bool


def finals_of(desk: Desk) -> list[Final]:
    """What is judged: every arm, seed and unit."""
    plan, found = desk.plan, []
    for task in plan.tasks:
        for seed in range(1, plan.seeds + 1):
            for arm in desk.arms:
                for unit, languages in desk.units(arm, task, plan.judged):
                    options = desk.chosen.get((task, arm.name, unit))
                    recipe = desk.recipe(arm, task, languages[0], options or {}, seed)
                    if recipe is not None:
                        found.append(Final(arm.name, unit, recipe, languages, options is not None))
    return found
