"""The figure of points with intervals: what most intervals are is seen whole, one that is far wider is cut."""

from typing import Any

import pytest

from sprachbund.analyses.charts import intervals


def drawn(*rows: tuple[float, float, float]) -> list[dict[str, Any]]:
    """The data of a figure of (x, low, high), a language each."""
    given = [
        {"language": f"l{number}", "series": "one", "x": x, "low": low, "high": high}
        for number, (x, low, high) in enumerate(rows)
    ]
    spec: Any = intervals(given, {"one": "One"}, x="gain")
    return [
        value
        for layer in spec["layer"]
        for value in layer.get("data", spec.get("data", {})).get("values", [])
        if "start" in value
    ]


def test_intervals_wider_than_their_points_lie_apart_are_whole() -> None:
    """Three points near zero, each five points either way: nothing is cut."""
    found = drawn((0.001, -0.05, 0.05), (0.0, -0.04, 0.05), (-0.001, -0.05, 0.04))
    assert {(value["start"], value["end"]) for value in found} == {(-0.05, 0.05), (-0.04, 0.05), (-0.05, 0.04)}


def test_one_that_is_far_wider_is_cut() -> None:
    """The others would not be seen beside it: at three times what half of the ends lie beyond the points, 0.02."""
    found = drawn((0.01, -0.02, 0.04), (0.02, -0.01, 0.05), (0.03, 0.0, 0.06), (0.02, -3.0, 3.0))
    last = found[3]
    assert (last["start"], last["end"]) == pytest.approx((-0.063, 0.093))
    assert found[0]["start"] == -0.02 and found[0]["end"] == 0.04
