"""A finished language model: n-grams of the language and of its neighbours, a neural model, and who is trusted when.

MODEL/model.json        kind, format, language, the parts in order, settings, hashes of all files
MODEL/card.json         what somebody must know of it
MODEL/ngrams/0/...      n-grams of the language itself; 1, 2, ...: of its neighbours
MODEL/words/...         n-grams of the language's words, where there are some
MODEL/neural/...        a neural model, where there is one
MODEL/gate.npy          float64 [features, parts], see `gate`; where there are several parts
MODEL/adapting.npy      the same for learning from a document while reading it, see `adapting`
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, read_array, read_manifest, require_fields, write_array, write_manifest
from sprachbund.lab.card import Card, write_card
from sprachbund.lm.gate import (
    NEURAL_FEATURES,
    NGRAM_FEATURES,
    PASSAGE,
    Gate,
    Signals,
    learn_gate,
    mixed,
    neural_features,
    ngram_features,
    part_of,
)
from sprachbund.lm.ngram.characters import CharacterNGram, by_text, read_characters, write_characters
from sprachbund.lm.ngram.words import WordNGram, read_words, write_words
from sprachbund.lm.text import bytes_of
from sprachbund.progress import logger

if TYPE_CHECKING:
    from sprachbund.lm.neural.model import Neural

__all__ = [
    "FORMAT",
    "KIND",
    "MANIFEST",
    "LanguageModel",
    "bits",
    "bits_each",
    "crossed",
    "crossed_bits",
    "gated",
    "signals",
]

KIND, FORMAT, MANIFEST = "language model", 2, "model.json"
OLDER = (1,)
"""Formats that are read as well: 1 had no words."""
_GATE, _ADAPTING, _NGRAMS, _WORDS, _NEURAL = "gate.npy", "adapting.npy", "ngrams", "words", "neural"
ADAPTING_ORDERS = (3, 5, 8)
"""Of the n-grams of what a document has shown; chosen on dev of Portuguese novels, see docs/log.md."""
GAIN = 5e-4
"""A mixture that is better by less on the half of dev that it has not seen is left out."""


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A language model; made by `train.train_language_model`, or opened.

    Attributes:
        language: that it is of. ngrams: the language's own first, then those of neighbours; at least one.
        words: n-grams of its words, or None; they are weighed behind those of characters.
        neural: or None; one of pieces or bytes is not weighed with the n-grams, but kept beside them.
        gate: None where the first n-grams are asked alone. adapting: the weights for reading as `lm.adapting` does.
        about: settings, and what it was made of, as JSON.
    """

    language: str
    ngrams: tuple[CharacterNGram, ...]
    neural: "Neural | None" = None
    gate: Gate | None = None
    adapting: Gate | None = None
    words: WordNGram | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        own, *others = self.ngrams
        parts = [f"n-grams of {own.characters:,} characters"]
        parts += [f"of {', '.join(dict.fromkeys(each.language for each in others))}"] if others else []
        parts += [f"words of order {self.words.ngram.order}"] if self.words else []
        parts += [repr(self.neural)] if self.neural else []
        return f"LanguageModel({self.language!r}: {', '.join(parts)})"

    @property
    def mixes(self) -> bool:
        """Whether the neural part foretells characters, as the n-grams do, and so is weighed with them."""
        return self.neural is not None and self.neural.settings.units == "characters"

    @property
    def parts(self) -> int:
        """Models that are weighed."""
        return len(self.ngrams) + (self.words is not None) + self.mixes

    @property
    def parameters(self) -> int:
        """Numbers that were learned."""
        trees = [each.ngram for each in self.ngrams]
        if self.words is not None:
            trees.append(self.words.ngram)
        learned = sum(len(tree.probabilities) + len(tree.left) for tree in trees)
        return learned + (self.neural.parameters if self.neural else 0)

    def bits(self, texts: Sequence[str]) -> Float64:
        """What each text costs, see `bits`."""
        return bits(self, texts)

    def bits_per_byte(self, texts: Sequence[str]) -> float:
        """Of all texts together."""
        return float(self.bits(texts).sum()) / max(1, sum(bytes_of(texts)))

    def save(self, folder: Path | str, card: Card | None = None) -> None:
        """Write the folder: whole, or not at all.

        Raises:
            FolderError: there is something else in its place.
        """
        with atomic_folder(Path(folder), MANIFEST) as made:
            for number, each in enumerate(self.ngrams):
                write_characters(each, made / _NGRAMS / str(number))
            if self.words is not None:
                write_words(self.words, made / _WORDS)
            if self.neural is not None:
                from sprachbund.lm.neural.saved import write_neural

                (made / _NEURAL).mkdir()
                write_neural(self.neural, made / _NEURAL)
            if self.gate is not None:
                write_array(made / _GATE, self.gate.weights)
            if self.adapting is not None:
                write_array(made / _ADAPTING, self.adapting.weights)
            if card is not None:
                write_card(card, made)
            write_manifest(
                made, MANIFEST, KIND, FORMAT, language=self.language, ngrams=len(self.ngrams),
                neural=self.neural is not None, gate=self.gate is not None,
                adapting=self.adapting is not None, words=self.words is not None, about=dict(self.about),
            )  # fmt: skip

    @classmethod
    def open(cls, folder: Path | str) -> "LanguageModel":
        """The model in a folder; its n-grams are memory-mapped, torch is needed where it has a neural part.

        Raises:
            FolderError: there is none, it is damaged, or of another format. MissingExtraError: torch is not installed.
        """
        path = Path(folder)
        fields = {"language": str, "ngrams": int, "neural": bool, "gate": bool, "adapting": bool, "about": dict}
        manifest = {"words": False, **read_manifest(path, MANIFEST, KIND, FORMAT, OLDER, check=True, fields=fields)}
        require_fields(path / MANIFEST, manifest, {"words": bool})
        if not 1 <= manifest["ngrams"] <= 1_000:
            raise FolderError(f"{path / MANIFEST}: damaged, it has {manifest['ngrams']} models of n-grams")
        ngrams = tuple(read_characters(path / _NGRAMS / str(number)) for number in range(manifest["ngrams"]))
        words = read_words(path / _WORDS) if manifest["words"] else None
        neural = None
        if manifest["neural"]:
            from sprachbund.lm.neural.saved import read_neural

            neural = read_neural(path / _NEURAL)
        model = cls(manifest["language"], ngrams, neural, words=words, about=manifest["about"])
        features = NGRAM_FEATURES * (len(ngrams) + (words is not None)) + NEURAL_FEATURES * model.mixes + 1
        shown = len(ADAPTING_ORDERS)
        if manifest["gate"]:
            model = replace(model, gate=_read_gate(path / _GATE, features, model.parts))
        if manifest["adapting"]:
            wide = features + NGRAM_FEATURES * shown
            model = replace(model, adapting=_read_gate(path / _ADAPTING, wide, model.parts + shown))
        return model


