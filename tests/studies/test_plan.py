"""What a study may compare, and how trials are chosen from."""

import pytest

from sprachbund.errors import DivergenceError, SettingsError
from sprachbund.lab.measures import Measure
from sprachbund.studies.study import Plan, Trial, choose

HIGH, LOW = Measure("found", "found"), Measure("bits", "bits per byte", direction="lower")


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
    assert choose(trials, HIGH) == {
        ("ic", "alone", "tr"): {"number": 1},
        ("ic", "alone", "uk"): {"number": 0},
        ("ic", "pooled", "(all)"): {"number": 1},
        ("nsp", "alone", "tr"): {"number": 0},
    }


def test_lower_is_chosen_where_lower_is_better() -> None:
    """The smallest bits win; of two equal ones the earlier."""
    trials = [trial(0, 2.0), trial(1, 1.5), trial(2, 1.5), trial(3, 1.9)]
    assert choose(trials, LOW) == {("ic", "alone", "tr"): {"number": 1}}
    assert choose(trials, HIGH) == {("ic", "alone", "tr"): {"number": 0}}


@pytest.mark.parametrize("measure", [HIGH, LOW])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_never_wins(wrong: float, measure: Measure) -> None:
    """Wherever it stands; an arm of nothing else is an error that names it."""
    for scores in ((wrong, 0.1, 0.2), (0.1, wrong, 0.2), (0.1, 0.2, wrong)):
        chosen = choose([trial(number, score) for number, score in enumerate(scores)], measure)
        best = 0.2 if measure is HIGH else 0.1
        assert chosen["ic", "alone", "tr"] == {"number": scores.index(best)}
    with pytest.raises(DivergenceError, match=r"^ic, alone, uk: every trial diverged"):
        choose([trial(0, 0.1), trial(0, wrong, language="uk"), trial(1, wrong, language="uk")], measure)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"arms": ("alone", "stacked")}, "no arm is called stacked; there are: alone, pooled, mixed, continued"),
        ({"arms": ()}, "needs an arm, found none; there are: alone, pooled"),
        ({"arms": ("alone", "placebo")}, "placebo needs the arm pooled, whose settings it takes"),
        ({"arms": ("pooled", "continued:gl")}, "continued:gl needs the arm alone, whose settings it takes"),
        ({"arms": ("alone", "continued")}, "continued needs the arm pooled"),
        ({"arms": ("alone", "rows:es")}, "rows:es: the study has no language es; it has gl, pt"),
        ({"arms": ("alone:gl",)}, "alone:gl: not an arm; write alone"),
        ({"arms": ("alone", "continued:")}, "continued:: not an arm; write continued:es, with a language"),
        ({"arms": ("alone", "continued:gl=2")}, "continued takes languages without amounts"),
        ({"arms": ("mixed",)}, "mixed: expected a temperature above 0, as mixed:3"),
        ({"arms": ("mixed:0",)}, "mixed:0: expected a temperature above 0"),
        ({"arms": ("mixed:gl=x",)}, "mixed:gl=x: expected"),
        ({"targets": ("es",)}, "no language es to judge; it has gl, pt"),
        ({"trials": 0}, "trials and seeds must be at least 1, found 0 and 3"),
        ({"seeds": -1}, "found 12 and -1"),
    ],
)
def test_plans_that_cannot_work_are_refused(changes: dict[str, object], expected: str) -> None:
    """Before any work."""
    with pytest.raises(SettingsError, match=expected):
        Plan(**{"tasks": ("ic",), "languages": ("gl", "pt"), "arms": ("alone", "pooled"), "pools": (), **changes})  # type: ignore[arg-type]
