"""Which documents train, which tune and which judge.

The unit is a *group*: documents that are translations of each other share one, any other document is its
own. A group's place is the rank of a stable hash, so that every language, however small, gets its share
(a threshold on the hash would leave small languages to luck), and the split does not move when the same corpus is
ingested in another order. Groups that several languages share are ranked together, the others by
language: so translations fall on one side everywhere.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from sprachbund.arrays import UInt8
from sprachbund.errors import SettingsError

TRAIN, DEV, TEST = 0, 1, 2
SIDES = ("train", "dev", "test")
NOWHERE = len(SIDES)
"""The side of what a cut leaves out."""
DEFAULT_SHARES = (0.8, 0.1, 0.1)


def sides(
    groups: Mapping[str, Sequence[str]], shares: tuple[float, float, float] = DEFAULT_SHARES, seed: int = 0
) -> dict[str, UInt8]:
    """Place every document of every language.

    Args:
        groups: for each language the group of each of its documents.
        shares: the shares of groups that train, dev and test get; they sum to 1.
        seed: another seed, another split.

    Returns:
        For each language uint8 [documents]: TRAIN, DEV or TEST.

    Raises:
        SettingsError: the shares are negative or do not sum to 1.
    """
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        raise SettingsError(f"the shares of train, dev and test must sum to 1, found {shares}")
    languages_of = Counter(group for names in groups.values() for group in set(names))
    shared = {group for group, count in languages_of.items() if count > 1}
    place = _places(shared, shares, seed)
    result = {}
    for language, names in groups.items():
        own = place | _places(set(names) - shared, shares, seed)
        result[language] = np.array([own[name] for name in names], np.uint8)
    return result


def _places(names: set[str], shares: tuple[float, float, float], seed: int) -> dict[str, int]:
    """Rank ``names`` by hash and cut the ranking: the last shares are dev and test, rounded to the nearest.

    Where three names or more allow it, no side that has a share is left empty.
    """
    ranked = sorted(names, key=lambda name: (_hash(name, seed), name))
    least = [1 if share and len(ranked) >= 3 else 0 for share in shares]
    test = max(least[TEST], round(len(ranked) * shares[TEST]))
    dev = max(least[DEV], round(len(ranked) * shares[DEV]))
    while len(ranked) - dev - test < least[TRAIN]:
        dev, test = (dev - 1, test) if dev >= test else (dev, test - 1)
    train = len(ranked) - dev - test
    return {name: TRAIN if i < train else DEV if i < train + dev else TEST for i, name in enumerate(ranked)}


def _hash(name: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest()
