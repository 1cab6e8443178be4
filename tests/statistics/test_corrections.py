"""Holm's correction against worked examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund.statistics.corrections import holm


def test_worked_example() -> None:
    """.01, .04, .03, .005 times 3, 1, 2, 4, then raised to the one before: .03, .06, .06, .02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_capped_at_one() -> None:
    """.6 of two is 1.2, so 1; the larger .7 is not below it."""
    assert holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])


def test_nan_is_no_test() -> None:
    """A comparison that was not made does not cost the others."""
    adjusted = holm([0.02, float("nan"), 0.5])
    assert adjusted[[0, 2]] == pytest.approx([0.04, 0.5])
    assert np.isnan(adjusted[1])


def test_nothing() -> None:
    """No comparisons, no values."""
    assert len(holm([])) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_between_raw_and_bonferroni_and_in_order(p: list[float]) -> None:
    """No adjusted value is below the raw one or above Bonferroni's, and the order of the values stays."""
    adjusted = holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= np.minimum(np.array(p) * len(p), 1)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
