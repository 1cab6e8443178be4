"""From bags to vectors: the rows of n-grams, their characters and start rows, beside plain numpy."""

import numpy as np
import pytest

from sprachbund.ngrams.start_rows import start_row
from sprachbund.retrieval.encoder.bags import UNSEEN, Ranges, Sentences, assemble
from sprachbund.retrieval.encoder.features import (
    Ngrams,
    Rows,
    Workspace,
    bag_weights,
    build_units,
    divisors,
    vectors_of,
)
from sprachbund.retrieval.encoder.model import Model, pool_ranges
from sprachbund.retrieval.settings import EncoderSettings, Settings

pytestmark = pytest.mark.usefixtures("one_thread")

# ids 0-3 words, 4-6 bigrams (0 1, 1 2, 2 2), 7-9 characters; word 3 has no characters
SPELLED = [[7, 8, 7], [8], [9], []]
KEYS = np.arange(100, 110, dtype=np.uint64)
NGRAMS = Ngrams(
    KEYS,
    np.array([1] * 4 + [2] * 3 + [-4] * 3, np.int8),
    np.array([0, 3, 4, *[5] * 8], np.int64),
    np.array([7, 8, 7, 8, 9], np.int32),
)
# sentences: 0 1 2 2 / nothing / 1 2 / 3
SENTENCES = Sentences(
    np.array([0, 1, 2, 2, 1, 2, 3], np.int32),
    np.array([0, 4, 4, 6, 7], np.int64),
    np.array([4, 5, 6, 5], np.int32),
    np.array([0, 3, 3, 4, 4], np.int64),
)
DIM = 6
EACH = Ranges(np.arange(4), np.arange(4) + 1, np.full(4, -1))
BOTH = Ranges(np.array([0, 0, 1, 0]), np.array([3, 3, 2, 4]), np.array([-1, 0, -1, 2]))
EMPTY = Ranges(np.array([1, 4, 0]), np.array([3, 4, 0]), np.array([-1, -1, -1]))


def table(rows: int = 10) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, DIM)).astype(np.float32)


def reference(ranges: Ranges, rows: Rows, vectors: np.ndarray, settings: EncoderSettings) -> np.ndarray:
    """Each range in plain Python and float64."""

    def row(identity: int) -> np.ndarray:
        if rows.row[identity] >= 0:
            return vectors[rows.row[identity]].astype(float)
        return rows.unseen_length * np.array(start_row(int(KEYS[identity]), DIM, rows.seed))

    def unit(identity: int) -> np.ndarray:
        result = row(identity)
        if identity < len(SPELLED) and settings.characters:
            result = result + settings.character_weight * sum((row(c) for c in SPELLED[identity]), np.zeros(DIM))
        return result

    result = []
    for first, last, without in zip(ranges.first, ranges.last, ranges.without, strict=True):
        total, weights = np.zeros(DIM), 0.0
        for sentence in range(first, last):
            for weight, ids, offsets in (
                (1.0, SENTENCES.words, SENTENCES.word_offsets),
                (settings.bigram_weight, SENTENCES.bigrams, SENTENCES.bigram_offsets),
            ):
                found = ids[offsets[sentence] : offsets[sentence + 1]].tolist() if sentence != without else []
                for identity in set(found):
                    share = weight * found.count(identity) ** settings.power
                    total += share * unit(identity)
                    weights += share
        divisor = {"sum": 1.0, "mean": weights, "sqrt": weights**0.5}[settings.pooling]
        result.append(total / divisor if weights else total)
    return np.array(result).reshape(-1, DIM)


@pytest.mark.parametrize("pooling", ["sum", "mean", "sqrt"])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("bigram_weight", [0.0, 0.5])
@pytest.mark.parametrize("characters", [(), (4,)])
def test_ranges_of_sentences(pooling: str, power: float, bigram_weight: float, characters: tuple[int, ...]) -> None:
    """Words, bigrams, characters, start rows of the unseen; empty sentences, empty ranges, queries left out."""
    encoder = EncoderSettings(
        dim=DIM,
        similarity="dot",
        pooling=pooling,  # type: ignore[arg-type]
        power=power,
        bigram_weight=bigram_weight,
        characters=characters,
        character_weight=0.25,
    )
    row = np.array([3, UNSEEN, 0, 1, 4, UNSEEN, 5, 2, UNSEEN, 6], np.int32)
    for rows in (Rows(row, 0.7, 5), Rows(row, 0.0, 5)):
        model = Model(Settings(encoder=encoder), NGRAMS, {"xx": rows}, table(), np.empty(0, np.int32))
        for ranges in (EACH, BOTH, EMPTY, BOTH[np.array([3, 1])], EACH[np.arange(0)]):
            space = Workspace.of(NGRAMS)
            found = pool_ranges(model, SENTENCES, rows, ranges, space)
            np.testing.assert_allclose(found, reference(ranges, rows, table(), encoder), atol=1e-5)
            assert (space.ids == -1).all()
            assert (space.characters == -1).all()


def test_vectors_of_the_unseen() -> None:
    """The start row of key and seed times a length; nothing where the length is 0."""
    row = np.array([0, UNSEEN] * 5, np.int32)
    ids = np.array([1, 0, 3], np.int32)
    found = vectors_of(ids, NGRAMS, Rows(row, 2.0, 9), table())
    np.testing.assert_allclose(found[0], 2 * np.array(start_row(101, DIM, 9)), rtol=1e-6)
    np.testing.assert_allclose(found[2], 2 * np.array(start_row(103, DIM, 9)), rtol=1e-6)
    assert np.array_equal(found[1], table()[0])
    found = vectors_of(ids, NGRAMS, Rows(row, 0.0, 9), table())
    assert not found[[0, 2]].any()


def test_units_are_made_once() -> None:
    """Two bags with the same words share their units; the character n-grams inside are listed once."""
    bags = assemble(SENTENCES, BOTH, bigram_weight=0, power=1)
    rows = Rows(np.arange(10, dtype=np.int32), 1.0, 0)
    units = build_units(bags, NGRAMS, rows, table(), EncoderSettings(characters=(4,)), Workspace.of(NGRAMS))
    assert units.ids.tolist() == [0, 1, 2, 3]
    assert units.characters.tolist() == [7, 8, 9]


def test_divisors() -> None:
    """The weights of a bag, their root, 1 for a sum and for an empty bag."""
    bags = assemble(SENTENCES, BOTH, bigram_weight=0.5, power=1)
    weights = bag_weights(bags)
    # words of the bags: 6, 2, 0 and 5 with their 4, 1, 0 and 3 bigrams at a half
    assert weights.tolist() == [[8.0], [2.5], [0.0], [6.5]]
    assert divisors(weights, "sum").tolist() == [[1.0]] * 4
    assert divisors(weights, "mean").tolist() == [[8.0], [2.5], [1.0], [6.5]]
    np.testing.assert_allclose(divisors(weights, "sqrt"), np.sqrt([[8.0], [2.5], [1.0], [6.5]]), rtol=1e-6)
    assert weights.tolist() == [[8.0], [2.5], [0.0], [6.5]]
