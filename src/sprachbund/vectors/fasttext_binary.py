"""fastText's binary models (``.bin``), by their published layout: words, and the rows of their runs of letters.

Each of Common Crawl's models, of 157 languages, is 7 GB, half of it rows that only training needs. The table is mapped,
not read: what is held are the vectors of the first ``words`` and the rows of runs, 2.4 GB for two million runs of 300
numbers; where that does not fit, vectors alone are read and unseen words have none.

The layout, all numbers with the lower byte first, as ``FastText::saveModel`` of version 0.9 writes it::

    int32   magic 793712314, version 12 (11: older)
    int32   dim, window, epochs, min_count, negatives, word_ngrams, loss, model, buckets, shortest, longest, lr_update
    double  sample
    int32   entries, words, labels;  int64 tokens, pruned (-1: none)
    entry   word and 0, int64 count, int8 type (0 word, 1 label)
    pair    int32, int32, of which there are ``pruned``
    bool    quantised;  int64 rows, columns;  float32 [rows, columns]: words first, then buckets
    ...     the same again for the output, which is not read

A word's vector is the mean of its row and of the rows of its runs; ``</s>`` has no runs.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import SourceError
from sprachbund.machine import memory_limit
from sprachbund.normal_forms import normal_form
from sprachbund.progress import logger
from sprachbund.retrieval.encoder.tensors import is_sound
from sprachbund.vectors.space import Space
from sprachbund.vectors.subwords import Subwords, runs_of
from sprachbund.vectors.word2vec_files import LONGEST_WORD, require_room

__all__ = ["MAGIC", "read_fasttext"]

MAGIC = struct.pack("<i", 793712314)
VERSIONS = (11, 12)
SUPERVISED = 3
_ENDING = "</s>"
_MOST_ENTRIES = 100_000_000
_MOST_BUCKETS = 1 << 28


@dataclass(frozen=True)
class _Head:
    dim: int
    buckets: int
    shortest: int
    longest: int
    entries: int
    words: int
    pruned: int


def read_fasttext(path: Path, language: str, most: int) -> Space:
    """Read a model; see `Space.open`.

    Raises:
        SourceError: it is damaged, of another version, quantised or pruned. CapacityError: it does not fit the memory.
    """
    with path.open("rb") as handle:
        head = _head(path, handle)
        names, counts = _entries(path, handle, head, most)
        quantised = handle.read(1)
        if quantised != b"\0":
            what = "quantised (.ftz)" if quantised == b"\1" else "damaged"
            raise SourceError(f"{path}: {what}; expected a model whose vectors are whole, as .bin or .vec")
        rows, columns = _unpacked(path, handle, "<qq")
        buckets = head.buckets if head.longest else 0
        start = handle.tell()
    if columns != head.dim or not head.words <= rows <= head.words + head.buckets + 1 or rows < head.words + buckets:
        raise SourceError(f"{path}: damaged, {rows:,} rows of {columns} for {head.words:,} words of {head.dim} numbers")
    if path.stat().st_size < start + 4 * rows * columns:
        raise SourceError(f"{path}: cut; {4 * rows * columns:,} bytes of vectors were to follow byte {start:,}")
    require_room(path, len(names), head.dim)
    table = np.memmap(path, "<f4", "r", start, (rows, columns))
    vectors = _vectors(names, table, head, buckets)
    if not is_sound(vectors):
        raise SourceError(f"{path}: damaged, a vector has what is no number, or one too large")
    held = 4 * buckets * head.dim
    subwords = None
    if buckets and held + 8 * vectors.size <= memory_limit() // 2:
        runs = np.array(table[head.words : head.words + buckets], np.float32)
        if not is_sound(runs):
            raise SourceError(f"{path}: damaged, a run's row has what is no number, or one too large")
        subwords = Subwords(head.shortest, head.longest, runs)
    elif buckets:
        logger.warning("%s: %.1f GiB of runs are left out: words that are not in it have no vector", path, held / 2**30)
    return _space(path, language, names, counts, vectors, subwords)


def _space(
    path: Path, language: str, names: list[str], counts: list[int], vectors: Float32, subwords: Subwords | None
) -> Space:
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        if (word := normal_form("NFC", name)).strip():
            first.setdefault(word, place)
    places = list(first.values())
    if not places:
        raise SourceError(f"{path}: expected words, found none")
    about = {"file": path.name, "format": "fastText binary"}
    return Space(language, tuple(first), np.array(counts, np.int64)[places], vectors[places], about, subwords)


def _unpacked(path: Path, handle: BinaryIO, form: str) -> tuple[int, ...]:
    data = handle.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise SourceError(f"{path}: cut, a model of fastText ends within its first part")
    return struct.unpack(form, data)


def _head(path: Path, handle: BinaryIO) -> _Head:
    _, version = _unpacked(path, handle, "<ii")
    if version not in VERSIONS:
        raise SourceError(f"{path}: a model of fastText's format {version}; 11 and 12 are read")
    said = _unpacked(path, handle, "<12i")
    _unpacked(path, handle, "<d")
    entries, words, labels, _, pruned = _unpacked(path, handle, "<iiiqq")
    dim, model, buckets, shortest, longest = said[0], said[7], said[8], said[9], said[10]
    if version == 11 and model == SUPERVISED:
        longest = 0  # its text classifiers had no runs, whatever they say
    sane = 0 <= words <= entries <= _MOST_ENTRIES and words + labels == entries and 0 <= buckets <= _MOST_BUCKETS
    if not sane or not 0 <= longest <= 64 or (longest and not 0 <= shortest <= longest) or not 1 <= dim <= 10_000:
        raise SourceError(f"{path}: damaged, its first numbers are none of a model's")
    if pruned >= 0:
        raise SourceError(f"{path}: pruned and quantised (.ftz); expected a model whose vectors are whole")
    return _Head(dim, buckets if longest else 0, max(1, shortest), longest, entries, words, pruned)


def _entries(path: Path, handle: BinaryIO, head: _Head, most: int) -> tuple[list[str], list[int]]:
    """The first words and their counts; the handle is behind all entries after it."""
    names: list[str] = []
    counts: list[int] = []
    data, at = b"", 0
    for number in range(head.entries):
        end = data.find(b"\0", at)
        if end < 0 or end + 10 > len(data):
            data, at = data[at:] + handle.read(1 << 20), 0
            end = data.find(b"\0")
            if end < 0 or end > LONGEST_WORD or end + 10 > len(data):
                raise SourceError(f"{path}: cut or damaged; {head.entries:,} words are promised, {number:,} are there")
        if number < min(head.words, most):
            names.append(data[at:end].decode("utf-8", "replace"))
            counts.append(struct.unpack_from("<q", data, end + 1)[0])
        at = end + 10
    handle.seek(at - len(data), 1)
    return names, counts


def _vectors(names: list[str], table: Float32, head: _Head, buckets: int) -> Float32:
    vectors = np.empty((len(names), head.dim), np.float32)
    for place, name in enumerate(names):
        own = runs_of(name, head.shortest, head.longest, buckets) if buckets and name != _ENDING else []
        rows = [place, *(head.words + row for row in own)]
        vectors[place] = table[rows].mean(axis=0)
    return vectors
