"""One order out of several."""

import pytest

from sprachbund.neighbours.fusing import fuse, standing
from sprachbund.neighbours.measures import Measure

NEAR = Measure("near", "near", "", "higher", "vocabulary", lambda *_: None)
FAR = Measure("far", "far", "", "lower", "vocabulary", lambda *_: None)


def test_standing() -> None:
    """1 for the nearest, 0 for the farthest, equals share; the direction counts; without a value nothing is said."""
    assert standing(NEAR, {"es": 3.0, "it": 2.0, "de": 1.0, "eu": None}) == {"es": 1, "it": 0.5, "de": 0}
    assert standing(FAR, {"es": 3.0, "it": 1.0, "de": 1.0}) == {"es": 0, "it": 0.75, "de": 0.75}
    assert standing(NEAR, {"es": 3.0, "it": None}) == {"es": 1}


def test_fusing_leaves_out_what_is_not_known() -> None:
    """By hand: Galician is known by one measure alone and first in it; what nobody knows comes last."""
    values = {
        "es": {"near": 2.0, "far": 1.0},
        "gl": {"near": 3.0, "far": None},
        "de": {"near": 1.0, "far": 2.0},
        "eu": {"near": None},
    }
    found = fuse([NEAR, FAR], values)
    assert list(found) == ["gl", "es", "de", "eu"]
    assert found == {"gl": (1.0, 1), "es": (pytest.approx(0.75), 2), "de": (0.0, 2), "eu": None}
