"""Arms as tables name them: ``pooled``, ``hybrid-continued:es`` (a view of an arm), ``bm25`` (a baseline)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sprachbund.lab.declaration import Declaration, Pair
from sprachbund.lab.strategies import STRATEGIES

__all__ = ["Seen", "expand", "in_order", "matching", "seen"]


@dataclass(frozen=True)
class Seen:
    """What an arm's name says.

    Attributes:
        view: beside what the model is used, "" by itself. strategy: "" for a baseline. detail: "es".
    """

    view: str
    strategy: str
    detail: str

    @property
    def pattern(self) -> str:
        """The name without its detail, as declarations have it; "" for a baseline."""
        return f"{self.view}-{self.strategy}".strip("-")


def seen(name: str, declaration: Declaration) -> Seen:
    """Take a name apart; what is no strategy's is a baseline's."""
    for view in ("", *(view.name for view in declaration.views)):
        start = f"{view}-" if view else ""
        strategy, _, detail = name.removeprefix(start).partition(":")
        if name.startswith(start) and strategy in STRATEGIES:
            return Seen(view, strategy, detail)
    return Seen("", "", "")


def matching(pattern: str, names: Sequence[str], declaration: Declaration) -> list[str]:
    """The names that a pattern of a declaration stands for, in their order."""
    return [name for name in names if pattern in (name, seen(name, declaration).pattern)]


def expand(pairs: Sequence[Pair], names: Sequence[str], declaration: Declaration) -> list[tuple[str, str, Pair]]:
    """Every pair of arms that is there: (arm, against, the row that asks for it).

    Where both have details they agree: ``continued:es`` is compared with ``longer:es``, not with ``longer:pt``. A
    strategy beside itself is each of its arms beside those that are named after it: ``continued:es`` with
    ``continued:en``.
    """
    found: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        arms, others = (matching(pattern, names, declaration) for pattern in (pair.arm, pair.against))
        for place, arm in enumerate(arms):
            for against in arms[place + 1 :] if pair.arm == pair.against else others:
                one, other = seen(arm, declaration).detail, seen(against, declaration).detail
                if not one or not other or one == other or pair.arm == pair.against:
                    found.setdefault((arm, against), pair)
    return [(*key, pair) for key, pair in found.items()]


def in_order(names: Sequence[str], patterns: Sequence[str], declaration: Declaration) -> list[str]:
    """Names as patterns order them, without repeats; those that none stands for follow as they sort."""
    ordered = [name for pattern in patterns for name in matching(pattern, sorted(set(names)), declaration)]
    kept = list(dict.fromkeys(ordered))
    return kept + sorted(set(names) - set(kept))
