"""What the syntactic measures count in a language's treebank and in sentences of it drawn again: counted once, kept.

A pair of languages takes a millisecond once both are counted; counting one takes fifty, nearly all of it for the draws.
So the counts are kept as features are, those of the draws too. All of them are whole numbers: what is read again is
what was counted, to the bit.
"""

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.neighbours import syntax
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.syntax import Counts
from sprachbund.neighbours.treebank import DRAWS, Treebank
from sprachbund.neighbours.treebanks import treebank_and_files

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Counted", "counted_for"]

_VERSION = 1
"""Of what is counted: to be raised with a change of `syntax`, of the draws or of the sentences that are read."""
_MEASURES = (syntax.trigrams, syntax.arcs, syntax.orders)
_DRAWN = np.dtype("<u4")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counted:
    """A language's treebank and what is counted in it."""

    treebank: Treebank
    trigrams: Counts
    arcs: Counts
    orders: Counts


def counted_for(sources: Sources, code: str) -> Counted | None:
    """The counts of all that is read of a language; None where it has no treebank, or none that can be read.

    Raises:
        MissingDataError: Universal Dependencies are not there.
    """
    return sources.once(("syntax", code), lambda: _read_or_count(sources, code))


def _read_or_count(sources: Sources, code: str) -> Counted | None:
    treebank, files = treebank_and_files(sources, code)
    if treebank is None or not treebank.sentences:
        return None
    table = sources.features(f"syntax-{code}", _VERSION, files, _schema(), partial(_count, treebank, code))
    if (table["drawn"].bin.size() != DRAWS * _DRAWN.itemsize).any():
        logger.warning("the kept counts of %s have other draws than expected; they are made anew", code)
        table = _count(treebank, code)
    return Counted(treebank, *(_counts_of(table, measure) for measure in range(len(_MEASURES))))


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"measure": pl.UInt8, "kind": pl.Int64, "count": pl.UInt32, "drawn": pl.Binary}


def _count(treebank: Treebank, code: str) -> "pl.DataFrame":
    """A row a kind: the measure it is of, its count, and those of the draws as 32-bit numbers, lowest byte first."""
    import polars as pl

    # a seed for each language: two of them are drawn apart from each other, also where their texts are parallel
    weights = treebank.weights(seed=int.from_bytes(code.encode()[:6], "big"))
    parts = []
    for measure, count in enumerate(_MEASURES):
        counts = count(treebank, weights)
        drawn = [each.tobytes() for each in counts.drawn.T.astype(_DRAWN)]
        columns = {"kind": counts.kinds, "count": counts.counts.astype(np.uint32), "drawn": drawn}
        parts.append(pl.DataFrame({"measure": np.full(len(drawn), measure, np.uint8), **columns}, _schema()))
    return pl.concat(parts)


def _counts_of(table: "pl.DataFrame", measure: int) -> Counts:
    rows = table.filter(table["measure"] == measure)
    drawn = np.frombuffer(b"".join(rows["drawn"]), _DRAWN).reshape(-1, DRAWS)
    # in the order in which a count has them in memory: sums over them are then the same to the bit
    return Counts(
        rows["kind"].to_numpy(),
        rows["count"].to_numpy().astype(np.float64),
        np.ascontiguousarray(drawn.T, np.float32),
    )
