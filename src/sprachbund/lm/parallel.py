"""Bits per parallel sentence: models of several languages compared on what the same sentences cost each of them.

Bits per byte mislead across languages: UTF-8 takes one byte for a Latin letter, two for a Greek or Cyrillic one, three
for a Thai or Chinese one, so a text of the same content has more bytes to share its bits among. Nor does a character
hold as much everywhere. What is said by the same sentence is the same, so its bits may be compared; still they tell of
the model, its training text, the translation and the language together.

Source: Cotterell et al. 2018, "Are All Languages Equally Hard to Language-Model?", section 3; byte premiums: Arnett,
Chang & Bergen 2024.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import SettingsError
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.parallel_text import ParallelText
from sprachbund.lm.scoring import score
from sprachbund.lm.text import as_read
from sprachbund.statistics import bootstrap_means, interval

__all__ = ["NOTE", "ParallelScore", "score_parallel"]

NOTE = (
    "compare languages by bits per sentence: bits per byte mislead across scripts, a letter takes one byte in Latin, "
    "two in Greek or Cyrillic, three in Thai or Chinese"
)


@dataclass(frozen=True, eq=False)
class ParallelScore:
    """What the sentences cost in one language.

    Attributes:
        language: of the model. bits: float64 [sentences].
        per_sentence: their mean; low, high: its 95% interval, NaN where all sentences are of one document.
        per_byte, per_character: the sum of the bits over the sum of the UTF-8 bytes, of the characters; each with the
            line's end that closes a sentence.
        bytes, characters: a sentence has, on average.
        beside: percent of bits per sentence more than the first model; beside_low, beside_high: its 95% interval, from
            the same draws of sentences for both.
    """

    language: str
    bits: Float64
    per_sentence: float
    low: float
    high: float
    per_byte: float
    per_character: float
    bytes: float
    characters: float
    beside: float
    beside_low: float
    beside_high: float


def score_parallel(models: Sequence[LanguageModel], text: ParallelText, seed: int = 0) -> list[ParallelScore]:
    """What the sentences of a parallel text cost each model, in its language; every sentence is read by itself.

    Intervals draw documents and their sentences, the same for all models; `bootstrap` says how.

    Args:
        text: has the language of each model, see `read_parallel`.

    Raises:
        SettingsError: there is no model, or the text lacks the language of one.
    """
    if lacking := [model.language for model in models if model.language not in text.sentences] or not models:
        raise SettingsError(f"expected models whose languages the text has, found {lacking if models else 'no model'}")
    scored = [score(model, text.sentences[model.language]) for model in models]
    bits = np.stack([each.bits for each in scored], 1)
    draws = bootstrap_means(bits, text.groups, seed=seed)
    means = bits.mean(0)
    found = []
    for place, (model, own) in enumerate(zip(models, scored, strict=True)):
        characters = sum(len(as_read(sentence)) for sentence in text.sentences[model.language])
        low, high = interval(draws[:, place])
        ratios = interval(100 * (draws[:, place] / draws[:, 0] - 1))
        found.append(
            ParallelScore(
                model.language, own.bits, float(means[place]), low, high, own.mean,
                float(own.bits.sum()) / max(1, characters), float(own.bytes.mean()), characters / len(text),
                100 * float(means[place] / means[0] - 1), *ratios,
            )
        )  # fmt: skip
    return found
