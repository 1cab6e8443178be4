"""The same sentences in several languages: a table with a column a language, a file a language, or a corpus.

    pairs.tsv          pt<tab>el<tab>ja in the first line, a sentence in each below
    folder/pt.txt      a sentence a line, the same in the same line of folder/el.txt
    corpus/            that ``ingest`` wrote: documents of one group are translations, sentence by sentence where all
                       languages have as many of them

A sentence counts where all the languages asked for have it, so that the means of all are over the same sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.arrays import Int64
from sprachbund.cognates.reading import lines_of, small_text
from sprachbund.corpus.store import MANIFEST, Corpus
from sprachbund.errors import SourceError
from sprachbund.languages import one_of

__all__ = ["ParallelText", "read_aligned", "read_parallel"]


@dataclass(frozen=True, eq=False)
class ParallelText:
    """Sentences that all the languages have.

    Attributes:
        sentences: by language, as it was asked for, in the same order. groups: int64 [sentences], the document of each;
            every sentence its own where nobody says. left_out: sentences that a language lacks.
    """

    sentences: Mapping[str, tuple[str, ...]]
    groups: Int64
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.groups)


def read_parallel(path: Path | str, languages: Sequence[str]) -> ParallelText:
    """The sentences of a table, a folder or a corpus that all of some languages have.

    Args:
        languages: by code or name.

    Raises:
        SourceError: it cannot be read, lacks a language, its files have different numbers of lines, or no sentence is
            in all languages. FolderError: a corpus is damaged.
    """
    path = Path(path)
    if (path / MANIFEST).is_file():
        return _of_corpus(Corpus.open(path), languages)
    columns = _columns_of_folder(path, languages) if path.is_dir() else _columns_of_table(path, languages)
    return _of_columns(path, columns, languages)


def read_aligned(files: Sequence[Path | str], languages: Sequence[str]) -> ParallelText:
    """The sentences that all of some languages have, of a file for each language, in their order: a sentence a line.

    Raises:
        SourceError: a file cannot be read, there are not as many files as languages, they have different numbers of
            lines, or no sentence is in all of them.
    """
    paths = [Path(file) for file in files]
    if len(paths) != len(languages):
        raise SourceError(
            f"expected a file for each of {', '.join(languages)}, or one table, folder or corpus of all; found "
            f"{len(paths)}: {', '.join(map(str, paths)) or 'none'}"
        )
    return _of_columns(paths[0], _aligned(paths, ", ".join(map(str, paths))), languages)


def _of_columns(path: Path, columns: Sequence[Sequence[str]], languages: Sequence[str]) -> ParallelText:
    rows = list(zip(*columns, strict=True))
    whole = [row for row in rows if all(row)]
    if not whole:
        raise SourceError(f"{path}: of {len(rows):,} lines none has a sentence in all of {', '.join(languages)}")
    kept = dict(zip(languages, zip(*whole, strict=True), strict=True))
    return ParallelText(kept, np.arange(len(whole)), len(rows) - len(whole))


def _columns_of_table(path: Path, languages: Sequence[str]) -> list[list[str]]:
    rows = [line.split("\t") for _, line in lines_of(path)]
    head = tuple(cell.strip() for cell in rows[0]) if rows else ()
    places = [head.index(_found(language, head, path, "columns")) for language in languages]
    return [[row[place].strip() if place < len(row) else "" for row in rows[1:]] for place in places]


def _columns_of_folder(path: Path, languages: Sequence[str]) -> list[list[str]]:
    files: dict[str, list[Path]] = {}
    for each in sorted(path.iterdir()):
        if each.is_file() and not each.name.startswith("."):
            files.setdefault(each.name.partition(".")[0], []).append(each)
    found = [_one(files[_found(language, tuple(files), path, "files")]) for language in languages]
    return _aligned(found, str(path))


def _aligned(files: Sequence[Path], where: str) -> list[list[str]]:
    """The lines of files that have as many."""
    columns = [[line.strip() for line in small_text(file).removesuffix("\n").split("\n")] for file in files]
    if len({len(column) for column in columns}) > 1:
        lengths = ", ".join(f"{file.name} {len(column):,}" for file, column in zip(files, columns, strict=True))
        raise SourceError(f"{where}: expected files of as many lines, the same sentence in each, found {lengths}")
    return columns


def _one(files: list[Path]) -> Path:
    if len(files) > 1:
        raise SourceError(f"{files[0].parent}: expected one file a language, found {', '.join(x.name for x in files)}")
    if ".json" in files[0].name:
        raise SourceError(f"{files[0]}: expected a sentence a line, found JSON; ingest it, and name the corpus")
    return files[0]


def _found(language: str, have: tuple[str, ...], path: Path, what: str) -> str:
    found = one_of(language, have)
    if found is None:
        shown = ", ".join(have)[:200] or "none"
        raise SourceError(
            f"{path}: expected {what} named by languages, {language} among them, found {shown}; a table names them in "
            "its first line, parted by tabs"
        )
    return found


def _of_corpus(corpus: Corpus, languages: Sequence[str]) -> ParallelText:
    texts = [_by_group(corpus, language) for language in languages]
    shared = [group for group in texts[0] if all(group in each for each in texts)]
    even = [group for group in shared if len({len(each[group]) for each in texts}) == 1]
    if not even:
        raise SourceError(
            f"{corpus.path}: expected documents of one group in all of {', '.join(languages)}, with as many sentences "
            f"in each; found {len(shared):,} groups in all of them, none with as many sentences"
        )
    sentences = [[sentence for group in even for sentence in each[group]] for each in texts]
    groups = np.repeat(np.arange(len(even)), [len(texts[0][group]) for group in even])
    whole = np.array([all(row) for row in zip(*sentences, strict=True)])
    kept = {
        language: tuple(text for text, has in zip(column, whole, strict=True) if has)
        for language, column in zip(languages, sentences, strict=True)
    }
    most = sum(max(len(each[group]) for each in texts) for group in shared)
    return ParallelText(kept, groups[whole], most - int(whole.sum()))


def _by_group(corpus: Corpus, language: str) -> dict[str, list[str]]:
    """The sentences of each group that has one document in the language."""
    code = _found(language, corpus.languages, corpus.path, "languages")
    frame = corpus.read(code, ("document", "group", "text"))
    grouped = frame.group_by("group", maintain_order=True).agg(
        pl.col("document").n_unique().alias("documents"), pl.col("text")
    )
    alone = grouped.filter(pl.col("documents") == 1)
    found = dict(zip(alone["group"].to_list(), alone["text"].to_list(), strict=True))
    return {group: [text.strip() for text in texts] for group, texts in found.items()}
