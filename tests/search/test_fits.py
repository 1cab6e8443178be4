"""Nothing fits well: what is said instead of hits by chance; parts of words and function words know their place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprachbund import Index
from sprachbund.ngrams.keys import word_key
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.fits import COMMON, NO_WORDS, NOTHING, Fit
from sprachbund.search.forms import CHARACTER, WORD, entries_of
from sprachbund.search.fusion import Fusion
from sprachbund.search.passages import Document
from sprachbund.search.weighing import weigh


def make(path: Path, model: Path, texts: Mapping[str, Sequence[str]]) -> Index:
    """An index of texts by language, a document of one sentence each, named by their numbers."""
    create(path, model, IndexSettings(sentences=1, map_points=0))
    documents = {code: enumerate(own) for code, own in texts.items()}
    add(path, {code: [Document(str(n), "", (), f"{n}", (t,), (0,)) for n, t in own] for code, own in documents.items()})
    return Index.open(path)


def entries(query: str):
    """The entries of a query that folds nothing."""
    return entries_of(analyse([query], "es", bigrams=False, characters=(4,)), ())


def test_parts_give_a_share_of_what_a_word_gives() -> None:
    """All runs of characters of a word weigh `parts` of the word and them together; the sum stays what it was."""
    query = entries("gobierno")
    frequency = np.full(len(query), 10)
    free, capped = (weigh(query, frequency, 1_000, Fusion(parts=parts)) for parts in (1.0, 0.5))
    inside = query.features == CHARACTER
    assert free[inside].sum() > 0.5  # seven runs of half a word's weight
    assert capped[inside].sum() == pytest.approx(0.5, rel=1e-6)
    assert free.sum() == pytest.approx(1, rel=1e-6) and capped.sum() == pytest.approx(1, rel=1e-6)
    # what is below the share stays as it was
    short = entries("el")
    same = (weigh(short, np.full(len(short), 10), 1_000, Fusion(parts=parts)) for parts in (1.0, 0.5))
    np.testing.assert_allclose(*same)


def test_a_run_of_a_word_does_not_make_up_for_another_word() -> None:
    """*presidente gobierno*: the run that *Kiernan* shares weighs less than a frequent word, and uncapped more."""
    query = entries("presidente gobierno")
    words = query.features == WORD
    frequent = query.words == query.words[(query.keys == word_key("presidente")).argmax()]
    weights = {
        parts: weigh(query, np.where(frequent, 100, 1), 1_000, Fusion(parts=parts)) for parts in (1.0, Fusion().parts)
    }
    chance, word = (
        {p: w[chosen].max() for p, w in weights.items()} for chosen in (~frequent & ~words, frequent & words)
    )
    assert chance[1.0] > word[1.0]
    assert chance[Fusion().parts] < word[Fusion().parts]


def test_nothing_fits(tmp_path: Path, model: Path) -> None:
    """Nonsense, words that nothing holds and no words are named as such; a word, an inflection and a slip fit."""
    texts = {"es": ["La mesa del comedor", "Kiernan Kiernan Kiernan", "cantar bajo la lluvia", "el niño duerme"]}
    index = make(tmp_path / "index", model, texts)
    for query, note in {"qxzvk wjkqz": NOTHING, "gobierno": NOTHING, "!!!": NO_WORDS}.items():
        found = index.fit(query, index.search(query, 10, (), "bm25"), (), "bm25")
        assert (found.fits, found.note) == (False, note), query
    for query in ("comedor", "comedores", "comedorr", "nino", "COMEDOR xyzzy", "lluvia qxzvk"):
        found = index.fit(query, index.search(query, 10, (), "bm25"), (), "bm25")
        assert found.fits and not found.note, query
    assert index.fit("nino", index.search("nino", 10)).query == "niño"


def test_the_encoder_may_know_better(tmp_path: Path, model: Path) -> None:
    """A word that nothing holds fits all the same where the encoder, with a say, has learned it."""
    index = make(tmp_path / "index", model, {"es": ["cantar bajo la lluvia", "el niño duerme"]})
    known = next(word for word in ("river", "water", "the") if word_is_known(index, word))
    for mode, fits in (("bm25", False), ("hybrid", True), ("dense", True)):
        assert index.fit(known, index.search(known, 10, (), mode), (), mode).fits is fits
    mute = replace(index, fusion=replace(index.fusion, dense=0.0))
    assert not mute.fit(known, mute.search(known, 10)).fits


def word_is_known(index: Index, word: str) -> bool:
    """Whether training gave a word a vector."""
    text = analyse([word], "", bigrams=False, characters=())
    return bool(index.encoder.rows(text.ngrams).row[0] >= 0)


def test_function_words_by_their_own_counts(tmp_path: Path, model: Path) -> None:
    """*el* stands in most Spanish passages: alone it finds nothing well, and in English it is part of a name."""
    spanish = [f"el {word} y la casa número {n}" for n in range(40) for word in ("perro", "gato", "pez")]
    english = [f"a house with number {n}" for n in range(120)] + ["El Salvador El Salvador"]
    index = make(tmp_path / "index", model, {"es": spanish, "en": english})
    hits = index.search("el", 10, (), "bm25")
    assert hits and {hit.language for hit in hits} == {"es"}
    assert index.fit("el", hits, (), "bm25") == Fit(False, COMMON, "el")
    # by itself English has no such function word
    alone = index.search("el", 10, ("en",), "bm25")
    assert [hit.document for hit in alone] == ["120"] and index.fit("el", alone, ("en",), "bm25").fits
    assert index.search("el salvador", 10, (), "bm25")[0].document == "120"
    assert index.fit("el gato", index.search("el gato", 10)).fits
