"""A corpus as n-gram ids: what training and evaluation read, made once, memory-mapped ever after.

    ENCODED/encoded.json                the manifest: corpus, split, n-grams, hashes
            vocabulary/                 the n-grams of the training side, see `vocabulary`
            keys.npy orders.npy         every n-gram by id: the vocabulary's rows first, then those it lacks
            char_offsets.npy char_ids.npy   the character n-grams inside each word
            <lang>/*.npy                ids and structure of the sentences of one language
            spelling/                   what was learned to spell words otherwise than they are written, if they are

Pairs, pools and templates are found in the text as it is written, so that models of any spelling are asked the same.

A sentence is a range in two arrays of ids (words and bigrams), a context a range of sentences. Disk: 4 bytes a
word and 4 a bigram, 50 a sentence. Memory while it is made: the text of the largest language and its keys, about 40
bytes a word, beside the vocabulary's table.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.arrays import Bytes, Int8, Int32, Int64, UInt64
from sprachbund.corpus.duplicates import held_out_templates
from sprachbund.corpus.placing import Placed, check_languages, place_documents, read_side, split_hash
from sprachbund.corpus.segment import prepared_series
from sprachbund.corpus.splits import TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, LanguageError, SettingsError
from sprachbund.files import atomic_folder, read_array, read_manifest, write_array, write_json, write_manifest
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.vocabulary import Batch, Vocabulary
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.encoder.encoded_language import NGRAMS, EncodedLanguage, open_language, open_ngrams
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.settings import Settings, split_of
from sprachbund.retrieval.spelling.keeping import FOLDER, read_spelling, write_spelling
from sprachbund.retrieval.spelling.learning import Counted, learn_spelling
from sprachbund.retrieval.spelling.respelling import Respelt, respell
from sprachbund.retrieval.spelling.spellings import LEARNED, SPELLINGS, WRITTEN, Spelling, silent

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
    progress: Progress | None = None,
) -> EncodedCorpus:
    """Count the vocabulary of the training side and encode every sentence.

    Args:
        settings: the split, and the vocabulary's cut.
        characters: orders of character n-grams inside words.
        cut: keep only the n-grams that may get a row under ``settings``; false keeps all, for models of several
            settings and for BM25.
        memory: bytes that counting may use; None for the default of `Vocabulary.count`.
        spelling: one that was learned before; None to learn that of ``settings`` from the training side.

    Raises:
        MissingExtraError: the spelling takes a library that is not installed.
        CorpusError: a language has no sentence on the training side.
        LanguageError: the corpus lacks a language.
    """
    progress = progress or Silent()
    languages = check_languages(corpus, languages)
    placed = place_documents(corpus, languages, split_of(settings))
    with atomic_folder(out, MANIFEST) as folder:
        if spelling is None:
            spelling = _learned(corpus, placed, settings, memory)
        if mute := silent(spelling.name, languages):
            logger.warning("no voice reads %s, which is romanised", ", ".join(mute))
        progress.describe("counting n-grams")
        vocabulary = Vocabulary.count(
            _training_texts(corpus, placed, spelling),
            bigrams=bigrams,
            characters=tuple(characters),
            min_count=settings.encoder.min_count if cut else 1,
            max_size=settings.encoder.max_rows or None if cut else None,
            memory=memory,
        )
        vocabulary.save(folder / "vocabulary")
        if spelling.name != WRITTEN:
            write_spelling(spelling, folder / FOLDER)
        writer = _Writer(folder, vocabulary, bigrams, tuple(characters), spelling)
        for language in languages:
            progress.describe(f"encoding {language}")
            writer.add(corpus, placed[language])
            progress.advance()
        writer.finish(languages)
        write_manifest(
            folder,
            MANIFEST,
            KIND,
            FORMAT,
            languages=list(languages),
            characters=list(characters),
            bigrams=bigrams,
            vocabulary_size=len(vocabulary.keys),
            corpus=corpus.content_hash(languages),
            split=split_hash(placed),
            shares=list(settings.shares),
            split_seed=settings.split_seed,
            split_by=settings.split_by,
            **({"spelling": _said(spelling, settings, mute)} if spelling.name != WRITTEN else {}),
        )
    return EncodedCorpus.open(out)


def _said(spelling: Spelling, settings: Settings, mute: Sequence[str]) -> dict[str, Any]:
    """What the manifest says of a spelling."""
    learned = {"hash": spelling.hash()} if spelling.name in LEARNED else {}
    return {"name": spelling.name, "romanised": list(mute), **learned, **pieces_of(settings)}


def pieces_of(settings: Settings) -> dict[str, int]:
    """How many pieces are asked for, where words are spelt in them."""
    return {"pieces": settings.encoder.pieces} if settings.encoder.spelling == "subwords" else {}


def said_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest says of its spelling; nothing where words are as they are written."""
    said = manifest.get("spelling", {})
    return said if isinstance(said, dict) else {"name": said}


