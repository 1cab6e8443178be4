"""Strategies: ways for languages to help each other, each a function from what is asked to a recipe.

    alone            the language's own text
    pooled           one model of the text of all languages (Arnold & Cohen 2021)
    mixed:3          pooled, the languages evened out: n examples count n^(1/3)
    mixed:es=0.5     the language's own text, and Spanish read half as often as once a pass
    continued:es     a model of Spanish goes on with the language's text; en+es is a chain; without a name it is the
                     model of all the other languages
    rows:es          only rows are carried over, each to the target's nearest in spelling; all else begins fresh
    frozen:es        continued, what is carried over kept still while the rest learns, then freed
    dropped:es       continued, but the upper layers and the rows begin fresh: what lies beneath is carried over
    respelled:es     continued, but the Spanish was read in the language's words, as far as a table knows them
    longer:es        alone, with as many examples as the start and the target have together: what time alone brings
    synthetic        alone, with what is synthetic of the language beside its own, in as many steps
    censored:en+tr   with English and with Turkish, of which all is taken out that the target has too: what that brings
                     can only come by way of English. pivoted, repeated, severed, joined:en+tr are its controls;
                     begun_censored:en+tr begins from English and such Turkish, begun and begun_severed likewise
    begun_joined:es+en  begins from one model of Spanish and English, pooled; continued:es+en has one after the other
    control          pooled, and nothing is shared: what the settings of pooling bring by themselves
    placebo          pooled, and what is shared is shared wrongly; placebo:es is continued so

An arm is a strategy with what follows the colon. A new strategy is one row of `STRATEGIES`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from sprachbund.errors import SettingsError
from sprachbund.lab.asking import EVERYONE, Arm, Ask, Strategy
from sprachbund.lab.recipe import Carry, Recipe, Share

__all__ = [
    "CENSORED",
    "EVERYONE",
    "PAIRS",
    "STRATEGIES",
    "Arm",
    "Ask",
    "Strategy",
    "arms_of",
    "doing",
    "read_arm",
    "recipe_for",
]

_WHOLE = Share()


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


def _dropped(ask: Ask) -> Recipe | None:
    if len(ask.body) < 2:
        raise SettingsError(f"{ask.arm.name}: a model of this kind has no upper layers to drop; leave the arm out")
    made = _continued(ask)
    return made and replace(made, carry={ask.body[-1]: "separate", ask.rows: "separate"})


def _respelled(ask: Ask) -> Recipe | None:
    return _continued(ask, Share(into=ask.target))


def _longer(ask: Ask) -> Recipe | None:
    sources = ask.arm.sources or ask.others
    if ask.target in sources:
        return None
    more = sum(ask.sizes[language] for language in sources) / max(1, ask.sizes[ask.target])
    return replace(_alone(ask), text={ask.target: Share(round(1 + more, 6))})


def _synthetic(ask: Ask) -> Recipe:
    return replace(_alone(ask), text={ask.target: Share(synthetic=True)})


def _beside(ask: Ask, how: str, target: bool = True) -> Recipe | None:
    """The text of the pivots, of the last language as ``how`` says, and of the target."""
    *pivots, auxiliary = ask.arm.sources
    if ask.target in ask.arm.sources:
        return None
    passes = 1.0
    if how == "repeated":  # as many examples as with the auxiliary
        passes += ask.sizes[auxiliary] / max(1, sum(ask.sizes[pivot] for pivot in pivots))
    text = {ask.target: Share()} if target else {}
    text |= dict.fromkeys(pivots, Share(round(passes, 6)))
    if how not in ("pivoted", "repeated"):
        without = {"joined": (), "censored": (ask.target,), "severed": (ask.target, *pivots)}[how]
        text[auxiliary] = Share(without=tuple(sorted(without)))
    return Recipe(ask.task, text, ask.options_for(ask.options, tuple(text)), ask.seed)


def _begun(ask: Ask, how: str) -> Recipe | None:
    """The target's text alone, after a model of what `_beside` has besides."""
    start = _beside(ask, how, target=False)
    if start is None:
        return None
    return Recipe(
        ask.task, {ask.target: Share()}, ask.options_for(ask.options, (ask.target,), start), ask.seed, start=start
    )


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
            "dropped", _dropped, "continuing from {detail}, upper layers dropped,",
            "continued, but the upper layers and the rows begin fresh: only what lies beneath is carried over.",
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
            "synthetic", _synthetic, "adding synthetic examples",
            "alone, with synthetic examples of the language beside its own, in as many steps as alone: each of its own "
            "is met less often.",
        ),
        Strategy(
            "pivoted", partial(_beside, how="pivoted"), "adding the pivots of {detail}",
            "one model of the language and the pivots, all languages named but the last.", detail="pivots",
        ),
        Strategy(
            "repeated", partial(_beside, how="repeated"), "reading the pivots of {detail} more",
            "the language and the pivots, these read as much more as the last language named has text.",
            detail="pivots",
        ),
        Strategy(
            "censored", partial(_beside, how="censored"), "adding {detail}, the last one censored,",
            "one model of the language, the pivots and the last language named, out of whose text all features are "
            "taken that the language has too: what it brings comes by way of the pivots.", detail="pivots",
        ),
        Strategy(
            "severed", partial(_beside, how="severed"), "adding {detail}, the last one cut off,",
            "censored, and all features are taken out that the pivots have too: the link is cut.", detail="pivots",
        ),
        Strategy(
            "joined", partial(_beside, how="joined"), "adding {detail}",
            "one model of the language and of all languages named, as they are.", detail="pivots",
        ),
        Strategy(
            "begun", partial(_begun, how="pivoted"), "continuing from the pivots of {detail}",
            "a model of the pivots goes on with the language's own text.", detail="pivots",
        ),
        Strategy(
            "begun_joined", partial(_begun, how="joined"), "continuing from one model of {detail}",
            "one model of all languages named goes on with the language's own text.", detail="pivots",
        ),
        Strategy(
            "begun_censored", partial(_begun, how="censored"), "continuing from {detail}, the last one censored,",
            "a model of the pivots and of the last language named, censored, goes on with the language's own text.",
            detail="pivots",
        ),
        Strategy(
            "begun_severed", partial(_begun, how="severed"), "continuing from {detail}, the last one cut off,",
            "begun_censored, and the link to the pivots is cut.", detail="pivots",
        ),
        Strategy(
            "control", _control, "pooling without sharing",
            "pooled, but nothing is shared between languages: what the pooled settings bring by themselves.",
            needs=("pooled",), tuned=False,
        ),
        Strategy(
            "placebo", _placebo, "sharing {detail} wrongly",
            "pooled, or continued from the languages named, with what is shared permuted among the alike: sharing "
            "without meaning.",
            needs=("pooled",), detail="sources",
        ),
    )
}  # fmt: skip

