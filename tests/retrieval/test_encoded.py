"""A corpus as ids says what plain Python says of its text: words, characters, counts, structure, templates."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tiny import NOISE_SETTINGS, SETTINGS, TINY, Document, encoded_tiny, noise, texts, write_corpus

from sprachbund.corpus.segment import words
from sprachbund.corpus.splits import TRAIN
from sprachbund.errors import CorpusError, FolderError, LanguageError, SettingsError
from sprachbund.ngrams.keys import bigram_key, character_keys, word_key
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.cutting import cut_corpus
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.settings import change

TRAIN_ROWS = {"pt": [*range(11), 34, 35], "gl": [0, 1, 2, 3, 12, 13], "es": [0, 1]}


def check(encoded: EncodedCorpus, documents: list[Document], orders: tuple[int, ...]) -> None:
    """Ids, characters and counts of every language against plain Python."""
    keys, kinds = np.asarray(encoded.ngrams.keys), np.asarray(encoded.ngrams.orders)
    assert len(np.unique(keys)) == len(keys)
    total = np.zeros(len(keys), np.int64)
    for language in encoded.languages:
        data = encoded.language(language)
        found = [words(text, language) for text in texts(documents, language)]
        assert len(data.sentences) == len(found)
        counts: Counter[int] = Counter()
        for row, tokens in enumerate(found):
            s = data.sentences
            ids = s.words[s.word_offsets[row] : s.word_offsets[row + 1]]
            assert [int(key) for key in keys[ids]] == [word_key(token) for token in tokens]
            assert (kinds[ids] == 1).all()
            pairs = s.bigrams[s.bigram_offsets[row] : s.bigram_offsets[row + 1]]
            expected = [bigram_key(word_key(a), word_key(b)) for a, b in pairwise(tokens)]
            assert [int(key) for key in keys[pairs]] == expected
            assert (kinds[pairs] == 2).all()
            for identity, token in zip(ids, tokens, strict=True):
                inside = encoded.ngrams.char_ids[
                    encoded.ngrams.char_offsets[identity] : encoded.ngrams.char_offsets[identity + 1]
                ]
                spelled = [key for order in orders for key in character_keys(token, order)]
                assert [int(key) for key in keys[inside]] == spelled
                assert kinds[inside].tolist() == [-o for o in orders for _ in character_keys(token, o)]
            if data.sides[row] == 0:
                counts.update(word_key(token) for token in tokens)
                counts.update(expected)
                counts.update(key for t in tokens for order in orders for key in character_keys(t, order))
        assert {int(key): int(n) for key, n in zip(keys, data.counts, strict=True) if n} == counts
        total += data.counts
    vocabulary = encoded.vocabulary()
    assert len(vocabulary) == encoded.vocabulary_size
    assert np.array_equal(vocabulary.keys, keys[: len(vocabulary)])
    assert np.array_equal(vocabulary.orders, kinds[: len(vocabulary)])
    assert np.array_equal(vocabulary.counts, total[: len(vocabulary)])


def test_ids_are_those_of_plain_python(tiny: EncodedCorpus, noisy: EncodedCorpus) -> None:
    """Words, bigrams, character n-grams and training counts of two corpora."""
    check(tiny, TINY, (4, 5))
    check(noisy, noise(), (4, 5))
    assert tiny.languages == ("es", "gl", "pt")


@pytest.mark.parametrize("options", [{"min_count": 3}, {"max_rows": 7}])
def test_ids_where_the_vocabulary_is_cut(tmp_path: Path, options: dict[str, int]) -> None:
    """What has no row in the vocabulary has an id after it all the same, and its count."""
    encoded = encoded_tiny(tmp_path, settings=change(SETTINGS, **options))
    check(encoded, TINY, (4, 5))
    assert encoded.vocabulary_size < len(encoded.ngrams) / 5


def test_structure(tiny: EncodedCorpus) -> None:
    """Sections, documents, groups, positions and sides of Galician, by hand."""
    data = tiny.language("gl")
    assert data.names == ["gl-train-1", "gl-train-2", "gl-dev", "gl-test-1", "gl-test-2", "gl-rio", "gl-sol"]
    numbers = [0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6]
    assert data.documents.tolist() == data.sections.tolist() == data.groups.tolist() == numbers
    assert data.positions.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 2, 0, 1, 2, 0, 1, 0, 1]
    assert data.sides.tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 0, 0, 2, 2]
    assert data.train_sentences == 6
    portuguese = tiny.language("pt")
    assert portuguese.sections[:12].tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 3]
    for language, rows in TRAIN_ROWS.items():
        assert np.flatnonzero(tiny.language(language).sides == 0).tolist() == rows


def test_a_planted_template_is_no_query(tiny: EncodedCorpus) -> None:
    """One sentence of twelve is a template: it alone; one of three: the whole document."""
    assert np.flatnonzero(tiny.language("pt").templates).tolist() == [23]
    assert np.flatnonzero(tiny.language("gl").templates).tolist() == [9, 10, 11]
    assert not tiny.language("es").templates.any()


def test_equal_multisets_have_equal_hashes(noisy: EncodedCorpus) -> None:
    """For all ranges of one to four sentences, less one or none: hashes are equal where sorted words are."""
    data = noisy.language("pt")
    tokens = [words(text, "pt") for text in texts(noise(), "pt")]
    bounds = [
        (first, last, without)
        for first in range(60)
        for last in range(first, first + 4)
        for without in (-1, first, first - 1, last, (first + last) // 2)
    ]
    hashes = data.candidate_hashes(Ranges(*np.array(bounds, np.int64).T.copy()))
    sets = {}
    for bound, found in zip(bounds, hashes, strict=True):
        first, last, without = bound
        bag = tuple(sorted(token for row in range(first, last) if row != without for token in tokens[row]))
        assert sets.setdefault(bag, found) == found
    assert len(set(sets.values())) == len(sets)
    assert len(sets) < len(bounds) / 2


def test_fewer_orders_of_characters(tiny: EncodedCorpus) -> None:
    """The same ids with only some orders inside, or none."""
    assert tiny.with_characters((5, 4)) is tiny.ngrams
    five, none = tiny.with_characters((5,)), tiny.with_characters(())
    for identity in range(len(tiny.ngrams)):
        inside = tiny.ngrams.char_ids[tiny.ngrams.char_offsets[identity] : tiny.ngrams.char_offsets[identity + 1]]
        kept = [int(c) for c in inside if tiny.ngrams.orders[c] == -5]
        assert five.char_ids[five.char_offsets[identity] : five.char_offsets[identity + 1]].tolist() == kept
    assert len(none.char_ids) == 0
    assert not none.char_offsets.any()
    with pytest.raises(SettingsError, match=r"has character n-grams of \[4, 5\], not of \[3\]"):
        tiny.with_characters((3, 4))


def test_some_languages_and_strangers(tiny: EncodedCorpus, tmp_path: Path) -> None:
    """Languages that were not asked for are not there; those that the corpus lacks are named."""
    corpus = write_corpus(tmp_path, TINY)
    encoded = encode_corpus(corpus, tmp_path / "some", languages=["pt", "es"], settings=SETTINGS, characters=())
    assert encoded.languages == ("es", "pt")
    check(encoded, TINY, ())
    with pytest.raises(LanguageError, match="has no 'gl'; it has es, pt"):
        encoded.language("gl")
    with pytest.raises(LanguageError, match=r"has no fr, tr; it has es, gl, pt"):
        encode_corpus(corpus, tmp_path / "none", languages=["tr", "pt", "fr"], settings=SETTINGS)
    assert not (tmp_path / "none").exists()
    without = encode_corpus(corpus, tmp_path / "words", settings=SETTINGS, bigrams=False, characters=())
    assert set(np.asarray(without.ngrams.orders)) == {1}


def test_a_language_with_nothing_to_train_on(tmp_path: Path) -> None:
    """It is named, and no half-made folder stays."""
    settings = change(SETTINGS, shares=(0.0, 0.5, 0.5))
    with pytest.raises(CorpusError, match="documents are too few to split; leave the language out"):
        encoded_tiny(tmp_path, settings=settings)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "source.jsonl"]


def test_open_again(tiny: EncodedCorpus) -> None:
    """The same arrays from disk; a missing file is named."""
    again = EncodedCorpus.open(tiny.path)
    assert np.array_equal(again.ngrams.keys, tiny.ngrams.keys)
    assert np.array_equal(again.language("pt").sentences.words, tiny.language("pt").sentences.words)
    with pytest.raises(FolderError, match="expected an encoded corpus folder, found nothing"):
        EncodedCorpus.open(tiny.path / "no")


def test_split_by_pair(tmp_path: Path) -> None:
    """As the paper may have done: all text is training text, pairs fall on sides by chance, each on one."""
    settings = change(NOISE_SETTINGS, split_by="pair")
    encoded = encoded_tiny(tmp_path, noise(), settings)
    data = encoded.language("pt")
    assert not data.sides.any()
    assert not data.templates.any()
    parts = [data.pairs("nsp", settings, side).query for side in ("train", "dev", "test")]
    assert [round(len(part) / sum(map(len, parts)), 2) for part in parts] == [0.5, 0.2, 0.3]
    every = data.pairs("nsp", change(settings, split_by="group"), "train").query
    assert np.array_equal(np.sort(np.concatenate(parts)), every)
    other = data.pairs("nsp", change(settings, split_seed=5), "dev").query
    assert not np.array_equal(parts[1], other)


@pytest.mark.parametrize("task", ["nsp", "ic"])
def test_less_text_where_pairs_are_split(tmp_path: Path, task: str) -> None:
    """Pairs of sentences that are left out are on no side; the others stay on theirs."""
    settings = change(NOISE_SETTINGS, split_by="pair")
    encoded = encoded_tiny(tmp_path, noise(), settings)
    whole, less = encoded.language("pt"), cut_corpus(encoded, {"pt": 40}, 0).language("pt")
    left = np.asarray(less.sides) == TRAIN
    assert np.count_nonzero(left) == 40
    for side in ("train", "dev", "test"):
        every, found = whole.pairs(task, settings, side), less.pairs(task, settings, side)
        inside = [bool(left[low:high].all()) for low, high in zip(*every.span(), strict=True)]
        assert found.query.tolist() == every.query[inside].tolist()
        assert 0 < len(found) < len(every)
