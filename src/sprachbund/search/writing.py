"""Writing a segment: batches of documents in, a folder out that never changes again."""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float16, Float32
from sprachbund.files import atomic_folder, write_array, write_manifest
from sprachbund.ngrams.strings import word_lines
from sprachbund.retrieval.encoder.bags import Ranges, assemble
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.features import bag_weights
from sprachbund.retrieval.encoder.softmax import normalise
from sprachbund.retrieval.encoder.texts import Texts, analyse
from sprachbund.retrieval.ranking.bm25 import character_bags
from sprachbund.retrieval.spelling.spellings import WRITTEN
from sprachbund.search import postings as lists
from sprachbund.search import rounded
from sprachbund.search.dense import build, choose
from sprachbund.search.forms import CHARACTERS, DEFAULT, further_postings, plain_of
from sprachbund.search.fusion import Fusion
from sprachbund.search.passages import Document, Passages, cut, fading, number_documents, rows, with_titles
from sprachbund.search.postings import Postings
from sprachbund.search.records import DocumentRecord, Writer
from sprachbund.search.rounded import Rounded
from sprachbund.search.segment import FORMAT, KIND, MANIFEST
from sprachbund.search.wording import plain

SAMPLE = 200
"""Sentences that the recall of the dense index is measured on."""
LONGEST_WORD = 100
"""Bytes of a word that is kept to be found by how it begins."""
MOST_COLUMNS, MOST_LETTERS = 1_000, 10_000
DRAWN = 20
"""Sentences of a batch that may be among them."""


class SegmentWriter:
    """Collects batches of documents of one language and writes a segment of them.

    Memory: about 6 bytes a posting, twice that while they are merged, and 2 a number of a vector.

    Args:
        folder: empty, for what is written meanwhile. size: sentences a passage at most. dense: see `dense.choose`.
        folds: see `forms.FOLDS`.
    """

    def __init__(
        self,
        folder: Path,
        language: str,
        encoder: Encoder,
        fusion: Fusion,
        size: int,
        dense: str,
        folds: Sequence[str] = DEFAULT,
    ) -> None:
        self.folder, self.language, self.encoder, self.fusion, self.size = folder, language, encoder, fusion, size
        self.dense, self.folds = dense, folds
        self.records = Writer(folder / "passages.sqlite")
        self.postings: list[Postings] = []
        self.batches: list[Passages] = []
        self.lengths: list[Float32] = []
        self.vectors: list[Float16] = []
        self.queries: list[str] = []
        self.words: dict[str, None] = {}
        self.columns: Counter[str] = Counter()
        self.documents = self.sentences = self.passages = 0

    def add(self, batch: Sequence[Document]) -> None:
        """Take documents, whose ids the segment does not have and which have sentences."""
        texts, documents, sections = number_documents(batch)
        passages = cut(documents, sections, self.size)
        self._record(batch, texts, passages)
        lines, searched = with_titles(batch, texts, passages)
        text = self.encoder.analyse(lines, self.language)
        written = as_written(text, lines, self.language, self.encoder)
        postings, lengths = count(written, searched, self.folds)
        self.words |= dict.fromkeys(words_of(written))
        self.columns.update(name for document in batch for name in document.meta)
        self.postings.append(postings)
        self.lengths.append(lengths)
        self.batches.append(passages)
        self.vectors.append(vectors_of(self.encoder, text, searched, self.fusion, self.size))
        drawn = np.random.default_rng(self.passages).permutation(len(texts))[:DRAWN]
        self.queries += [texts[i] for i in drawn.tolist()]
        self.documents += len(batch)
        self.sentences += len(texts)
        self.passages += len(passages)

    def _record(self, batch: Sequence[Document], texts: Sequence[str], passages: Passages) -> None:
        before = self.passages
        table = rows(passages, texts, self.documents)
        heads = np.unique(passages.low)
        stops = np.unique(passages.high)
        documents = (
            DocumentRecord(
                *(self.documents + i, d.id, d.title, tuple(d.headings), d.digest, d.meta),
                *(before + a, before + b, d.root, d.path),
            )
            for i, (d, a, b) in enumerate(zip(batch, heads.tolist(), stops.tolist(), strict=True))
        )
        self.records.add(documents, ((before + i, *row) for i, row in enumerate(table.iter_rows())))

    def write(self, target: Path) -> dict[str, Any]:
        """Write the segment to ``target``; what its manifest says."""
        self.records.add_words(zip(plain(list(self.words), self.folds), self.words, strict=True))
        self.records.close()
        sizes = [len(batch) for batch in self.batches]
        postings = lists.merge(self.postings, sizes)
        self.postings.clear()
        shifts = np.cumsum([0, *sizes[:-1]])
        low, high = (
            np.concatenate([getattr(batch, name) + shift for batch, shift in zip(self.batches, shifts, strict=True)])
            for name in ("low", "high")
        )
        low, high = low.astype(np.int32), high.astype(np.int32)
        sections = np.concatenate([batch.sections for batch in self.batches])
        around = self.fusion.surroundings
        near, across = fading(around, self.size), around.across
        reached, most = lists.reach(postings, low, high, sections, near, across)
        own = np.concatenate(self.lengths)
        lengths = np.empty_like(own)
        lists.sum_around(own, low, high, sections, near, across, lengths)
        arrays = {"low": low, "high": high, "sections": sections, "reached": reached, "most": most}
        arrays["lengths"] = np.ascontiguousarray(lengths.T)
        vectors = np.concatenate(self.vectors)
        with atomic_folder(target) as folder:
            shutil.move(self.folder / "passages.sqlite", folder / "passages.sqlite")
            lists.write_postings(folder, postings)
            for name, array in arrays.items():
                write_array(folder / f"{name}.npy", array)
            choice = build(vectors, choose(len(vectors), self.dense), self._sample(), folder / "dense.faiss")
            if choice.kind == "flat" and len(vectors) >= rounded.LEAST:
                Rounded.of(vectors).write(folder)
            manifest = {
                "language": self.language,
                "documents": self.documents,
                "passages": self.passages,
                "sentences": self.sentences,
                "size": self.size,
                "ngrams": len(postings.keys),
                "postings": len(postings.passages),
                "dense": choice.to_dict(),
                "columns": [name for name, _ in self.columns.most_common(MOST_COLUMNS)],
                "letters": letters_of(self.words),
                "folds": list(self.folds),
                "bytes": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
            }
            write_manifest(folder, MANIFEST, KIND, FORMAT, **manifest)
        return manifest

    def _sample(self) -> Float32:
        drawn = np.random.default_rng(0).permutation(len(self.queries))[:SAMPLE]
        return self.encoder.encode([self.queries[i] for i in drawn.tolist()], self.language)