def _learned(corpus: Corpus, placed: Mapping[str, Placed], settings: Settings, memory: int | None) -> Spelling:
    """The spelling of the settings, with what it learns from the words of the training side."""
    name = settings.encoder.spelling
    counted = {}
    for language, documents in placed.items() if name in LEARNED else ():
        text = prepared_series(read_side(corpus, documents, TRAIN)["text"], language)
        words = Vocabulary.count([text], bigrams=False, memory=memory)
        counted[language] = Counted(words.strings.to_list(), np.asarray(words.counts))
    return learn_spelling(name, counted, settings.encoder.pieces)


def _training_texts(corpus: Corpus, placed: Mapping[str, Placed], spelling: Spelling) -> Iterator[Batch]:
    for language, documents in placed.items():
        text = prepared_series(read_side(corpus, documents, TRAIN)["text"], language)
        if spelling.name == WRITTEN:
            yield text
        else:
            found = respell(*kernels.from_series(text), language, spelling)
            yield found.data, found.offsets


class _Writer:
    """Encodes language by language; n-grams that the vocabulary lacks get ids after its rows when all are read."""

    def __init__(
        self, folder: Path, vocabulary: Vocabulary, bigrams: bool, characters: tuple[int, ...], spelling: Spelling
    ) -> None:
        self._folder, self._vocabulary, self._bigrams, self._characters, self._spelling = (
            folder,
            vocabulary,
            bigrams,
            characters,
            spelling,
        )
        self._lacking: dict[int, list[UInt64]] = {}
        self._spelled: list[tuple[UInt64, UInt64, Int64, Int8]] = []
        self._seen: UInt64 = np.empty(0, np.uint64)

    def add(self, corpus: Corpus, placed: Placed) -> None:
        """Tokenise one language and write all but the final ids."""
        folder = self._folder / placed.language
        frame = corpus.read(placed.language)
        text = kernels.from_series(prepared_series(frame["text"], placed.language))
        spelt: Respelt = respell(*text, placed.language, self._spelling)
        offsets, tokens, written = spelt.offsets, spelt.tokens, spelt.written
        pair_keys, pair_offsets = (
            kernels.bigrams(tokens) if self._bigrams else (np.empty(0, np.uint64), np.zeros(len(offsets), np.int64))
        )
        document = _codes(frame["document"], placed.names)
        section = frame["section"].to_numpy()
        new = np.r_[True, (document[1:] != document[:-1]) | (section[1:] != section[:-1])] if len(frame) else []
        side = placed.sides[document]
        sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(written.keys, dtype=np.uint64)))
        group_numbers = {name: number for number, name in enumerate(dict.fromkeys(placed.groups))}
        groups = np.array([group_numbers[name] for name in placed.groups], np.int32)
        arrays: dict[str, npt.NDArray[Any]] = {
            "word_offsets": tokens.offsets,
            "bigram_offsets": pair_offsets,
            "sections": (np.cumsum(new) - 1).astype(np.int32),
            "documents": document,
            "groups": groups[document],
            "positions": frame["position"].to_numpy().astype(np.int32),
            "sides": side,
            "templates": held_out_templates(frame, side),
            "hashes": sums[written.offsets[1:]] - sums[written.offsets[:-1]],
        }
        if self._spelling.name != WRITTEN:
            arrays["read"] = np.diff(written.offsets)
        for name, array in arrays.items():
            write_array(folder / f"{name}.npy", array)
        write_json(folder / "names.json", placed.names)
        self._map(folder / "words.npy", tokens.keys, 1)
        self._map(folder / "bigrams.npy", pair_keys, 2)
        self._spell(spelt.data, tokens)

    def _map(self, path: Path, keys: UInt64, order: int) -> None:
        """Write vocabulary rows, and keys that have none as -1 with the keys beside, until `finish` numbers them."""
        rows = self._vocabulary.lookup(keys)
        lacking = keys[rows < 0]
        self._lacking.setdefault(order, []).append(np.unique(lacking))
        write_array(path, rows)
        write_array(path.with_suffix(".lacking.npy"), lacking)

    def _spell(self, data: Bytes, tokens: kernels.Tokens) -> None:
        """Remember the character n-grams of the words that are new."""
        if not self._characters:
            return
        distinct, first = np.unique(tokens.keys, return_index=True)
        fresh = ~np.isin(distinct, self._seen, assume_unique=True)
        distinct, first = distinct[fresh], first[fresh]
        self._seen = np.concatenate((self._seen, distinct))
        starts, lengths = tokens.starts[first], tokens.lengths[first]
        keys, offsets = kernels.characters(data, starts, lengths, self._characters)
        by_order = [np.diff(kernels.characters(data, starts, lengths, (order,))[1]) for order in self._characters]
        kinds = np.tile(np.array([-order for order in self._characters], np.int8), len(distinct))
        self._spelled.append((distinct, keys, np.diff(offsets), np.repeat(kinds, np.stack(by_order, 1).ravel())))

    def finish(self, languages: Sequence[str]) -> None:
        """Number what the vocabulary lacks, write ids, keys, orders, characters and counts."""
        size = len(self._vocabulary.keys)
        char_keys = np.concatenate([np.empty(0, np.uint64), *(part[1] for part in self._spelled)])
        char_orders = np.concatenate([np.empty(0, np.int8), *(part[3] for part in self._spelled)])
        char_rows = self._vocabulary.lookup(char_keys)
        parts, orders, base = [np.asarray(self._vocabulary.keys)], [np.asarray(self._vocabulary.orders)], {}
        lacking: dict[int, list[UInt64]] = dict(self._lacking)
        for order in self._characters:
            lacking[-order] = [np.unique(char_keys[(char_rows < 0) & (char_orders == -order)])]
        for order, found in lacking.items():
            keys = np.unique(np.concatenate(found))
            base[order] = (size, keys)
            parts.append(keys)
            orders.append(np.full(len(keys), order, np.int8))
            size += len(keys)
        for order in self._characters:
            start, keys = base[-order]
            mine = (char_rows < 0) & (char_orders == -order)
            char_rows[mine] = start + np.searchsorted(keys, char_keys[mine])
        all_keys = np.concatenate(parts)
        write_array(self._folder / "keys.npy", all_keys)
        write_array(self._folder / "orders.npy", np.concatenate(orders))
        char_offsets, char_ids = self._characters_by_id(size, char_rows, base[1])
        write_array(self._folder / "char_offsets.npy", char_offsets)
        write_array(self._folder / "char_ids.npy", char_ids)
        for language in languages:
            self._number(self._folder / language, base, size, char_offsets, char_ids)

    def _characters_by_id(self, size: int, char_rows: Int32, tail: tuple[int, UInt64]) -> tuple[Int64, Int32]:
        """The character n-gram ids of every word id, as sparse rows over all ids."""
        words = np.concatenate([np.empty(0, np.uint64), *(part[0] for part in self._spelled)])
        counts = np.concatenate([np.empty(0, np.int64), *(part[2] for part in self._spelled)])
        ids = _numbered(self._vocabulary.lookup(words), words, tail)
        offsets = np.zeros(size + 1, np.int64)
        offsets[1:][ids] = counts
        np.cumsum(offsets, out=offsets)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))[:-1]
        places = np.arange(len(char_rows)) - np.repeat(starts, counts) + np.repeat(offsets[:-1][ids], counts)
        result = np.empty(len(char_rows), np.int32)
        result[places] = char_rows
        return offsets, result

    def _number(
        self,
        folder: Path,
        base: dict[int, tuple[int, UInt64]],
        size: int,
        char_offsets: Int64,
        char_ids: Int32,
    ) -> None:
        """Replace -1 by the final ids and count the training side."""
        side = read_array(folder / "sides.npy", mapped=False)
        counts = np.zeros(size, np.int64)
        for name, order in (("word", 1), ("bigram", 2)):
            path = folder / f"{name}s.npy"
            rows = np.array(read_array(path, mapped=False))
            beside = path.with_suffix(".lacking.npy")
            rows = _numbered(rows, read_array(beside, mapped=False), base[order])
            beside.unlink()
            write_array(path, rows)
            train = np.repeat(side == TRAIN, np.diff(read_array(folder / f"{name}_offsets.npy", mapped=False)))
            counts += np.bincount(rows[train], minlength=size)
        inside = np.repeat(counts, np.diff(char_offsets))
        counts += np.bincount(char_ids, weights=inside, minlength=size).astype(np.int64)
        write_array(folder / "counts.npy", counts)


def _numbered(rows: Int32, keys: UInt64, tail: tuple[int, UInt64]) -> Int32:
    """``rows`` with each -1 replaced by the id of its key; ``keys`` are those of all rows, or of the -1 alone."""
    missing = rows < 0
    start, known = tail
    wanted = keys[missing] if len(keys) == len(rows) else keys
    rows[missing] = start + np.searchsorted(known, wanted)
    return rows


def _codes(values: pl.Series, names: Sequence[str]) -> Int32:
    numbers = {name: number for number, name in enumerate(names)}
    try:
        return np.fromiter((numbers[value] for value in values), np.int32, len(values))
    except KeyError as error:
        raise FolderError(
            f"the corpus has sentences of {error}, which it does not list; make the corpus anew"
        ) from None
