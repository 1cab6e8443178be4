"""A corpus counted share by share: a share is a file of a language, which parts no document."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.corpus.placing import check_languages
from sprachbund.corpus.segment import prepared_series
from sprachbund.corpus.store import MANIFEST, Corpus
from sprachbund.engines.choosing import engine_on
from sprachbund.ngrams.counts import Counts
from sprachbund.ngrams.filling import Batch
from sprachbund.ngrams.partitions import count_texts
from sprachbund.progress import Progress
from sprachbund.progress import progress as show_progress

__all__ = ["CorpusTexts", "count_corpus"]


@dataclass(frozen=True)
class CorpusTexts:
    """All sentences of some languages of a corpus, see `partitions.Texts`.

    Attributes:
        path: the corpus. languages: by their codes.
    """

    path: Path
    languages: tuple[str, ...]

    @staticmethod
    def of(path: Path | str, languages: Iterable[str] | None = None) -> "CorpusTexts":
        """The languages, by codes or names; all if None.

        Raises:
            FolderError: it is no corpus. LanguageError: it lacks one.
        """
        corpus = Corpus.open(Path(path))
        return CorpusTexts(corpus.path, check_languages(corpus, None if languages is None else list(languages)))

    def identity(self) -> Any:
        """The languages and a hash of their sentences."""
        return {"corpus": Corpus.open(self.path).content_hash(self.languages), "languages": list(self.languages)}

    def shares(self) -> list[list[Any]]:
        """A language and the number of one of its files, each."""
        corpus = Corpus.open(self.path)
        return [[code, number] for code in self.languages for number in range(len(corpus.numbers(code)))]

    def read(self, share: list[Any]) -> Iterable[Batch]:
        """The sentences of a file."""
        language, number = share
        yield prepared_series(Corpus.open(self.path).part(language, number, ["text"])["text"], language)


def count_corpus(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    languages: Sequence[str] | None = None,
    bigrams: bool = True,
    characters: Sequence[int] = (),
    memory: int | None = None,
    workers: int | None = None,
    on: str | None = None,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]] = show_progress,
) -> Counts:
    """Count the n-grams of all text of a corpus into a folder of partitions, as `count_texts` does.

    Args:
        languages: by codes or names, all if None. memory: bytes that counting may use here, None for half of what there
            is. workers: processes that share it.
        on: where it is done: ``ray``, or the address of a cluster; None for processes of this machine.

    Raises:
        LanguageError, CorpusError, CapacityError, FolderError: see `CorpusTexts.of` and `count_texts`.
    """
    texts, out = CorpusTexts.of(corpus.path if isinstance(corpus, Corpus) else corpus, languages), Path(out).absolute()
    out.parent.mkdir(exist_ok=True)
    with engine_on(on, workers, out.parent, (texts.path / MANIFEST,)) as engine, shower("n-grams", None) as bar:
        return count_texts(
            texts, out, bigrams=bigrams, characters=characters, memory=memory, workers=workers, engine=engine,
            progress=bar,
        )  # fmt: skip
