"""Edits sign by sign: what fits, runs of them, and what is mistaken for what, by hand."""

import pytest

from sprachbund.lab.alignment import confusions, fits, runs
from sprachbund.speech.measures import aligned, character_edits

CASA = ("a casa", "o caza s", "s===s=ii")
"""a for o, s for z, and a blank and an s put in."""


def test_runs_and_confusions() -> None:
    """Neighbours of one sort stand together; each sign is counted by itself, what is right is not."""
    assert list(runs(*CASA)) == [
        ("s", "a", "o"), ("=", " ca", " ca"), ("s", "s", "z"), ("=", "a", "a"), ("i", "", " s"),
    ]  # fmt: skip
    assert confusions(*CASA) == {("a", "o"): 1, ("s", "z"): 1, ("", " "): 1, ("", "s"): 1}
    assert confusions("abb", "a", "=dd") == {("b", ""): 2}
    assert list(runs("", "", "")) == []


@pytest.mark.parametrize(
    "texts, fit",
    [
        (CASA, True), (("ab", "ab", "=="), True), (("ab", "", "dd"), True), (("", "ab", "ii"), True),
        (("ab", "ac", "=="), False), (("ab", "ab", "=s"), False), (("ab", "a", "=="), False), (("a", "a", "x"), False),
        (("ab", "ab", "="), False),
    ],
)  # fmt: skip
def test_what_fits(texts: tuple[str, str, str], fit: bool) -> None:
    """Lengths add up, and the same is what is the same."""
    assert fits(*texts) is fit


@pytest.mark.parametrize(
    "said, written", [("a casa", "o caza s"), ("ontem", ""), ("", "oi"), ("bom dia", "bom dia"), ("abcd", "bxd")]
)
def test_edits_are_as_many_as_the_rate_counts(said: str, written: str) -> None:
    """They lead from one text to the other, as few as jiwer counts."""
    edits = aligned(said, written)
    assert fits(said, written, edits)
    assert len(edits) - edits.count("=") == character_edits(said, written)
