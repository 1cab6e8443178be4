"""Weighted means for what a start lacks: by hand on vectors of three numbers."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sprachbund.errors import SettingsError
from sprachbund.lab.row_table import from_table
from sprachbund.vectors.row_weights import row_weights, sparsemax, write_row_weights
from sprachbund.vectors.space import Space

WORDS = ("rei", "rainha", "casa", "mar", "palacio")
VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0.6, 0, 0.8]], np.float32)
SPACE = Space("pt", WORDS, np.ones(5, np.int64), VECTORS)


def weights_of(frame: pl.DataFrame, target: str) -> dict[str, float]:
    """The starts of one target."""
    rows = frame.filter(target=target)
    return dict(zip(rows["start"], rows["weight"].to_list(), strict=True))


def test_sparsemax_by_hand() -> None:
    """Of 1 and .5 the nearest point of the simplex is .75 and .25; of 3 and 0 it is 1 and 0."""
    np.testing.assert_allclose(sparsemax(np.array([1.0, 0.5])), [0.75, 0.25])
    np.testing.assert_allclose(sparsemax(np.array([0.0, 3.0])), [0, 1])
    assert len(sparsemax(np.empty(0))) == 0


def test_the_nearest_weigh_by_their_cosine() -> None:
    """Cosines .8 with casa and .6 with rei are 2 apart at a temperature of .1: casa alone; others are not near."""
    assert weights_of(row_weights(SPACE, WORDS[:4]), "palacio") == pytest.approx({"casa": 1.0})
    near = Space("pt", ("a", "b", "c"), np.ones(3, np.int64), np.array([[1, 0.02], [1, -0.02], [1, 0]], np.float32))
    assert weights_of(row_weights(near, ("a", "b")), "c") == pytest.approx({"a": 0.5, "b": 0.5}, abs=1e-3)


def test_a_sum_is_taken_apart_exactly() -> None:
    """.6 rei and .8 casa: 3/7 and 4/7 once they are 1 in sum; two keys are enough though ten are allowed."""
    found = weights_of(row_weights(SPACE, WORDS[:4], way="sum"), "palacio")
    assert found == pytest.approx({"casa": 4 / 7, "rei": 3 / 7})
    assert weights_of(row_weights(SPACE, WORDS[:4], way="sum", k=1), "palacio") == pytest.approx({"casa": 1.0})


@pytest.mark.parametrize("way", ["nearest", "sum"])
def test_what_is_like_nothing_has_no_row(way: str) -> None:
    """The opposite of a known word, and of none other, gets no mean; a mean is a row map's table."""
    assert weights_of(row_weights(SPACE, ("rei", "rainha"), way=way), "mar") == {}


def test_a_table_is_what_a_row_map_is_made_of(tmp_path: Path) -> None:
    """Written out and read back, it gives the weighted mean."""
    table = row_weights(SPACE, WORDS[:4], way="sum")
    write_row_weights(table, tmp_path / "rows.tsv")
    made = from_table(tmp_path / "rows.tsv", ["palacio"], list(WORDS[:4]))
    found = dict(zip(made.rows.tolist(), made.weights.tolist(), strict=True))
    assert found == pytest.approx({0: 3 / 7, 2: 4 / 7}, rel=1e-5)


def test_keys_of_another_kind_are_refused() -> None:
    """None of the space's keys with the start."""
    with pytest.raises(SettingsError, match="none of the keys"):
        row_weights(SPACE, ["koning"])
    with pytest.raises(SettingsError, match="expected a way of nearest, sum"):
        row_weights(SPACE, WORDS, way="best")
