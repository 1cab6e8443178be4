"""Which letters a language expects: n-grams of letters of its spelled text, with the weight that dev chose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sprachbund.errors import SettingsError
from sprachbund.lm.ngram.characters import CharacterNGram, choose_order, train_characters
from sprachbund.lm.text import END

__all__ = ["ORDERS", "Expectations", "learn_letters"]

ORDERS = (4, 5, 6, 7, 8)
"""That are tried on dev."""


@dataclass(frozen=True, eq=False)
class Expectations:
    """N-grams of letters and how much they say.

    Attributes:
        ngram: over letters. weight: of its logarithms. bonus: of a letter.
    """

    ngram: CharacterNGram
    weight: float
    bonus: float


def learn_letters(train: Iterable[str], dev: Sequence[str], language: str) -> CharacterNGram:
    """N-grams of the letters of spelled sentences, of the order that foretells dev best.

    Raises:
        SettingsError: there is no text.
    """
    texts = [text + END for text in train if text]
    if not texts:
        raise SettingsError("n-grams of letters need spelled sentences, found none")
    judged = [text + END for text in dev if text]
    return choose_order(texts, judged, language, ORDERS) if judged else train_characters(texts, language, ORDERS[2])
