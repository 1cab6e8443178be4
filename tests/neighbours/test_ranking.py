"""Rankers, what they may see of what is held out, and the tables that they learn from."""

import math

import numpy as np
import polars as pl
import pytest

from sprachbund.errors import MissingExtraError, SettingsError
from sprachbund.neighbours.ranking import trained
from sprachbund.neighbours.ranking.measured import Feature, Measured, joined, measured_from, standings
from sprachbund.neighbours.ranking.protocol import Judged, better_by, judge, of_task, scores_of
from sprachbund.neighbours.ranking.rankers import Ranker, always, blend, chance, fusion, single, usual
from sprachbund.neighbours.ranking.trained import chosen, lambdarank, lightgbm_is_here, linear

NEAR, FAR = Feature("overlap", "higher", fused=True), Feature("distance", "lower", fused=True)


def table(rows: list[tuple[str, str, float, float | None, float | None]], task: str = "t") -> Measured:
    """(target, candidate, gain, overlap, distance)."""
    frame = pl.DataFrame(rows, schema=["on", "by", "gain", "overlap", "distance"], orient="row")
    return measured_from(frame, [NEAR, FAR], target="on", candidate="by", gain="gain", task=task)


def made(targets: int = 8, task: str = "t", seed: int = 0) -> Measured:
    """Every language with every other; what helps is overlap, and distance says nothing."""
    drawn = np.random.default_rng(seed)
    names = [f"x{each:02}" for each in range(targets)]
    rows = []
    for on in names:
        for by in names:
            overlap = float(drawn.random())
            rows.append((on, by, 5 * overlap if on != by else 99.0, overlap, float(drawn.random())))
    return table(rows, task)


def test_pairs_of_a_language_with_itself_and_failed_runs_are_taken_out() -> None:
    """By what the codes mean, not by how they are written; and each is said."""
    found = table(
        [("pt", "por", 9.0, 1, 0), ("pt", "es", 1.0, 1, 0), ("no", "nb", 9.0, 1, 0), ("pt", "it", math.nan, 1, 0)]
    )
    assert found.candidates.tolist() == ["es"]
    assert found.left_out == ("t: 2 rows of a language with itself", "t: 1 rows without a gain (pt)")


def test_headers_that_begin_with_a_blank_are_read() -> None:
    """As LangRank's tables have them; a column that is not there is named, and a pair may stand there once."""
    frame = pl.DataFrame({"Target": ["pt", "pt"], " Source": ["es", "it"], " BLEU": [2.0, 1.0], "overlap": [1, None]})
    found = measured_from(frame, [NEAR], target="Target", candidate="Source", gain="BLEU", task="mt")
    assert found.gains.tolist() == [2.0, 1.0]
    assert np.isnan(found.values[1, 0])
    with pytest.raises(SettingsError, match="there is no distance"):
        measured_from(frame, [NEAR, FAR], target="Target", candidate="Source", gain="BLEU", task="mt")
    with pytest.raises(SettingsError, match="twice"):
        measured_from(pl.concat([frame, frame]), [NEAR], target="Target", candidate="Source", gain="BLEU", task="mt")


def test_standings_by_hand() -> None:
    """1 is what should help most; equals share; what is unknown, or the same for all, says nothing."""
    found = standings(
        table([("pt", "es", 0, 0.5, 1), ("pt", "it", 0, 0.5, 3), ("pt", "fr", 0, 0.1, 2), ("pt", "de", 0, None, None)])
    )
    assert found[:3].tolist() == [[0.75, 1.0], [0.75, 0.0], [0.0, 0.5]]
    assert np.isnan(found[3]).all()
    assert np.isnan(standings(table([("pt", "es", 0, 1, 2), ("pt", "it", 0, 1, 2)]))).all()


def test_fusion_is_the_mean_of_standings_that_are_known() -> None:
    """es (1 + 1) / 2, fr (0 + 0) / 2, it by overlap alone: 1 / 2; de is unknown to both and stands last."""
    rows = table(
        [("pt", "es", 3, 0.9, 1), ("pt", "it", 2, 0.5, None), ("pt", "fr", 1, 0.1, 2), ("pt", "de", 9, None, None)]
    )
    scores = fusion().fit(rows)(rows)
    assert scores[:3].tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(scores[3])
    assert judge(rows, [fusion()])[0].loss.tolist() == [6.0]


def test_untrained_rankers() -> None:
    """One measure by its direction, one language for all by any of its codes, and no preference."""
    rows = table([("pt", "es", 3, 0.9, 1), ("pt", "en", 1, 0.5, 2), ("pt", "fr", 2, 0.1, 3)])
    assert single("distance").fit(rows)(rows).tolist() == [-1, -2, -3]
    assert always("always English", ("eng", "en")).fit(rows)(rows).tolist() == [0, 1, 0]
    lost = {each.ranker: each.share[0] for each in judge(rows, [chance(), always("always English", ("en",))])}
    assert lost == {"random": pytest.approx(1.0), "always English": pytest.approx(2.0)}
    with pytest.raises(SettingsError, match="no feature is called nearness"):
        single("nearness").fit(rows)(rows)


def test_what_usually_helped() -> None:
    """Of a, standings 1 and .5 with three middling ones: (1.5 + 1.5) / 5; what was never seen is in the middle."""
    rows = table(
        [("p", "a", 3, 1, 1), ("p", "b", 2, 1, 1), ("q", "a", 5, 1, 1), ("q", "b", 9, 1, 1), ("q", "c", 1, 1, 1)]
    )
    assert usual().fit(rows)(table([("r", "a", 0, 1, 1), ("r", "z", 0, 1, 1)])).tolist() == [0.6, 0.5]


