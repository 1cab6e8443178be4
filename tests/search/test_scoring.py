"""The best passages by BM25 against all passages scored in plain Python, and against bm25s."""

from collections import Counter

import bm25s
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as run
from hypothesis import strategies as st
from shelf import around, bm25_by_hand
from test_postings import KEYS, bags, fadings, places

from sprachbund.search import postings as lists
from sprachbund.search.scoring import Collection, Saturation, Scratch, Terms, best, complete, contributions

SATURATION = Saturation(*(np.array(pair, np.float32) for pair in ((1.2, 2.0), (0.75, 0.2), (3.0, 5.0))))


@st.composite
def collections(draw: st.DrawFn) -> Collection:
    """Random passages of seven n-grams, some deleted document by document."""
    low, high, sections = draw(places())
    count = len(low)
    passages = draw(st.lists(st.lists(st.integers(0, 6), max_size=6), min_size=count, max_size=count))
    fading = np.array(draw(fadings), np.float32)
    across = draw(st.sampled_from([0.0, 0.25, 1.0]))
    held = lists.from_bags(bags(passages), KEYS)
    sizes = np.array([[len(p), 2 * len(p)] for p in passages], np.float32).reshape(count, 2)
    lengths = np.empty_like(sizes)
    lists.sum_around(sizes, low, high, sections, fading, across, lengths)
    gone = draw(st.sets(st.sampled_from(sorted(set(low.tolist())))))
    dead = np.isin(low, list(gone))
    return Collection(held, np.ascontiguousarray(lengths.T), low, high, sections, fading, np.float32(across), dead)


def ask(collection: Collection, weights: dict[int, float]) -> Terms:
    """Some n-grams, by id, with their weights; odd ids are characters."""
    ids = sorted(weights)
    found = collection.postings.find(KEYS[ids])
    used = np.flatnonzero(found >= 0)
    place = found[used]
    features = np.array([ids[u] % 2 for u in used], np.int64)
    own = np.array([weights[ids[u]] for u in used], np.float32)
    c = collection
    _, most = lists.reach(c.postings, c.low, c.high, c.sections, c.fading, float(c.across))
    shortest = c.lengths.min(axis=1)
    k1, b, mean = (array[features] for array in (SATURATION.k1, SATURATION.b, SATURATION.mean))
    least = k1 * (1 - b + b * shortest[features] / mean)
    bounds = (own * most[place] / (most[place] + least)).astype(np.float32)
    return Terms(used, place, own, features, bounds)


weights = st.dictionaries(st.integers(0, 6), st.sampled_from([0.01, 0.3, 1.0, 2.5]), min_size=1, max_size=7)


@run(deadline=None, max_examples=300)
@given(collections(), weights, st.integers(1, 6))
def test_the_best_are_the_best_of_all(collection: Collection, weights: dict[int, float], k: int) -> None:
    """Scores of the k best of all passages that score, of which none is deleted; and nothing is left in memory."""
    terms, scratch = ask(collection, weights), Scratch.of(len(collection.low))
    passages, scores = best(collection, terms, SATURATION, k, 0.0, scratch)
    every = bm25_by_hand(collection, terms, SATURATION).sum(axis=1)
    expected = np.sort(every[every > 0])[::-1][:k]
    np.testing.assert_allclose(np.sort(scores)[::-1], expected, rtol=2e-5)
    np.testing.assert_allclose(scores, every[passages], rtol=2e-5)
    assert len(set(passages.tolist())) == len(passages) and not collection.dead[passages].any()
    assert not scratch.held.any() and not scratch.total.any()


@run(deadline=None, max_examples=150)
@given(collections(), weights, st.integers(1, 6), st.floats(0, 3))
def test_what_scores_less_than_the_least_may_be_left(
    collection: Collection, weights: dict[int, float], k: int, least: float
) -> None:
    """All of the k best that score more are found, with their scores; and nothing is left in memory."""
    terms, scratch = ask(collection, weights), Scratch.of(len(collection.low))
    passages, scores = best(collection, terms, SATURATION, k, least, scratch)
    every = bm25_by_hand(collection, terms, SATURATION).sum(axis=1)
    assume(not np.any(np.abs(every - least) < 1e-4))
    np.testing.assert_allclose(scores, every[passages], rtol=2e-5)
    expected = np.sort(every[every > least])[::-1][:k]
    np.testing.assert_allclose(np.sort(scores[scores > least])[::-1], expected, rtol=2e-5)
    assert not scratch.held.any() and not scratch.total.any()


@run(deadline=None, max_examples=150)
@given(collections(), weights, st.data())
def test_single_passages_as_by_hand(collection: Collection, weights: dict[int, float], data: st.DataObject) -> None:
    """What each n-gram adds to passages that were asked for, and their sums."""
    terms = ask(collection, weights)
    wanted = np.flatnonzero(~collection.dead)
    wanted = wanted[data.draw(st.lists(st.booleans(), min_size=len(wanted), max_size=len(wanted)))].astype(np.int32)
    every = bm25_by_hand(collection, terms, SATURATION)[wanted]
    np.testing.assert_allclose(contributions(collection, terms, SATURATION, wanted), every, rtol=2e-5, atol=1e-7)
    np.testing.assert_allclose(complete(collection, terms, SATURATION, wanted), every.sum(axis=1), rtol=2e-5, atol=1e-7)


