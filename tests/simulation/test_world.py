"""A declared world: what is refused, how it is read, how it is ordered."""

from pathlib import Path

import pytest

from sprachbund.errors import SettingsError
from sprachbund.simulation.declaring import chain, cut_off, family, read_world, world_of
from sprachbund.simulation.world import Meanings, Tongue, World

DECLARED = """\
seed = 7

[meanings]
concepts = 900
topics = 4

[documents]
words_each = [5, 9]

[languages.proto]
sentences = 0

[languages.qab]
parent = "proto"
kept = 0.8
borrowed = {qaa = 0.1}

[languages.qaa]
sentences = 500
parent = "proto"
letters = {p = "f"}
"""


def test_a_file_declares_a_world(tmp_path: Path) -> None:
    """Every table and value is taken; what is not said has its default; ancestors come before what is built of them."""
    path = tmp_path / "world.toml"
    path.write_text(DECLARED)
    world = read_world(path)
    assert world.seed == 7 and world.meanings == Meanings(concepts=900, topics=4)
    assert world.documents.words_each == (5, 9)
    assert world.languages["qab"] == Tongue(2_000, parent="proto", kept=0.8, borrowed={"qaa": 0.1})
    assert world.languages["qaa"].letters == {"p": "f"}
    assert world.order == ("proto", "qaa", "qab") and world.written == ("qab", "qaa")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("topics = 4", "topisc = 4", "world.toml:5: [meanings] has no 'topisc'; did you mean topics?"),
        ("kept = 0.8", "kept = 'all'", "world.toml:15: [languages.qab] kept must be a number"),
        ("kept = 0.8", "kept = 1.5", "qab: kept must be from 0 to 1, found 1.5"),
        ("{qaa = 0.1}", "{qax = 0.1}", "qab: it is built from 'qax', which the world lacks"),
        ('{p = "f"}', '{p = "f", b = "f"}', "qaa: letters: two become one"),
        ("seed = 7", "seed = -1", "seed must be from 0"),
        ("[languages.qaa]", "[languages.QAA]", "found 'QAA'"),
        ("seed = 7", "seed = ", "not TOML"),
        ("concepts = 900", "concepts = 70", "at least two for each of the 16 aspects of subtopics"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    """With the line and the nearest name where a name is unknown, with what is allowed where a value cannot work."""
    path = tmp_path / "world.toml"
    text = DECLARED.replace(old, new)
    if "QAA" in new:
        text = text.replace("qaa = 0.1", "QAA = 0.1")
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        read_world(path)
    assert told in str(error.value) and "\n" not in str(error.value)


def test_a_circle_is_refused() -> None:
    """Two languages cannot be built from one another."""
    with pytest.raises(SettingsError, match="qaa, qab are built from one another"):
        World({"qaa": Tongue(borrowed={"qab": 0.1}), "qab": Tongue(borrowed={"qaa": 0.1})})


def test_shares_above_one_are_refused() -> None:
    """A word comes from one place only."""
    with pytest.raises(SettingsError, match=r"qab: shares must be at most 1 together, found 1\.2"):
        World({"qaa": Tongue(), "qab": Tongue(kin={"qaa": 0.7}, borrowed={"qaa": 0.5})})


def test_worlds_without_text_or_file(tmp_path: Path) -> None:
    """Nothing to write, nothing to read."""
    with pytest.raises(SettingsError, match="a world needs a language with sentences"):
        world_of({"languages": {"qaa": {"sentences": 0}}})
    with pytest.raises(SettingsError, match="expected a TOML file that declares a world, found none"):
        read_world(tmp_path / "none.toml")


def test_the_simple_worlds() -> None:
    """A family has an ancestor, strangers none; a chain keeps its ends apart; what is cut off is renamed."""
    assert family({"qaa": 10, "qab": 5}, sound_changes=2).languages["qab"] == Tongue(
        5, parent="ancestor", kept=0.8, sound_changes=2
    )
    assert family({"qaa": 10, "qab": 5}, kept=0).languages["qab"] == Tongue(5)
    linked = chain({"qaa": 9, "qpp": 8, "qtt": 7}, 0.4)
    assert linked.languages["qtt"] == Tongue(7, alike={"qpp": 0.4, "qaa": 0.0})
    assert cut_off(linked, "qaa").languages["qaa"].cut == "renamed"
    with pytest.raises(SettingsError, match="a chain has an auxiliary, a pivot and a target"):
        chain({"qaa": 9})
    with pytest.raises(SettingsError, match="the world has no language 'qzz'"):
        cut_off(linked, "qzz")
