"""The parts of a language put together: their ids made those of the corpus, their places those of the language."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Flags, Int32, Int64, UInt64
from sprachbund.corpus.duplicates import no_queries
from sprachbund.corpus.splits import TRAIN
from sprachbund.retrieval.encoder.encoding.disk import empty_array, read, save_pieces
from sprachbund.retrieval.encoder.encoding.part import COLUMNS
from sprachbund.retrieval.encoder.encoding.templates import found_forms

__all__ = ["join_parts"]

_BLOCK = 1 << 20
"""N-grams whose characters are counted at a time."""


def join_parts(parts: Sequence[Path], ngrams: Path, about: Mapping[str, Any], respelt: bool, folder: Path) -> None:
    """Write all arrays of a language into ``folder``.

    Args:
        parts: the folders of its parts, in order. ngrams, about: what `number_ngrams` wrote, and said.
        respelt: whether words are spelt otherwise than they are written.
    """
    lengths = [len(read(part, "sides")) for part in parts]
    total = sum(lengths)
    for name, dtype in (COLUMNS | ({"read": np.int64} if respelt else {})).items():
        save_pieces(folder, name, dtype, total, (read(part, name) for part in parts))
    save_pieces(folder, "sections", np.int32, total, _sections(parts))
    save_pieces(folder, "templates", np.bool_, total, _templates(parts, lengths))
    counts = empty_array(folder, "counts", np.int64, about["size"])
    for name in ("word", "bigram"):
        tokens = [int(read(part, f"{name}_offsets")[-1]) for part in parts]
        save_pieces(folder, f"{name}_offsets", np.int64, total + 1, _offsets(parts, f"{name}_offsets"))
        first, last = about[f"{name}s"]
        tail = read(ngrams, "keys")[first:last]
        ids = _ids(parts, name, first, tail, counts)
        save_pieces(folder, f"{name}s", np.int32, sum(tokens), ids)
    _count_inside(counts, ngrams)


def _sections(parts: Sequence[Path]) -> Iterator[Int32]:
    before = 0
    for part in parts:
        own = read(part, "sections")
        yield own + np.int32(before)
        before += int(own[-1]) + 1 if len(own) else 0


def _offsets(parts: Sequence[Path], name: str) -> Iterator[Int64]:
    yield np.zeros(1, np.int64)
    before = 0
    for part in parts:
        own = read(part, name)
        yield own[1:] + before
        before += int(own[-1])


def _templates(parts: Sequence[Path], lengths: Sequence[int]) -> Iterator[Flags]:
    for part, found in zip(parts, found_forms(parts, lengths), strict=True):
        documents = read(part, "documents").astype(np.int64)
        yield no_queries(found, documents - documents[:1].sum(), read(part, "sides") != TRAIN)


def _ids(parts: Sequence[Path], name: str, first: int, tail: UInt64, counts: Int64) -> Iterator[Int32]:
    """The ids of each part; those of the training side are counted on the way."""
    for part in parts:
        rows = np.array(read(part, f"{name}s"))
        own = first + np.searchsorted(tail, read(part, f"{name}s_lacking"))  # both in order: from page to page
        lacking = rows < 0
        rows[lacking] = own[-1 - rows[lacking]]
        train = np.repeat(read(part, "sides") == TRAIN, np.diff(read(part, f"{name}_offsets")))
        np.add.at(counts, rows[train], np.int64(1))
        yield rows


def _count_inside(counts: Int64, ngrams: Path) -> None:
    """Count the character n-grams as often as the words that they are in."""
    offsets, ids = read(ngrams, "char_offsets"), read(ngrams, "char_ids")
    for low in range(0, len(counts), _BLOCK):
        own = np.array(counts[low : low + _BLOCK])
        begin, end = int(offsets[low]), int(offsets[low + len(own)])
        if end == begin or not own.any():
            continue
        often = np.repeat(own, np.diff(offsets[low : low + len(own) + 1]))
        np.add.at(counts, ids[begin:end][often > 0], often[often > 0])
