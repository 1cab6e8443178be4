"""What a study may compare, and how trials are chosen from."""

import pytest

from sprachbund.errors import DivergenceError, SettingsError
from sprachbund.studies.study import Plan, Trial, choose


def trial(number: int, score: float, arm: str = "alone", language: str = "tr", task: str = "ic") -> Trial:
    """A trial whose options are its number."""
    return Trial(task, arm, language, number, {"number": number}, score)


def test_choose_takes_the_best_on_dev_and_of_equals_the_earlier() -> None:
    """By task, arm and language."""
    trials = [
        trial(0, 0.2),
        trial(1, 0.5),
        trial(2, 0.5),
        trial(0, 0.9, language="uk"),
        trial(1, 0.1, language="uk"),
        trial(0, 0.1, "pooled", "(all)"),
        trial(1, 0.3, "pooled", "(all)"),
        trial(0, 0.0, task="nsp"),
    ]
    assert choose(trials) == {
        ("ic", "alone", "tr"): {"number": 1},
        ("ic", "alone", "uk"): {"number": 0},
        ("ic", "pooled", "(all)"): {"number": 1},
        ("nsp", "alone", "tr"): {"number": 0},
    }


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_never_wins(wrong: float) -> None:
    """Wherever it stands; an arm of nothing else is an error that names it."""
    for scores in ((wrong, 0.1, 0.2), (0.1, wrong, 0.2), (0.1, 0.2, wrong)):
        chosen = choose([trial(number, score) for number, score in enumerate(scores)])
        assert chosen["ic", "alone", "tr"] == {"number": scores.index(0.2)}
    with pytest.raises(DivergenceError, match=r"^ic, alone, uk: every trial diverged"):
        choose([trial(0, 0.1), trial(0, wrong, language="uk"), trial(1, wrong, language="uk")])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"arms": ("alone", "mixed")}, "no arm is called mixed; there are: alone, pooled, control, placebo"),
        ({"arms": ()}, "there are: alone, pooled"),
        ({"arms": ("alone", "placebo")}, "control and placebo need the arm pooled"),
        ({"trials": 0}, "trials and seeds must be at least 1, found 0 and 3"),
        ({"seeds": -1}, "found 12 and -1"),
    ],
)
def test_plans_that_cannot_work_are_refused(changes: dict[str, object], expected: str) -> None:
    """Before any work."""
    with pytest.raises(SettingsError, match=expected):
        Plan(("ic",), ("gl", "pt"), **changes)  # type: ignore[arg-type]
