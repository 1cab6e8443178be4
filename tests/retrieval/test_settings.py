"""Settings change by the field's name, come back from plain values, and refuse what cannot work."""

import json
import math
from typing import Any

import pytest

from sprachbund.errors import SettingsError
from sprachbund.retrieval.settings import (
    BEST,
    PAPER,
    PairSettings,
    Settings,
    Surroundings,
    TrainingSettings,
    change,
    from_dict,
    preset,
    to_dict,
)


def test_change_finds_the_stage() -> None:
    """A field of any stage by its name alone; the rest and the original stay."""
    changed = change(BEST, window=3, dim=7, rate=0.5, reach=4, split_seed=9)
    assert (changed.pairs.window, changed.encoder.dim, changed.training.rate, changed.split_seed) == (3, 7, 0.5, 9)
    assert changed.surroundings == Surroundings(reach=4)
    assert change(changed, window=2, dim=512, rate=0.03, reach=30, split_seed=0) == BEST == Settings()


def test_change_of_a_whole_stage() -> None:
    """A stage is a field too."""
    changed = change(BEST, pairs=PairSettings(window=4), training=TrainingSettings(epochs=2), dim=8)
    assert (changed.pairs.window, changed.training.epochs, changed.encoder.dim) == (4, 2, 8)
    assert change(BEST, surroundings=Surroundings(3, 0.5, 1.0), decay=0.7).surroundings == Surroundings(3, 0.7, 1.0)


def test_change_of_what_is_not_there() -> None:
    """The error has the name and those that there are."""
    known = "there are: across, batch, .*dim, .*reach, .*window"
    with pytest.raises(SettingsError, match=f"no setting is called 'dims'; {known}"):
        change(BEST, dims=3)


OTHER = change(BEST, weights={"tr": 2.0}, characters=(3, 5), reach=2)


@pytest.mark.parametrize("settings", [BEST, PAPER, OTHER])
def test_round_trip(settings: Settings) -> None:
    """Plain values, through JSON, give equal settings."""
    assert from_dict(to_dict(settings)) == settings
    assert from_dict(json.loads(json.dumps(to_dict(settings)))) == settings


def test_from_dict_fills_defaults_and_refuses_strangers() -> None:
    """A missing field has its default; an unknown one is of another version."""
    assert from_dict({}) == BEST
    assert from_dict({"encoder": {"dim": 5}}) == change(BEST, dim=5)
    strangers = [{stage: {"x": 1}} for stage in ("encoder", "pairs", "training", "surroundings")]
    for values in ({"encoder": {"dims": 5}}, {"nothing": 1}, *strangers):
        with pytest.raises(SettingsError, match="not of this version"):
            from_dict(values)
    with pytest.raises(SettingsError, match="dim must be at least 1, found 0"):
        from_dict({"encoder": {"dim": 0}})


def test_a_temperature_has_its_mixture() -> None:
    """It would mean nothing otherwise; a mixture that is named stays."""
    assert change(BEST, temperature=2.0).training.mixture == "temperature"
    assert change(BEST, temperature=1.0).training.mixture == "natural"
    assert change(BEST, temperature=2.0, mixture="natural").training.mixture == "natural"


def test_presets() -> None:
    """``paper`` is the paper's text: 90/5/5, four sentences of context, one query a section, counts, templates kept."""
    assert preset("best") == BEST
    paper = preset("paper")
    assert paper.shares == (0.9, 0.05, 0.05)
    assert (paper.pairs.least_words, paper.pairs.least_context, paper.pairs.every) == (4, 4, False)
    assert (paper.encoder.characters, paper.encoder.bigram_weight, paper.encoder.power) == ((), 1.0, 1.0)
    assert (paper.encoder.max_rows, paper.encoder.start) == (350_000_000, "random")
    assert not paper.templates and paper.surroundings.reach == 0
    with pytest.raises(SettingsError, match="no settings are called 'worst'; there are: best, paper"):
        preset("worst")


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("dim", 0, "at least 1"),
        ("characters", (4, 0), "orders from 1 to 127"),
        ("min_count", 0, "at least 1"),
        ("max_rows", -1, "at least 0"),
        ("power", -0.5, "at least 0"),
        ("bigram_weight", -1, "at least 0"),
        ("character_weight", -1, "at least 0"),
        ("pooling", "max", "sum, mean or sqrt"),
        ("similarity", "euclid", "cosine or dot"),
        ("start", "zero", "idf or random"),
        ("rate", 0, "above 0"),
        ("rate", math.nan, "above 0"),
        ("scale", 0, "above 0"),
        ("epochs", -1, "at least 0"),
        ("batch", 1, "at least 2"),
        ("batching", "words", "documents or pairs"),
        ("run", 0, "at least 1"),
        ("top", -1, "at least 0"),
        ("mixture", "even", "natural or temperature"),
        ("temperature", 0, "above 0"),
        ("weights", {"tr": -1.0}, "at least 0 each"),
        ("evaluations", -1, "at least 0"),
        ("patience", -1, "at least 0"),
        ("least_words", 0, "at least 1"),
        ("window", 0, "at least 1"),
        ("least_context", 5, "1 to twice the window"),
        ("least_context", 0, "1 to twice the window"),
        ("most_queries", 0, "at least 1"),
        ("reach", -1, "at least 0"),
        ("decay", 2, "from 0 to 1"),
        ("decay", -0.5, "from 0 to 1"),
        ("decay", math.nan, "from 0 to 1"),
        ("across", 3, "from 0 to 1"),
        ("split_by", "sentence", "group or pair"),
        ("shares", (0.8, 0.1, 0.2), "sum to 1"),
        ("shares", (1.2, -0.1, -0.1), "at least 0"),
    ],
)
def test_what_is_refused(field: str, value: Any, allowed: str) -> None:
    """The error names the field, what is allowed and what was found."""
    with pytest.raises(SettingsError) as error:
        change(BEST, **{field: value})
    assert str(error.value).startswith(f"{field} must be ")
    assert allowed in str(error.value)
    assert str(error.value).endswith(f"found {value}")
