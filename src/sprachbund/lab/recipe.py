"""A recipe: how one model is made, as data.

Its hash names the run and the model, so what two arms have in common is made once: "Spanish alone" serves every arm
that starts from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import content_hash

__all__ = ["CARRIES", "Carry", "Options", "Recipe", "Saved", "Share", "recipe_of"]

Options = Mapping[str, Any]
Carry = Literal["same", "identical", "near", "table", "separate", "permuted"]
"""How a part is carried over, from a start to its target or, where there is no start, between languages.

    same        what has the same key is the same, and a start keeps all that it has
    identical   only what the target has too is carried over
    near        that, and what has no like takes the nearest in spelling
    table       a row map from outside says it
    separate    nothing is shared
    permuted    as much is shared, but wrongly
"""
CARRIES: tuple[Carry, ...] = get_args(Carry)


@dataclass(frozen=True)
class Share:
    """How much of a language's training text is read.

    Attributes:
        passes: how often, times the passes that the options say.
        sentences: at most so many, drawn by the recipe's ``text_seed``; 0 for all.
        into: a language in whose words it is read, as far as a table of the kind knows them; "" for its own.
        without: languages whose features are taken out of it, sorted: what they have in common is nobody's.
        synthetic: whether what is synthetic of it is read too, in as many steps as what is not takes alone.
    """

    passes: float = 1.0
    sentences: int = 0
    into: str = ""
    without: tuple[str, ...] = ()
    synthetic: bool = False


@dataclass(frozen=True)
class Saved:
    """A model on disk: where it lies now, and what it is."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Recipe:
    """How one model is made.

    Attributes:
        task: that it learns. text: by language. options: that differ from the kind's settings.
        seed: of the training. text_seed: of the sentences that are drawn where a share has fewer than all.
        start: the model that it begins from. carry: by part how it is carried over; what is not named is the same.
        table: the row map of a part that is carried by ``table``, by its name with the kind, with its hash.
        frozen: parts that stay as they were carried, for ``freeze`` of the training, 1 to its end.
    """

    task: str
    text: Mapping[str, Share]
    options: Options = field(default_factory=dict)
    seed: int = 0
    text_seed: int = 0
    start: "Recipe | Saved | None" = None
    carry: Mapping[str, Carry] = field(default_factory=dict)
    table: Saved | None = None
    frozen: tuple[str, ...] = ()
    freeze: float = 0.5

    @property
    def languages(self) -> tuple[str, ...]:
        """Of its text, sorted."""
        return tuple(sorted(self.text))

    def starts(self) -> Iterator["Recipe"]:
        """The recipes that it begins from, the nearest first."""
        start = self.start
        while isinstance(start, Recipe):
            yield start
            start = start.start

    def to_dict(self) -> dict[str, Any]:
        """As JSON, the same for the same model wherever it lies: files by their hashes, defaults left out."""
        plain: dict[str, Any] = {
            "task": self.task,
            "text": {language: _share(self.text[language]) for language in self.languages},
            "options": dict(self.options),
            "seed": self.seed,
        }
        if any(share.sentences for share in self.text.values()):
            plain["text_seed"] = self.text_seed
        if self.start is not None:
            plain["start"] = self.start.to_dict() if isinstance(self.start, Recipe) else {"sha256": self.start.sha256}
        if self.carry:
            plain["carry"] = dict(sorted(self.carry.items()))
        if self.table:
            plain["table"] = self.table.sha256
        if self.frozen:
            plain |= {"frozen": sorted(self.frozen), "freeze": self.freeze}
        return plain

    def content_hash(self) -> str:
        """What names the model, beside its kind and its data."""
        return content_hash(self.to_dict())


def _share(share: Share) -> dict[str, Any]:
    plain: dict[str, Any] = {"passes": float(share.passes)}
    plain |= {"sentences": share.sentences} if share.sentences else {}
    plain |= {"into": share.into} if share.into else {}
    plain |= {"without": sorted(share.without)} if share.without else {}
    return plain | ({"synthetic": True} if share.synthetic else {})


def recipe_of(values: Mapping[str, Any], files: Mapping[str, Path] | None = None) -> Recipe:
    """The recipe that `Recipe.to_dict` gave.

    Args:
        files: where the models and row maps lie, by their hashes.

    Raises:
        FolderError: a file that it begins from is not among them, or it is no recipe.
    """
    try:
        start = values.get("start")
        return Recipe(
            task=values["task"],
            text={language: _share_of(share) for language, share in values["text"].items()},
            options=values["options"],
            seed=values["seed"],
            text_seed=values.get("text_seed", 0),
            start=None if start is None else _saved(start["sha256"], files) if "sha256" in start
            else recipe_of(start, files),
            carry=values.get("carry", {}),
            table=_saved(values["table"], files) if "table" in values else None,
            frozen=tuple(values.get("frozen", ())),
            freeze=values.get("freeze", 0.5),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise FolderError(f"no recipe: {str(values)[:60]!r} lacks or has what it should not ({error})") from None


def _share_of(values: Mapping[str, Any]) -> Share:
    return Share(**{**values, "without": tuple(values.get("without", ()))})


def _saved(sha256: str, files: Mapping[str, Path] | None) -> Saved:
    if files is None or sha256 not in files:
        raise FolderError(f"the recipe begins from a file that is not at hand, of hash {sha256[:20]}; name it again")
    return Saved(files[sha256], sha256)


def check_recipe(recipe: Recipe, parts: tuple[str, ...]) -> None:
    """Refuse a recipe that no model of a kind can follow.

    Args:
        parts: that the kind's models have.

    Raises:
        SettingsError: names what cannot be.
    """
    for what, named in (("carry", recipe.carry), ("freeze", recipe.frozen)):
        strangers = sorted(set(named) - set(parts))
        if strangers:
            raise SettingsError(f"{what}: the model has no part {', '.join(strangers)}; it has {', '.join(parts)}")
    unknown = sorted(set(recipe.carry.values()) - set(CARRIES))
    if unknown:
        raise SettingsError(f"nothing is carried over {', '.join(unknown)}; there are: {', '.join(CARRIES)}")
    from_start = sorted({"identical", "near", "table"} & set(recipe.carry.values()))
    if from_start and recipe.start is None:
        raise SettingsError(f"only from a start can be carried over by {', '.join(from_start)}: name a start")
    if not recipe.text:
        raise SettingsError("a recipe needs the text of one language at least, found none")
    if any(share.passes < 0 or share.sentences < 0 for share in recipe.text.values()):
        raise SettingsError("passes and sentences of a recipe must be at least 0")
    if recipe.frozen and recipe.start is None:
        raise SettingsError("only what is carried over can be frozen: name a start")
    if not 0 <= recipe.freeze <= 1:
        raise SettingsError(f"freeze must be a share of the training, 0 to 1, found {recipe.freeze:g}")
