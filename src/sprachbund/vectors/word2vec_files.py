"""word2vec's two formats, text and binary: a line with the number of words and of dimensions, then a word a vector.

Text, which is fastText's ``.vec`` too, is read a line at a time, compressed or not; a word may hold any character but a
blank and the end of the line, so lines are parted from the right. In binary a word ends with a blank, its numbers are
float32, the lower byte first; the end of a line between vectors may stand or not.

A line that is damaged ends the reading by its number: vectors that are half there give neighbours that mean nothing.
Words that stand twice (after NFC) are taken the first time, and counted in a warning.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.corpus.sources.streams import Limits, Stream
from sprachbund.errors import CapacityError, SourceError
from sprachbund.machine import memory_limit
from sprachbund.normal_forms import normal_form
from sprachbund.progress import logger
from sprachbund.retrieval.encoder.tensors import is_sound
from sprachbund.vectors.space import Space

__all__ = ["LONGEST_WORD", "MOST_DIM", "read_binary", "read_lines", "require_room"]

MOST_DIM = 10_000
LONGEST_WORD = 1 << 16
"""Bytes of a word: fastText's files have addresses and lines of signs, and no more than this."""
_LONGEST_LINE = 1 << 20
_BLOCK = 512
"""Lines whose numbers are read together."""


@dataclass
class Gathered:
    """Words and their vectors as they are read; what stands twice is left out."""

    path: Path
    words: dict[str, None] = field(default_factory=dict)
    vectors: list[Float32] = field(default_factory=list)
    twice: int = 0
    empty: int = 0

    def add(self, names: list[bytes], block: Float32) -> None:
        """Take in the vectors of some words."""
        kept = []
        for number, name in enumerate(names):
            word = normal_form("NFC", name.decode("utf-8", "replace"))
            if not word.strip():
                self.empty += 1
            elif word in self.words:
                self.twice += 1
            else:
                self.words[word] = None
                kept.append(number)
        self.vectors.append(block[kept])

    def space(self, language: str, form: str) -> Space:
        """What was gathered."""
        if self.twice or self.empty:
            logger.warning(
                "%s: %s words stand there twice and %s are empty; left out",
                self.path, f"{self.twice:,}", f"{self.empty:,}",
            )  # fmt: skip
        if not self.words:
            raise SourceError(f"{self.path}: expected words and vectors, found none")
        vectors = np.concatenate(self.vectors)
        about = {"file": self.path.name, "format": form}
        return Space(language, tuple(self.words), np.zeros(len(self.words), np.int64), vectors, about)


def require_room(path: Path, words: int, dim: int, more: int = 0) -> None:
    """See that the vectors of a file fit half of the memory, before they are read.

    Raises:
        CapacityError: they do not. SourceError: there are too many dimensions, or none.
    """
    if not 1 <= dim <= MOST_DIM:
        raise SourceError(f"{path}: expected vectors of 1 to {MOST_DIM:,} numbers, found {dim:,}")
    need, limit = 2 * 4 * words * dim + more, memory_limit() // 2
    if need > limit:
        raise CapacityError(
            f"{path}: {words:,} vectors of {dim} numbers take {need / 2**30:.1f} GiB, {limit / 2**30:.1f} are allowed; "
            "read fewer words (--words)"
        )


def read_lines(path: Path, language: str, most: int) -> Space:
    """word2vec's text, fastText's .vec, or GloVe's text without the first line.

    Raises:
        SourceError: it is damaged; names the line. CapacityError: it does not fit the memory.
    """
    lines = _lines(path)
    first = next(lines, b"")
    cells = first.split()
    gathered = Gathered(path)
    if len(cells) == 2 and all(cell.isdigit() for cell in cells) and all(len(cell) < 16 for cell in cells):
        said, dim, number = int(cells[0]), int(cells[1]), 1
        require_room(path, min(said, most), dim)
        held: list[bytes] = []
    else:
        said, dim, number, held = -1, len(first.rstrip().split(b" ")) - 1, 0, [first]
        require_room(path, 1, max(dim, 0))
    expected = most if said < 0 else min(said, most)
    for line in lines:
        if len(gathered.words) + len(held) >= expected:
            break
        held.append(line)
        if len(held) == _BLOCK:
            gathered.add(*_parsed(path, held, dim, number))
            number += len(held)
            held = []
    if held:
        gathered.add(*_parsed(path, held, dim, number))
        number += len(held)
    there = number - (said >= 0)
    if said >= 0 and there < min(said, most):
        raise SourceError(f"{path}: cut; its first line promises {said:,} words, {there:,} are there")
    return gathered.space(language, "word2vec text" if said >= 0 else "GloVe text")


