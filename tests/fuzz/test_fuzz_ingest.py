"""Some of the inputs of `make fuzz`: whatever a file holds, an ingest ends well or in one line."""

from collections import Counter
from pathlib import Path

import pytest
from fuzz_ingest import by_command, in_python
from hostile_inputs import MAKERS, Input, make
from ingested import judge

SEED, INPUTS = 10, 48
SPLIT = "Uma frase honesta. Outra frase."


def test_ingest_survives_whatever_a_file_holds() -> None:
    """No traceback, no hang, memory in bounds, a whole corpus with true counts, and nothing is read twice."""
    found = list(in_python(range(INPUTS), SEED))
    assert [f"{one.name} ({one.kind}) {one.ended}: {one.fault}" for one in found if one.fault] == []
    kinds = Counter(one.kind for one in found)
    assert {name for name, *_ in MAKERS} <= set(kinds)
    # an input that is refused tests little: most are read
    assert sum(one.ended in ("kept", "nothing kept") for one in found) > 0.5 * INPUTS


def test_the_command_says_one_line_for_whatever_it_cannot_read() -> None:
    """By the command line: exit code 0, or 1 and one line; no control characters of file names or contents."""
    found = list(by_command(range(0, INPUTS, 6), SEED))
    assert [f"{one.name}: {one.fault}" for one in found if one.fault] == []


def test_a_number_names_an_input_for_ever() -> None:
    """The same seed and number give the same file, name and options; another number another."""
    assert make(3, 14) == make(3, 14)
    assert len({make(3, number).data for number in range(20)}) > 15


def judged(folder: Path, text: str) -> str:
    """What the judge says of a plain text."""
    return judge(Input("text", text.encode(), b"input", False, "pt", False, True), folder)


def test_the_judge_sees_a_sentence_that_is_not_normal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole corpus is praised; one whose sentences are not in NFC is not."""
    (tmp_path / "good").mkdir()
    assert judged(tmp_path / "good", SPLIT) == "kept"
    monkeypatch.setattr("sprachbund.corpus.segment.normalise", str.strip)
    (tmp_path / "bad").mkdir()
    with pytest.raises(AssertionError, match="not NFC"):
        judged(tmp_path / "bad", "Uma frase com cafe\u0301. Outra frase.")


def test_the_judge_sees_counts_that_do_not_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is dropped without being counted is seen."""
    monkeypatch.setattr("sprachbund.corpus.sources.account.Account.drop", lambda self, dropped: None)
    line = '{"id": "a", "lang": "pt", "title": "", "sections": 5}\n'
    monkeypatch.setattr("sprachbund.corpus.sources.account.Account.warnings", lambda self: [])
    with pytest.raises(AssertionError, match="no word of it"):
        judged(tmp_path, line)
