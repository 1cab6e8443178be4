"""Strategies: what each makes of three languages, by hand."""

from dataclasses import replace

import pytest

from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import Recipe, Share, recipe_of
from sprachbund.lab.strategies import EVERYONE, STRATEGIES, Ask, arms_of, doing, read_arm, recipe_for

OPTIONS = {"rate": 0.1, "dim": 64, "temperature": 2}
CHOSEN = {
    ("alone", "es"): {"rate": 0.3, "dim": 512},
    ("alone", "en"): {"rate": 0.2, "dim": 128},
    ("pooled", EVERYONE): {"rate": 0.4, "dim": 32, "temperature": 5},
}
SIZES = {"en": 10_000, "es": 400, "pt": 100}


def made(arm: str, target: str = "pt", body: tuple[str, ...] = ()) -> Recipe | None:
    """The recipe of an arm."""
    ask = Ask(
        read_arm(arm), "ic", target, ("en", "es", "pt"), OPTIONS, 3, SIZES, CHOSEN, "rows", body, ("temperature",),
        ("dim",),
    )  # fmt: skip
    return recipe_for(ask)


ALONE = Recipe("ic", {"pt": Share()}, {"rate": 0.1, "dim": 64}, 3)
POOLED = Recipe("ic", {"en": Share(), "es": Share(), "pt": Share()}, OPTIONS, 3)
SPANISH = Recipe("ic", {"es": Share()}, {"rate": 0.3, "dim": 512}, 3)
CONTINUED = Recipe("ic", {"pt": Share()}, {"rate": 0.1, "dim": 512}, 3, start=SPANISH)


def test_alone_and_pooled_and_their_controls() -> None:
    """A model of one language has no option of mixtures; controls are pooled but for what is shared."""
    assert made("alone") == ALONE
    assert made("pooled") == POOLED == made("pooled", "en")
    assert made("control", body=("head",)) == replace(POOLED, carry={"rows": "separate", "head": "separate"})
    assert made("placebo") == replace(POOLED, carry={"rows": "permuted"})


def test_starts_are_what_the_language_chose_alone() -> None:
    """The start has its own settings, the target its trial's, but for the shape, which is the start's."""
    assert made("continued:es") == CONTINUED
    assert made("continued:es", "es") is None
    assert made("placebo:es") == replace(CONTINUED, carry={"rows": "permuted"})
    chain = made("continued:en+es")
    assert chain is not None
    english = Recipe("ic", {"en": Share()}, {"rate": 0.2, "dim": 128}, 3)
    spanish = Recipe("ic", {"es": Share()}, {"rate": 0.3, "dim": 128}, 3, start=english)
    assert chain == Recipe("ic", {"pt": Share()}, {"rate": 0.1, "dim": 128}, 3, start=spanish)
    others = made("continued")
    assert others is not None
    both = Recipe("ic", {"en": Share(), "es": Share()}, {"rate": 0.4, "dim": 32, "temperature": 5}, 3)
    assert others == Recipe("ic", {"pt": Share()}, {"rate": 0.1, "dim": 32}, 3, start=both)


def test_rows_and_frozen_name_parts() -> None:
    """Rows go to the nearest in spelling and the body begins fresh; the body is frozen, or what was carried."""
    assert made("rows:es", body=("head",)) == replace(CONTINUED, carry={"rows": "near", "head": "separate"})
    assert made("frozen:es", body=("head",)) == replace(CONTINUED, frozen=("head",))
    assert made("frozen:es") == replace(CONTINUED, frozen=("rows",))


def test_upper_layers_are_dropped() -> None:
    """The last part of the body and the rows above it begin fresh; a model without layers has none to drop."""
    dropped = made("dropped:es", body=("lower", "upper"))
    assert dropped == replace(CONTINUED, carry={"upper": "separate", "rows": "separate"})
    assert made("dropped:es", "es", ("lower", "upper")) is None
    for body in ((), ("body",)):
        with pytest.raises(SettingsError, match="dropped:es: a model of this kind has no upper layers"):
            made("dropped:es", body=body)


