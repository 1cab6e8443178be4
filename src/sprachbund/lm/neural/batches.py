"""Training text as streams: documents in an order drawn each epoch, read on from batch to batch.

The text of an epoch is one ring: its documents in a new order, joined by the line's end that closes each, begun at a
place that is drawn. It is cut into as many streams as a batch has texts, so that the state of a stream goes on.
Characters that come once in the whole text are read as unknown in every other epoch: so the model learns what an
unknown character is like.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Int32, Int64

__all__ = ["Streams"]

_LEAST_STEPS = 4  # that a stream is read in: with fewer a state has no past to carry


@dataclass(frozen=True)
class Streams:
    """The training text.

    Attributes:
        documents: int32 each, the units of each. batch: streams. context: units of a stream that a step reads.
        rare: bool [units], which are read as unknown in every other epoch; None where nothing is unknown.
        seed: of the orders.
    """

    documents: Sequence[Int32]
    batch: int
    context: int
    rare: npt.NDArray[np.bool_] | None
    seed: int

    @staticmethod
    def of(
        documents: Sequence[Int32], batch: int, context: int, rare: npt.NDArray[np.bool_] | None, seed: int
    ) -> "Streams":
        """Streams of a text; fewer than ``batch`` where it is short."""
        size = sum(map(len, documents))
        return Streams(documents, max(1, min(batch, size // (_LEAST_STEPS * context))), context, rare, seed)

    @property
    def units(self) -> int:
        """In the text."""
        return sum(map(len, self.documents))

    @property
    def steps(self) -> int:
        """In an epoch."""
        return max(1, -(-self.long // self.context))

    @property
    def long(self) -> int:
        """Units of a stream that are foreseen in an epoch."""
        return self.units // self.batch

    def epoch(self, number: int) -> Int64:
        """The streams of an epoch: int64 [long + 1, batch]; each unit but the first is foreseen from those before."""
        generator = np.random.default_rng([self.seed, number, 1])
        order = generator.permutation(len(self.documents))
        ring = np.concatenate([self.documents[place] for place in order])
        if self.rare is not None and number % 2:
            ring = np.where(self.rare[ring], 0, ring)
        ring = np.roll(ring, -int(generator.integers(len(ring))))
        ring = np.append(ring, ring[0])
        starts = np.arange(self.batch) * self.long
        streams: Int64 = ring[starts + np.arange(self.long + 1)[:, None]].astype(np.int64)
        return streams