def test_many_passages_and_one_memory() -> None:
    """2,000 passages where most n-grams are never walked: the same scratch serves 40 queries, as by hand."""
    generator = np.random.default_rng(0)
    count = 2_000
    frequency = np.array([0.6, 0.4, 0.2, 0.1, 0.03, 0.01, 0.002])
    drawn = generator.poisson(frequency, (count, 7)).tolist()
    passages = [[ngram for ngram, times in enumerate(row) for _ in range(times)] for row in drawn]
    starts = np.repeat(np.arange(0, count, 5), 5).astype(np.int32)
    sections = (np.arange(count) // 3).astype(np.int32)
    fading = np.array([1, 0.8, 0.4], np.float32)
    sizes = np.array([[len(p), len(p)] for p in passages], np.float32)
    lengths = np.empty_like(sizes)
    lists.sum_around(sizes, starts, starts + 5, sections, fading, 0.3, lengths)
    collection = Collection(
        lists.from_bags(bags(passages), KEYS), np.ascontiguousarray(lengths.T), starts, starts + 5, sections, fading,
        np.float32(0.3), generator.random(count // 5).repeat(5) < 0.1,
    )  # fmt: skip
    scratch = Scratch.of(count)
    for number in range(40):
        asked = {
            int(i): float(-np.log(frequency[i])) + 0.1 for i in generator.choice(7, generator.integers(1, 7), False)
        }
        terms, k = ask(collection, asked), int(generator.choice([1, 3, 10, 100]))
        _, scores = best(collection, terms, SATURATION, k, 0.0, scratch)
        if number < 4:
            every = bm25_by_hand(collection, terms, SATURATION).sum(axis=1)
        else:
            every = complete(collection, terms, SATURATION, np.flatnonzero(~collection.dead).astype(np.int32))
        every = every[every > 0]
        np.testing.assert_allclose(np.sort(scores)[::-1], np.sort(every)[::-1][:k], rtol=5e-5)
        assert not scratch.held.any() and not scratch.total.any()


def test_by_hand() -> None:
    """Two passages of one document: the second counts half of the first's word."""
    held = lists.from_bags(bags([[0, 0], []]), KEYS)
    low, high, sections = (np.array(x, np.int32) for x in ([0, 0], [2, 2], [0, 0]))
    lengths = np.array([[2, 1], [0, 0]], np.float32)
    collection = Collection(
        held, lengths, low, high, sections, np.array([1, 0.5], np.float32), np.float32(0), np.zeros(2, bool)
    )
    terms = ask(collection, {0: 3.0})
    found = contributions(collection, terms, SATURATION, np.array([0, 1], np.int32))[:, 0]
    norms = [1.2 * (0.25 + 0.75 * 2 / 3), 1.2 * (0.25 + 0.75 * 1 / 3)]
    assert found.tolist() == pytest.approx([3 * 2 / (2 + norms[0]), 3 * 1 / (1 + norms[1])])
    assert around(low, high, sections, collection.fading, 0.0, 1) == {0: 0.5, 1: 1.0}


def test_without_surroundings_as_bm25s() -> None:
    """Another implementation of the same formula, variant lucene, gives the same scores."""
    generator = np.random.default_rng(1)
    passages = [generator.choice(7, generator.integers(1, 12), p=np.arange(7, 0, -1) / 28).tolist() for _ in range(60)]
    count = len(passages)
    own = np.arange(count, dtype=np.int32)
    lengths = np.array([[len(p)] * 2 for p in passages], np.float32).T.copy()
    saturation = Saturation(*(np.array([x, x], np.float32) for x in (1.4, 0.6, lengths[0].mean())))
    collection = Collection(
        lists.from_bags(bags(passages), KEYS), lengths, own, own + 1, own, np.ones(1, np.float32), np.float32(1),
        np.zeros(count, bool),
    )  # fmt: skip
    retriever = bm25s.BM25(method="lucene", k1=1.4, b=0.6)
    retriever.index([[f"w{i}" for i in p] for p in passages], show_progress=False)
    reached, _ = lists.reach(collection.postings, own, own + 1, own, collection.fading, 1.0)
    counts = Counter(word for p in passages for word in set(p))
    for query in ([0], [6, 3], [1, 2, 4, 5], [0, 0, 6]):
        asked = {
            word: times * float(np.log(1 + (count - counts[word] + 0.5) / (counts[word] + 0.5)))
            for word, times in Counter(query).items()
        }
        assert [reached[collection.postings.find(KEYS[[word]])[0]] for word in asked] == [counts[w] for w in asked]
        terms = ask(collection, asked)
        expected = retriever.get_scores([f"w{i}" for i in query])
        passages_found, scores = best(collection, terms, saturation, count, 0.0, Scratch.of(count))
        found = np.zeros(count)
        found[passages_found] = scores
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
