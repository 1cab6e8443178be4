"""Numbers and names as a reader sees them, the same in the page and on the terminal."""

import math
from typing import Any, TypeGuard

from sprachbund.statistics.comparison import BETTER, LEAKS, NO_DIFFERENCE, TOO_FEW, WORSE

MISSING = "–"

SIGNS = {BETTER: "▲", WORSE: "▼", NO_DIFFERENCE: "●", TOO_FEW: "■", LEAKS: "✕"}

TASKS = {
    "nsp": ("NSP", "next sentence prediction: given a sentence, find the one that follows it"),
    "ic": ("IC", "inverse cloze: given a sentence, find the sentences around the place where it stood"),
}

ARMS = (
    *("alone", "pooled", "control", "placebo", "bm25", "hybrid-alone", "hybrid-pooled"),
    *("bm25-around", "whole-alone", "whole-pooled"),
)
POOLS = ("unseen", "mixed", "paper-equal", "paper", "own")


def task_name(task: str) -> str:
    """``IC`` for ``ic``; a task that we do not know keeps its name."""
    return TASKS[task][0] if task in TASKS else task


def in_order(names: Any, known: tuple[str, ...]) -> list[str]:
    """``names`` without repeats: those we know in their fixed order, then the others as they sort."""
    found = {str(name) for name in names if name is not None}
    return [name for name in known if name in found] + sorted(found - set(known))


def fraction(value: float | None, digits: int = 3) -> str:
    """0.1234 as ``0.123``; nothing as a dash."""
    return MISSING if not known(value) else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 3) -> str:
    """0.1234 as ``+0.123``, with a true minus sign."""
    return MISSING if not known(value) else _minus(f"{value:+.{digits}f}")


def percent(value: float | None, digits: int = 1) -> str:
    """0.1234 as ``+12.3%``."""
    if value is not None and math.isinf(value):
        return "+∞" if value > 0 else "−∞"
    return MISSING if not known(value) else _minus(f"{100 * value:+.{digits}f}%")


def share(value: float | None, digits: int = 1) -> str:
    """0.1234 as ``12.3%``, for what has no sign."""
    return MISSING if not known(value) else f"{100 * value:.{digits}f}%"


def odds(chance: float | None) -> str:
    """0.002 as ``1 in 500``."""
    return MISSING if not known(chance) or not chance else f"1 in {1 / chance:,.0f}"


def span(low: float | None, high: float | None) -> str:
    """An interval of two percentages: ``−1.2% to +3.4%``."""
    return f"{percent(low)} to {percent(high)}"


def count(value: float | None) -> str:
    """12345 as ``12,345``; nothing as a dash."""
    return MISSING if not known(value) else f"{value:,.0f}"


def plain(value: Any) -> str:
    """Any value of a settings file as a reader would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {plain(item)}" for key, item in value.items())
    return MISSING if value is None else str(value)


def known(value: Any) -> TypeGuard[float]:
    """Whether ``value`` is a finite number."""
    return value is not None and math.isfinite(value)


def language_name(code: str) -> str | None:
    """The English name of a language code, or None where there is none."""
    from sprachbund.errors import LanguageError
    from sprachbund.languages import find

    try:
        return find(code).name
    except LanguageError:
        return None


def _minus(text: str) -> str:
    return text.replace("-", "−")
