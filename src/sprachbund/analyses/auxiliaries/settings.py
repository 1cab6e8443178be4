"""What the analysis of auxiliaries can be told."""

from dataclasses import dataclass
from typing import Literal, get_args

from sprachbund.errors import SettingsError

__all__ = ["FARTHEST", "NEAREST", "RANDOM", "AuxiliarySettings", "Order"]

Order = Literal["nearest", "farthest", "random"]
By = Literal["jaccard", "directed", "neighbours"]
NEAREST: Order = "nearest"
FARTHEST: Order = "farthest"
RANDOM: Order = "random"
ALL = 0


@dataclass(frozen=True)
class AuxiliarySettings:
    """How auxiliaries are added.

    Attributes:
        counts: how many auxiliaries, each a point of the curve; 0 for all, which more than there are stand for too.
        orders: in which they are added.
        shuffles: random orders; each is trained with every seed. seed: of what is drawn.
        by: what is near: ``jaccard`` of the vocabularies of the training text, ``directed`` (how much of the target's
            the other has), or ``neighbours``, all measures of `find_neighbours` together.
        parts: of one auxiliary's text, each a point of the second curve; none for no such curve.
        text: training text of each auxiliary at most, so that all have as much: sentences, of language models
            characters; 0 for all of it.
    """

    counts: tuple[int, ...] = (1, 2, 4, ALL)
    orders: tuple[Order, ...] = (NEAREST, FARTHEST, RANDOM)
    shuffles: int = 3
    seed: int = 0
    by: By = "jaccard"
    parts: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0)
    text: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        rules = (
            (bool(self.counts) and all(count >= 0 for count in self.counts), "counts", "at least 0 each (0 for all)"),
            (
                bool(self.orders) and {*self.orders} <= {*get_args(Order)},
                "orders",
                f"some of {', '.join(get_args(Order))}",
            ),
            (self.by in get_args(By), "by", f"one of {', '.join(get_args(By))}"),
            (1 <= self.shuffles <= 100, "shuffles", "from 1 to 100"),
            (self.seed >= 0, "seed", "at least 0"),
            (all(0 < part <= 1 for part in self.parts), "parts", "above 0, at most 1 each"),
            (self.text >= 0, "text", "at least 0 (0 for all)"),
        )
        for holds, name, allowed in rules:
            if not holds:
                raise SettingsError(f"{name} of auxiliaries must be {allowed}, found {getattr(self, name)!s:.60}")
