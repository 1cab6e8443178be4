"""The sizes that `sprachbund corpus` compares a language with are those that were measured."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from sprachbund.corpus.enough import Point, Standing, curve, standing, thresholds

ROWS = Path(__file__).parents[2] / "benchmarks" / "results" / "quality.jsonl"
ARMS = {"ratio_encoder": "encoder", "ratio_hybrid": "hybrid", "ratio_whole": "whole", "ratio_around": "bm25-around"}


@pytest.fixture(scope="module")
def enough() -> dict:
    return json.loads(files("sprachbund.corpus").joinpath("enough.json").read_text(encoding="utf-8"))


def test_points_are_in_order_and_add_up(enough: dict) -> None:
    """Sizes rise, and what the encoder adds is the whole over BM25 with surroundings."""
    sizes = [point["sentences"] for point in enough["points"]]
    assert sizes == sorted(sizes)
    assert len(sizes) >= 5
    for point in enough["points"]:
        assert point["gain_of_encoder"] == pytest.approx(point["ratio_whole"] / point["ratio_around"] - 1, abs=2e-4)


def test_the_two_sizes_follow_from_the_points(enough: dict) -> None:
    """Up to the first the encoder beside BM25 brings less than 1%, from the second on 2% and more; between, neither."""
    gains = [(point["sentences"], point["ratio_hybrid"] - 1) for point in enough["points"]]
    assert all(gain < 0.01 for size, gain in gains if size <= enough["nothing_up_to"])
    assert all(gain >= 0.02 for size, gain in gains if size >= enough["pays_from"])
    between = [gain for size, gain in gains if enough["nothing_up_to"] < size < enough["pays_from"]]
    assert enough["nothing_up_to"] < enough["pays_from"]
    assert not between or (between[0] >= 0.01 and between[-1] < 0.02)


def test_every_point_follows_from_the_rows(enough: dict) -> None:
    """The geometric mean over languages of MRR over that of BM25, worked out here from the rows alone."""
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    assert enough["points"]
    for point in enough["points"]:
        chosen = [row for row in rows if row["recipe"] == point["recipe"] and row["side"] == point["side"]
                  and row["pool"] == "unseen" and (row.get("data") or "wikipedia") == point["data"]
                  and row["language"] in point["languages"]]  # fmt: skip
        for name, arm in ARMS.items():
            own, base = (
                np.log([np.mean([row["mrr"] for row in chosen if (row["language"], row["arm"]) == (language, kind)])
                        for language in point["languages"]]) for kind in (arm, "bm25")
            )  # fmt: skip
            assert point[name] == pytest.approx(float(np.exp((own - base).mean())), abs=1e-4), (point["recipe"], name)


def test_a_language_stands_at_the_nearest_size() -> None:
    """By the ratio of sizes; of all sentences four in five train; twice the gain is looked for further on alone."""
    points = tuple(Point(size, gain, ("en",), "x") for size, gain in ((1_000, 0.01), (10_000, 0.015), (100_000, 0.03)))
    assert standing(1_000, points) == Standing(800, points[0], points[2])
    assert standing(4_500, points).here == points[1]  # 3,600 is nearer to 10,000 than to 1,000 in proportion
    assert standing(1_000_000, points) == Standing(800_000, points[2], None)
    assert standing(0, points).here == points[0]


def test_the_measured_curve_and_its_sizes(enough: dict) -> None:
    """They are those of the file."""
    assert [point.sentences for point in curve()] == [point["sentences"] for point in enough["points"]]
    assert thresholds() == (enough["nothing_up_to"], enough["pays_from"])
