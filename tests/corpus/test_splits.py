"""Groups fall on their sides by rank of a stable hash, the same in every order, language and run."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.corpus.splits import DEV, TEST, TRAIN, sides
from sprachbund.errors import SettingsError

NAMES = st.text(max_size=6)


def by_hand(names: set[str], shares: tuple[float, float, float], seed: int) -> dict[str, int]:
    """The rule of the module's docstring, one name at a time."""
    ranked = sorted(names, key=lambda name: (hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest(), name))
    least = 1 if len(names) >= 3 else 0
    test, dev = (max(least if shares[side] else 0, round(len(names) * shares[side])) for side in (2, 1))
    found = {}
    for place, name in enumerate(ranked):
        left = len(names) - place
        found[name] = TEST if left <= test else DEV if left <= test + dev else TRAIN
    return found


def test_every_language_gets_its_shares() -> None:
    """80/10/10 of 100 groups are 80, 10 and 10; of 20 are 16, 2 and 2; of one it is the training side."""
    placed = sides({"aa": [f"a{i}" for i in range(100)], "bb": [f"b{i}" for i in range(20)], "cc": ["c"]})
    assert [np.bincount(placed[lang], minlength=3).tolist() for lang in ("aa", "bb", "cc")] == [
        [80, 10, 10],
        [16, 2, 2],
        [1, 0, 0],
    ]
    assert placed["aa"].dtype == np.uint8


@pytest.mark.parametrize(("documents", "expected"), [(1, [1, 0, 0]), (2, [2, 0, 0]), (3, [1, 1, 1]), (4, [2, 1, 1])])
def test_no_side_is_empty_where_three_documents_allow_it(documents: int, expected: list[int]) -> None:
    """A share that rounds to nothing is one document; a side without a share stays empty."""
    placed = sides({"aa": [str(i) for i in range(documents)]})["aa"]
    assert np.bincount(placed, minlength=3).tolist() == expected
    assert np.bincount(sides({"aa": ["a", "b", "c"]}, (1.0, 0.0, 0.0))["aa"], minlength=3).tolist() == [3, 0, 0]


def test_the_paper_s_shares() -> None:
    """90/5/5 of 40 groups are 36, 2 and 2."""
    placed = sides({"aa": [str(i) for i in range(40)]}, (0.9, 0.05, 0.05))["aa"]
    assert np.bincount(placed).tolist() == [36, 2, 2]


def test_shared_groups_fall_on_one_side_everywhere() -> None:
    """Also where the languages have groups of their own besides, and a group stands twice in a language."""
    shared = [f"topic{i}" for i in range(30)]
    groups = {
        "aa": shared + [f"a{i}" for i in range(7)],
        "bb": [f"b{i}" for i in range(11)] + shared[::-1] + shared[:3],
        "cc": shared[10:],
    }
    placed = sides(groups, seed=5)
    side = {}
    for language, names in groups.items():
        for name, found in zip(names, placed[language], strict=True):
            assert side.setdefault(name, found) == found
    assert np.bincount([side[name] for name in shared]).tolist() == [24, 3, 3]


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["aa", "bb", "cc"]), st.lists(NAMES, max_size=12), min_size=1),
    st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0.2, 0.3), (1.0, 0.0, 0.0), (0.0, 0.5, 0.5)]),
    st.integers(0, 3),
)
def test_sides_are_those_of_the_rule(
    groups: dict[str, list[str]], shares: tuple[float, float, float], seed: int
) -> None:
    """For any names: groups of several languages ranked together, those of one language by language."""
    everywhere = [name for names in groups.values() for name in set(names)]
    shared = {name for name in everywhere if everywhere.count(name) > 1}
    placed = sides(groups, shares, seed)
    assert placed.keys() == groups.keys()
    for language, names in groups.items():
        expected = by_hand(shared, shares, seed) | by_hand(set(names) - shared, shares, seed)
        assert placed[language].tolist() == [expected[name] for name in names]


def test_order_does_not_matter_and_the_seed_does() -> None:
    """The same groups in another order stay on their sides; another seed is another split."""
    names = [str(i) for i in range(200)]
    forward, back = sides({"aa": names})["aa"], sides({"aa": names[::-1]})["aa"]
    assert np.array_equal(forward, back[::-1])
    assert not np.array_equal(forward, sides({"aa": names}, seed=1)["aa"])


@pytest.mark.parametrize("shares", [(0.8, 0.1, 0.2), (1.2, -0.1, -0.1), (0.5, 0.2, 0.2)])
def test_shares_that_cannot_be(shares: tuple[float, float, float]) -> None:
    """Shares are not negative and sum to 1."""
    with pytest.raises(SettingsError, match="must sum to 1"):
        sides({"aa": ["x"]}, shares)
