"""Pairs worked out by hand: which sentence asks, what it should find, and what one a section means."""

import numpy as np
import pytest
from tiny import SETTINGS

from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.pairs import Pairs, find_pairs, one_a_section, section_bounds
from sprachbund.retrieval.settings import PairSettings


def triples(pairs: Pairs) -> list[tuple[int, int, int]]:
    return list(zip(pairs.query.tolist(), pairs.first.tolist(), pairs.last.tolist(), strict=True))


SECTIONS = np.array([0, 0, 0, 0, 1, 2, 2], np.int32)
LENGTHS = np.array([4, 9, 3, 4, 8, 4, 5], np.int64)


def test_next_sentences() -> None:
    """Both sentences have four words and stand in one section: of seven, rows 0-1 and 5-6."""
    assert triples(find_pairs("nsp", SECTIONS, LENGTHS, PairSettings())) == [(0, 1, 2), (5, 6, 7)]
    assert triples(find_pairs("nsp", SECTIONS, LENGTHS, PairSettings(least_words=3))) == [
        (0, 1, 2),
        (1, 2, 3),
        (2, 3, 4),
        (5, 6, 7),
    ]


def test_inverse_cloze() -> None:
    """The query has four words, its context whatever it has; cut at the section, two sentences at least."""
    assert triples(find_pairs("ic", SECTIONS, LENGTHS, PairSettings())) == [(0, 0, 3), (1, 0, 4), (3, 1, 4)]
    assert triples(find_pairs("ic", SECTIONS, LENGTHS, PairSettings(window=1))) == [(1, 0, 3)]
    assert triples(find_pairs("ic", SECTIONS, LENGTHS, PairSettings(window=1, least_context=1))) == [
        (0, 0, 2),
        (1, 0, 3),
        (3, 2, 4),
        (5, 5, 7),
        (6, 5, 7),
    ]
    # four sentences of context, as the paper: only the middle of a section of five
    five = find_pairs("ic", np.zeros(5, np.int32), np.full(5, 4), PairSettings(least_context=4))
    assert triples(five) == [(2, 0, 5)]


@pytest.mark.parametrize("task", ["nsp", "ic"])
def test_no_sentence_and_one(task: str) -> None:
    """Nothing to pair gives no pair."""
    for count in (0, 1):
        assert len(find_pairs(task, np.zeros(count, np.int32), np.full(count, 9), PairSettings())) == 0  # type: ignore[arg-type]


def test_ranges_and_spans() -> None:
    """A context leaves its query out; query and candidate together span from the first sentence to the last."""
    pairs = Pairs(np.array([0, 7]), np.array([1, 5]), np.array([2, 10]))
    low, high = pairs.span()
    assert (low.tolist(), high.tolist()) == ([0, 5], [2, 10])
    assert pairs.candidates().without.tolist() == [0, 7]
    queries = pairs.queries()
    assert (queries.first.tolist(), queries.last.tolist(), queries.without.tolist()) == ([0, 7], [1, 8], [-1, -1])
    assert triples(pairs[np.array([1])]) == [(7, 5, 10)]


def test_section_bounds() -> None:
    """For each sentence where its section begins and ends."""
    starts, ends = section_bounds(np.array([3, 3, 5, 6, 6, 6], np.int32))
    assert (starts.tolist(), ends.tolist()) == ([0, 0, 2, 3, 3, 3], [2, 2, 3, 6, 6, 6])
    assert [len(bound) for bound in section_bounds(np.zeros(0, np.int32))] == [0, 0]


def test_one_a_section() -> None:
    """One of each section that has any, in the order of the text, evenly: 3,000 draws of three are near 1,000 each."""
    sections = np.array([0, 0, 0, 1, 2, 2], np.int32)
    rows = np.array([0, 1, 2, 4, 5])
    pairs = Pairs(rows, rows, rows + 1)
    generator = np.random.default_rng(0)
    drawn = np.array([one_a_section(pairs, sections, generator).query for _ in range(3000)])
    assert set(map(tuple, drawn.tolist())) == {(a, b) for a in (0, 1, 2) for b in (4, 5)}
    counts = np.bincount(drawn[:, 0])
    assert abs(counts - 1000).max() < 5 * np.sqrt(3000 * 2 / 9)
    assert len(one_a_section(pairs[:0], sections, generator)) == 0


def test_pairs_of_the_tiny_corpus(tiny: EncodedCorpus) -> None:
    """Portuguese, side by side: row 3 is one word, rio and sol are two sentences each, sections part 3-4, 19-20."""
    data = tiny.language("pt")

    def nsp(side: str) -> list[int]:
        pairs = data.pairs("nsp", SETTINGS, side)
        assert np.array_equal(pairs.first, pairs.query + 1)
        assert np.array_equal(pairs.last, pairs.query + 2)
        return pairs.query.tolist()

    assert nsp("train") == [0, 1, 4, 6, 7, 8, 9, 34]
    assert nsp("dev") == [11, 12]
    assert nsp("test") == [14, 15, 16, 17, 18, 20, *range(22, 33), 36]
    assert triples(data.pairs("ic", SETTINGS, "train")) == [
        (0, 0, 3),
        (1, 0, 4),
        (2, 0, 4),
        (6, 6, 9),
        (7, 6, 10),
        (8, 6, 11),
        (9, 7, 11),
        (10, 8, 11),
    ]
    assert triples(data.pairs("ic", SETTINGS, "dev")) == [(11, 11, 14), (12, 11, 14), (13, 11, 14)]
    assert data.pairs("ic", SETTINGS, "test").query.tolist() == [*range(14, 20), *range(22, 34)]


def test_a_language_with_one_pair(tiny: EncodedCorpus) -> None:
    """Spanish has one document of two sentences: one pair to train on, none to judge by."""
    data = tiny.language("es")
    assert triples(data.pairs("nsp", SETTINGS, "train")) == [(0, 1, 2)]
    assert [len(data.pairs("nsp", SETTINGS, side)) for side in ("dev", "test")] == [0, 0]
    assert len(data.pairs("ic", SETTINGS, "train")) == 0
