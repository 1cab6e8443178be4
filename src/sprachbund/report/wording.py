"""Numbers and names as a reader sees them, the same in the page and on the terminal."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.measures import Measure
from sprachbund.statistics.comparison import BETTER, LEAKS, NO_DIFFERENCE, TOO_FEW, WORSE

MISSING = "–"

SIGNS = {BETTER: "▲", WORSE: "▼", NO_DIFFERENCE: "●", TOO_FEW: "■", LEAKS: "✕"}

NAMED = 4
"""Languages that a sentence names before it says how many more there are."""


def listed(names: Sequence[str]) -> str:
    """``en, de and tr``; of many the first few and how many more."""
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def in_order(names: Iterable[Any], known: Iterable[str]) -> list[str]:
    """``names`` without repeats: those we know in their fixed order, then the others as they sort."""
    found = {str(name) for name in names if name is not None}
    fixed = [name for name in dict.fromkeys(known) if name in found]
    return fixed + sorted(found - set(fixed))


def measured(measure: Measure, about: str = "") -> str:
    """A measure as headings and axes have it: its title, what it is about, its unit, and where lower is better that."""
    title = f"{measure.title} {about}".strip()
    said = measure.unit.replace("/", " per ") in measure.title
    unit = "" if said else f" ({measure.unit})"
    return f"{title}{unit}{', lower is better' if measure.direction == 'lower' else ''}"


def sizes_of(declaration: Declaration) -> tuple[tuple[str, str], ...]:
    """(attribute of a row, title) of the numbers beside every language: training examples, items and documents of test.

    Where items are documents they stand once.
    """
    item, document = declaration.item.many, declaration.document.many
    found = (("examples", examples_word(declaration)), ("items", item), ("documents", document))
    return found[:2] if item == document else found


def examples_word(declaration: Declaration) -> str:
    """What is learned from, told from what is judged where both are called alike."""
    many = declaration.example.many
    return f"training {many}" if many in (declaration.item.many, declaration.document.many) else many


def enough_parts(declaration: Declaration) -> list[str]:
    """What a verdict takes: ``30 documents`` and ``300 queries``; the larger number alone where items are documents."""
    enough, item, document = declaration.enough, declaration.item.many, declaration.document.many
    if item == document:
        return [f"{max(enough.items, enough.documents):,} {item}"]
    return [f"{enough.documents:,} {document}", f"{enough.items:,} {item}"]


def number(value: float | None) -> str:
    """The value of a measure: 0.1234 as ``0.123``, 123.4 as ``123.4``, 12345.6 as ``12,346``; nothing as a dash."""
    return MISSING if not known(value) else _minus(f"{value:,.{_digits(value)}f}")


def signed(value: float | None) -> str:
    """The difference of two values: 0.1234 as ``+0.123``, with a true minus sign."""
    return MISSING if not known(value) else _minus(f"{value:+,.{_digits(value)}f}")


def fraction(value: float | None, digits: int = 3) -> str:
    """0.1234 as ``0.123``; nothing as a dash."""
    return MISSING if not known(value) else f"{value:.{digits}f}"


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


def _digits(value: float) -> int:
    """Behind the point, so that some four digits are shown; what is below a hundred has three there."""
    return 3 if abs(value) < 100 else 1 if abs(value) < 1000 else 0


def _minus(text: str) -> str:
    return text.replace("-", "−")
