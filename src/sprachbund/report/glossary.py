"""What every term of the page means, to stand where the term is used: the kind's own words and those of every kind."""

from collections.abc import Sequence

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.seen import seen
from sprachbund.lab.strategies import STRATEGIES
from sprachbund.report.markup import Markup, details, element
from sprachbund.report.sections import verdict_mark
from sprachbund.report.wording import enough_parts
from sprachbund.statistics.comparison import BETTER, LEAKS, NO_DIFFERENCE, TOO_FEW, VERDICTS, WORSE

Terms = tuple[tuple[str, str], ...]
"""(term, meaning)."""


def measure_words(declaration: Declaration) -> Terms:
    """The kind's own terms, and its measures where lower is better."""
    lower = [
        m.title for m in declaration.measures if m.direction == "lower" and m.title not in (declaration.glossary or {})
    ]
    return (*(declaration.glossary or {}).items(), *((title, "lower is better.") for title in lower))


def task_words(declaration: Declaration) -> Terms:
    """Its tasks."""
    return tuple((task.title, f"{task.meaning}.") for task in declaration.tasks)


def pool_words(declaration: Declaration, *names: str) -> Terms:
    """Its pools, or some of them."""
    return tuple((pool.name, pool.meaning) for pool in declaration.pools if not names or pool.name in names)


def difference_words(declaration: Declaration) -> Terms:
    """What stands in every cell of a comparison."""
    items = "" if declaration.item == declaration.document else f", then of their {declaration.item.many}"
    return (
        ("relative difference", "(arm − other) / other, from the means; the absolute one stands beside it."),
        ("interval", f"95%, from draws of {declaration.document.many} with replacement{items}; both arms share each."),
    )


def holm_words() -> Terms:
    """The correction over languages."""
    meaning = (
        "with many languages some look better by luck; Holm’s correction holds the chance of one false claim or more "
        "under 5%."
    )
    return (("Holm", meaning),)


def verdict_words(declaration: Declaration, *names: str) -> Terms:
    """The verdicts, or some of them, as the measure that decides has them."""
    better, worse = ("above", "below") if declaration.measures[0].direction == "higher" else ("below", "above")
    meanings = {
        BETTER: f"the interval of the absolute difference lies {better} zero.",
        WORSE: f"it lies {worse} zero.",
        NO_DIFFERENCE: "it holds zero. That is no proof of equality: hover over the cell for the smallest effect that "
        "could have been seen.",
        TOO_FEW: f"under {' or '.join(reversed(enough_parts(declaration)))}: no claim either way.",
        LEAKS: "the null test failed: the pool tells what was trained on from what was not, so no claim is made.",
    }
    there = [name for name in VERDICTS if name != LEAKS or declaration.null is not None]
    return tuple((name, meanings[name]) for name in there if not names or name in names)


def arm_words(declaration: Declaration, arms: Sequence[str]) -> Terms:
    """The arms of a study; one term stands for those of one strategy, or of one view: ``hybrid-alone, -pooled``."""
    told = {arm: seen(arm, declaration) for arm in arms}
    found: list[tuple[str, str]] = []
    for name in dict.fromkeys(one.strategy for one in told.values() if one.strategy and not one.view):
        alike = [arm for arm, one in told.items() if one.strategy == name and not one.view]
        found.append((", ".join(alike), STRATEGIES[name].meaning))
    found += [(baseline.name, baseline.meaning) for baseline in declaration.baselines if baseline.name in arms]
    for view in declaration.views:
        alike = [arm.removeprefix(view.name) for arm, one in told.items() if one.view == view.name]
        if alike:
            found.append((f"{view.name}{', '.join(alike)}", view.meaning))
    return tuple(found)


def terms(summary: str, *entries: tuple[str, str]) -> Markup:
    """The definitions of some terms, folded."""
    written = [
        element("dt", verdict_mark(name) if name in VERDICTS else name) + element("dd", meaning)
        for name, meaning in dict.fromkeys(entries)
    ]
    return details(summary, element("dl", [Markup(entry) for entry in written], class_="glossary"))
