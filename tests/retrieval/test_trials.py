"""Every arm tries the same list, and every value of a setting as often as any other."""

from collections import Counter

import pytest

from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.trials import GRID, for_one_language, trial_list


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
def test_no_value_is_tried_more_than_once_more(count: int) -> None:
    """Also where the count is no multiple of the values."""
    for name in ("rate", "scale", "epochs", "characters", "temperature", "dim"):
        tried = Counter(trial[name] for trial in trial_list(count)[1:])
        assert max(tried.values()) - min([*tried.values(), *[0] * (len(tried) < len(GRID[name]))]) <= 1, name


def test_the_list_is_the_same_for_all_and_can_be_set() -> None:
    """The same count gives the same list; every trial makes settings; the mixture follows the temperature."""
    assert trial_list(12) == trial_list(12)
    for trial in trial_list(12)[1:]:
        settings = change(BEST, **trial)
        assert settings.training.mixture == ("natural" if trial["temperature"] == 1 else "temperature")


def test_for_one_language() -> None:
    """The mixture means nothing to one language."""
    trial = trial_list(3)[1]
    alone = for_one_language(trial)
    assert alone == {name: value for name, value in trial.items() if name not in ("temperature", "mixture")}
    assert for_one_language({}) == {}
