"""What a study has left to do is what it then does, run for run."""

from dataclasses import replace
from pathlib import Path

import pytest
from finished import Finished, run
from toy import Toy

from sprachbund.runs.store import Runs
from sprachbund.studies.outlook import Pace, Piece, outlook, pace_of
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import Plan

ARMS = ("alone", "pooled", "control", "placebo", "continued:aa", "longer:aa")


def look(folder: Path, plan: Plan, kind: Toy | None = None) -> list[Piece]:
    """The outlook of a study whose runs lie in a folder."""
    return outlook(Prepared(kind or Toy(), plan, (), lambda: None), Runs(folder / "runs"))  # type: ignore[arg-type, return-value]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One task with a start that others begin from, two trials, two seeds."""
    return run(Toy(), tmp_path_factory.mktemp("outlook"), tasks=("ic",), arms=ARMS, trials=2)


def test_before_anything_all_runs_are_counted(begun: Finished, tmp_path: Path) -> None:
    """As many as the study then makes, of each job."""
    before, after = look(tmp_path, begun.plan), look(begun.folder, begun.plan)
    assert [(p.job, p.arm, p.unit, p.number) for p in before] == [(p.job, p.arm, p.unit, p.number) for p in after]
    assert not any(piece.done for piece in before) and all(piece.done for piece in after)
    assert (
        sum(piece.job == "baseline" for piece in before) == sum(piece.job == "judge-baseline" for piece in before) == 3
    )
    # alone, longer and continued by language (aa has neither of the two), pooled and placebo for all: of trials two
    # each; the first trial has no options, so that of longer with aa is no other
    assert sum(piece.job == "judge" for piece in before) == 2 * (3 + 1 + 1 + 1 + 2 + 2)


def test_the_list_is_the_folders_that_the_study_made(begun: Finished) -> None:
    """No run is left out, none is in the list that is not made."""
    runs = Runs(begun.folder / "runs")
    listed = [runs.folder(piece.specification) for piece in look(begun.folder, begun.plan)]
    assert sorted(listed) == sorted((begun.folder / "runs").iterdir()) and len(set(listed)) == len(listed)


def test_more_seeds_and_more_arms_leave_what_is_done(begun: Finished) -> None:
    """A third seed judges each model once more; a new arm has its trials and its seeds to do."""
    more = [piece for piece in look(begun.folder, replace(begun.plan, seeds=3)) if not piece.done]
    assert {(piece.job, piece.number) for piece in more} == {("judge", 3), ("train", 3)}
    assert len(more) == (3 + 1 + 1 + 1 + 2 + 2) + 1
    mixed = [piece for piece in look(begun.folder, replace(begun.plan, arms=(*ARMS, "mixed:3"))) if not piece.done]
    assert {(piece.job, piece.arm) for piece in mixed} == {("trial", "mixed:3"), ("judge", "mixed:3")}
    assert len(mixed) == 2 + 2


def test_a_run_that_is_gone_is_left_to_do(begun: Finished, tmp_path: Path) -> None:
    """And what hangs on a trial that is gone is counted, though nobody knows which it will be."""
    found = look(begun.folder, begun.plan)
    (tmp_path / "runs").mkdir()
    lost = next(p for p in found if p.job == "trial" and p.arm == "pooled" and p.number == 1)
    runs = Runs(begun.folder / "runs")
    for piece in found:
        if piece is not lost:
            name = runs.folder(piece.specification).name
            (tmp_path / "runs" / name).symlink_to(runs.path / name)
    left = [(piece.job, piece.arm) for piece in look(tmp_path, begun.plan) if not piece.done]
    assert set(left) == {("trial", "pooled"), *(("judge", arm) for arm in ("pooled", "control"))}
    assert len(left) == 1 + 2 + 2


def test_the_pace_is_that_of_the_runs(begun: Finished) -> None:
    """Every run that was made is measured, with seconds and the memory of its process."""
    found = look(begun.folder, begun.plan)
    pace = pace_of(found, Runs(begun.folder / "runs"))
    assert pace.runs == len(found) and min(pace.memory) >= 0 and max(pace.memory) > 1 << 20
    assert set(pace.seconds) == {"baseline", "judge-baseline", "trial", "train", "judge"}
    assert max(pace.disk) > 0 == min(pace.disk)


def test_seconds_follow_effort_and_languages() -> None:
    """By hand: 2 s for ten of effort, 3 s for a language; a job that nobody measured takes as long as the slowest."""
    pace = Pace({"trial": (0.2, 3.0)}, (5.0, 70.0), 2)
    piece = Piece("trial", "ic", "alone", "aa", 0, 10.0, 40.0, 2, {}, False)
    assert pace.of(piece) == pytest.approx(8.0) and pace.memory_of(piece) == pytest.approx(270.0)
    assert pace.of(replace(piece, job="judge")) == pytest.approx(8.0)
    saving = replace(pace, disk=(2.0, 7.0))
    assert saving.disk_of(piece) == 0 and saving.disk_of(replace(piece, job="train")) == pytest.approx(87.0)
    assert Pace({}, (0.0, 0.0), 0).of(piece) == 0.0


def test_the_fit_finds_what_was_put_in(tmp_path: Path) -> None:
    """Seconds that are 0.5 a unit and 2 a language are split so; where all runs are alike, one of the two has all."""
    import numpy as np

    from sprachbund.studies.outlook import _fit

    rows = np.array([[10, 1, 7.0], [20, 1, 12.0], [10, 3, 11.0]])
    assert _fit(rows) == pytest.approx((0.5, 2.0))
    each, language = _fit(np.array([[10, 1, 5.0], [10, 1, 7.0]]))
    assert each * 10 + language == pytest.approx(6.0)
    each, language = _fit(np.array([[10, 1, 1.0], [20, 1, 0.5]]))  # less for more work: no rate is below 0
    assert min(each, language) >= 0


def test_bytes_that_were_measured_at_one_size_do_not_grow() -> None:
    """A process takes what it takes; only where more text took more is that carried on."""
    from sprachbund.studies.outlook import _fit_bytes

    assert _fit_bytes([]) == (0.0, 0.0)
    assert _fit_bytes([(60, 200.0), (60, 700.0)]) == (0.0, 700.0)
    assert _fit_bytes([(60, 700.0), (600, 300.0)]) == (0.0, 700.0)
    assert _fit_bytes([(10, 120.0), (20, 140.0), (40, 180.0)]) == pytest.approx((2.0, 100.0))
