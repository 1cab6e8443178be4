"""A few of the thousand kills of `make fuzz`: verbs that no other test kills."""

from pathlib import Path

import pytest
from fuzz_kills import further, run

VERBS = ["ingest more", "train", "train on", "encode", "export over another", "evaluate"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads folders that are replaced meanwhile through /proc")
def test_a_killed_verb_loses_nothing_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    """Killed at random moments with a reader at work; given again, the same files and nothing besides them."""
    (tmp_path / "stages").mkdir()
    rounds = run(12, 10, VERBS, tmp_path / "kills.jsonl", tmp_path / "stages")
    assert [f"{one.verb} {one.number}: {one.fault}" for one in rounds if one.fault] == []
    assert sum(one.kills for one in rounds) >= 12 and {one.verb for one in rounds} == set(VERBS)


def test_what_counts_as_further() -> None:
    """The same, the end, or more of what comes one by one; never less."""
    assert further(["a"], ["a"], [["a", "b", "c"]])
    assert further(["a"], ["a", "b"], [["a", "b", "c"]])
    assert not further(["a", "b"], ["a"], [["a", "b", "c"]])
    assert not further(["a"], ["a", "x"], [["a", "b", "c"]])
    assert further([], [0, {}], [[0, {}], [1, {"gl": 4}]]) and further(
        [0, {}], [1, {"gl": 4}], [[0, {}], [1, {"gl": 4}]]
    )
    assert not further([1, {"gl": 4}], [0, {}], [[0, {}], [1, {"gl": 4}]])
