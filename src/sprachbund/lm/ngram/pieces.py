"""N-grams of pieces, the byte pairs of the neural part, under Kneser-Ney: with the library tokenizers, without torch.

A text costs the pieces that it is cut into, so a little more than it must: other ways to cut it have a share too.
Every text can be told, for the bytes are among the pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import SettingsError
from sprachbund.lm.neural.units import Pieces, learn_pieces, pieces_for
from sprachbund.lm.ngram.model import NGram, ask, train_ngram
from sprachbund.lm.text import bytes_of

__all__ = ["ORDERS", "PieceNGram", "choose_pieces", "piece_bits", "train_pieces"]

ORDERS = (2, 3, 4, 5, 6)
"""That are tried on dev."""


@dataclass(frozen=True, eq=False)
class PieceNGram:
    """Kneser-Ney over pieces. ``language``: of its text. ``characters``: that it was made of."""

    language: str
    units: Pieces
    ngram: NGram
    characters: int


def train_pieces(
    texts: Sequence[str], language: str, order: int, count: int = 0, units: Pieces | None = None
) -> PieceNGram:
    """Learn pieces, count and smooth.

    Args:
        count: pieces in all; 0: as many as `units.pieces_for` gives the text. units: pieces that are there already.

    Raises:
        CorpusError: no text. SettingsError: an order that cannot be. MissingExtraError: tokenizers is not installed.
    """
    characters = sum(map(len, texts))
    units = units or learn_pieces(texts, count or pieces_for(characters))
    made = train_ngram([units.encode(text) for text in texts], units.size, units.context, order)
    return PieceNGram(language, units, made, characters)


def choose_pieces(
    train: Sequence[str], dev: Sequence[str], language: str, count: int = 0, orders: Sequence[int] = ORDERS
) -> PieceNGram:
    """The model whose order is best on dev, the shorter one of two that are alike.

    Raises:
        SettingsError: there is no dev text. MissingExtraError: tokenizers is not installed.
    """
    if not any(dev):
        raise SettingsError("choosing the order of n-grams takes text of the dev side, found none")
    best, least = None, np.inf
    for order in sorted(orders):
        made = train_pieces(train, language, order, count, None if best is None else best.units)
        cost = float(piece_bits(made, dev).sum()) / sum(bytes_of(dev))
        if cost >= least:
            break
        best, least = made, cost
    assert best is not None
    return best


def piece_bits(model: PieceNGram, texts: Sequence[str]) -> Float64:
    """float64 [texts]: what each costs."""
    numbers = [model.units.encode(text) for text in texts]
    each = -np.log2(ask(model.ngram, numbers).probabilities)
    owners = np.repeat(np.arange(len(texts)), [len(own) for own in numbers])
    return np.bincount(owners, each, len(texts)).astype(np.float64)
