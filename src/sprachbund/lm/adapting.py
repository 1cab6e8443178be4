"""A model that learns from a document while it reads it: n-grams of what the document has shown so far are asked too.

After each stretch the document's own n-grams are made anew, from all that stands before; stretches grow with the text,
so that the whole costs some ten readings of it. How far they are trusted is learned on dev, read in the same way. It is
a probability as all others: nothing is used that does not stand before.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sprachbund.arrays import Float32, Float64
from sprachbund.lm.gate import NGRAM_FEATURES, Gate, Signals, choose_epochs, learn_gate, mixed, ngram_features
from sprachbund.lm.model import ADAPTING_ORDERS, LanguageModel, signals
from sprachbund.lm.ngram.characters import by_text, train_characters

__all__ = ["adapting_bits", "adapting_gate", "stretches"]

FIRST = 1_000
"""Characters before which a document has nothing to tell."""
GROWTH = 1.1


def adapting_gate(model: LanguageModel, dev: Sequence[str], seed: int = 0) -> Gate:
    """The weights of a model's parts and of what a document has shown, learned on whole documents of dev."""
    heard = _heard(model, dev)
    return learn_gate(heard, seed=seed, epochs=choose_epochs(heard, seed))


def adapting_bits(model: LanguageModel, gate: Gate, texts: Sequence[str]) -> Float64:
    """float64 [texts]: what each document costs, read so from its beginning; nothing is kept for the next.

    Args:
        gate: that `adapting_gate` gave.
    """
    return by_text(-np.log2(mixed(gate, _heard(model, texts))), texts)


def _heard(model: LanguageModel, texts: Sequence[str]) -> Signals:
    plain = signals(model, texts)
    probabilities, features = [plain.probabilities], [plain.features]
    for order in ADAPTING_ORDERS:
        shown = [_shown(text, model.language, order) for text in texts]
        told = np.concatenate([np.empty(0), *(own for own, _ in shown)])
        # where nothing was shown yet: as the first part says
        probabilities.append(np.where(told > 0, told, plain.probabilities[:, 0])[:, None])
        features.append(np.concatenate([np.empty((0, NGRAM_FEATURES), np.float32), *(each for _, each in shown)]))
    return Signals(np.concatenate(probabilities, 1), np.concatenate(features, 1))


def _shown(text: str, language: str, order: int) -> tuple[Float64, Float32]:
    """What a document's own n-grams say of it, each stretch under those of all before; 0 where nothing was shown."""
    told, features = np.zeros(len(text)), np.zeros((len(text), NGRAM_FEATURES), np.float32)
    for start, stop in stretches(len(text)):
        if start:
            made = train_characters([text[:start]], language, order)
            # what stands before gives the first characters their contexts
            asked, cost = made.ask([text[start - order : stop]])
            told[start:stop] = 2.0 ** -cost[order:]
            features[start:stop] = ngram_features(asked.depths, asked.seen, asked.peaks)[order:]
    return told, features


def stretches(length: int) -> Iterator[tuple[int, int]]:
    """Where a document is read in one piece: from the beginning, then a tenth of all before, or `FIRST` characters."""
    start, stop = 0, min(length, FIRST)
    while start < length:
        yield start, stop
        start, stop = stop, min(length, max(stop + FIRST, int(stop * GROWTH)))
