"""What the index scores is what a study scores: the same counts, lengths, surroundings and idf, up to a scale.

A study takes a query out of its own document; here every section ends with a sentence whose words are silenced, which
stands in as the query of all its candidates, so that nothing is taken out.
"""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from shelf import FUSION, Library, around

from sprachbund import Encoder, Index
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.retrieval.encoder.bags import Sentences
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.encoder.model import sentence_sums
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.ranking.surrounded_bm25 import (
    SurroundedBM25,
    build_surrounded,
    count_together,
    sentence_bags,
)
from sprachbund.retrieval.ranking.surroundings import (
    SurroundedDense,
    fading,
    find_places,
    sum_surroundings,
)
from sprachbund.retrieval.settings import Surroundings, change
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.passages import documents_of

MARK, SILENCE = "Qqq.", "* * *"
LANGUAGES = ("gl", "pt")
QUERIES = 12


@pytest.fixture(scope="module")
def marked(library: Library, tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, EncodedCorpus, Encoder]:
    """Ten documents of two languages of the sample, every section with a mark at its end; and as a study reads them."""
    folder = tmp_path_factory.mktemp("marked")
    with (folder / "source.jsonl").open("w", encoding="utf-8") as handle:
        for language in LANGUAGES:
            frame = library.corpus.read(language)
            for part in frame.partition_by("document", maintain_order=True)[:10]:
                sections = [
                    {"title": "", "sentences": [[*own["text"].to_list(), MARK]]}
                    for own in part.partition_by("section", maintain_order=True)
                ]
                row = {"id": part["document"][0], "lang": language, "title": "", "sections": sections}
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    ingest([folder / "source.jsonl"], folder / "corpus", workers=1)
    encoder = Encoder.load(library.model)
    settings = change(encoder.settings, shares=(0.5, 0.25, 0.25))
    corpus = Corpus.open(folder / "corpus")
    encoded = encode_corpus(corpus, folder / "encoded", settings=settings, characters=(4,), bigrams=False)
    return corpus, encoded, encoder


def silenced(corpus: Corpus, encoded: EncodedCorpus) -> Any:
    """The encoded corpus with marks that have no words: ingest leaves out such sentences."""
    languages = {}
    for code in LANGUAGES:
        data = encoded.language(code)
        marks = (corpus.read(code)["text"] == MARK).to_numpy()
        offsets = np.asarray(data.sentences.word_offsets)
        sizes = np.diff(offsets)
        assert set(sizes[marks].tolist()) == {1}
        words = np.asarray(data.sentences.words)[np.repeat(~marks, sizes)]
        kept = np.r_[0, np.cumsum(np.where(marks, 0, sizes))]
        sentences = Sentences(words, kept, np.zeros(0, np.int32), np.zeros(len(sizes) + 1, np.int64))
        languages[code] = replace(data, sentences=sentences)
    return SimpleNamespace(
        language=languages.__getitem__, ngrams=encoded.ngrams, with_characters=encoded.with_characters
    )


def candidates(encoded: EncodedCorpus, language: str) -> Pairs:
    """Every sentence, with the mark of its section as its query."""
    sections = np.asarray(encoded.language(language).sections)
    first = np.arange(len(sections))
    return Pairs(np.searchsorted(sections, sections, side="right") - 1, first, first + 1)


def exactly_reached(encoded: EncodedCorpus, language: str, order: int, surroundings: Surroundings) -> np.ndarray:
    """How many sentences count each n-gram; a study's own number looks as far as its longest candidate does."""
    data = encoded.language(language)
    ngrams = encoded.ngrams if order == 1 else encoded.with_characters((-order,))
    part = build_surrounded(encoded, language, candidates(encoded, language), order, surroundings)
    rows = np.arange(len(data.sentences))
    bags = sentence_bags(data.sentences, rows, order, ngrams)
    documents, sections = np.asarray(data.documents), np.asarray(data.sections)
    low, high = np.searchsorted(documents, documents), np.searchsorted(documents, documents, side="right")
    fade = fading(surroundings)
    reached = np.zeros_like(part.reached)
    for j in rows.tolist():
        near = around(low, high, sections, fade, surroundings.across, j)
        held = {int(i) for p, w in near.items() if w > 0 for i in bags.ids[bags.starts[p] : bags.ends[p]]}
        reached[part.index.column[sorted(held)]] += 1
    return reached


