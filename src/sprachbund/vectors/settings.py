"""How vectors of words are made, and how much memory that takes, which is said before any work."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from sprachbund.errors import CapacityError, SettingsError

__all__ = ["AUTO", "COUNTS", "METHODS", "PREDICTED", "SPARSE", "VectorSettings", "memory_needed", "require_memory"]

COUNTS, PREDICTED, SPARSE, AUTO = "counts", "skip-gram", "sparse", "auto"
METHODS = (AUTO, COUNTS, PREDICTED, SPARSE)
FEW_TOKENS = 3_000_000
"""Words of running text up to which counts are taken; benchmarks/results/vectors.md says how far that was measured."""
_CHARACTERS_A_WORD = 4
_BLOCK = 256 << 20
"""Bytes of pairs of words that are sorted at a time."""


@dataclass(frozen=True)
class VectorSettings:
    """Attributes:
    method: ``counts`` (positive pointwise mutual information and its singular vectors), ``skip-gram`` (with negative
        samples), ``sparse`` (non-negative, most numbers 0), ``auto`` (counts up to FEW_TOKENS words of text).
    dim: numbers of a vector.
    words: words at most, the most frequent. min_count: occurrences that a word needs.
    window: words to either side that are its context, in the same sentence; nearer ones weigh more.
    smoothing: power of the frequency of contexts (and of the negative samples).
    shift: of counts: its logarithm is taken off the information; 1 for none.
    power: of counts: of the singular values that the vectors are multiplied by; 0 to 1.
    epochs, rate, negatives, sample: of skip-gram: passes; the first step's length; samples a pair; the share of the
        text above which a word is passed over now and then.
    subwords: of skip-gram: letters of the shortest and longest run inside ``<word>``; (0, 0) for none. buckets: rows
        that they share.
    nonzero: of sparse: numbers of a vector that are not 0, at most.
    seed: of everything that is drawn.
    """

    method: str = AUTO
    dim: int = 200
    words: int = 50_000
    min_count: int = 3
    window: int = 5
    smoothing: float = 0.75
    shift: float = 1.0
    power: float = 0.5
    epochs: int = 10
    rate: float = 0.05
    negatives: int = 5
    sample: float = 1e-3
    subwords: tuple[int, int] = (0, 0)
    buckets: int = 100_000
    nonzero: int = 20
    seed: int = 0

    def check(self) -> None:
        """See that every setting can work.

        Raises:
            SettingsError: one cannot.
        """
        if self.method not in METHODS:
            raise SettingsError(f"method: expected one of {', '.join(METHODS)}, found {self.method!r}")
        ranges: dict[str, tuple[float, float]] = {
            "dim": (2, 4_096), "words": (10, 5_000_000), "min_count": (1, 1 << 40), "window": (1, 31),
            "smoothing": (0, 1), "shift": (1, 1e6), "power": (0, 1), "epochs": (1, 1_000), "rate": (1e-6, 1),
            "negatives": (1, 100), "sample": (0, 1), "buckets": (1, 1 << 26), "nonzero": (1, 4_096),
            "seed": (0, (1 << 63) - 1),
        }  # fmt: skip
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise SettingsError(f"{name}: expected a number from {low:,} to {high:,}, found {value!r}")
            if isinstance(getattr(_DEFAULTS, name), int) and not isinstance(value, int):
                raise SettingsError(f"{name}: expected a whole number, found {value!r}")
        shortest, longest = self.subwords
        if self.subwords != (0, 0) and not 1 <= shortest <= longest <= 10:
            raise SettingsError(
                f"subwords: expected two lengths from 1 to 10, the shorter first, found {self.subwords}"
            )
        if self.subwords != (0, 0) and self.method not in (PREDICTED, AUTO):
            raise SettingsError(f"subwords: {self.method} has none; take the method {PREDICTED}")

    def chosen(self, tokens: int) -> str:
        """The method for so many words of text."""
        if self.method != AUTO:
            return self.method
        return PREDICTED if tokens > FEW_TOKENS or self.subwords != (0, 0) else COUNTS

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "subwords": list(self.subwords)}

    @staticmethod
    def from_dict(said: dict[str, Any]) -> "VectorSettings":
        """What `to_dict` wrote.

        Raises:
            SettingsError: it lacks a setting, or one is out of range.
        """
        known = {field.name for field in fields(VectorSettings)}
        if set(said) != known or not isinstance(said["subwords"], list) or len(said["subwords"]) != 2:
            raise SettingsError("expected the settings of vectors")
        made = VectorSettings(**{**said, "subwords": tuple(said["subwords"])})
        made.check()
        return made


_DEFAULTS = VectorSettings()


def memory_needed(characters: int, settings: VectorSettings, distinct: int | None = None) -> dict[str, int]:
    """Bytes that training takes at most, by what takes them.

    Args:
        characters: of the text: a word of it is taken to have 4 with the blank, fewer than in most languages.
        distinct: words that there can be; None where it is not known.
    """
    tokens = characters // _CHARACTERS_A_WORD
    words = min(settings.words, distinct or settings.words, max(1, tokens))
    table = 4 * words * settings.dim
    needed = {"the text as numbers": 4 * tokens}
    if settings.chosen(tokens) == PREDICTED:
        rows = settings.buckets if settings.subwords != (0, 0) else 0
        return needed | {"two tables": 2 * table + 4 * rows * settings.dim}
    pairs = min(2 * settings.window * tokens, words * words)
    # a pair is a number and a word, in the matrix and in the one that is turned; the product has four tables
    return needed | {"pairs of words": 2 * 8 * pairs, "sorting them": min(_BLOCK, 8 * pairs), "tables": 4 * 2 * table}


def require_memory(characters: int, settings: VectorSettings, limit: int) -> int:
    """See that training fits the memory; the bytes it takes at most.

    Raises:
        CapacityError: it does not; says what takes most, and what to lower.
    """
    needed = memory_needed(characters, settings)
    total = sum(needed.values())
    if total > limit:
        largest = max(needed, key=lambda name: needed[name])
        raise CapacityError(
            f"vectors of this text take up to {total / 2**30:.1f} GiB of memory ({largest} "
            f"{needed[largest] / 2**30:.1f}), {limit / 2**30:.1f} are allowed; take fewer words, a smaller dim or "
            f"window, or the method {PREDICTED}"
        )
    return total
