"""Which n-gram has which row: shared, apart, and shared by the wrong ones; where rows start and how long they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tiny import SETTINGS, encoded_tiny

from sprachbund.errors import CorpusError
from sprachbund.lab.placebo import BAND
from sprachbund.ngrams.keys import word_key
from sprachbund.ngrams.start_rows import start_row
from sprachbund.retrieval.encoder.bags import UNSEEN
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.rows import Layout, make_rows, permutation, select, start_lengths
from sprachbund.retrieval.settings import EncoderSettings, Settings, change

pytestmark = pytest.mark.usefixtures("one_thread")

ALL = EncoderSettings(dim=8, characters=(4, 5), bigram_weight=0.5)
LANGUAGES = ("es", "gl", "pt")


def test_select_by_hand() -> None:
    """Kinds in use, min_count occurrences, the most frequent; of equal ones the first ids, in order of ids."""
    counts = np.array([5, 1, 3, 3, 9, 2, 3, 8])
    orders = np.array([1, 1, 1, 2, 2, -4, -4, -5], np.int8)

    def chosen(**options: object) -> list[int]:
        return select(counts, orders, EncoderSettings(**options)).tolist()  # type: ignore[arg-type]

    assert chosen(characters=(), bigram_weight=0) == [0, 1, 2]
    assert chosen(characters=(4,), bigram_weight=0) == [0, 1, 2, 5, 6]
    assert chosen(characters=(4, 5), bigram_weight=0.5) == list(range(8))
    assert chosen(characters=(4, 5), character_weight=0, bigram_weight=0) == [0, 1, 2]
    assert chosen(characters=(4,), bigram_weight=1, min_count=3) == [0, 2, 3, 4, 6]
    assert chosen(characters=(4,), bigram_weight=1, max_rows=4) == [0, 2, 3, 4]
    assert chosen(characters=(), bigram_weight=0, max_rows=99) == [0, 1, 2]


def test_start_lengths_by_hand() -> None:
    """ln(1 + 6 / count) over its mean; an unseen n-gram as if seen once; 1 for all without idf."""
    lengths, unseen = start_lengths(np.array([1, 2, 6]), 6, EncoderSettings(start="idf"))
    mean = (np.log(7) + np.log(4) + np.log(2)) / 3
    np.testing.assert_allclose(lengths, np.log([7, 4, 2]) / mean, rtol=1e-6)
    assert unseen == pytest.approx(np.log(7) / mean)
    lengths, unseen = start_lengths(np.array([1, 2, 6]), 6, EncoderSettings(start="random"))
    assert (lengths.tolist(), unseen) == ([1, 1, 1], 1.0)


def test_shared_rows(tiny: EncodedCorpus) -> None:
    """One row for every n-gram of the training side, the same in all languages, in the order of ids."""
    layout = make_rows(tiny, LANGUAGES, ALL, 0, "shared")
    counts = sum(tiny.counts(language) for language in LANGUAGES)
    assert layout.ids.tolist() == np.flatnonzero(counts).tolist()
    assert np.array_equal(layout.keys, np.asarray(tiny.ngrams.keys)[layout.ids])
    row = layout.rows["pt"].row
    assert all(layout.rows[language].row is row for language in LANGUAGES)
    assert row[layout.ids].tolist() == list(range(len(layout.ids)))
    assert (np.delete(row, layout.ids) == UNSEEN).all()
    # the idf of rio: 3 times on the training side of pt, in 13 + 6 + 2 sentences
    [rio] = np.flatnonzero(layout.keys == np.uint64(word_key("rio")))
    idf = np.log1p(21 / counts[layout.ids])
    assert counts[layout.ids[rio]] == 3
    assert layout.lengths[rio] == pytest.approx(np.log1p(7) / idf.mean(), rel=1e-6)
    assert layout.rows["pt"].unseen_length == pytest.approx(np.log1p(21) / idf.mean(), rel=1e-6)


def test_unseen_n_grams_may_be_dropped(tiny: EncodedCorpus) -> None:
    """Then their start row has length 0."""
    layout = make_rows(tiny, LANGUAGES, EncoderSettings(unseen=False), 0, "shared")
    assert layout.rows["pt"].unseen_length == 0


@pytest.mark.parametrize("options", [{}, {"min_count": 2}, {"max_rows": 25}, {"start": "random"}])
def test_separate_rows_are_those_of_each_alone(tiny: EncodedCorpus, options: dict[str, int]) -> None:
    """Language after language, each as if there were no other: the same start rows to the last bit."""
    settings = EncoderSettings(dim=8, characters=(4,), bigram_weight=1, **options)  # type: ignore[arg-type]
    together = make_rows(tiny, LANGUAGES, settings, 3, "separate")
    table = together.start(8)
    used = []
    for language in LANGUAGES:
        alone = make_rows(tiny, (language,), settings, 3, "shared")
        own, theirs = together.rows[language], alone.rows[language]
        assert own.unseen_length == theirs.unseen_length
        assert np.array_equal(own.row == UNSEEN, theirs.row == UNSEEN)
        seen = np.flatnonzero(own.row != UNSEEN)
        assert np.array_equal(table[own.row[seen]], alone.start(8)[theirs.row[seen]])
        assert np.array_equal(together.ids[own.row[seen]], seen)
        used += own.row[seen].tolist()
    assert sorted(used) == list(range(len(together.ids)))


def test_the_same_key_starts_alike_in_every_arm(tiny: EncodedCorpus) -> None:
    """The row of an n-gram is its key's start row, in each arm; where it has none, so is what it gets instead."""
    settings = EncoderSettings(dim=8, characters=(), start="random")
    key = word_key("rio")
    [identity] = np.flatnonzero(np.asarray(tiny.ngrams.keys) == np.uint64(key))
    for layout in (
        make_rows(tiny, LANGUAGES, settings, 4, "shared"),
        make_rows(tiny, LANGUAGES, settings, 4, "separate"),
        make_rows(tiny, ("pt",), settings, 4, "shared"),
    ):
        np.testing.assert_allclose(layout.start(8)[layout.rows["pt"].row[identity]], start_row(key, 8, 4), rtol=1e-6)
    assert layout.rows["pt"].seed == 4
    other = make_rows(tiny, ("pt",), settings, 5, "shared").start(8)
    assert not np.array_equal(np.sign(layout.start(8)), np.sign(other))


