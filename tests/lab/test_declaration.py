"""A declaration goes to disk and comes back; names of arms are taken apart by it."""

import json
from typing import Any

import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.lab.declaration import Pair, declaration_of
from sprachbund.lab.measures import Measure, better_of, measure_of
from sprachbund.lab.seen import Seen, expand, in_order, matching, seen
from sprachbund.retrieval.declared import DECLARATION, MEASURES

NAMES = ("alone", "pooled", "continued:es", "continued:en+es", "longer:es", "hybrid-pooled", "whole-rows:es", "bm25")


def test_a_declaration_is_read_back() -> None:
    """Through JSON; the functions of measures are the kind's own business."""
    values = json.loads(json.dumps(DECLARATION.to_dict()))
    assert declaration_of(values, "study.json") == DECLARATION


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 3), ("version", "1"), ("tasks", {}), ("tasks", []), ("measures", [{"name": "x"}]), ("pools", [3]),
        ("enough", {"items": "many", "documents": 3}), ("glossary", {"a": 1}), ("null", {"measure": "x"}),
        ("measures", [{"name": "x", "title": "x", "direction": "sideways"}]), ("stranger", 1), ("rows", None),
    ],
)  # fmt: skip
def test_damage_is_named(field: str, value: Any) -> None:
    """Whatever is of another shape, by the file's name."""
    values = json.loads(json.dumps(DECLARATION.to_dict())) | {field: value}
    with pytest.raises(FolderError, match=r"^study\.json: damaged"):
        declaration_of(values, "study.json")


def test_names_are_taken_apart() -> None:
    """A view, a strategy and a detail; what is none is a baseline."""
    assert seen("whole-rows:es", DECLARATION) == Seen("whole", "rows", "es")
    assert seen("pooled", DECLARATION) == Seen("", "pooled", "")
    assert seen("bm25-around", DECLARATION) == Seen("", "", "")
    assert matching("continued", NAMES, DECLARATION) == ["continued:es", "continued:en+es"]
    assert matching("whole-rows", NAMES, DECLARATION) == ["whole-rows:es"]
    assert in_order(NAMES, ("pooled", "continued", "bm25"), DECLARATION)[:4] == [
        "pooled", "continued:en+es", "continued:es", "bm25"
    ]  # fmt: skip


def test_pairs_of_strategies_stand_for_their_arms() -> None:
    """Each arm against what has no detail, or the same."""
    pairs = (Pair("continued", "alone"), Pair("continued", "longer"), Pair("pooled", "placebo"))
    assert [found[:2] for found in expand(pairs, NAMES, DECLARATION)] == [
        ("continued:es", "alone"), ("continued:en+es", "alone"), ("continued:es", "longer:es")
    ]  # fmt: skip


def test_measures_know_which_way_is_better() -> None:
    """Nothing beats a number that is none; a number beats it."""
    bits = Measure("bits", "bits per byte", direction="lower")
    assert better_of(bits, 1.0, 2.0) and not better_of(bits, 2.0, 1.0) and not better_of(bits, 1.0, 1.0)
    assert better_of(MEASURES[0], 2.0, 1.0) and not better_of(MEASURES[0], float("nan"), float("nan"))
    assert better_of(bits, 9.0, float("nan")) and not better_of(bits, float("-inf"), 9.0)
    assert measure_of(MEASURES, "recall", 10) is MEASURES[2]
    with pytest.raises(SettingsError, match="no measure is called bits; there are: MRR, recall@1"):
        measure_of(MEASURES, "bits")