def words_of(text: Texts) -> list[str]:
    """The distinct words of texts, without those that are longer than words are."""
    starts, lengths = text.tokens.starts[text.first], text.tokens.lengths[text.first]
    short = lengths <= LONGEST_WORD
    return word_lines(text.data, starts[short], lengths[short])


def letters_of(words: Iterable[str]) -> str:
    """What words are written with, the commonest first."""
    seen = Counter(letter for word in words for letter in set(word))
    return "".join(letter for letter, _ in seen.most_common(MOST_LETTERS))


def as_written(seen: Texts, texts: Sequence[str], language: str, encoder: Encoder) -> Texts:
    """Words as they are written with their runs of characters: read anew where the encoder sees others."""
    settings = encoder.settings.encoder
    if settings.characters == (CHARACTERS,) and settings.character_weight and settings.spelling == WRITTEN:
        return seen
    return analyse(texts, language, bigrams=False, characters=(CHARACTERS,))


def count(text: Texts, passages: Passages, folds: Sequence[str]) -> tuple[Postings, Float32]:
    """The words and runs of characters of passages, and how many each has: float32 [passages, 2].

    Args:
        text: of all passages, see `as_written`.
    """
    each = Ranges(passages.first[:-1], passages.first[1:], np.full(len(passages), -1, np.int64))
    words = assemble(text.sentences, each, bigram_weight=0.0, power=1.0)
    characters = character_bags(words, text.ngrams)
    both = [lists.from_bags(bags, text.ngrams.keys) for bags in (words, characters)]
    lengths = np.concatenate([bag_weights(words), bag_weights(characters)], axis=1)
    # words, characters and further forms never share a key: the order is in the hash, and the form
    return lists.merge_features([*both, *further_postings(text, words, plain_of(text, folds))]), lengths


def vectors_of(encoder: Encoder, text: Texts, passages: Passages, fusion: Fusion, size: int) -> Float16:
    """The vector that each passage is found by: float16 [passages, dim].

    Both parts of the encoder's score, the passage by itself and with what surrounds it, are products with the query's
    vector; so one vector holds their weighted sum.
    """
    around = fusion.surroundings
    if fusion.own == 1 or not around.reach:
        joined = Ranges(passages.first[:-1], passages.first[1:], np.full(len(passages), -1, np.int64))
        return encoder.pool(text, joined).astype(np.float16)
    sums = np.add.reduceat(encoder.sums(text), passages.first[:-1], axis=0)
    wide = np.empty_like(sums)
    lists.sum_around(sums, passages.low, passages.high, passages.sections, fading(around, size), around.across, wide)
    both = np.float32(fusion.own) * normalise(sums)[0] + np.float32(1 - fusion.own) * normalise(wide)[0]
    return both.astype(np.float16)
