"""The baseline is tuned on dev, its parts by what they are, and is the same when it comes back."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tiny import NOISE_SETTINGS, noise, texts, write_corpus

from sprachbund.corpus.segment import words
from sprachbund.ngrams.keys import character_keys, word_key
from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.ranking.baselines import (
    FUSION,
    START,
    Baseline,
    Feature,
    baseline_parts,
    collect,
    concatenate,
    tune_baseline,
)
from sprachbund.retrieval.ranking.bm25 import BM25Settings
from sprachbund.retrieval.ranking.judging import judge
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.ranking.ranks import mrr

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("order", [1, -4])
@pytest.mark.parametrize("name", ["unseen", "paper", "mixed"])
def test_a_collection_counts_like_python(noisy: EncodedCorpus, order: int, name: str) -> None:
    """Frequencies of words or character n-grams in every column, queries out of their contexts; lengths too."""
    pool = make_pool(noisy, name, "pt", "ic", NOISE_SETTINGS)  # type: ignore[arg-type]
    found = collect(noisy, pool, order)
    keys = np.asarray(noisy.ngrams.keys)
    tokens = {lang: [words(text, lang) for text in texts(noise(), lang)] for lang in noisy.languages}

    def count(language: str, rows: list[int]) -> Counter[int]:
        said = [token for row in rows for token in tokens[language][row]]
        if order == 1:
            return Counter(word_key(token) for token in said)
        return Counter(key for token in said for key in character_keys(token, -order))

    postings: list[Counter[int]] = [Counter() for _ in range(len(found.index.lengths))]
    for identity in np.flatnonzero(found.index.column >= 0):
        column = found.index.column[identity]
        for place in range(found.index.offsets[column], found.index.offsets[column + 1]):
            postings[found.index.documents[place]][int(keys[identity])] = int(found.index.frequencies[place])
    number = 0
    for part in pool.parts:
        for query, first, last in zip(part.pairs.query, part.pairs.first, part.pairs.last, strict=True):
            expected = count(part.language, [row for row in range(first, last) if row != query])
            assert postings[number] == expected
            assert found.index.lengths[number] == expected.total()
            number += 1
    assert number == len(postings)
    for place, query in enumerate(pool.queries.query):
        start, end = found.queries.starts[place], found.queries.ends[place]
        bag = {int(keys[found.queries.ids[i]]): int(found.queries.weights[i]) for i in range(start, end)}
        assert bag == count("pt", [int(query)])


def test_tuning(noisy: EncodedCorpus) -> None:
    """Never worse on dev than any part alone, tuned or not; the scorers give the MRR that the baseline says."""
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    baseline = tune_baseline(noisy, pool)
    singles = [tune_baseline(noisy, pool, orders=(order,)) for order in (1, -4, -5)]
    untuned = [
        mrr(judge(pool, [collect(noisy, pool, order).scorer(settings)], [1.0]).truth)
        for order in (1, -4, -5)
        for settings in (START, BM25Settings(), BM25Settings("atire", 0.4, 0.2, 2.5))
    ]
    assert [single.features[0].name for single in singles] == ["words", "characters-4", "characters-5"]
    assert baseline.mrr >= max(single.mrr for single in singles) >= max(untuned[:1] + untuned[3:4] + untuned[6:7])
    assert mrr(judge(pool, *baseline_parts(noisy, pool, baseline)).truth) == pytest.approx(baseline.mrr)
    assert all(feature.weight in FUSION and feature.weight > 0 for feature in baseline.features)
    assert baseline.tried > sum(single.tried for single in singles)


def test_a_feature_that_finds_nothing_drops_out(tmp_path: Path) -> None:
    """No word has 20 characters: words alone are left."""
    corpus = write_corpus(tmp_path, noise())
    noisy = encode_corpus(corpus, tmp_path / "encoded", settings=NOISE_SETTINGS, characters=(20,))
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    baseline = tune_baseline(noisy, pool, orders=(1, -20))
    alone = tune_baseline(noisy, pool, orders=(1,))
    assert baseline.mrr == alone.mrr
    assert baseline.features[0].settings == alone.features[0].settings


def test_a_baseline_comes_back_from_json() -> None:
    """Equal, with its settings."""
    features = (Feature(1, BM25Settings("bm25+", 0.7, 0.4, 2.0), 3.5, 2.0), Feature(-4, START))
    baseline = Baseline(features, 0.5, 40)
    assert Baseline.from_dict(json.loads(json.dumps(baseline.to_dict()))) == baseline
    assert [feature.name for feature in features] == ["words", "characters-4"]


def test_concatenate() -> None:
    """Bags one after another, each with its own places."""
    one = Bags(np.array([1, 2, 3], np.int32), np.ones(3, np.float32), np.array([0, 2]), np.array([1, 3]))
    other = Bags(np.array([4, 5], np.int32), np.full(2, 2, np.float32), np.array([0]), np.array([2]))
    both = concatenate([one, other, one])
    found = [both.ids[start:end].tolist() for start, end in zip(both.starts, both.ends, strict=True)]
    assert found == [[1], [3], [4, 5], [1], [3]]
