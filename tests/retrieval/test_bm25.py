"""BM25 beside bm25s, bags of characters beside counting."""

from collections import Counter

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.ranking.bm25 import (
    VARIANTS,
    BM25Scorer,
    BM25Settings,
    build_index,
    character_bags,
    weights,
)

pytestmark = pytest.mark.usefixtures("one_thread")

IDS = 15
TEXTS = st.lists(st.lists(st.integers(0, IDS - 1), min_size=0, max_size=12), min_size=1, max_size=8)


def counted(texts: list[list[int]]) -> Bags:
    """Bags whose weights are counts, with a gap of rubbish after each."""
    ids: list[int] = []
    counts: list[float] = []
    starts, ends = [], []
    for text in texts:
        starts.append(len(ids))
        for token, count in sorted(Counter(text).items()):
            ids.append(token)
            counts.append(count)
        ends.append(len(ids))
        ids.append(0)
        counts.append(9)
    return Bags(
        np.array(ids, np.int32), np.array(counts, np.float32), np.array(starts, np.int64), np.array(ends, np.int64)
    )


def scores(documents: list[list[int]], queries: list[list[int]], settings: BM25Settings) -> np.ndarray:
    index = build_index(counted(documents), IDS)
    return BM25Scorer(index, weights(index, settings), counted(queries)).scores(0, len(queries))


@pytest.mark.parametrize("variant", VARIANTS)
@settings(deadline=None, max_examples=40)
@given(
    TEXTS.filter(lambda texts: any(texts)),
    TEXTS,
    st.sampled_from([0.4, 1.2, 3.0]),
    st.sampled_from([0.0, 0.6, 1.0]),
)
def test_scores_are_bm25s(
    variant: str, documents: list[list[int]], queries: list[list[int]], k1: float, b: float
) -> None:
    """For any collection and repeated query words; BM25L and BM25+ less what they give for absent words."""
    tokens = [[str(token) for token in text] for text in documents]
    other = bm25s.BM25(method=variant, k1=k1, b=b, delta=0.5)
    other.index(tokens, show_progress=False)
    found = scores(documents, queries, BM25Settings(variant, k1=k1, b=b))  # type: ignore[arg-type]
    known = {token for text in documents for token in text}
    for query, own in zip(queries, found, strict=True):
        words = [str(token) for token in query if token in known]
        theirs = other.get_scores(words) if words else np.zeros(len(documents))
        gap = theirs - own
        constant = 0.0
        if variant in ("bm25l", "bm25+"):
            for token in query:
                df = sum(token in text for text in documents)
                if df:
                    idf = np.log((len(documents) + 1) / (df + (0.5 if variant == "bm25l" else 0)))
                    constant += idf * (0.5 if variant == "bm25+" else (k1 + 1) * 0.5 / (k1 + 0.5))
        np.testing.assert_allclose(gap, constant, atol=2e-4)


def test_power_of_the_idf_by_hand() -> None:
    """Lucene, k1 1, b 0, two documents: word 0 in one of them, once; word 1 in both, three times in the second."""
    documents = [[0, 1], [1, 1, 1]]
    rare, common = np.log(1 + 1.5 / 1.5), np.log(1 + 0.5 / 2.5)
    for power in (1.0, 2.0, 2.5):
        found = scores(documents, [[0], [1], [0, 0, 1]], BM25Settings("lucene", 1.0, 0.0, power))
        first = [rare**power / 2, common**power / 2]
        expected = [[first[0], 0], [first[1], common**power * 3 / 4], [2 * first[0] + first[1], common**power * 3 / 4]]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_words_of_all_documents_have_no_negative_weight() -> None:
    """Robertson's idf is negative for words in more than half of the documents; as in bm25s it is 0 then."""
    found = scores([[0, 1], [0]], [[0], [1]], BM25Settings("robertson"))
    np.testing.assert_allclose(found, 0, atol=1e-7)


def test_empty_documents_queries_and_collections() -> None:
    """A query without words, or with words that nobody has, scores nothing; so does a collection without words."""
    found = scores([[], [3]], [[], [4], [3]], BM25Settings())
    assert not found[:2].any()
    assert found[2, 0] == 0 < found[2, 1]
    for variant in VARIANTS:
        assert not scores([[], []], [[1]], BM25Settings(variant)).any()


def test_more_than_a_thousand_words() -> None:
    """The index grows: 3,000 words, each in one document, have the same weight there."""
    documents = counted([list(range(start, start + 1000)) for start in (0, 1000, 2000)])
    index = build_index(documents, 3000)
    assert np.diff(index.offsets).tolist() == [1] * 3000
    assert index.documents[index.offsets[index.column[2500]]] == 2
    assert np.ptp(weights(index, BM25Settings())) == 0


def test_a_run_of_queries() -> None:
    """Scores of queries 1 and 2 are rows 1 and 2 of the scores of all."""
    documents, queries = [[0, 1], [1, 2], [2, 2]], [[0], [1, 2], [2], [0, 2]]
    index = build_index(counted(documents), IDS)
    scorer = BM25Scorer(index, weights(index, BM25Settings()), counted(queries))
    assert np.array_equal(scorer.scores(1, 3), scorer.scores(0, 4)[1:3])


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=IDS, max_size=IDS),
    st.lists(st.lists(st.integers(0, IDS - 1), max_size=8), max_size=5),
)
def test_character_bags_count_like_python(spelled: list[list[int]], texts: list[list[int]]) -> None:
    """Each n-gram of characters as often as it stands in the words, the words as often as they stand in the bag."""
    offsets = np.cumsum([0, *map(len, spelled)]).astype(np.int64)
    inside = np.array([character for word in spelled for character in word], np.int32)
    ngrams = Ngrams(np.arange(IDS, dtype=np.uint64), np.ones(IDS, np.int8), offsets, inside)
    found = character_bags(counted(texts), ngrams)
    assert len(found) == len(texts)
    for text, start, end in zip(texts, found.starts, found.ends, strict=True):
        expected = Counter(character for word in text for character in spelled[word])
        bag = dict(zip(found.ids[start:end].tolist(), found.weights[start:end].tolist(), strict=True))
        assert bag == dict(expected)
        assert len(bag) == end - start
