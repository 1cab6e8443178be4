"""Language models as a kind that a study can compare (the seam is ``lab/seam.py``).

What a recipe makes is parts: n-grams by language, and a neural model. They are weighed on dev when they are scored or
judged, language by language, as whoever uses them would.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sprachbund.arrays import UInt64
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SettingsError
from sprachbund.files import content_hash, read_json, require_fields, sha256_file, write_json
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lab.seam import ITEMS
from sprachbund.lm.alphabet import Alphabet, points_of
from sprachbund.lm.declared import BODY, DECLARATION, ROWS
from sprachbund.lm.model import LanguageModel, bits, crossed, gated
from sprachbund.lm.neighbours import Respelling, lend
from sprachbund.lm.ngram.characters import (
    CharacterNGram,
    bits_of,
    choose_order,
    read_characters,
    train_characters,
    write_characters,
)
from sprachbund.lm.settings import LmSettings, neural_settings
from sprachbund.lm.sides import Sides, sides_of
from sprachbund.lm.text import Texts, bytes_of, cut
from sprachbund.settings import change

if TYPE_CHECKING:
    from sprachbund.lm.neural.model import Neural

__all__ = ["Letters", "LmKind", "Parts"]

_PARTS, _NGRAMS, _NEURAL = "parts.json", "ngrams", "neural"
TRIALS: tuple[dict[str, Any], ...] = (
    {}, {"rate": 0.004}, {"dropout": 0.5}, {"dropout": 0.3}, {"rate": 0.004, "dropout": 0.5}, {"rate": 0.016},
    {"dropout": 0.1}, {"rate": 0.004, "dropout": 0.3},
)  # fmt: skip
"""What every arm tries, of its neural part; n-grams choose their order and their weights by themselves."""
SEEN = 8
NEURAL = 10.0
"""How much longer the neural part takes over a character than the n-grams, about."""
_PRIME = np.uint64(0x100000001B3)  # of FNV-1a
Letters = Mapping[str, Mapping[str, str]]
"""By language how its letters are written, for controls; languages that are not named write as they do."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What a recipe makes: n-grams, each of a language, and a neural model or None."""

    ngrams: tuple[CharacterNGram, ...]
    neural: "Neural | None" = None
    letters: Letters = field(default_factory=dict)


