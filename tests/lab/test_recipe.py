"""Recipes: the same model has the same name, wherever its files lie; what cannot be followed is refused."""

import json
from pathlib import Path

import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.lab.recipe import Recipe, Saved, Share, check_recipe, recipe_of

SPANISH = Recipe("ic", {"es": Share()}, {"rate": 0.1, "characters": (4, 5)}, seed=2)
CHAIN = Recipe(
    "ic", {"pt": Share(2.0, 500)}, {"rate": 0.03}, 2, 7, SPANISH, {"rows": "near"}, frozen=("rows",), freeze=0.25
)  # fmt: skip


def test_a_recipe_is_read_back() -> None:
    """Through JSON, with its start; tuples of options come back as lists, the name stays."""
    again = recipe_of(json.loads(json.dumps(CHAIN.to_dict())))
    assert again.content_hash() == CHAIN.content_hash()
    assert again.text == {"pt": Share(2.0, 500)} and again.frozen == ("rows",) and again.freeze == 0.25
    assert [start.text for start in again.starts()] == [{"es": Share()}]


def test_files_are_named_by_what_they_hold() -> None:
    """The place of a model on disk is not part of the name; it must be told to read the recipe."""
    one, other = (Recipe("ic", {"pt": Share()}, start=Saved(Path(place), "ab" * 32)) for place in ("here", "there"))
    assert one.content_hash() == other.content_hash()
    assert one.content_hash() != Recipe("ic", {"pt": Share()}, start=Saved(Path("here"), "cd" * 32)).content_hash()
    read = recipe_of(one.to_dict(), {"ab" * 32: Path("elsewhere")})
    assert isinstance(read.start, Saved) and read.start.path == Path("elsewhere")
    with pytest.raises(FolderError, match="not at hand"):
        recipe_of(one.to_dict())


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 3}, {"task": "nsp"}, {"text": {"es": Share(2)}}, {"text": {"es": Share(sentences=9)}},
        {"options": {"rate": 0.2}}, {"carry": {"rows": "separate"}}, {"start": SPANISH},
    ],
)  # fmt: skip
def test_everything_that_matters_is_in_the_name(change: dict[str, object]) -> None:
    """Every field that makes another model."""
    assert Recipe(**{**SPANISH.__dict__, **change}).content_hash() != SPANISH.content_hash()  # type: ignore[arg-type]


def test_the_order_of_languages_and_options_is_not() -> None:
    """A mixture is a set."""
    one = Recipe("ic", {"es": Share(), "pt": Share()}, {"a": 1, "b": 2})
    assert one.content_hash() == Recipe("ic", {"pt": Share(), "es": Share()}, {"b": 2, "a": 1}).content_hash()


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe("ic", {}), "one language at least"),
        (Recipe("ic", {"es": Share(-1)}), "at least 0"),
        (Recipe("ic", {"es": Share()}, carry={"body": "same"}), "carry: the model has no part body; it has rows"),
        (Recipe("ic", {"es": Share()}, carry={"rows": "some"}), "there are: same, identical, near"),  # type: ignore[dict-item]
        (Recipe("ic", {"es": Share()}, carry={"rows": "near"}), "carried over by near: name a start"),
        (Recipe("ic", {"es": Share()}, frozen=("rows",)), "can be frozen: name a start"),
        (Recipe("ic", {"pt": Share()}, start=SPANISH, frozen=("head",)), "freeze: the model has no part head"),
        (Recipe("ic", {"pt": Share()}, start=SPANISH, frozen=("rows",), freeze=2), "0 to 1, found 2"),
    ],
)
def test_what_cannot_be_followed_is_refused(recipe: Recipe, message: str) -> None:
    """By what is wrong and what there is."""
    with pytest.raises(SettingsError, match=message):
        check_recipe(recipe, ("rows",))


@pytest.mark.parametrize("damaged", [{}, {"task": "ic", "text": {"es": {"speed": 1}}}, {"task": "ic", "text": []}])
def test_what_is_no_recipe_is_named(damaged: dict[str, object]) -> None:
    """No traceback of Python's."""
    with pytest.raises(FolderError, match="no recipe"):
        recipe_of(damaged)