def test_mixtures() -> None:
    """Roots of 10,000, 400 and 100 are 100, 20 and 10 of 130; together as much is read as before."""
    even = made("mixed:2")
    assert even is not None and even == made("mixed:2", "es")
    read = {language: share.passes * SIZES[language] for language, share in even.text.items()}
    assert read == pytest.approx({"en": 10_500 * 100 / 130, "es": 10_500 * 20 / 130, "pt": 10_500 * 10 / 130}, rel=1e-4)
    given = made("mixed:es=0.5+en=0.01")
    assert given is not None and given.text == {"pt": Share(), "es": Share(0.5), "en": Share(0.01)}
    assert "temperature" in given.options


def test_longer_is_alone_with_the_examples_of_both() -> None:
    """400 of Spanish and 100 of its own are five passes over its own."""
    assert made("longer:es") == replace(ALONE, text={"pt": Share(5.0)})
    assert made("longer:es", "es") is None


def test_synthetic_is_alone_with_what_is_synthetic() -> None:
    """Of its own language, and for every one; recipes without it have the names that they had."""
    own = made("synthetic")
    assert own == replace(ALONE, text={"pt": Share(synthetic=True)})
    assert own is not None and recipe_of(own.to_dict()) == own and own.content_hash() != ALONE.content_hash()
    assert ALONE.to_dict()["text"] == {"pt": {"passes": 1.0}}
    with pytest.raises(SettingsError, match="synthetic:es: not an arm; write synthetic"):
        read_arm("synthetic:es")


def test_censoring_and_its_controls() -> None:
    """The last language named helps by way of the others: 10,000 of English besides 400 of Spanish are 26 passes."""
    text = {"pt": Share(), "es": Share()}
    assert made("pivoted:es+en") == Recipe("ic", text, OPTIONS, 3)
    assert made("repeated:es+en") == Recipe("ic", {**text, "es": Share(26.0)}, OPTIONS, 3)
    for name, without in (("joined", ()), ("censored", ("pt",)), ("severed", ("es", "pt"))):
        assert made(f"{name}:es+en") == Recipe("ic", {**text, "en": Share(without=without)}, OPTIONS, 3)
    assert made("censored:es+en", "es") is None
    start = Recipe("ic", {"es": Share(), "en": Share(without=("pt",))}, OPTIONS, 3)
    own = {"rate": 0.1, "dim": 64}
    assert made("begun_censored:es+en") == Recipe("ic", {"pt": Share()}, own, 3, start=start)
    assert made("begun:es+en") == Recipe("ic", {"pt": Share()}, own, 3, start=Recipe("ic", {"es": Share()}, own, 3))
    both = Recipe("ic", {"es": Share(), "en": Share()}, OPTIONS, 3)
    assert made("begun_joined:es+en") == Recipe("ic", {"pt": Share()}, own, 3, start=both)
    assert made("begun_joined:es+en", "es") is None
    with pytest.raises(SettingsError, match="censored:es: expected a pivot and a language"):
        read_arm("censored:es")


def test_arms_say_what_they_do() -> None:
    """For claims."""
    names = (
        "pooled", "continued:es", "continued:en+es", "rows", "mixed:3", "placebo:es", "placebo", "begun_joined:es+en",
    )  # fmt: skip
    assert [doing(read_arm(name)) for name in names] == [
        "pooling", "continuing from es", "continuing from en, then es", "carrying rows over from the other languages",
        "mixing 3", "sharing es wrongly", "sharing the other languages wrongly",
        "continuing from one model of es and en",
    ]  # fmt: skip
    assert all(strategy.meaning.endswith(".") for strategy in STRATEGIES.values())


def test_arms_are_named_once() -> None:
    """In their order, without repeats."""
    arms = arms_of(("alone", " pooled ", "alone", "continued:es"), ("es", "pt"))
    assert [arm.name for arm in arms] == ["alone", "pooled", "continued:es"]