def _lines(path: Path) -> Iterator[bytes]:
    """Lines without their ends; the file may be compressed."""
    stream = Stream(path, Limits())
    rest = b""
    for piece in stream:
        parts = (rest + piece).split(b"\n")
        rest = parts.pop()
        if len(rest) > _LONGEST_LINE:
            raise SourceError(f"{path}: a line is longer than {_LONGEST_LINE:,} bytes; are these vectors?")
        yield from (part.rstrip(b"\r") for part in parts)
    if stream.broken:
        raise SourceError(f"{path}: {stream.broken}; get the whole file")
    if rest:
        yield rest


def _parsed(path: Path, lines: list[bytes], dim: int, before: int) -> tuple[list[bytes], Float32]:
    """The words of some lines and their vectors; ``before``: lines before them, for a message."""
    names, tails = [], []
    for number, line in enumerate(lines, before + 1):
        cells = line.rstrip(b" ").rsplit(b" ", dim)
        if len(cells) != dim + 1:
            raise SourceError(f"{path}, line {number:,}: expected a word and {dim} numbers, found {_cut(line)}")
        if len(cells[0]) > LONGEST_WORD:
            raise SourceError(f"{path}, line {number:,}: a word of {len(cells[0]):,} bytes; are these vectors?")
        names.append(cells[0])
        tails.append(cells[1:])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            block = np.fromstring(b" ".join(map(b" ".join, tails)), np.float64, sep=" ")
            block = block.reshape(len(lines), dim)
        if is_sound(block.astype(np.float32)):
            return names, block.astype(np.float32)
    except (ValueError, DeprecationWarning, RuntimeWarning):
        pass
    for number, (name, tail) in enumerate(zip(names, tails, strict=True), before + 1):
        for cell in tail:
            if not _is_number(cell):
                raise SourceError(
                    f"{path}, line {number:,}: expected {dim} numbers after {_cut(name)}, found {_cut(cell)}"
                )
    raise SourceError(f"{path}: lines {before + 1:,} to {before + len(lines):,} have a number that is too large")


def _is_number(cell: bytes) -> bool:
    try:
        return bool(abs(float(cell)) <= 1e15)  # false for what is not a number
    except ValueError:
        return False


def _cut(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return repr(text if len(text) <= 40 else text[:40] + "...")


def read_binary(path: Path, language: str, most: int) -> Space:
    """word2vec's binary.

    Raises:
        SourceError: it is damaged; names the word. CapacityError: it does not fit the memory.
    """
    gathered = Gathered(path)
    with path.open("rb") as handle:
        head = handle.readline(64).split()
        if len(head) != 2 or not all(cell.isdigit() for cell in head):
            raise SourceError(f"{path}: expected the number of words and of dimensions in the first line")
        said, dim = int(head[0]), int(head[1])
        require_room(path, min(said, most), dim)
        size, data, at, done = 4 * dim, b"", 0, 0
        while done < min(said, most):
            end = data.find(b" ", at)
            if end < 0 or end + 1 + size > len(data):
                more = handle.read(max(1 << 20, size + LONGEST_WORD))
                if not more or (end < 0 and len(data) - at > LONGEST_WORD):
                    raise SourceError(f"{path}: cut or damaged; it promises {said:,} words, {done:,} are there")
                data, at = data[at:] + more, 0
                continue
            vector = np.frombuffer(data, "<f4", dim, end + 1).astype(np.float32)
            name = data[at:end].lstrip(b"\n")
            if not is_sound(vector[None]):
                raise SourceError(f"{path}, word {done + 1:,} ({_cut(name)}): has what is no number, or one too large")
            gathered.add([name], vector[None])
            at = end + 1 + size
            done += 1
    return gathered.space(language, "word2vec binary")
