"""Letters that begin from their like: the same letter beneath marks and case, as ã from a."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from sprachbund.arrays import Float64, Int64
from sprachbund.lab.row_map import GIVEN, NONE, RowMap
from sprachbund.normal_forms import normal_form

__all__ = ["Mean", "alike", "means_of"]

_WHOLE = 0
"""The kind of keys that are letters; no other is looked at."""
Mean = tuple[Int64, Float64]
"""Rows of a start, and their weights, 1 in sum."""


def alike(keys: list[str], start_keys: list[str], kinds: Int64, start_kinds: Int64, often: Int64) -> RowMap:
    """Each character from the mean of those with the same letter beneath, weighed by how often they come.

    Args:
        kinds, start_kinds: of each key; 0 for a letter. often: int64 [starts], how often each of the start came.
    """
    by_letter: dict[str, list[int]] = defaultdict(list)
    for number, (key, kind) in enumerate(zip(start_keys, start_kinds, strict=True)):
        if kind == _WHOLE and (letter := _letter(key)):
            by_letter[letter].append(number)
    found: list[Mean | None] = []
    for key, kind in zip(keys, kinds, strict=True):
        rows = np.array(by_letter.get(_letter(key), []) if kind == _WHOLE else [], np.int64)
        weights = often[rows] + 1.0
        found.append((rows, weights / weights.sum()) if len(rows) else None)
    return means_of(found, len(start_keys))


def _letter(character: str) -> str:
    """The letter beneath marks and case; "" where there is none."""
    bare = "".join(part for part in normal_form("NFKD", character) if not unicodedata.combining(part))
    return bare.casefold() if bare[:1].isalpha() else ""


def means_of(found: Sequence[Mean | None], starts: int) -> RowMap:
    """A row map of weighted means; None where a target has no row of the start."""
    sizes = np.array([0 if each is None else len(each[0]) for each in found], np.int64)
    rows = [each[0] for each in found if each is not None]
    weights = [each[1] for each in found if each is not None]
    return RowMap(
        np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))),
        np.concatenate(rows).astype(np.int32) if rows else np.empty(0, np.int32),
        np.concatenate(weights).astype(np.float32) if weights else np.empty(0, np.float32),
        np.where(sizes > 0, GIVEN, NONE).astype(np.uint8),
        starts,
    )
