"""Interpolated modified Kneser-Ney in dictionaries, which the kernels are held to."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np


class Reference:
    """Interpolated modified Kneser-Ney in dictionaries, as Chen & Goodman 1999 write it, with given discounts."""

    def __init__(self, documents: Sequence[Sequence[int]], size: int, closing: int, order: int, discounts: np.ndarray):
        self.size, self.order, self.discounts = size, order, discounts
        self.before = (size,) * (order - 2) + ((closing,) if order > 1 else ())
        self.counts: list[dict[tuple[int, ...], Counter[int]]] = [defaultdict(Counter) for _ in range(order)]
        for document in documents:
            whole = self.before + tuple(document)
            for place in range(order - 1, len(whole)):
                self.counts[order - 1][whole[place - order + 1 : place]][whole[place]] += 1
        for length in range(order - 2, -1, -1):
            for context, found in self.counts[length + 1].items():
                for symbol, times in found.items():
                    # nothing stands before the beginning: such a context keeps what it counted
                    self.counts[length][context[1:]][symbol] += times if context[0] == size else 1

    def probability(self, context: tuple[int, ...], symbol: int) -> float:
        """Of a symbol after as many symbols as the order looks back."""
        below = 1 / self.size if not context else self.probability(context[1:], symbol)
        if context[:2] == (self.size, self.size):
            return below  # nothing is known of what stands before the beginning
        if not context:
            below = 1 / self.size
        found = self.counts[len(context)].get(context)
        if found is None:
            return below
        total = sum(found.values())
        taken = {other: min(self.discounts[len(context)][min(times, 3) - 1], times) for other, times in found.items()}
        return max(found[symbol] - taken.get(symbol, 0), 0) / total + sum(taken.values()) / total * below

    def bits(self, document: Sequence[int]) -> list[float]:
        """Of each symbol of a document."""
        whole = self.before + tuple(document)
        n = self.order - 1
        return [-np.log2(self.probability(whole[place - n : place], whole[place])) for place in range(n, len(whole))]
