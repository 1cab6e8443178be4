"""Every arm tries the same list, and every value of a setting as often as any other."""

import math
from collections import Counter

import pytest

from sprachbund.retrieval.settings import BEST, PAPER, change
from sprachbund.retrieval.trials import GRID, fixed_settings, trial_list


def test_the_first_is_the_preset() -> None:
    """One trial is the preset alone; the list has the length that was asked for."""
    assert trial_list(1) == [{}]
    assert trial_list(0) == []
    assert [len(trial_list(count)) for count in (2, 12, 30)] == [2, 12, 30]
    assert all(trial_list(count)[0] == {} for count in (1, 2, 12))


def test_values_stand_equally_often() -> None:
    """Of 24 trials besides the preset, a setting with four values tries each six times; min_count follows bigrams."""
    trials = trial_list(25)[1:]
    for name, values in GRID.items():
        if name == "min_count":
            continue
        assert Counter(trial[name] for trial in trials) == Counter(values * (24 // len(values))), name
    assert all(trial["min_count"] == 2 for trial in trials if trial["bigram_weight"])
    assert {trial["min_count"] for trial in trials if not trial["bigram_weight"]} == {1, 2}


@pytest.mark.parametrize("count", [2, 6, 12])
def test_values_are_spread_in_a_list_of_any_length(count: int) -> None:
    """Also where the count is no multiple of the values: none comes twice before all have come once."""
    for name, values in GRID.items():
        if name == "min_count":
            continue
        tried = Counter(trial[name] for trial in trial_list(count)[1:])
        rounds = (count - 1) / len(values)
        for value, often in Counter(values).items():
            assert math.floor(rounds) * often <= tried[value] <= math.ceil(rounds) * often, name


def test_the_list_is_the_same_for_all_and_can_be_set() -> None:
    """The same count gives the same list; every trial makes settings; the mixture follows the temperature."""
    assert trial_list(12) == trial_list(12)
    for trial in trial_list(12)[1:]:
        settings = change(BEST, **trial)
        assert settings.training.mixture == ("natural" if trial["temperature"] == 1 else "temperature")


def test_what_is_fixed_is_not_tried() -> None:
    """The same list without those settings; what the user set differs from the preset, ``paper`` keeps its features."""
    trials, fixed = trial_list(9), trial_list(9, ["dim", "temperature"])
    gone = ("dim", "temperature", "mixture")
    assert fixed == [{name: value for name, value in trial.items() if name not in gone} for trial in trials]
    assert fixed_settings(BEST) == []
    assert fixed_settings(change(BEST, dim=64, rate=0.2, batch=7)) == ["dim", "rate"]
    assert fixed_settings(change(PAPER, scale=7.0)) == ["bigram_weight", "characters", "dim", "min_count", "scale"]
