"""How much of a test text the training text has, run by run."""

import math

import numpy as np

from sprachbund.lm.overlap import overlap


def test_runs_by_hand() -> None:
    """abcd has abc and bcd; a run does not go from one text into the next; what is twice counts twice."""
    assert overlap(["xabcx"], ["abcd"], 3) == 0.5
    assert overlap(["xab", "cdx"], ["abcd"], 3) == 0
    assert overlap(["abc"], ["abcabc"], 3) == 0.5
    assert math.isnan(overlap(["abc"], ["ab"], 3))
    assert overlap([], ["abcd"], 3) == 0


def test_the_same_as_sets_of_strings() -> None:
    """On random text of two letters and of two scripts, whose order decides: another way to count gives the same."""
    generator = np.random.default_rng(0)
    for letters, run in (("ab", 12), ("ab\U0001f600я", 6)):
        train, test = ("".join(generator.choice(list(letters), 2_000)) for _ in range(2))
        known = {train[start : start + run] for start in range(len(train) - run + 1)}
        asked = [test[start : start + run] for start in range(len(test) - run + 1)]
        expected = sum(each in known for each in asked) / len(asked)
        assert 0 < expected < 1 and overlap([train], [test], run) == expected
