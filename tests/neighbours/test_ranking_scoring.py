"""NDCG, loss and coverage of a ranking, worked out by hand."""

import itertools
import math

import numpy as np
import pytest

from sprachbund.neighbours.ranking.scoring import chance_of_best, loss, ndcg, relevance, share_lost


def test_relevance_is_ten_for_the_best_and_nothing_from_the_eleventh() -> None:
    """LangRank's definition: 10 ... 1 for the ten best, 0 behind; equals share the better place."""
    gains = np.array([0.5, 0.9, 0.9, 0.1] + [0.05 - each / 1000 for each in range(9)])
    assert relevance(gains).tolist() == [8, 10, 10, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]


def test_ndcg_by_hand() -> None:
    """Gains 1023, 511, 255 at discounts 1, 1/log2(3), 1/2; the best stands third here and the second is missed."""
    relevances = np.array([10, 9, 8, 0])
    scores = np.array([1.0, 0.0, 3.0, 2.0])  # order: 8, 0, 10
    best = 1023 + 511 / math.log2(3) + 255 / 2
    assert ndcg(scores, relevances) == pytest.approx((255 + 0 + 1023 / 2) / best)
    assert ndcg(relevances.astype(float), relevances) == pytest.approx(1.0)
    assert math.isnan(ndcg(scores, np.zeros(4)))


def test_equal_scores_are_the_mean_over_all_their_orders() -> None:
    """Not what a sort makes of them: the mean of NDCG, loss and coverage over every order of equals."""
    gains, scores = np.array([0.3, 0.1, 0.2, 0.0, 0.25]), np.array([1.0, 1.0, 1.0, 0.0, 2.0])
    relevances = relevance(gains)
    orders = [
        np.array([scores[each] * 10 + place[each] for each in range(5)]) for place in itertools.permutations(range(5))
    ]
    for function in (
        lambda s: ndcg(s, relevances),
        lambda s: loss(s, gains),
        lambda s: chance_of_best(s, gains, 2),
        lambda s: chance_of_best(s, gains, 3),
    ):
        assert function(scores) == pytest.approx(np.mean([function(each) for each in orders]))


def test_what_the_user_pays() -> None:
    """Best .3, chosen .1: .2 lost of the .3 - .15 that choosing can bring over chance; chance itself loses 1."""
    gains = np.array([0.3, 0.1, 0.2, 0.0])
    scores = np.array([0.0, 1.0, 0.0, 0.0])
    assert loss(scores, gains) == pytest.approx(0.2)
    assert share_lost(scores, gains) == pytest.approx(0.2 / 0.15)
    assert share_lost(np.zeros(4), gains) == pytest.approx(1.0)
    assert math.isnan(share_lost(scores, np.ones(4)))


def test_a_candidate_without_score_stands_last() -> None:
    """What a ranker knows nothing of is behind even the worst that it knows."""
    gains = np.array([0.3, 0.1, 0.2])
    scores = np.array([np.nan, -5.0, -9.0])
    assert loss(scores, gains) == pytest.approx(0.2)
    assert chance_of_best(scores, gains, 2) == 0.0
    assert chance_of_best(scores, gains, 3) == 1.0
