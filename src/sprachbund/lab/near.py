"""Which start is spelt nearly like a target: one or two edits away, where none is the same.

An edit is a code point (of the NFC form) put in, left out or put in another's place, so it works alike in every script.
Short strings have too many neighbours that mean something else, so there is at most one edit for every LETTERS code
points of the shorter string: none below 4, one from 4, two from 8. Strings meet inside their kind alone: words words,
runs of four characters others of four. Of several starts that fit, one edit comes before two, then the more frequent
start, then the first in order of code points.

Time: seconds for some 100,000 strings against as many.
Memory: the code points of all strings, four bytes each, and at most 400 MB of buckets, made length by length.
`search.spelling` looks for the words near one word without a list of words at hand: it makes them all, some thousands,
and looks them up; for many words against a list that would take a hundred times as long.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.arrays import Int32, Int64, UInt32
from sprachbund.errors import SettingsError
from sprachbund.lab import spellings as kernels
from sprachbund.lab.keys import identical, kinds_of, strings_of
from sprachbund.lab.row_map import NEAR, RowMap, combine

__all__ = ["EDITS", "LETTERS", "LONGEST", "near"]

LETTERS = 4
"""Code points that a string has for every edit."""
EDITS = 2
LONGEST = 32
"""Code points of the strings that are compared: longer ones are addresses and the like, and have only the same."""
_ENTRIES = 1 << 24
"""Remainders in buckets at a time, 8 bytes each, and as many of their starts."""
_FAR = np.iinfo(np.int32).max


def near(
    targets: Sequence[str] | pl.Series,
    starts: Sequence[str] | pl.Series,
    counts: npt.ArrayLike,
    *,
    kinds: npt.ArrayLike | None = None,
    start_kinds: npt.ArrayLike | None = None,
) -> RowMap:
    """The start of each target: the same string, else one that is near in spelling, else none.

    Args:
        counts: [starts], how often each start occurs: of equally near ones the more frequent is taken.
        kinds, start_kinds: whole numbers, [targets] and [starts]; only strings of one kind meet. One kind if None.

    Raises:
        SettingsError: the arrays do not fit the strings.
    """
    wanted, offered = strings_of(targets), strings_of(starts)
    same = identical(wanted, offered, kinds=kinds, start_kinds=start_kinds)
    kind, start_kind = kinds_of(kinds, len(wanted), "kinds"), kinds_of(start_kinds, len(offered), "start_kinds")
    often = np.asarray(counts)
    if often.shape != (len(offered),):
        raise SettingsError(f"counts: expected one for each of {len(offered):,} starts, found {list(often.shape)}")
    frame = pl.DataFrame({"string": offered, "count": often, "place": np.arange(len(offered), dtype=np.int32)})
    order = frame.sort("count", "string", "place", descending=[True, False, False])["place"].to_numpy()
    lacking = np.flatnonzero(~same.mapped)
    left = _Strings.of(wanted.gather(lacking), kind[lacking])
    right = _Strings.of(offered.gather(order), start_kind[order])
    best = np.full(len(lacking), _FAR, np.int32)
    for edits in range(1, EDITS + 1):
        _search(left, right, np.flatnonzero(best == _FAR), edits, best)
    rows = np.full(len(wanted), -1, np.int32)
    found = best != _FAR
    rows[lacking[found]] = order[best[found]]
    return combine(same, RowMap.single(rows, len(offered), NEAR))


@dataclass(frozen=True)
class _Strings:
    """Some strings by kind and length.

    Attributes:
        points: uint32, the code points of all. offsets: int64 [strings + 1].
        groups: the numbers of the strings of each kind and length up to LONGEST, rising: int32.
    """

    points: UInt32
    offsets: Int64
    groups: dict[tuple[int, int], Int32]

    @staticmethod
    def of(strings: pl.Series, kinds: Int64) -> "_Strings":
        """Sort strings by kind and length."""
        lengths = strings.str.len_chars().to_numpy().astype(np.int64)
        points = np.frombuffer("".join(strings.to_list()).encode("utf-32-le"), np.uint32)
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        short = np.flatnonzero(lengths <= LONGEST).astype(np.int32)
        order = short[np.lexsort((short, lengths[short], kinds[short]))]
        pairs = np.stack((kinds[order], lengths[order]), 1)
        cuts = np.flatnonzero(np.any(pairs[1:] != pairs[:-1], axis=1)) + 1
        parts = np.split(order, cuts) if len(order) else []
        return _Strings(points, offsets, {(int(kinds[p[0]]), int(lengths[p[0]])): p for p in parts})


def _search(targets: _Strings, starts: _Strings, wanted: Int64, edits: int, best: Int32) -> None:
    """Find the best start of each wanted target that lies within so many edits."""
    asking = np.zeros(len(best), bool)
    asking[wanted] = True
    for (kind, length), offered in starts.groups.items():
        if length < LETTERS * edits:
            continue
        by_drop: dict[int, list[tuple[int, Int32]]] = {}
        for other in range(max(LETTERS * edits, length - edits), length + edits + 1):
            group = targets.groups.get((kind, other), np.empty(0, np.int32))
            asked = group[asking[group]]
            if len(asked):
                longer = max(length, other)
                by_drop.setdefault(edits - (longer - length), []).append((edits - (longer - other), asked))
        for drop, groups in by_drop.items():
            _meet(targets, starts, offered, drop, groups, edits, best)


def _meet(
    targets: _Strings,
    starts: _Strings,
    offered: Int32,
    drop: int,
    groups: Sequence[tuple[int, Int32]],
    edits: int,
    best: Int32,
) -> None:
    """Put what remains of some starts into buckets, part by part, and let targets look there.

    Args:
        groups: targets, and how many code points are left out of each.
    """
    length = int(starts.offsets[offered[0] + 1] - starts.offsets[offered[0]])
    step = max(1, _ENTRIES // max(1, math.comb(length, drop)))
    for low in range(0, len(offered), step):
        part = offered[low : low + step]
        bits = max(1, int(len(part) * math.comb(length, drop)).bit_length() - 1)
        shift = np.uint64(64 - bits)
        begins = np.zeros((1 << bits) + 1, np.int64)
        kernels.sizes(starts.points, starts.offsets, part, drop, shift, LONGEST, begins)
        np.cumsum(begins, out=begins)
        marks, places = np.empty(begins[-1], np.uint32), np.empty(begins[-1], np.int32)
        kernels.fill(starts.points, starts.offsets, part, drop, shift, LONGEST, begins[:-1].copy(), marks, places)
        for left_out, asked in groups:
            kernels.probe(
                targets.points, targets.offsets, asked, left_out, shift, LONGEST, begins, marks, places,
                starts.points, starts.offsets, part, edits, best,
            )  # fmt: skip
