"""N-grams of pieces: every text is told, with the probabilities of the formula."""

import numpy as np
import pytest
from tests.lm.kneser_ney import Reference

from sprachbund.errors import SettingsError
from sprachbund.lm.ngram.model import after
from sprachbund.lm.ngram.pieces import choose_pieces, piece_bits, train_pieces

pytest.importorskip("tokenizers")
TEXTS = ["O rei foi \u00e0 ca\u00e7a. A rainha ficou s\u00f3, e o rei n\u00e3o voltou.\n" * 3, "A guerra foi longa.\n"]


@pytest.mark.parametrize("order", [1, 3])
def test_a_text_costs_its_pieces(order: int) -> None:
    """By dictionaries, of scripts that nobody has read too: their bytes are pieces."""
    model = train_pieces(TEXTS, "pt", order, 300)
    own = model.ngram
    read = [model.units.encode(text).tolist() for text in TEXTS]
    reference = Reference(read, own.size, own.closing, order, own.discounts)
    asked = ["O rei ficou.\n", "\u0915\u093f\u0924\u093e\u092c \U0001f600\n", ""]
    wanted = [sum(reference.bits(model.units.encode(text).tolist())) for text in asked]
    assert piece_bits(model, asked) == pytest.approx(wanted, rel=1e-5)
    told, *_ = after(own, model.units.encode("O rei"))
    assert told.sum() == pytest.approx(1, abs=1e-5)


def test_dev_chooses_the_order_and_pieces_stay() -> None:
    """Of a saying a long one; more pieces make fewer symbols of a text."""
    saying = ["the same old story told again and again\n"] * 8
    chosen = choose_pieces(saying, saying[:1], "und", 300, (1, 2, 3))
    assert chosen.ngram.order > 1
    few, many = (train_pieces(saying, "und", 2, count) for count in (260, 300))
    assert len(many.units.encode(saying[0])) < len(few.units.encode(saying[0]))
    assert np.array_equal(train_pieces(saying, "und", 3, units=few.units).units.keys, few.units.keys)
    with pytest.raises(SettingsError, match="takes text of the dev side"):
        choose_pieces(saying, [""], "und")
