"""What is advised, by rule: measured gains first, then what is nearer than strangers, else none."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from sprachbund.neighbours.advice import advise, beyond_floor, order_by
from sprachbund.neighbours.asking import Candidate, Neighbours
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.ranking.measured import Feature, Measured, measured_from
from sprachbund.neighbours.truth import Gain

WORDS = Measure("words", "words", "", "higher", "vocabulary", lambda *_: None, text=True)
LDND = Measure("ldnd", "LDND", "", "lower", "vocabulary", lambda *_: None, text=True)
GRAMS = Measure("grams", "grams", "", "higher", "vocabulary", lambda *_: None, text=True)
MAP = Measure("map", "map", "km", "lower", "typological", lambda *_: None)
MEASURES = (WORDS, LDND, GRAMS, MAP)


def asked(values: Mapping[str, tuple[float | None, ...]], floor: float | None = 0.5) -> Neighbours:
    """Candidates in this order, with the values of the four measures, all of one floor."""
    candidates = tuple(
        Candidate(
            code,
            place,
            1.0,
            3,
            {each.name: Value(value, floor=floor) for each, value in zip(MEASURES, said, strict=True)},
        )
        for place, (code, said) in enumerate(values.items(), 1)
    )
    return Neighbours("pt", candidates, (), MEASURES)


def gain(candidate: str, value: float, verdict: str, target: str = "pt") -> Gain:
    """With an interval of two points around it."""
    return Gain("s", "ic continued", target, candidate, value, value - 0.02, value + 0.02, verdict, "MRR")


NEAR, HALF, FAR = (0.9, 0.1, 0.9, 9.0), (0.9, 0.9, None, 0.0), (0.1, 0.9, 0.9, 0.0)


def test_beyond_the_floor_with_its_interval() -> None:
    """By the measure's direction; an interval that reaches the floor is not beyond; little coverage says nothing."""
    assert beyond_floor(WORDS, Value(0.6, floor=0.5)) is True
    assert beyond_floor(LDND, Value(0.6, floor=0.5)) is False
    assert beyond_floor(WORDS, Value(0.6, 0.4, 0.8, floor=0.5)) is False
    assert beyond_floor(LDND, Value(0.3, 0.1, 0.49, floor=0.5)) is True
    assert beyond_floor(WORDS, Value(0.6)) is None
    assert beyond_floor(WORDS, Value(0.6, coverage=0.1, floor=0.5)) is None


def test_what_is_nearer_than_strangers_by_most_measures_of_text() -> None:
    """One of two is not most, nor one of three; handbooks do not count; the reasons are those beyond the floor."""
    found = advise(asked({"it": HALF, "es": NEAR, "de": FAR, "gl": NEAR}))
    assert [pick.language for pick in found.picks] == ["es", "gl"]
    assert found.picks[0].because == (
        "words 0.900 (unrelated 0.500)",
        "LDND 0.100 (unrelated 0.500)",
        "grams 0.900 (unrelated 0.500)",
    )
    assert found.lines[0] == "What to add to pt Portuguese, in this order:"
    assert found.lines[-1].endswith("sprachbund transfer CORPUS --arms alone,continued:es,continued:gl")


def test_none_where_no_candidate_is_nearer_than_strangers() -> None:
    """And without any floor, that nothing can be told."""
    found = advise(asked({"it": HALF, "de": FAR}))
    assert found.picks == () and found.to_dict()["add"] == []
    assert (
        found.none == "none: no candidate is nearer than unrelated languages by more than half of the measures of text"
    )
    assert "no measure of text has a floor" in advise(asked({"es": NEAR}, floor=None)).none


def test_what_was_measured_decides() -> None:
    """A far language that gained comes before near ones, the larger gain first; what was tried in vain is not advised;
    too few items are no measurement, nor are gains of another target."""
    gains = [gain("de", 0.03, "better"), gain("fi", 0.05, "better"), gain("es", 0.01, "no difference shown")]
    gains += [gain("gl", 0.09, "too few"), gain("gl", -0.09, "worse", target="uk")]
    found = advise(asked({"es": NEAR, "gl": NEAR, "de": FAR}), gains)
    assert [pick.language for pick in found.picks] == ["fi", "de", "gl"]
    assert "measured +5.0% [+3.0%, +7.0%] in MRR (ic continued, study s): better" in found.lines[1]
    assert any(line.startswith("  not es Spanish: measured +1.0%") for line in found.lines)


def test_none_where_all_that_is_near_was_tried_in_vain() -> None:
    """By any code of the language; one study that says worse outweighs one that says better."""
    gains = [gain("spa", 0.01, "no difference shown"), gain("gl", 0.04, "better"), gain("gl", -0.04, "worse")]
    found = advise(asked({"es": NEAR, "gl": NEAR, "de": FAR}), gains)
    assert found.none == "none: 2 candidates were measured for pt in your studies, and none surely gained"


def studies(targets: int, turned: bool) -> Measured:
    """Targets whose gains follow ``words``, or the opposite of it, which only a trained ranker can know."""
    drawn = np.random.default_rng(0)
    rows = []
    for on in range(targets):
        for by in range(6):
            words = float(drawn.random())
            rows.append((f"x{on:02}", f"y{by:02}", (-words if turned else words) / 10, words))
    frame = pl.DataFrame(rows, schema=["on", "by", "gain", "words"], orient="row")
    return measured_from(frame, [Feature("words", "higher", True)], target="on", candidate="by", gain="gain", task="ic")


def test_a_trained_ranker_takes_over_only_where_it_is_surely_better() -> None:
    """Where gains run against nearness it is, and the order turns; where they follow it the fusion stays; of three
    targets nothing is learned."""
    turned = order_by(studies(8, turned=True))
    assert turned.ranker.trained
    found = asked({"es": (0.9, 0.1, 0.9, 0.0), "gl": (0.8, 0.1, 0.9, 0.0), "it": (0.7, 0.1, 0.9, 0.0)})
    assert [pick.language for pick in advise(found, order=turned).picks] == ["it", "gl", "es"]
    straight = order_by(studies(8, turned=False))
    assert not straight.ranker.trained
    advice = advise(found, order=straight)
    assert [pick.language for pick in advice.picks] == ["es", "gl", "it"]
    best = float(np.mean([straight.table.gains[rows].max() for rows in straight.table.lists()]))
    assert f"brought {best:+.1%} on average, the best candidate {best:+.1%}" in advice.lines[-1]
    assert order_by(studies(3, turned=True)).judged is None


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_than_asked_for(most: int) -> None:
    """The first of the order."""
    assert [pick.language for pick in advise(asked({"es": NEAR, "gl": NEAR}), most=most).picks] == ["es", "gl"][:most]
