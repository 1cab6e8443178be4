"""Every kernel of ``bags`` gives what plain Python gives, whatever the shares that its work is cut into."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.retrieval.encoder import bags, summing, table_rows
from sprachbund.retrieval.encoder.bags import UNSEEN, Bags, Ranges, Sentences, assemble

pytestmark = pytest.mark.usefixtures("one_thread")

IDS = 12
SENTENCES = st.lists(st.lists(st.integers(0, IDS - 1), max_size=6), min_size=1, max_size=6)


def sentences_of(words: list[list[int]]) -> Sentences:
    """Words as ids; the bigram of words a and b has the id 100 + 12 a + b."""
    pairs = [[100 + IDS * a + b for a, b in pairwise(ids)] for ids in words]

    def flat(parts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        offsets = np.cumsum([0, *map(len, parts)]).astype(np.int64)
        return np.array([x for part in parts for x in part], np.int32), offsets

    return Sentences(*flat(words), *flat(pairs))


def as_lists(bags: Bags) -> list[list[tuple[int, float]]]:
    return [
        [(int(bags.ids[place]), float(bags.weights[place])) for place in range(start, end)]
        for start, end in zip(bags.starts, bags.ends, strict=True)
    ]


def ranges_of(*bounds: tuple[int, int, int]) -> Ranges:
    return Ranges(*np.array(bounds, np.int64).reshape(-1, 3).T.copy())


def test_assemble_by_hand() -> None:
    """Two sentences, 'a a b' and 'b c': counts to a power, bigrams apart, a query left out of its own context."""
    sentences = sentences_of([[0, 0, 1], [1, 2], []])
    bags = assemble(sentences, ranges_of((0, 2, -1), (0, 2, 0), (2, 3, -1), (0, 3, 1)), bigram_weight=0.5, power=0.5)
    root = float(np.sqrt(np.float32(2)))
    assert as_lists(bags) == [
        [(0, root), (1, root), (2, 1.0), (100, 0.5), (101, 0.5), (100 + 12 + 2, 0.5)],
        [(1, 1.0), (2, 1.0), (114, 0.5)],
        [],
        [(0, root), (1, 1.0), (100, 0.5), (101, 0.5)],
    ]
    assert as_lists(assemble(sentences, ranges_of((0, 2, -1)), bigram_weight=0, power=1)) == [
        [(0, 2.0), (1, 2.0), (2, 1.0)]
    ]
    assert len(assemble(sentences, ranges_of(), bigram_weight=1, power=1)) == 0


@settings(deadline=None, max_examples=150)
@given(SENTENCES, st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.sampled_from([0.0, 0.25, 1.0]), st.data())
def test_assemble_counts_like_python(
    words: list[list[int]], power: float, bigram_weight: float, data: st.DataObject
) -> None:
    """For any ranges: ids in order, words before bigrams, weight times count ** power."""
    sentences = sentences_of(words)
    bounds = []
    for _ in range(data.draw(st.integers(0, 4))):
        first = data.draw(st.integers(0, len(words)))
        last = data.draw(st.integers(first, len(words)))
        bounds.append((first, last, data.draw(st.integers(-1, len(words)))))
    expected = []
    for first, last, without in bounds:
        kept = [row for row in range(first, last) if row != without]
        counts = Counter(x for row in kept for x in words[row])
        pairs = Counter(100 + IDS * a + b for row in kept for a, b in pairwise(words[row]))
        bag = [(x, float(np.float32(n**power))) for x, n in sorted(counts.items())]
        if bigram_weight:
            bag += [(x, float(np.float32(bigram_weight * n**power))) for x, n in sorted(pairs.items())]
        expected.append(bag)
    found = as_lists(assemble(sentences, ranges_of(*bounds), bigram_weight=bigram_weight, power=power))
    assert [[x for x, _ in bag] for bag in found] == [[x for x, _ in bag] for bag in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose([w for _, w in one], [w for _, w in other], rtol=1e-6)


def random_bags(seed: int, bags: int = 9, ids: int = IDS) -> Bags:
    """Bags with gaps of rubbish between them, one of them empty."""
    generator = np.random.default_rng(seed)
    sizes = generator.integers(0, 6, bags)
    sizes[bags // 2] = 0
    starts = np.cumsum([0, *(sizes + 2)[:-1]]).astype(np.int64)
    room = int(sizes.sum() + 2 * bags)
    return Bags(
        generator.integers(0, ids, room).astype(np.int32),
        generator.normal(size=room).astype(np.float32),
        starts,
        starts + sizes,
    )


@pytest.mark.parametrize("seed", range(4))
def test_number_locally(seed: int) -> None:
    """Distinct ids in the order of first appearance, each place its number, and the scratch memory as before."""
    bags = random_bags(seed)
    scratch = np.full(IDS, -1, np.int32)
    distinct, local = summing.number_locally(bags.ids, bags.starts, bags.ends, scratch)
    used = [place for start, end in zip(bags.starts, bags.ends, strict=True) for place in range(start, end)]
    assert distinct.tolist() == list(dict.fromkeys(bags.ids[used].tolist()))
    assert distinct[local[used]].tolist() == bags.ids[used].tolist()
    assert (scratch == -1).all()


@pytest.mark.parametrize("dim", [1, 5, 16, 40])
def test_sum_bags_and_its_gradient(dim: int) -> None:
    """The sum is W U and the gradient W' G for the matrix W of weights."""
    bags = random_bags(dim)
    generator = np.random.default_rng(1)
    distinct, local = summing.number_locally(bags.ids, bags.starts, bags.ends, np.full(IDS, -1, np.int32))
    matrix = np.zeros((len(bags), len(distinct)))
    for bag, (start, end) in enumerate(zip(bags.starts, bags.ends, strict=True)):
        for place in range(start, end):
            matrix[bag, local[place]] += bags.weights[place]
    units = generator.normal(size=(len(distinct), dim)).astype(np.float32)
    gradient = generator.normal(size=(len(bags), dim)).astype(np.float32)
    sums = summing.sum_bags(local, bags.weights, bags.starts, bags.ends, units)
    np.testing.assert_allclose(sums, matrix @ units, atol=1e-5)
    assert not sums[len(bags) // 2].any()
    back = summing.scatter_bags(local, bags.weights, bags.starts, bags.ends, gradient, len(distinct))
    np.testing.assert_allclose(back, matrix.T @ gradient, atol=1e-5)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_own_sentences(data: st.DataObject) -> None:
    """Every sentence of some ranges once, in order; the ranges in its places are the same sentences."""
    parts = []
    for _ in range(data.draw(st.integers(1, 2))):
        bounds = []
        for _ in range(data.draw(st.integers(0, 4))):
            first = data.draw(st.integers(5, 30))
            last = data.draw(st.integers(first, first + 4))
            bounds.append((first, last, data.draw(st.integers(first - 2, last + 1))))
        parts.append(ranges_of(*bounds))
    rows, local = bags.own_sentences(*parts)
    expected = {row for part in parts for i in range(len(part)) for row in range(part.first[i], part.last[i])}
    assert rows.tolist() == sorted(expected)
    for part, own in zip(parts, local, strict=True):
        for i in range(len(part)):
            found = [int(rows[place]) for place in range(own.first[i], own.last[i]) if place != own.without[i]]
            assert found == [row for row in range(part.first[i], part.last[i]) if row != part.without[i]]


@pytest.mark.parametrize("slices", [1, 2, 3, 16])
def test_sum_ranges_and_its_gradient(slices: int) -> None:
    """R S and R' G for the matrix R of ranges, added to what is there; slices do not change a bit."""
    ranges = ranges_of((0, 3, 1), (2, 2, -1), (1, 6, -1), (3, 4, 3), (0, 6, 5))
    matrix = np.array(
        [[1, 0, 1, 0, 0, 0], [0] * 6, [0, 1, 1, 1, 1, 1], [0] * 6, [1, 1, 1, 1, 1, 0]],
        float,
    )
    generator = np.random.default_rng(0)
    sums = generator.normal(size=(6, 5)).astype(np.float32)
    gradient = generator.normal(size=(5, 5)).astype(np.float32)
    found = summing.sum_ranges(sums, ranges.first, ranges.last, ranges.without)
    np.testing.assert_allclose(found, matrix @ sums, atol=1e-6)
    results = []
    for used in (slices, 1):
        result = np.ones((6, 5), np.float32)
        summing.scatter_ranges(gradient, ranges.first, ranges.last, ranges.without, used, result)
        results.append(result)
    np.testing.assert_allclose(results[0], 1 + matrix.T @ gradient, atol=1e-6)
    assert np.array_equal(*results)


def test_characters_and_their_gradient() -> None:
    """A unit gets weight times the rows of its character n-grams, one that stands twice twice; C and C' as matrices."""
    # words 0, 1, 2 of characters 5 6 5 / none / 6 7; more than 64 distinct ones in word 3
    parts = [[5, 6, 5], [], [6, 7], list(range(8, 108))]
    ids = 120
    offsets = np.cumsum([0, *map(len, parts), *[0] * (ids - len(parts))]).astype(np.int64)
    inside = np.array([x for part in parts for x in part], np.int32)
    distinct = np.array([2, 0, 1, 3], np.int32)
    numbers = np.full(ids, -1, np.int32)
    found = summing.number_characters(distinct, offsets, inside, numbers)
    assert found.tolist() == [6, 7, 5, *range(8, 108)]
    assert numbers[found].tolist() == list(range(103))
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(len(found), 7)).astype(np.float32)
    units = generator.normal(size=(4, 7)).astype(np.float32)
    matrix = np.array([[parts[unit].count(character) for character in found] for unit in distinct], float)
    expected = units + 0.5 * matrix @ rows
    summing.add_characters(distinct, offsets, inside, numbers, rows, np.float32(0.5), units)
    np.testing.assert_allclose(units, expected, atol=1e-5)
    gradient = generator.normal(size=(4, 7)).astype(np.float32)
    args = (distinct, offsets, inside, numbers, np.float32(0.5), gradient, len(found))
    back = summing.scatter_characters(*args)
    np.testing.assert_allclose(back, 0.5 * matrix.T @ gradient, atol=1e-5)
    summing.forget(found, numbers)
    assert (numbers == -1).all()