def placed(encoded: EncodedCorpus, layout: Layout, languages: Sequence[str]) -> dict[str, np.ndarray]:
    """For each language the n-gram whose row each n-gram has; itself where it has none."""
    result = {}
    for language in languages:
        row = layout.rows[language].row
        result[language] = np.where(row == UNSEEN, np.arange(len(row)), layout.ids[row])
    return result


def test_permuted_rows(noisy: EncodedCorpus) -> None:
    """As many rows as shared; in each language what others have too is moved inside bands of its frequency."""
    shared = make_rows(noisy, LANGUAGES, ALL, 0, "shared")
    layout = make_rows(noisy, LANGUAGES, ALL, 0, "permuted")
    assert np.array_equal(layout.ids, shared.ids)
    total = sum(noisy.counts(language) for language in LANGUAGES)
    orders = np.asarray(noisy.ngrams.orders)
    has_row = shared.rows["pt"].row != UNSEEN
    for language, image in placed(noisy, layout, LANGUAGES).items():
        own = noisy.counts(language)
        # a bijection of the n-grams that have rows
        assert np.array_equal(layout.rows[language].row == UNSEEN, ~has_row)
        assert sorted(image[has_row]) == np.flatnonzero(has_row).tolist()
        only_own = has_row & (own == total)
        assert np.array_equal(image[only_own], np.flatnonzero(only_own))
        bands = 0
        for kind in np.unique(orders):
            for group, by in (((own > 0) & (own < total), own), (own == 0, total)):
                ids = np.flatnonzero(has_row & (orders == kind) & group)
                ids = ids[np.lexsort((ids, by[ids]))]
                for low in range(0, len(ids), BAND):
                    band = ids[low : low + BAND]
                    assert set(image[band]) == set(band)
                    if len(band) > 1:
                        assert (image[band] != band).all()
                        bands += 1
        assert bands > 5


def test_permuted_differently_in_each_language(tiny: EncodedCorpus, noisy: EncodedCorpus) -> None:
    """Two languages in which the same n-grams are equally frequent must not meet again behind the permutation."""
    layout = make_rows(noisy, LANGUAGES, ALL, 0, "permuted")
    images = placed(noisy, layout, LANGUAGES)
    counts = {language: noisy.counts(language) for language in LANGUAGES}
    in_both = np.flatnonzero((counts["pt"] > 0) & (counts["gl"] > 0))
    met = (images["pt"][in_both] == images["gl"][in_both]).mean()
    assert len(in_both) > 60
    assert met < 0.2
    # twins: the words of two languages with the very same counts
    row = np.arange(200, dtype=np.int32)
    own, orders = np.full(200, 3), np.ones(200, np.int8)
    one = permutation(own, 2 * own, orders, row, 0, "pt")
    other = permutation(own, 2 * own, orders, row, 0, "gl")
    assert (one == other).mean() < 0.2
    assert np.array_equal(one, permutation(own, 2 * own, orders, row, 0, "pt"))
    assert not np.array_equal(one, permutation(own, 2 * own, orders, row, 1, "pt"))


def test_a_band_of_one_stays() -> None:
    """33 n-grams are a band of 32 and one of 1, which cannot move; what has no row does not either."""
    own, orders = np.arange(1, 34), np.ones(33, np.int8)
    order = permutation(own, 2 * own, orders, np.arange(33, dtype=np.int32), 0, "pt")
    assert order[32] == 32
    assert sorted(order[:32]) == list(range(32))
    assert (order[:32] != np.arange(32)).all()
    order = permutation(own, 2 * own, orders, np.full(33, UNSEEN, np.int32), 0, "pt")
    assert np.array_equal(order, np.arange(33))


def test_nothing_left(tiny: EncodedCorpus) -> None:
    """The error says which languages and which minimum."""
    with pytest.raises(CorpusError, match=r"es, gl: no n-gram occurs 1000 times or more.*lower min_count"):
        make_rows(tiny, ("es", "gl"), EncoderSettings(min_count=1000), 0, "shared")


@pytest.mark.parametrize("sharing", ["shared", "separate", "permuted"])
def test_only_the_vocabulary_gets_rows(tmp_path: Path, sharing: str) -> None:
    """What the encoded corpus's vocabulary was cut of has no trained row, also where settings would allow it."""
    encoded = encoded_tiny(tmp_path, settings=change(SETTINGS, max_rows=30))
    assert encoded.vocabulary_size == 30
    layout = make_rows(encoded, LANGUAGES, change(Settings(), characters=(4, 5)).encoder, 0, sharing)  # type: ignore[arg-type]
    assert layout.ids.max() < 30
