"""A corpus as n-gram ids: what training and evaluation read, made once, memory-mapped ever after.

    ENCODED/encoded.json                the manifest: corpus, split, n-grams, hashes
            vocabulary/                 the n-grams of the training side, see `vocabulary`
            keys.npy orders.npy         every n-gram by id: the vocabulary's rows first, then those it lacks
            char_offsets.npy char_ids.npy   the character n-grams inside each word
            <lang>/*.npy                ids and structure of the sentences of one language
            spelling/                   what was learned to spell words otherwise than they are written, if they are

Pairs, pools and templates are found in the text as it is written, so that models of any spelling are asked the same.

A sentence is a range in two arrays of ids (words and bigrams), a context a range of sentences. Disk: 4 bytes a
word and 4 a bigram, 50 a sentence. It is made part by part, see `encoding/`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Int64
from sprachbund.corpus.placing import check_languages, place_documents, split_hash
from sprachbund.corpus.store import Corpus
from sprachbund.engines.engine import Engine
from sprachbund.errors import FolderError, LanguageError, SettingsError, SprachbundError
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.encoder.encoded_language import NGRAMS, EncodedLanguage, open_language, open_ngrams
from sprachbund.retrieval.encoder.encoding.beginning import begin
from sprachbund.retrieval.encoder.encoding.work import VOCABULARY, Jobs, carry_out, gather
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.settings import Settings, split_of
from sprachbund.retrieval.spelling.keeping import FOLDER, read_spelling
from sprachbund.retrieval.spelling.spellings import LEARNED, SPELLINGS, WRITTEN, Spelling, silent
from sprachbund.runs import unfinished
from sprachbund.runs.store import MANIFEST as RUN

KIND, FORMAT, MANIFEST = "encoded corpus", 3, "encoded.json"
FIELDS = {
    "languages": list, "characters": list, "bigrams": bool, "vocabulary_size": int, "corpus": str, "split": str,
    "shares": list, "split_seed": int, "split_by": str,
}  # fmt: skip
CODE = re.compile(r"[a-z][a-z0-9-]*")
"""A language's code, which names its folder: no path that leads elsewhere."""


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as ids, opened from its folder.

    Attributes:
        path: the folder. languages: sorted codes. ngrams: every n-gram by id.
        vocabulary_size: ids below it are the vocabulary's rows; only those can get a trained row.
        manifest: what it was made from.
    """

    path: Path
    languages: tuple[str, ...]
    ngrams: Ngrams
    vocabulary_size: int
    manifest: dict[str, Any]
    _open: dict[str, EncodedLanguage] = field(default_factory=dict, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"EncodedCorpus({str(self.path)!r}: {', '.join(self.languages)}; {len(self.ngrams.keys):,} n-grams)"

    @staticmethod
    def open(path: Path, *, check: bool = False) -> "EncodedCorpus":
        """Open a folder that `encode_corpus` made; the arrays stay on disk.

        Ids and places are seen to be in range, which reads the arrays once; so damage cannot lead outside them.

        Args:
            check: also compare every file with its hash.

        Raises:
            FolderError: it is absent, damaged or of another kind or version.
        """
        manifest = read_manifest(
            path, MANIFEST, KIND, FORMAT, check=check, fields=FIELDS, listed=[f"{name}.npy" for name in NGRAMS]
        )
        ngrams = open_ngrams(path)
        size = manifest["vocabulary_size"]
        codes, orders = manifest["languages"], manifest["characters"]
        sound = all(isinstance(code, str) and CODE.fullmatch(code) for code in codes)
        if said_of(manifest).get("name", WRITTEN) not in SPELLINGS:
            raise FolderError(f"{path / MANIFEST}: damaged, no spelling is called so; encode anew")
        if not sound or not all(type(order) is int for order in orders) or not 0 <= size <= len(ngrams):
            raise FolderError(f"{path / MANIFEST}: damaged, its languages, characters or rows cannot be; encode anew")
        return EncodedCorpus(path, tuple(codes), ngrams, size, manifest)

    def language(self, language: str) -> EncodedLanguage:
        """The sentences of one language.

        Raises:
            LanguageError: the corpus does not have it.
        """
        if language not in self.languages:
            raise LanguageError(f"{self.path}: has no {language!r}; it has {', '.join(self.languages)}")
        if language not in self._open:
            listed = self.manifest["files"]
            self._open[language] = open_language(self.path, language, len(self.ngrams), listed)
        return self._open[language]

    def languages_data(self) -> Mapping[str, EncodedLanguage]:
        """All languages."""
        return {language: self.language(language) for language in self.languages}

    def counts(self, language: str) -> Int64:
        """Occurrences of each n-gram on the training side of a language: int64 [ids]."""
        return self.language(language).counts

    def vocabulary(self) -> Vocabulary:
        """The n-grams of the training side with their strings."""
        vocabulary = Vocabulary.load(self.path / "vocabulary")
        if len(vocabulary) != self.vocabulary_size:
            raise FolderError(
                f"{self.path}: damaged, its vocabulary has {len(vocabulary):,} rows and should have "
                f"{self.vocabulary_size:,}; encode the corpus anew"
            )
        return vocabulary

    @property
    def spelt(self) -> str:
        """How its words are spelt."""
        return str(said_of(self.manifest).get("name", WRITTEN))

    def spelling(self) -> Spelling:
        """How its words are spelt, with what was learned for that."""
        if self.spelt == WRITTEN:
            return Spelling()
        return read_spelling(self.path / FOLDER, self.spelt, "encode the corpus anew")

    def with_characters(self, orders: Sequence[int]) -> Ngrams:
        """The n-grams, with only the character n-grams of some orders inside the words.

        Raises:
            SettingsError: an order was not encoded.
        """
        missing = sorted(set(orders) - set(self.manifest["characters"]))
        if missing:
            raise SettingsError(
                f"{self.path}: has character n-grams of {self.manifest['characters']}, not of {missing}; encode the "
                "corpus with these orders"
            )
        if set(orders) == set(self.manifest["characters"]):
            return self.ngrams
        wanted = np.isin(self.ngrams.orders[self.ngrams.char_ids], [-order for order in orders])
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(wanted, dtype=np.int64)))
        return Ngrams(
            self.ngrams.keys,
            self.ngrams.orders,
            before[self.ngrams.char_offsets],
            np.ascontiguousarray(self.ngrams.char_ids[wanted]),
        )


def encode_corpus(
    corpus: Corpus,
    out: Path,
    *,
    languages: Sequence[str] | None = None,
    settings: Settings,
    bigrams: bool = True,
    characters: Sequence[int] = (4, 5),
    cut: bool = True,
    memory: int | None = None,
    spelling: Spelling | None = None,
    workers: int | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> EncodedCorpus:
    """Count the vocabulary of the training side and encode every sentence.

    While it works, all lies in ``out`` with ``.partial`` at the end; killed, the same call goes on from there.

    Args:
        settings: the split, and the vocabulary's cut.
        characters: orders of character n-grams inside words.
        cut: keep only the n-grams that may get a row under ``settings``; false keeps all, for models of several
            settings and for BM25.
        memory: bytes that counting may use; None for the default of `Vocabulary.count`.
        spelling: one that was learned before; None to learn that of ``settings`` from the training side.
        workers: processes side by side where there is much text, one a processor if None.
        engine: where it is done; None for processes of this machine. The vocabulary is counted here in any case.

    Raises:
        MissingExtraError: the spelling takes a library that is not installed.
        CorpusError: a language has no sentence on the training side.
        LanguageError: the corpus lacks a language.
        FolderError: ``out`` holds something else, or an encoding of other text is unfinished there.
        CapacityError: the memory or the disk is too little, or a job was lost too often.
    """
    progress = progress or Silent()
    languages = check_languages(corpus, languages)
    placed = place_documents(corpus, languages, split_of(settings))
    encoder = settings.encoder
    about: dict[str, Any] = {
        "encoding": FORMAT,
        "corpus": corpus.content_hash(languages),
        "split": split_hash(placed),
        "languages": list(languages),
        "bigrams": bigrams,
        "characters": list(characters),
        "min_count": encoder.min_count if cut else 1,
        "max_size": encoder.max_rows or None if cut else None,
        "spelling": spelling.name if spelling else encoder.spelling,
        **pieces_of(settings),
        **({"learned": spelling.hash()} if spelling else {}),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    working = partial_of(out)
    with unfinished.claimed(working, about, "an encoding", "encoding this corpus"):
        jobs = Jobs.of(corpus.path, working, about)
        try:
            with atomic_folder(out, MANIFEST) as folder:
                if mute := silent(about["spelling"], languages):
                    logger.warning("no voice reads %s, which is romanised", ", ".join(mute))
                progress.describe("counting n-grams")
                jobs.runs.perform(jobs.begin, partial(begin, corpus, placed, settings, spelling, memory))
                carry_out(jobs, workers, engine, progress)
                gather(jobs, folder)
                write_manifest(
                    folder,
                    MANIFEST,
                    KIND,
                    FORMAT,
                    languages=list(languages),
                    characters=list(characters),
                    bigrams=bigrams,
                    vocabulary_size=len(Vocabulary.load(folder / VOCABULARY)),
                    corpus=about["corpus"],
                    split=about["split"],
                    shares=list(settings.shares),
                    split_seed=settings.split_seed,
                    split_by=settings.split_by,
                    **_said(about["spelling"], jobs.learned, settings, mute),
                )
        except SprachbundError:
            if not is_begun(out):  # the corrected call finds the place free
                unfinished.withdraw(working, {})
            raise
        unfinished.withdraw(working, {path.parent.name: RUN for path in working.glob(f"*/{RUN}")})
    return EncodedCorpus.open(out)


def partial_of(out: Path) -> Path:
    """Where the work lies of an encoding that is not complete."""
    return out.with_name(f"{out.name}.partial")


def is_begun(out: Path) -> bool:
    """Whether there is something to go on from."""
    return any(partial_of(out).glob(f"*/{RUN}"))


def _said(name: str, learned: str, settings: Settings, mute: Sequence[str]) -> dict[str, Any]:
    """What the manifest says of a spelling; nothing where words are as they are written."""
    if name == WRITTEN:
        return {}
    of_text = {"hash": learned} if name in LEARNED else {}
    return {"spelling": {"name": name, "romanised": list(mute), **of_text, **pieces_of(settings)}}


def pieces_of(settings: Settings) -> dict[str, int]:
    """How many pieces are asked for, where words are spelt in them."""
    return {"pieces": settings.encoder.pieces} if settings.encoder.spelling == "subwords" else {}


def said_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest says of its spelling; nothing where words are as they are written."""
    said = manifest.get("spelling", {})
    return said if isinstance(said, dict) else {"name": said}