@pytest.mark.parametrize("surroundings", [Surroundings(40, 0.9, 0.3), Surroundings(2, 0.5, 0.2), Surroundings(0)])
def test_the_same_scores(
    library: Library,
    marked: tuple[Corpus, EncodedCorpus, Encoder],
    surroundings: Surroundings,
    tmp_path: Path,
) -> None:
    """BM25 of words and of characters, and the encoder's two cosines, of sentences of two languages in one index."""
    corpus, whole, encoder = marked
    encoded = silenced(corpus, whole)
    fusion = replace(FUSION, surroundings=surroundings, own=0.4 if surroundings.reach else 1.0, parts=1.0)
    create(tmp_path / "index", library.model, IndexSettings(1, map_points=0, folds=(), neighbours=False), fusion)
    documents = {
        code: [
            replace(document, texts=[SILENCE if text == MARK else text for text in document.texts])
            for document in documents_of(corpus, code)
        ]
        for code in LANGUAGES
    }
    add(tmp_path / "index", documents)
    index = Index.open(tmp_path / "index")
    data = {language: encoded.language(language) for language in LANGUAGES}
    assert {code: count["passages"] for code, count in index.counts.items()} == {
        code: len(data[code].sentences) for code in LANGUAGES
    }
    pairs = {language: candidates(encoded, language) for language in LANGUAGES}
    generator = np.random.default_rng(0)
    eligible = np.flatnonzero((corpus.read("gl")["text"] != MARK).to_numpy())
    rows = np.sort(generator.choice(eligible, QUERIES, replace=False))
    asked = [np.full(QUERIES, -1, np.int64)] * len(LANGUAGES)
    total = np.zeros((QUERIES, sum(map(len, pairs.values()))), np.float32)
    for order, settings, weight in ((1, fusion.words, 1.0), (-4, fusion.characters, fusion.character_weight)):
        ngrams = encoded.ngrams if order == 1 else encoded.with_characters((-order,))
        parts = [build_surrounded(encoded, code, pairs[code], order, surroundings) for code in LANGUAGES]
        exact = [exactly_reached(encoded, code, order, surroundings) for code in LANGUAGES]
        if surroundings.reach == 40:  # farther than any document: there is nothing to count otherwise
            assert all(np.array_equal(part.reached, own) for part, own in zip(parts, exact, strict=True))
        parts = count_together([replace(part, reached=own) for part, own in zip(parts, exact, strict=True)])
        queries = sentence_bags(data["gl"].sentences, rows, order, ngrams)
        scores = SurroundedBM25(parts, [settings], queries, asked).scores(0, QUERIES)
        total += weight * scores
    model = encoder.in_corpus(whole)
    sums = {code: sentence_sums(model, data[code], np.arange(len(data[code].sentences))) for code in LANGUAGES}
    lengths = np.linalg.norm(sums["gl"][rows], axis=1)
    unit = sums["gl"][rows] / lengths[:, None]
    places = [find_places(data[code], pairs[code]) for code in LANGUAGES]
    dense = np.zeros_like(total)
    for share, seen in ((fusion.own, Surroundings(0)), (1 - fusion.own, surroundings)):
        wide = [sum_surroundings(sums[code], place, seen) for code, place in zip(LANGUAGES, places, strict=True)]
        columns = np.concatenate(wide)
        scorer = SurroundedDense(unit, lengths, columns, np.linalg.norm(columns, axis=1), places, asked, seen)
        dense += share * scorer.scores(0, QUERIES)
    keys = [
        f"{code}:{name}#{number}"
        for code in LANGUAGES
        for name, count in corpus.documents(code).select("document", "sentences").rows()
        for number in range(count)
    ]
    texts = corpus.read("gl")["text"].to_list()
    compared = 0
    for number, row in enumerate(rows.tolist()):
        found = {hit.key: hit.score for hit in index.search(texts[row], 1_000, (), "bm25")}
        given = np.array([found.get(key, 0.0) for key in keys])
        # a factor that the collection and the query decide, the same for every passage and both features
        scaled = total[number] * (given.sum() / total[number].sum())
        np.testing.assert_allclose(given, scaled, rtol=1e-4, atol=1e-5)
        near = {hit.key: hit.score for hit in index.search(texts[row], 1_000, (), "dense")}
        np.testing.assert_allclose([near.get(key, 0.0) for key in keys], dense[number], atol=2e-3)
        compared += len(found)
        both = index.search(texts[row], 5)
        summed = np.sort(given + fusion.dense * dense[number])[::-1][:5]
        np.testing.assert_allclose([hit.score for hit in both], summed, atol=2e-3)
    assert compared > 10 * QUERIES