def _read_gate(path: Path, features: int, parts: int) -> Gate:
    weights = read_array(path, dtype="<f8", dimensions=2, mapped=False)
    if weights.shape != (features, parts) or not np.isfinite(weights).all():
        raise FolderError(f"{path}: damaged, expected numbers of shape {(features, parts)}, found {weights.shape}")
    return Gate(weights)


def signals(model: LanguageModel, texts: Sequence[str]) -> Signals:
    """What each part says of the characters of texts, in the order of the parts."""
    probabilities, features = [], []
    asking: list[CharacterNGram | WordNGram] = [*model.ngrams, *([model.words] if model.words else [])]
    for each in asking:
        asked, cost = each.ask(texts)
        probabilities.append(2.0**-cost)
        features.append(ngram_features(asked.depths, asked.seen, asked.peaks))
    if model.neural is not None and model.mixes:
        from sprachbund.lm.neural.signals import tell

        told = tell(model.neural, texts)
        probabilities.append(told.probabilities)
        features.append(neural_features(told.peaks, told.entropies))
    return Signals(np.stack(probabilities, 1), np.concatenate(features, 1))


def bits_each(model: LanguageModel, texts: Sequence[str]) -> Float64:
    """float64 [characters]: what each character of the texts costs, an unknown one in full."""
    if model.gate is None:
        return model.ngrams[0].ask(texts)[1]
    return -np.log2(mixed(model.gate, signals(model, texts)))


def bits(model: LanguageModel, texts: Sequence[str]) -> Float64:
    """float64 [texts]: what each costs."""
    return by_text(bits_each(model, texts), texts)


def gated(model: LanguageModel, dev: Sequence[str], seed: int = 0) -> LanguageModel:
    """The model with weights learned on dev; as it was where the parts bring nothing on text that these did not see.

    The weights are learned on every other passage of dev and tried on the rest, then learned on all of it: so a
    neighbour that does not help is left out, and the language is never worse for having been offered it.
    """
    if model.parts == 1:
        return model
    heard = signals(model, dev)
    count = len(heard.probabilities)
    passages = (np.arange(count) // PASSAGE) % 2 == 0
    if not passages.any() or passages.all():
        logger.warning("%s: too little dev text to weigh neighbours by; they are left out", model.language)
        return model
    tried = learn_gate(part_of(heard, passages), seed=seed)
    left = part_of(heard, ~passages)
    own = -np.log2(left.probabilities[:, 0]).sum()
    both = -np.log2(mixed(tried, left)).sum()
    if both > own * (1 - GAIN):
        logger.info(
            "%s: the other parts bring %+.2f%% on dev; its own n-grams are asked alone",
            model.language, 100 * (both / own - 1),
        )  # fmt: skip
        return model
    return replace(model, gate=learn_gate(heard, seed=seed))


def crossed(model: LanguageModel, dev: Sequence[str]) -> float:
    """Bits per byte of dev, each half of its passages under the weights that the other half gives."""
    return float(crossed_bits(model, dev).sum()) / max(1, sum(bytes_of(dev)))


def crossed_bits(model: LanguageModel, dev: Sequence[str]) -> Float64:
    """float64 [texts]: what each text of dev costs, see `crossed`."""
    if model.parts == 1:
        return model.bits(dev)
    heard = signals(model, dev)
    passages = (np.arange(len(heard.probabilities)) // PASSAGE) % 2 == 0
    told = heard.probabilities[:, 0].copy()
    for learned, judged in ((passages, ~passages), (~passages, passages)):
        if learned.any() and judged.any():
            told[judged] = mixed(learn_gate(part_of(heard, learned)), part_of(heard, judged))
    return by_text(-np.log2(told), dev)