@dataclass(frozen=True)
class LmKind:
    """Language models over one corpus.

    Attributes:
        corpus_path: of the corpus. settings: what no trial changes.
        targets: languages that are judged, whose training text is cut to ``target_characters``.
        dictionaries: by (neighbour, language) a dictionary, for the arm ``respelled``.
        text_seed: of the text that is kept.
    """

    corpus_path: Path
    settings: LmSettings
    targets: tuple[str, ...] = ()
    dictionaries: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    text_seed: int = 0
    _sides: dict[str, Sides] = field(default_factory=dict, compare=False, repr=False)

    @property
    def declaration(self) -> Declaration:
        """Of language models."""
        return DECLARATION

    @cached_property
    def corpus(self) -> Corpus:
        """Opened once a process."""
        return Corpus.open(self.corpus_path, check=False)

    def __getstate__(self) -> dict[str, Any]:
        """Workers get the path and open the corpus themselves."""
        return {key: value for key, value in self.__dict__.items() if key != "corpus"} | {"_sides": {}}

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """The corpus by its hash, the split, the settings, what is cut and the dictionaries, where they are read."""
        read = frozenset(self.corpus.languages if languages is None else languages)
        cut = [code for code in self.targets if code in read] if self.settings.target_characters else []
        tables = {pair: path for pair, path in sorted(self.dictionaries.items()) if read.issuperset(pair)}
        settings = asdict(replace(self.settings, target_characters=self.settings.target_characters if cut else 0))
        if not trained:  # the baseline chooses its order by itself
            settings = {name: settings[name] for name in ("characters", "target_characters", "shares", "split_seed")}
        return {
            "corpus": self.corpus.content_hash(),
            "settings": settings,
            "targets": cut,
            "text_seed": self.text_seed,
            "dictionaries": {f"{one}-{other}": sha256_file(path) for (one, other), path in tables.items()},
        }

    def trials(self, count: int) -> list[dict[str, Any]]:
        """What an arm's neural part tries; without one there is nothing to try."""
        return [dict(trial) for trial in TRIALS[: 1 if neural_settings(self.settings) is None else count]]

    def size(self, task: str, language: str) -> int:
        """Characters of training text."""
        return self.sides(language).train.characters

    def sides(self, language: str) -> Sides:
        """The text of a language, read once a process."""
        if language not in self._sides:
            small = self.settings.target_characters if language in self.targets else 0
            characters = small or self.settings.characters
            self._sides[language] = sides_of(self.corpus, language, self.settings.split, characters, self.text_seed)
        return self._sides[language]

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """The characters that are read: by the n-grams once, by the neural part in every epoch."""
        characters = sum(share.passes * sizes[code] for code, share in recipe.text.items())
        neural = neural_settings(change(self.settings, recipe.options))
        if neural is None:
            return characters
        from sprachbund.lm.neural.loop import scaled_epochs

        return characters * (1 + NEURAL * (neural.epochs or scaled_epochs(max(1, round(characters)))))

    def train(self, recipe: Recipe, start: Parts | None) -> Parts:
        """Count, smooth, and train the neural part, each beginning from a start's where there is one.

        Raises:
            SettingsError: the recipe shares nothing between its languages and has no start.
        """
        if start is None and recipe.carry.get(ROWS) == "separate":
            raise SettingsError("language models that share nothing are the arm alone: leave the arm control out")
        letters = self._letters(recipe, start)
        texts = {code: self._texts(code, share, letters) for code, share in sorted(recipe.text.items())}
        ngrams = [self._ngram(code, recipe.text[code], own.texts, letters) for code, own in texts.items()]
        if start is not None and recipe.carry.get(BODY) != "separate":
            ngrams += start.ngrams
        return Parts(tuple(ngrams), self._neural(recipe, texts, start, letters), letters)

    def _texts(self, code: str, share: Share, letters: Letters) -> Texts:
        """A language's training text as a recipe reads it."""
        own = self.sides(code).train
        most = min(
            (size for size in (share.sentences, round(own.characters * share.passes)) if size), default=own.characters
        )
        own = cut(own, most, self.text_seed) if most < own.characters else own
        if share.into:
            tables = {one: path for (one, other), path in self.dictionaries.items() if other == share.into}
            lent = lend(share.into, self.sides(share.into).train.texts, code, own.texts, Respelling(True, tables))
            own = replace(own, texts=lent.nearest)
        return replace(own, texts=tuple(written(own.texts, letters.get(code))))

    def _ngram(self, code: str, share: Share, texts: Sequence[str], letters: Letters) -> CharacterNGram:
        if self.settings.order or share.into:
            return train_characters(texts, code, self.settings.order or self.settings.neighbour_order)
        return choose_order(texts, written(self.sides(code).dev.texts, letters.get(code)), code)

    def _neural(
        self, recipe: Recipe, texts: Mapping[str, Texts], start: Parts | None, letters: Letters
    ) -> "Neural | None":
        settings = neural_settings(change(self.settings, recipe.options))
        if settings is None:
            return None
        from sprachbund.lm.neural.loop import scaled_epochs
        from sprachbund.lm.neural.settings import shaped
        from sprachbund.lm.neural.training import train_neural

        begun = None if start is None else start.neural
        if begun is not None:
            settings = shaped(settings, begun.settings)
        passes = max(share.passes for share in recipe.text.values())
        if passes > 1:
            characters = sum(own.characters for own in texts.values())
            settings = replace(settings, epochs=(settings.epochs or scaled_epochs(characters)) * passes)
        carry = {part: how for part, how in recipe.carry.items() if how != "permuted"} if begun is not None else {}
        dev = [text for code in recipe.languages for text in written(self.sides(code).dev.texts, letters.get(code))]
        return train_neural(
            [text for own in texts.values() for text in own.texts], dev, settings, seed=recipe.seed, start=begun,
            carry=carry, table=None if recipe.table is None else recipe.table.path,
            frozen=recipe.frozen, freeze=recipe.freeze,
        )  # fmt: skip

    def _letters(self, recipe: Recipe, start: Parts | None) -> Letters:
        """How languages are written: as they are, but for a control, in which each exchanges its letters."""
        known = {} if start is None else start.letters
        if recipe.carry.get(ROWS) != "permuted":
            return known
        found = dict(known)
        for code in recipe.languages:
            alphabet = Alphabet.of(self.sides(code).train.texts)
            found[code] = exchanged(alphabet, zlib.crc32(f"{recipe.seed} {code}".encode()))
        return found

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """Nothing."""
        return {}

    def save(self, model: Parts, folder: Path) -> None:
        """Each part into a folder of its own."""
        write_json(folder / _PARTS, {"ngrams": len(model.ngrams), "neural": model.neural is not None,
                                     "letters": {code: dict(own) for code, own in model.letters.items()}})  # fmt: skip
        for number, each in enumerate(model.ngrams):
            write_characters(each, folder / _NGRAMS / str(number))
        if model.neural is not None:
            from sprachbund.lm.neural.saved import write_neural

            (folder / _NEURAL).mkdir()
            write_neural(model.neural, folder / _NEURAL)

    def load(self, folder: Path) -> Parts:
        """The same parts."""
        said = read_json(folder / _PARTS, "remove the run's folder")
        require_fields(folder / _PARTS, said, {"ngrams": int, "neural": bool, "letters": dict})
        ngrams = tuple(read_characters(folder / _NGRAMS / str(number)) for number in range(said["ngrams"]))
        if not said["neural"]:
            return Parts(ngrams, None, said["letters"])
        from sprachbund.lm.neural.saved import read_neural

        return Parts(ngrams, read_neural(folder / _NEURAL), said["letters"])

    def open(self, path: Path) -> Parts:
        """A finished language model, as a start."""
        model = LanguageModel.open(path)
        return Parts(model.ngrams, model.neural)

    def score(self, model: Parts, task: str, language: str) -> float:
        """Bits per byte on dev, each half under the weights that the other half chose."""
        return crossed(self._of(model, language), self._dev(model, language))

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """The order of the language's own n-grams."""
        sides = self.sides(language)
        return {"kneser-ney": {"order": choose_order(sides.train.texts, sides.dev.texts, language).ngram.order}}

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """The language's own n-grams on the test side."""
        sides = self.sides(language)
        model = train_characters(sides.train.texts, language, baselines["kneser-ney"]["order"])
        return _items(sides.test, bits_of(model, sides.test.texts), pools, "kneser-ney")

    def judge(
        self, model: Parts, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """All parts together, the n-grams by themselves, and the neural part by itself, on the test side."""
        test = self.sides(language).test
        texts, dev = written(test.texts, model.letters.get(language)), self._dev(model, language)
        whole = self._of(model, language)
        frames = [_items(test, bits(gated(whole, dev), texts), pools, "")]
        if whole.neural is not None:
            from sprachbund.lm.neural.scoring import bits as neural_bits

            ngrams = replace(whole, neural=None)
            frames.append(_items(test, bits(gated(ngrams, dev), texts), pools, "ngrams"))
            frames.append(_items(test, neural_bits(whole.neural, texts), pools, "neural"))
        return pl.concat(frames)

    def _of(self, model: Parts, language: str) -> LanguageModel:
        """The parts as a model of one language: its own n-grams first."""
        return LanguageModel(language, tuple(_own_first(model.ngrams, language)), model.neural)

    def _dev(self, model: Parts, language: str) -> list[str]:
        return written(self.sides(language).dev.texts, model.letters.get(language))

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """Documents, bytes and a hash of the test side."""
        test = self.sides(language).test
        return [
            {
                "pool": pool,
                "task": task,
                "language": language,
                "documents": len(test),
                "bytes": sum(bytes_of(test.texts)),
                "sha256": content_hash(list(test.texts)),
            }
            for pool in pools
        ]

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """Sizes, what the test side shares with the training side, and a null: the test side, its words shuffled."""
        sides = self.sides(language)
        train, test = sides.train, sides.test
        told = np.isin(_runs(test.texts, SEEN), np.unique(_runs(train.texts)))
        alphabet = Alphabet.of(train.texts)
        numbers = np.concatenate([np.empty(0, np.int32), *(alphabet.encode(text) for text in test.texts)])
        model = choose_order(train.texts, sides.dev.texts, language)
        generator = np.random.default_rng(0)
        mixed = [" ".join(generator.permutation(text.split(" "))) for text in test.texts]
        return {
            "task": task,
            "language": language,
            "characters": train.characters,
            "documents": len(train) + len(sides.dev) + len(test),
            "test_documents": len(test),
            "test_bytes": sum(bytes_of(test.texts)),
            "seen": float(np.mean(told)) if len(told) else 0.0,
            "unknown": float(np.mean(numbers == 0)) if len(numbers) else 0.0,
            "shuffled": round(float(bits_of(model, mixed).sum()) / max(1, sum(bytes_of(mixed))), 4),
        }


def written(texts: Sequence[str], letters: Mapping[str, str] | None) -> list[str]:
    """Texts in other letters; as they are without."""
    if not letters:
        return list(texts)
    table = str.maketrans(dict(letters))
    return [text.translate(table) for text in texts]


def exchanged(alphabet: Alphabet, seed: int) -> dict[str, str]:
    """A permutation of an alphabet's letters; a capital goes where its small letter goes.

    Letters whose capital is there exchange among themselves, and so do all others: so no two become one.
    """
    known = set(alphabet.symbols)
    both = [one for one in alphabet.symbols if one.isalpha() and one.lower() == one and one.upper() in known - {one}]
    paired = {*both, *(one.upper() for one in both)}
    others = [one for one in alphabet.symbols if one.isalpha() and one not in paired]
    generator = np.random.default_rng(seed)
    found = {one: both[place] for one, place in zip(both, generator.permutation(len(both)), strict=True)}
    found |= {one: others[place] for one, place in zip(others, generator.permutation(len(others)), strict=True)}
    return found | {one.upper(): found[one].upper() for one in both}


def _own_first(ngrams: Iterable[CharacterNGram], language: str) -> list[CharacterNGram]:
    return sorted(ngrams, key=lambda each: each.language != language)


def _items(test: Texts, cost: Any, pools: Sequence[str], arm: str) -> pl.DataFrame:
    """A row a document."""
    frame = pl.DataFrame(
        {
            "arm": arm,
            "item": list(test.names),
            "document": list(test.names),
            "group": np.unique(test.groups, return_inverse=True)[1].astype(np.int64),
            "value": cost,
            "weight": np.array(bytes_of(test.texts), np.float64),
        }
    ).with_columns(null_value=pl.lit(None, pl.Float64), candidates=pl.lit(None, pl.Int64))
    return pl.concat([frame.with_columns(pool=pl.lit(pool)) for pool in pools]).select(*ITEMS)


def _runs(texts: Sequence[str], step: int = 1) -> UInt64:
    """Runs of eight characters as hashes: uint64 [runs], of every ``step``-th place."""
    found = [np.empty(0, np.uint64)]
    for text in texts:
        points = points_of(text).astype(np.uint64)
        if len(points) < SEEN:
            continue
        hashed = np.zeros(len(points) - SEEN + 1, np.uint64)
        for place in range(SEEN):
            hashed = (hashed ^ points[place : place + len(hashed)]) * _PRIME
        found.append(hashed[::step])
    return np.concatenate(found)