def test_gather() -> None:
    """Rows of the table, zeros where there is none."""
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    found = table_rows.gather(np.array([2, UNSEEN, 0], np.int32), table)
    assert found.tolist() == [[4, 5], [0, 0], [0, 1]]


def test_adagrad_by_a_plain_loop() -> None:
    """Three steps on some rows: state += mean(g^2), row -= rate g / sqrt(state); UNSEEN and untouched rows stay."""
    generator = np.random.default_rng(0)
    table = generator.normal(size=(6, 5)).astype(np.float32)
    state = np.zeros(6, np.float32)
    expected, held = table.astype(np.float64), np.zeros(6)
    before = table.copy()
    for step in range(3):
        rows = np.array([4, UNSEEN, 0, 2], np.int32)
        gradient = generator.normal(size=(4, 5)).astype(np.float32)
        gradient[3] = 0
        rate = 0.1 / (step + 1)
        for row, g in zip(rows, gradient.astype(np.float64), strict=True):
            if row >= 0 and g.any():
                held[row] += (g * g).mean()
                expected[row] -= rate * g / np.sqrt(held[row])
        table_rows.adagrad_rows(rows, gradient, table, state, rate)
    np.testing.assert_allclose(table, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state, held, rtol=1e-5)
    for row in (1, 2, 3, 5):
        assert np.array_equal(table[row], before[row])
