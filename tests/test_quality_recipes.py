"""The named recipes of the quality harness, without training: what each says is what a model is made of."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import Recipe, Share, check_recipe, recipe_of
from sprachbund.retrieval.declared import DECLARATION
from sprachbund.retrieval.settings import BEST, change

HERE = Path(__file__).parents[1] / "benchmarks" / "quality"
WHOLE = {
    "ar": 400, "bn": 12_000, "de": 50_000, "el": 14_000, "en": 90_000, "id": 11_000, "ko": 60_000, "tr": 10_500,
    "uk": 13_000, "vi": 70_000,
}  # fmt: skip


@pytest.fixture
def recipes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, which no package has."""
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module("recipes")


def made(recipes: ModuleType, name: str, target: str, seed: int = 1) -> Recipe:
    """The recipe of a name for a target that has one."""
    found = recipes.recipe_of(recipes.RECIPES[name], target, WHOLE, seed)
    assert found is not None
    return found


def test_every_name_makes_recipes_that_retrieval_can_follow(recipes: ModuleType) -> None:
    """For each of its targets, with settings that exist; only beside itself a language has none.

    None is larger than its text, each learns from its target, and as JSON it is the same recipe again.
    """
    for name, named in recipes.RECIPES.items():
        change(BEST, **named.options, **named.judging)
        change(BEST, **named.first)
        for target in named.targets:
            recipe = recipes.recipe_of(named, target, WHOLE, 3)
            if recipe is None:
                assert name == f"with-{target}-3k"
                continue
            for one in (recipe, *recipe.starts()):
                check_recipe(one, DECLARATION.parts)
                assert (one.task, one.seed, one.text_seed) == ("ic", 3, 3), name
                assert all(0 <= share.sentences < WHOLE[code] for code, share in one.text.items()), name
            assert target in recipe.text, name
            assert recipe_of(recipe.to_dict()).content_hash() == recipe.content_hash(), name


def test_text_by_hand(recipes: ModuleType) -> None:
    """What is cut, what is read how often, and what has no part."""
    assert made(recipes, "alone", "tr").text == {"tr": Share()}
    assert made(recipes, "alone-3k", "tr").text == {"tr": Share(1, 3_000)}
    assert made(recipes, "alone-30k", "tr").text == {"tr": Share()}  # it has no more than 10,500
    assert made(recipes, "large-3", "en").text == {"en": Share(1, 2_700)}
    # named by the arm, Ukrainian is there to help, a target or not: it is whole, and read a quarter as often
    assert made(recipes, "with-uk-3k", "tr").text == {"tr": Share(1, 3_000), "uk": Share(0.25)}
    small = {code: Share(1, 3_000) for code in ("de", "el", "id", "ko", "tr", "uk", "vi")}
    assert made(recipes, "joint-3k", "tr").text == {**small, "ar": Share(), "bn": Share(), "en": Share()}
    beside = {**small, "ar": Share(0.25), "bn": Share(0.25)}
    assert made(recipes, "beside-3k-en-10", "tr").text == {**beside, "en": Share(0.25, 9_000)}
    assert made(recipes, "beside-3k-en-0", "tr").text == beside


def test_what_is_trained_once(recipes: ModuleType) -> None:
    """One pooled model serves all targets; the others' model, which no target's text is in, all targets and sizes."""
    assert made(recipes, "joint-3k", "tr").content_hash() == made(recipes, "joint-3k", "vi").content_hash()
    starts = {
        start.content_hash(): start
        for size in ("1k", "3k", "10k", "30k")
        for target in recipes.SMALL
        for start in made(recipes, f"others-first-{size}", target).starts()
    }
    assert [start.text for start in starts.values()] == [{"ar": Share(), "bn": Share(), "en": Share()}]
    after = made(recipes, "after-3k-en-10", "tr")
    assert after.text == {"tr": Share(1, 3_000)}
    assert [start.text["en"] for start in after.starts()] == [Share(1, 9_000)]
    # what surrounds a candidate at search is no part of a model
    assert made(recipes, "near", "tr").content_hash() == made(recipes, "alone", "tr").content_hash()


def test_settings_and_sharing(recipes: ModuleType) -> None:
    """The mixture is no setting of one language; the placebo shares wrongly; the start has settings of its own."""
    assert made(recipes, "joint-3k", "tr").options["temperature"] == 10.0
    assert made(recipes, "placebo", "tr").carry == {"rows": "permuted"}
    assert made(recipes, "untrained", "tr").options == {"epochs": 0.0}
    after = made(recipes, "after-3k-en-10", "tr")
    assert (after.options, [start.options for start in after.starts()]) == (
        {"rate": 0.01, "epochs": 8.0}, [{"rate": 0.01, "epochs": 2.0}]
    )  # fmt: skip


def test_no_others_to_begin_from(recipes: ModuleType) -> None:
    """A corpus of targets alone has nothing that comes first, and says so; a companion that is not there is none."""
    with pytest.raises(SettingsError, match="text of one language at least"):
        recipes.recipe_of(recipes.RECIPES["others-first-3k"], "tr", {"tr": 9_000, "uk": 9_000}, 1)
    assert recipes.recipe_of(recipes.RECIPES["with-bn-3k"], "tr", {"tr": 9_000, "uk": 9_000}, 1) is None
