"""Vectors from a path, whatever is there: a folder of ours, fastText's .vec or .bin, word2vec's text or binary.

What is in the file decides, never its name: fastText's binary begins with a number of its own, word2vec's two with the
number of words and of dimensions. GloVe's text, which lacks that line, is read too. Text may be compressed.
"""

from pathlib import Path

from sprachbund.errors import SettingsError, SourceError
from sprachbund.languages import spoken
from sprachbund.vectors import folder
from sprachbund.vectors.fasttext_binary import MAGIC, read_fasttext
from sprachbund.vectors.space import Space
from sprachbund.vectors.word2vec_files import read_binary, read_lines

__all__ = ["MOST_WORDS", "read_space"]

MOST_WORDS = 200_000
"""Words of a file that are read, unless another number is asked for: what MUSE and VecMap use."""
_HEAD = 4_096


def read_space(path: Path, language: str = "", words: int | None = None) -> Space:
    """Read vectors; see `Space.open`."""
    if words is not None and words < 1:
        raise SettingsError(f"words: expected at least 1, found {words}")
    code = spoken(language) if language else ""
    if path.is_dir():
        return _cut(folder.load(path), code, words)
    try:
        with path.open("rb") as handle:
            head = handle.read(_HEAD)
    except FileNotFoundError:
        raise SourceError(f"{path}: no such folder or file of vectors") from None
    if not head:
        raise SourceError(f"{path}: empty; expected vectors")
    most = words or MOST_WORDS
    if head.startswith(MAGIC):
        return read_fasttext(path, code, most)
    return read_binary(path, code, most) if _is_binary(head) else read_lines(path, code, most)


def _is_binary(head: bytes) -> bool:
    """Whether a file that begins so is word2vec's binary: after a line of two numbers there is what no text has."""
    first, found, rest = head.partition(b"\n")
    cells = first.split()
    if not found or len(cells) != 2 or not all(cell.isdigit() for cell in cells):
        return False
    return any((byte < 32 and byte not in (9, 10, 13)) or byte == 127 for byte in rest)


def _cut(space: Space, language: str, words: int | None) -> Space:
    from dataclasses import replace

    if language and space.language and language != space.language:
        raise SettingsError(f"the vectors are of {space.language}, not of {language}")
    if words is not None and words < len(space):
        space = replace(
            space, words=space.words[:words], counts=space.counts[:words], vectors=space.vectors[:words].copy()
        )
    return replace(space, language=language) if language else space
