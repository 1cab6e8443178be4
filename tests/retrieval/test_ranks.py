"""Ranks against counting one by one: ties against the model, exclusions, columns that only hold truths."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.retrieval.ranking.ranks import TOLERANCE, Dense, Lists, lists, mrr, rank, spread

pytestmark = pytest.mark.usefixtures("one_thread")


class Table:
    """Scores from a table."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table.astype(np.float32)

    def scores(self, low: int, high: int) -> np.ndarray:
        return self.table[low:high].copy()


def brute(
    tables: Sequence[np.ndarray], weights: np.ndarray, truth: Sequence[int], ranked: int, excluded: Lists
) -> list[list[int]]:
    """1 plus the candidates that are not surely below the truth, one by one."""
    result = []
    for row in weights:
        ranks = []
        for query, column in enumerate(truth):
            if column < 0:
                ranks.append(0)
                continue
            total = sum(float(w) * table[query].astype(float) for w, table in zip(row, tables, strict=True))
            bar = total[column] - TOLERANCE * max(1.0, abs(total[column]))
            left_out = set(excluded[query].tolist()) | {column}
            ranks.append(1 + sum(total[c] >= bar for c in range(ranked) if c not in left_out))
        result.append(ranks)
    return result


def ranks_of(row: list[float], truth: int, ranked: int | None = None, excluded: Sequence[int] = ()) -> int:
    left_out = lists([np.array([truth, *excluded])])
    table = Table(np.array([row]))
    ranked = len(row) if ranked is None else ranked
    return int(rank([table], np.ones((1, 1), np.float32), np.array([truth]), ranked, left_out)[0, 0])


def test_ranks_by_hand() -> None:
    """The best is 1; ties, and what is within the tolerance, count against the truth; a hair below does not."""
    assert ranks_of([0.9, 0.5, 0.1], 0) == 1
    assert ranks_of([0.9, 0.5, 0.1], 2) == 3
    assert ranks_of([0.5, 0.5, 0.5], 1) == 3
    assert ranks_of([0.5, 0.5 - 5e-6, 0.5 - 2e-5], 0) == 2
    assert ranks_of([500.0, 500 - 4e-3, 500 - 6e-3], 0) == 2
    assert ranks_of([-500.0, -500 - 4e-3, -500 - 6e-3], 0) == 2
    assert ranks_of([0.9, 0.8, 0.7, 0.1], 3, excluded=[0, 2]) == 2


def test_columns_beyond_the_ranked_only_hold_truths() -> None:
    """The truth in column 3 of three ranked ones competes with those three; the truth of another query does not."""
    assert ranks_of([0.9, 0.2, 0.1, 0.5, 0.99], 3, ranked=3) == 2
    assert ranks_of([0.9, 0.2, 0.1, 0.5, 0.99], 3, ranked=3, excluded=[0, 4]) == 1


def test_a_query_without_a_truth_has_rank_0() -> None:
    """As in a null test where nothing could be planted."""
    found = rank([Table(np.ones((2, 3)))], np.ones((1, 1), np.float32), np.array([-1, 0]), 3, lists([[], [0]]))  # type: ignore[list-item]
    assert found.tolist() == [[0, 3]]


def test_a_model_that_has_diverged_is_last_and_not_first() -> None:
    """A score that is no number is never below another, so that the truth is behind all others."""
    nan = float("nan")
    assert ranks_of([nan, 0.5, 0.1], 0) == 3
    assert ranks_of([nan, nan, nan], 1) == 3
    assert ranks_of([0.5, nan, 0.1], 0) == 2
    assert ranks_of([0.5, nan, 0.1], 0, excluded=[1]) == 1


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 12), st.integers(0, 4), st.integers(1, 3))
def test_ranks_are_those_of_counting(seed: int, queries: int, ranked: int, extra: int, parts: int) -> None:
    """Random scores with many ties, weights, exclusions, truths anywhere or nowhere; over more than one block."""
    generator = np.random.default_rng(seed)
    columns = ranked + extra
    tables = [generator.integers(0, 4, (queries, columns)) / 2 for _ in range(parts)]
    weights = generator.choice([0.0, 0.5, 1.0, 2.0], (3, parts)).astype(np.float32)
    truth = generator.integers(-1, columns, queries)
    left_out = [np.append(generator.integers(0, columns, generator.integers(0, 4)), max(column, 0)) for column in truth]
    excluded = lists(left_out)
    found = rank([Table(table) for table in tables], weights, truth, ranked, excluded)
    assert found.tolist() == brute(tables, weights, truth.tolist(), ranked, excluded)


def test_many_blocks() -> None:
    """700 queries are three blocks; dot products as scores."""
    generator = np.random.default_rng(0)
    queries = generator.integers(-2, 3, (700, 4)).astype(np.float32)
    candidates = generator.integers(-2, 3, (90, 4)).astype(np.float32)
    truth = generator.integers(0, 90, 700)
    excluded = lists([np.array([column, (column + 1) % 90]) for column in truth])
    found = rank([Dense(queries, candidates)], np.ones((1, 1), np.float32), truth, 80, excluded)
    assert found.tolist() == brute([queries @ candidates.T], np.ones((1, 1)), truth.tolist(), 80, excluded)


def test_lists() -> None:
    """Each list sorted and distinct; some of them in another order."""
    made = lists([np.array([3, 1, 3]), np.array([], np.int64), np.array([2])])
    assert [made[i].tolist() for i in range(3)] == [[1, 3], [], [2]]
    taken = made.take(np.array([2, 0]))
    assert [taken[i].tolist() for i in range(2)] == [[2], [1, 3]]
    assert len(lists([]).columns) == 0


def test_mrr() -> None:
    """Ranks 1, 2 and 4: (1 + 1/2 + 1/4) / 3; nothing gives 0."""
    assert mrr(np.array([1, 2, 4])) == pytest.approx(1.75 / 3)
    assert mrr(np.array([], np.int64)) == 0.0


def test_spread() -> None:
    """The mean deviation of a query's ranked scores over the first queries, 1 where there is none."""
    table = np.array([[0, 2, 100], [0, 6, -100], [9, 9, 0]])
    assert spread(Table(table), 3, 2) == pytest.approx((1 + 3 + 0) / 3)
    assert spread(Table(table), 3, 2, sample=2) == pytest.approx(2)
    assert spread(Table(np.zeros((3, 2))), 3, 2) == 1.0
    assert spread(Table(np.zeros((0, 2))), 0, 2) == 1.0
