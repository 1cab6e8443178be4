"""Every setting of every stage can be given in every way that the documentation names."""

import json
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from sprachbund.cli.options import resolve
from sprachbund.retrieval.settings import BEST, PRESETS, Settings, change
from sprachbund.settings import by_name, stages

OTHER: dict[str, Any] = {
    "least_words": 3, "window": 3, "least_context": 3, "every": False, "most_queries": 70, "dim": 64,
    "characters": [3, 5], "character_weight": 0.25, "bigram_weight": 0.5, "min_count": 3, "max_rows": 1_000,
    "power": 0.75, "pooling": "mean", "similarity": "dot", "start": "random", "unseen": False, "rate": 0.25,
    "scale": 7.5, "epochs": 0.5, "batch": 64, "batching": "pairs", "run": 40, "top": 5, "mixture": "temperature",
    "temperature": 2.5, "weights": {"tr": 0.5, "uk": 2.0}, "evaluations": 4, "patience": 2, "reach": 10, "decay": 0.5,
    "across": 0.75, "shares": [0.5, 0.25, 0.25], "split_by": "pair", "split_seed": 9, "templates": False,
    "spelling": "romanised", "pieces": 500, "rows": "bfloat16",
}  # fmt: skip
"""A value of each setting that is not its default."""
STAGED = [(name, setting.stage) for name, setting in by_name(BEST).items() if name != "preset"]


def has(settings: Settings, name: str) -> Any:
    """The value of a setting, wherever it stands, as TOML has it."""
    value = by_name(settings)[name].value
    return list(value) if isinstance(value, tuple) else value


def test_there_is_a_value_for_each() -> None:
    """A new setting would be missing here; a stage too, for its settings are."""
    assert set(OTHER) == {name for name, _ in STAGED}
    assert list(stages(BEST)) == ["pairs", "encoder", "training", "surroundings"]
    assert all(has(BEST, name) != value for name, value in OTHER.items())


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("name", "stage"), STAGED)
def test_a_setting_in_every_way(name: str, stage: str, preset: str, tmp_path: Path) -> None:
    """``--set``, a name in a file, a name in the table of its stage, and `change` give one value, and no other changes.

    But for a temperature, which asks for the mixture that has one.
    """
    value = OTHER[name]
    bare, table = tmp_path / "bare.toml", tmp_path / "table.toml"
    bare.write_text(tomli_w.dumps({name: value}))
    table.write_text(tomli_w.dumps({stage: {name: value}} if stage else {name: value}))
    # but for tables, JSON is TOML
    line = "{tr = 0.5, uk = 2.0}" if isinstance(value, dict) else json.dumps(value)
    found = [
        resolve(preset, None, [f"{name}={line}"]),
        resolve(preset, bare, None),
        resolve(preset, table, None),
        change(preset, **{name: tuple(value) if isinstance(value, list) else value}),
    ]
    assert [has(settings, name) for settings in found] == [value] * 4
    assert found[:3] == found[1:]
    others = {other: has(PRESETS[preset], other) for other in OTHER if other != name}
    if name == "temperature":
        others["mixture"] = "temperature"
    assert {other: has(found[0], other) for other in others} == others


def test_set_wins_over_the_file_and_an_option_over_both(tmp_path: Path) -> None:
    """Each over the one before, whatever stage it is of."""
    file = tmp_path / "mine.toml"
    file.write_text("reach = 3\n\n[surroundings]\ndecay = 0.5\nacross = 0.5\n\n[encoder]\ndim = 7\n")
    settings = resolve("best", file, ["decay=0.25", "dim=8"], dim=9, rate=None)
    around = settings.surroundings
    assert (around.reach, around.decay, around.across, settings.encoder.dim) == (3, 0.25, 0.5, 9)
