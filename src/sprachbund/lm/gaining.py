"""What neighbours' text brings a language model, in percent of its bits: of text that it has read, or only tried.

It is measured on n-grams, which take seconds: those of the model beside those of the neighbours too, the weights
learned on dev. Judged on whole documents of the test side, with an interval over documents; where there is no test side
on dev, each half of it under the weights that the other half gives, and said so.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.lab.card import Score
from sprachbund.lm.model import LanguageModel, bits, crossed_bits, gated
from sprachbund.lm.ngram.characters import CharacterNGram
from sprachbund.lm.sides import Sides
from sprachbund.lm.text import bytes_of
from sprachbund.statistics import bootstrap_means, interval

__all__ = ["neighbours_gain"]


def neighbours_gain(
    measure: str, own: LanguageModel, more: Sequence[CharacterNGram], sides: Sides, seed: int = 0
) -> Score:
    """How many percent fewer bits a language's text costs with the n-grams of neighbours beside its own.

    Args:
        measure: `lab.card.GAIN` or `lab.card.GAINED`. own: the model without them; its weights are learned anew.
        more: n-grams of the neighbours' text. seed: of the order in which weights are learned.
    """
    judged = sides.test if len(sides.test) else sides.dev
    together = replace(own, ngrams=(*own.ngrams, *more), gate=None, adapting=None)
    without, both = (_cost(model, sides, seed) for model in (replace(own, gate=None, adapting=None), together))
    groups = np.unique(judged.groups, return_inverse=True)[1]
    sizes = np.array(bytes_of(judged.texts), np.float64)
    draws = bootstrap_means(np.stack([without, both], 1), groups, weights=sizes)
    low, high = interval(100 * (1 - draws[:, 1] / draws[:, 0]))
    known = bool(np.isfinite(low))
    side = "test" if len(sides.test) else "dev, crossed halves"
    names = ", ".join(dict.fromkeys(each.language for each in more))
    value = 100 * (1 - float(both.sum()) / float(without.sum()))
    return Score(
        measure, value, "%", "higher", sides.language, low if known else None, high if known else None,
        f"{names}, n-grams, {side}",
    )  # fmt: skip


def _cost(model: LanguageModel, sides: Sides, seed: int) -> Float64:
    """float64 [documents of what judges]."""
    if len(sides.test):
        return bits(gated(model, sides.dev.texts, seed), sides.test.texts)
    return crossed_bits(model, sides.dev.texts)
