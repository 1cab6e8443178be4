"""Naive Bayes over hashed character n-grams: what a language looks like in the few pages that most languages have.

An n-gram is 1 to 4 letters of a word, which has a space before and after it; everything but letters and marks parts
words, and case does not count. A text's score for a language is the sum over its n-grams of log(1 + count) times the
logarithm of how much more frequent the n-gram is there than one that the language was never seen to have. Every
language weighs the same, however much of it was read.

The table is made by ``benchmarks/detection_table.py`` from the Universal Declaration of Human Rights: 2 MB for some 330
languages, of which the library behind `guess` knows a hundred. On single words it is weak, and a table of words would
do better; that needs text that these languages do not have.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import regex

from sprachbund.arrays import Float64, Int64, UInt8, UInt16, UInt32, UInt64

TABLE = Path(__file__).with_name("declaration.safetensors")
LONGEST = 4
SCALE = 16.0
"""Weights are stored in sixteenths of a natural logarithm, in a byte."""
ALPHA = 0.02
"""Additive smoothing: what an n-gram counts that a language was never seen to have."""
_NO_LETTER = regex.compile(r"[^\p{L}\p{M}]+")
_SPACE = 32
_A, _B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, eq=False)
class Table:
    """How much more often a language has an n-gram than one it was never seen to have.

    Attributes:
        languages: codes, in the order of ``columns``' numbers.
        keys: uint32 [n], hashes of n-grams, ascending.
        starts: int64 [n + 1], where the languages of each begin in the two below.
        columns: uint16 [m], which language. weights: uint8 [m], see `SCALE`.
        about: how texts outside the larger library's languages are told, see `guess`.
    """

    languages: tuple[str, ...]
    keys: UInt32
    starts: Int64
    columns: UInt16
    weights: UInt8
    about: Mapping[str, Any]

    def scores(self, text: str) -> Float64:
        """float64 [languages]: the log-odds of each, up to a constant; 0 for all where nothing is known of the text."""
        grams, counts = np.unique(hashes(text), return_counts=True)
        places = np.searchsorted(self.keys, grams)
        places[places == len(self.keys)] = 0
        known = self.keys[places] == grams
        places, strength = places[known], np.log1p(counts[known])
        first = self.starts[places]
        lengths = self.starts[places + 1] - first
        # the entries of all n-grams of the text, one after another
        entries = np.repeat(first - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        weights = self.weights[entries] * (np.repeat(strength, lengths) / SCALE)
        return np.bincount(self.columns[entries], weights, len(self.languages)).astype(np.float64)


def hashes(text: str, longest: int = LONGEST) -> UInt32:
    """uint32 [n]: the n-grams of a text as hashes, in NFC and any case; none goes from one word to the next."""
    words = _NO_LETTER.sub(" ", text.lower()).strip()
    points = np.frombuffer(f" {words} ".encode("utf-32-le", "replace"), np.uint32)
    space = points == _SPACE
    wide = points.astype(np.uint64)
    mixed = wide * _A
    found = [_high(mixed)[~space]]
    crosses = np.zeros(len(points), bool)
    for length in range(2, min(longest, len(points)) + 1):
        mixed = (mixed[:-1] ^ (mixed[:-1] >> np.uint64(29))) * _A + wide[length - 1 :] * _B + np.uint64(length)
        crosses = crosses[:-1] | space[length - 2 : -1] if length > 2 else crosses[:-1]
        empty = space[:-1] & space[1:] if length == 2 else False
        found.append(_high((mixed ^ (mixed >> np.uint64(31))) * _A)[~(crosses | empty)])
    return np.concatenate(found)


def _high(mixed: UInt64) -> UInt32:
    return (mixed >> np.uint64(32)).astype(np.uint32)


def build(counts: Mapping[str, tuple[UInt32, Int64]], about: Mapping[str, Any], most: int) -> Table:
    """A table from the n-grams of each language and how often it has them.

    Args:
        most: n-grams of a language at most, its most frequent; what came once is left out.
    """
    languages = tuple(sorted(counts))
    totals = np.array([counts[language][1].sum() for language in languages], float)
    typical = float(np.median(totals))
    keys, columns, weights = [], [], []
    for place, language in enumerate(languages):
        grams, number = counts[language]
        chosen = np.argsort(-number, kind="stable")[:most]
        chosen = chosen[number[chosen] > 1]
        weight = np.log1p(number[chosen] * (typical / totals[place]) / ALPHA)
        keys.append(grams[chosen])
        columns.append(np.full(len(chosen), place, np.uint16))
        weights.append(np.clip(np.rint(weight * SCALE), 0, 255).astype(np.uint8))
    every, column, weight = np.concatenate(keys), np.concatenate(columns), np.concatenate(weights)
    order = np.lexsort((column, every))
    unique, starts = np.unique(every[order], return_index=True)
    bounds = np.append(starts, len(every))
    return Table(languages, unique, bounds, column[order], weight[order], about)


def save(table: Table, path: Path) -> None:
    """Write a table where `load` finds it."""
    from safetensors.numpy import save_file

    said = {"languages": json.dumps(table.languages), "about": json.dumps(dict(table.about))}
    arrays = {"keys": table.keys, "lengths": np.diff(table.starts).astype(np.uint16)}
    save_file(arrays | {"columns": table.columns, "weights": table.weights}, path, metadata=said)


@cache
def load(path: Path = TABLE) -> Table:
    """The table that the package has."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as handle:
        said = handle.metadata()
        keys, lengths, columns, weights = map(handle.get_tensor, ("keys", "lengths", "columns", "weights"))
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    languages = tuple(json.loads(said["languages"]))
    return Table(languages, keys, starts, columns, weights, json.loads(said["about"]))