CENSORED = ("censored", "severed", "begun_censored", "begun_severed")
"""Strategies that take n-grams out of a language's text."""

PAIRS: tuple[tuple[str, str], ...] = (
    ("pooled", "alone"), ("mixed", "alone"), ("mixed", "pooled"), ("continued", "alone"), ("rows", "alone"),
    ("frozen", "alone"), ("respelled", "alone"), ("respelled", "continued"), ("continued", "pooled"),
    ("frozen", "continued"), ("dropped", "alone"), ("dropped", "continued"),
    ("continued", "longer"), ("longer", "alone"), ("synthetic", "alone"),
    ("pooled", "control"), ("pooled", "placebo"), ("continued", "placebo"), ("control", "alone"),
    ("pivoted", "alone"), ("censored", "pivoted"), ("censored", "repeated"), ("censored", "severed"),
    ("severed", "pivoted"), ("repeated", "pivoted"), ("joined", "pivoted"), ("joined", "censored"),
    ("begun", "alone"), ("begun_joined", "alone"),
    ("begun_censored", "begun"), ("begun_censored", "begun_severed"), ("begun_severed", "begun"),
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
    elif strategy.detail == "pivots" and len(set(arm.sources)) < 2:
        raise SettingsError(f"{text}: expected a pivot and a language that helps by way of it, as {name}:en+tr")
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
    strategy = STRATEGIES[arm.strategy]
    between = " and " if strategy.detail == "pivots" else ", then "
    named = between.join(arm.detail.split("+")) if arm.detail else "the other languages"
    return strategy.doing.format(detail=named)
