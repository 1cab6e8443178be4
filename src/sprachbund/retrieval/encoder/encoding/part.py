"""A part of a language, which is some files of it, as rows; what the vocabulary lacks has numbers of the part's own.

Memory: the text of its files and about 100 bytes a word of the part, beside the vocabulary's table, which is mapped.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.arrays import Bytes, Int32, UInt8, UInt64
from sprachbund.corpus.segment import prepared_series
from sprachbund.corpus.splits import TRAIN
from sprachbund.corpus.store import read_part
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.tokens import Tokens, from_series
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.retrieval.encoder.encoding.disk import save
from sprachbund.retrieval.encoder.encoding.templates import write_forms
from sprachbund.retrieval.spelling.respelling import respell
from sprachbund.retrieval.spelling.spellings import WRITTEN, Spelling

__all__ = ["COLUMNS", "Part", "encode_part"]

COLUMNS = {
    "documents": np.int32, "groups": np.int32, "positions": np.int32, "sides": np.uint8, "hashes": np.uint64,
}  # fmt: skip
"""A number a sentence that is the same in the language as in its part."""


@dataclass(frozen=True)
class Part:
    """Some files of a language, or some documents of one file.

    Attributes:
        corpus: the folder. names: of the files. language: its code.
        first: the number of the first document. skipped: documents of the files that come before it.
        documents: how many it has.
        sides, groups: of each document of the language, see `EncodedLanguage`.
    """

    corpus: Path
    names: tuple[str, ...]
    language: str
    first: int
    skipped: int
    documents: int
    sides: UInt8
    groups: Int32


def encode_part(
    part: Part, vocabulary: Vocabulary, spelling: Spelling, bigrams: bool, characters: tuple[int, ...], folder: Path
) -> int:
    """Write all that does not ask for another part into ``folder``; how many sentences it has.

    Raises:
        FolderError: a file is damaged.
    """
    read = [read_part(part.corpus, name, ["document", "section", "position", "text"]) for name in part.names]
    every = np.array([note["sentences"] for _, notes in read for note in notes], np.int64)
    lengths = every[part.skipped : part.skipped + part.documents]
    whole = pl.concat([each for each, _ in read], rechunk=False)
    frame = whole.slice(int(every[: part.skipped].sum()), int(lengths.sum()))
    del read, whole
    text = from_series(prepared_series(frame["text"], part.language))
    spelt = respell(*text, part.language, spelling)
    tokens, written = spelt.tokens, spelt.written
    pairs = kernels.bigrams(tokens) if bigrams else (np.empty(0, np.uint64), np.zeros(len(spelt.offsets), np.int64))
    of_part = np.repeat(np.arange(len(lengths)), lengths)
    documents = (part.first + of_part).astype(np.int32)
    sides = part.sides[documents]
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(written.keys, dtype=np.uint64)))
    arrays: dict[str, npt.NDArray[Any]] = {
        "word_offsets": tokens.offsets,
        "bigram_offsets": pairs[1],
        "sections": _sections(documents, frame["section"].to_numpy()),
        "documents": documents,
        "groups": part.groups[documents],
        "positions": frame["position"].to_numpy().astype(np.int32),
        "sides": sides,
        "hashes": sums[written.offsets[1:]] - sums[written.offsets[:-1]],
    }
    if spelling.name != WRITTEN:
        arrays["read"] = np.diff(written.offsets)
    for name, array in arrays.items():
        save(folder, name, array)
    write_forms(folder, frame["text"], sides == TRAIN)
    _rows(folder, "words", vocabulary, tokens.keys)
    _rows(folder, "bigrams", vocabulary, pairs[0])
    if characters:
        _spell(folder, spelt.data, tokens, characters)
    return frame.height


def _sections(documents: Int32, sections: npt.NDArray[Any]) -> Int32:
    """Numbers from 0 that change where a document or a section does."""
    new = np.concatenate(([True], (documents[1:] != documents[:-1]) | (sections[1:] != sections[:-1])))
    numbers: Int32 = (np.cumsum(new[: len(documents)]) - 1).astype(np.int32)
    return numbers


def _rows(folder: Path, name: str, vocabulary: Vocabulary, keys: UInt64) -> None:
    """Write vocabulary rows; a key that has none is -1 - its place among the keys of the part that have none."""
    rows = vocabulary.lookup(keys)
    lacking = rows < 0
    distinct, places = np.unique(keys[lacking], return_inverse=True)
    rows[lacking] = -1 - places.astype(np.int32)
    save(folder, name, rows)
    save(folder, f"{name}_lacking", distinct)


def _spell(folder: Path, data: Bytes, tokens: Tokens, characters: tuple[int, ...]) -> None:
    """Write the character n-grams of each distinct word."""
    distinct, first = np.unique(tokens.keys, return_index=True)
    starts, lengths = tokens.starts[first], tokens.lengths[first]
    keys, offsets = kernels.characters(data, starts, lengths, characters)
    by_order = [np.diff(kernels.characters(data, starts, lengths, (order,))[1]) for order in characters]
    kinds = np.tile(np.array([-order for order in characters], np.int8), len(distinct))
    save(folder, "spelt", distinct)
    save(folder, "inside_offsets", offsets)
    save(folder, "inside", keys)
    save(folder, "inside_orders", np.repeat(kinds, np.stack(by_order, 1).ravel()))