def test_a_blend_is_the_mean_of_standings() -> None:
    """Two that say the opposite cancel out; scales do not matter."""
    rows = table([("p", "a", 1, 100, 100), ("p", "b", 1, 50, 50), ("p", "c", 1, 0, 0)])
    both = blend("both", single("overlap"), single("distance"))
    assert both.fit(rows)(rows).tolist() == [0.5, 0.5, 0.5]
    assert not both.trained


def watched(seen: list[Measured]) -> Ranker:
    """A ranker that remembers what it was trained on."""

    def fit(train: Measured):  # type: ignore[no-untyped-def]
        seen.append(train)
        return lambda test: np.zeros(len(test))

    return Ranker("watched", fit)


def test_a_language_that_is_held_out_is_nowhere_in_the_training() -> None:
    """Neither as target nor as candidate, in no task."""
    both = joined([made(4, "one"), made(4, "two", seed=1)])
    seen: list[Measured] = []
    scores_of(both, watched(seen))
    assert [sorted(set(each.targets) | set(each.candidates)) for each in seen] == [
        [f"x{other:02}" for other in range(4) if other != held] for held in range(4)
    ]
    assert all(set(each.tasks) == {"one", "two"} and len(each) == 2 * 3 * 2 for each in seen)


def test_a_task_that_is_held_out_is_nowhere_in_the_training() -> None:
    """All of the other is; with one task alone there is nothing to hold out."""
    seen: list[Measured] = []
    scores_of(joined([made(4, "one"), made(4, "two")]), watched(seen), hold="task")
    assert [set(each.tasks) for each in seen] == [{"two"}, {"one"}]
    with pytest.raises(SettingsError, match="at least two tasks"):
        scores_of(made(4), watched([]), hold="task")


def test_settings_are_chosen_inside_the_training() -> None:
    """The better of two by targets held out there; no choice is made by the language that is judged."""
    rows = made(6)
    right, wrong = single("overlap", "right"), single("distance", "wrong")
    picked = chosen("best", [wrong, right])
    assert picked.fit(rows)(rows).tolist() == right.fit(rows)(rows).tolist()
    seen: list[Measured] = []
    scores_of(rows, chosen("watched", [watched(seen), watched(seen)]))
    for outer in range(6):
        fits = seen[outer * 11 : (outer + 1) * 11]  # five folds of two options, and the last of all
        assert all(f"x{outer:02}" not in {*each.targets.tolist(), *each.candidates.tolist()} for each in fits)


@pytest.mark.parametrize(
    "ranker",
    [linear(), linear(0.01), lambdarank(4), lambdarank(16, raw=False)],
    ids=["linear", "linear-loose", "trees", "trees-standings"],
)
def test_trained_rankers_find_what_helps(ranker: Ranker) -> None:
    """Overlap decides in every list, so an unseen target's best is found; chance would lose as much as the mean."""
    if ranker.name == "LambdaRank" and not lightgbm_is_here():
        pytest.skip("lightgbm is not installed")
    (found,) = judge(made(10), [ranker])
    assert found.mean("ndcg")[0] > 0.9
    assert found.mean("share")[0] < 0.15


def test_without_lightgbm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, when it is to be trained."""
    monkeypatch.setattr(trained, "lightgbm_is_here", lambda: False)
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[ranking\]'"):
        lambdarank().fit(made(3))


def judged(values: list[float], targets: list[str], tasks: list[str] | None = None) -> Judged:
    """With these NDCGs."""
    found, names = np.array(values), np.array(targets)
    return Judged("r", np.array(tasks or ["t"] * len(values)), names, found, found, found, found[:, None])


def test_intervals_draw_targets() -> None:
    """Values that are the same for all leave no doubt; two tasks of one target are drawn together, so that a single
    target has no interval at all."""
    assert judged([0.5, 0.5, 0.5], ["a", "b", "c"]).mean("ndcg") == (0.5, 0.5, 0.5)
    mean, low, high = judged([0.0, 1.0], ["a", "a"], ["one", "two"]).mean("ndcg")
    assert mean == 0.5 and math.isnan(low) and math.isnan(high)
    mean, low, high = judged([0.0, 1.0, math.nan], ["a", "b", "c"]).mean("ndcg")
    assert (mean, low, high) == (0.5, 0.0, 1.0)


def test_differences_are_paired() -> None:
    """One that is .1 better everywhere is surely better, however different the targets are."""
    one, other = judged([0.1, 0.9, 0.5], ["a", "b", "c"]), judged([0.0, 0.8, 0.4], ["a", "b", "c"])
    assert better_by(one, other) == pytest.approx((0.1, 0.1, 0.1))
    assert of_task(judged([0.1, 0.9], ["a", "a"], ["one", "two"]), "two").ndcg.tolist() == [0.9]


def test_joined_tables_keep_what_only_one_knows() -> None:
    """A feature that a table lacks is unknown there; one name with two meanings is refused."""
    frame = pl.DataFrame({"on": ["p"], "by": ["a"], "gain": [1.0], "size": [7.0]})
    other = measured_from(frame, [Feature("size")], target="on", candidate="by", gain="gain", task="u")
    both = joined([table([("p", "a", 1, 0.5, 0.25)]), other])
    assert [each.name for each in both.features] == ["overlap", "distance", "size"]
    assert both.values[0, :2].tolist() == [0.5, 0.25] and np.isnan(both.values[0, 2])
    assert np.isnan(both.values[1, :2]).all() and both.values[1, 2] == 7.0
    with pytest.raises(SettingsError, match="differ in what size means"):
        joined(
            [
                other,
                measured_from(frame, [Feature("size", "higher")], target="on", candidate="by", gain="gain", task="v"),
            ]
        )
