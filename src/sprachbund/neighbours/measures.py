"""A measure of how near two languages are, and one value of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sprachbund.neighbours.sources import Sources

__all__ = ["FAMILIES", "Family", "Measure", "Value", "lacking"]

Family = Literal["phonetic", "vocabulary", "syntactic", "typological", "models"]
FAMILIES: tuple[Family, ...] = ("phonetic", "vocabulary", "syntactic", "typological", "models")
"""In the order in which reports have them."""


@dataclass(frozen=True)
class Value:
    """What a measure says of two languages.

    Attributes:
        value: None where a source lacks one of them; then ``parts["lacking"]`` says which and why.
        low, high: the ends of the 95% bootstrap interval; None where the value is no estimate from a sample.
        coverage: the share of what the measure asks for that the sources have for both, 0 to 1.
        floor: what two languages without kinship reach; None until it is computed (see ``floors``).
        source: where the data come from, with the version or edition where it is known.
        parts: what the value was made of, and examples; plain JSON values.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    coverage: float | None = None
    floor: float | None = None
    source: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)


def lacking(why: str, source: str = "") -> Value:
    """The value of a measure whose source lacks a language."""
    return Value(None, source=source, parts={"lacking": why})


@dataclass(frozen=True)
class Measure:
    """A way to say how near two languages are.

    Attributes:
        name: in JSON and options, of small letters and hyphens.
        title: as a table heads its column.
        unit: of the value, "" for a plain number.
        direction: whether the lower or the higher value is nearer.
        family: phonetic, vocabulary, syntactic, typological (with genetic and geographic), models.
        compute: of the sources, the target and the candidate (codes as `languages.find` gives them); a directed measure
            says how near the candidate is *for the target*. Raises `MissingDataError` where the data of the measure are
            not there at all, and gives `lacking` (or None, which says less) where they lack a language.
        text: whether it is computed from words or sentences in use, so that a user's own text could give it: the
            default fusion takes these.
        symmetric: whether target and candidate may change places.
        slow: whether a pair takes seconds; asked of a few candidates only, or where a thorough answer is wanted.
        floors: whether the floor is that of unrelated languages (``unrelated``), or comes with each value (``own``).
    """

    name: str
    title: str
    unit: str
    direction: Literal["lower", "higher"]
    family: Family
    compute: Callable[[Sources, str, str], Value | None] = field(compare=False, repr=False)
    text: bool = False
    symmetric: bool = True
    slow: bool = False
    floors: Literal["unrelated", "own"] = "unrelated"
