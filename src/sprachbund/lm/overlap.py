"""How much of a text stands word for word in another, which a model may have learned by heart.

Runs of characters, so that it means the same in scripts without blanks: some five words in English. Compared by a hash
of 64 bits, so two different runs are taken for one about never.

Source: n-gram overlap as contamination, as in Brown et al. 2020, appendix C, which counts runs of 13 words.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["RUN", "overlap"]

RUN = 30
_BASE = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that no character is lost modulo 2**64."""


def overlap(train: Sequence[str], test: Sequence[str], run: int = RUN) -> float:
    """The share of a test text's runs of characters that stand in the training text, from 0 to 1; NaN without runs."""
    asked = _hashes(test, run)
    return float(np.isin(asked, np.unique(_hashes(train, run))).mean()) if len(asked) else float("nan")


def _hashes(texts: Sequence[str], run: int) -> npt.NDArray[np.uint64]:
    """Of every run of every text: uint64."""
    found = []
    for text in texts:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
        count = len(codes) - run + 1
        if count > 0:
            total = np.zeros(count, np.uint64)
            for place in range(run):
                total *= _BASE
                total += codes[place : place + count]
                total ^= total >> np.uint64(29)
            found.append(total)
    return np.concatenate(found) if found else np.empty(0, np.uint64)
