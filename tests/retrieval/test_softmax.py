"""The loss and its gradient, the masks and the polynomial exponential, beside numpy in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.retrieval.encoder.softmax import (
    MASKED,
    keep_top,
    mask_overlaps,
    normalise,
    normalise_gradient,
    softmax_gradient,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def softmax(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Losses and P - I in float64."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(np.diag(shares)), shares - np.eye(len(logits))


def test_the_exponential_is_numpy_s() -> None:
    """A row with one fair distractor x below the truth: exp(x) comes back to a relative error below 1e-6."""
    xs = np.linspace(-86, 0, 2048, dtype=np.float32)
    for part in xs.reshape(4, 512):
        logits = np.full((512, 512), MASKED, np.float32)
        np.fill_diagonal(logits, 0)
        other = (np.arange(512) + 1) % 512
        logits[np.arange(512), other] = part
        softmax_gradient(logits)
        share = logits[np.arange(512), other].astype(np.float64)
        np.testing.assert_allclose(share / (1 - share), np.exp(part.astype(np.float64)), rtol=1e-6)


@pytest.mark.parametrize("scale", [0.1, 1, 20, 60])
@pytest.mark.parametrize("pairs", [1, 2, 7, 33])
def test_losses_and_gradient(scale: float, pairs: int) -> None:
    """P - I and -log P of the truth, against float64; rows of the gradient sum to nothing."""
    logits = (np.random.default_rng(0).normal(size=(pairs, pairs)) * scale).astype(np.float32)
    losses, gradient = softmax(logits)
    found = softmax_gradient(logits)
    np.testing.assert_allclose(found, losses, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(logits, gradient, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(logits.sum(axis=1), 0, atol=1e-5)


def test_a_batch_where_all_others_are_masked() -> None:
    """No fair distractor: no loss and no gradient, and nothing that is not a number."""
    logits = np.full((3, 3), MASKED, np.float32)
    np.fill_diagonal(logits, [-5, 0, 30])
    losses = softmax_gradient(logits)
    np.testing.assert_allclose(losses, 0, atol=1e-6)
    np.testing.assert_allclose(logits, 0, atol=1e-6)


def test_mask_overlaps_by_hand() -> None:
    """Spans that share a sentence, or equal bags, are no distractors of each other; neighbours that touch are."""
    low = np.array([0, 2, 3, 10, 20])
    high = np.array([3, 5, 6, 12, 22])
    hashes = np.array([1, 2, 3, 4, 4], np.uint64)
    logits = np.zeros((5, 5), np.float32)
    mask_overlaps(logits, low, high, hashes)
    expected = np.zeros((5, 5), bool)
    for i, j in ((0, 1), (1, 2), (3, 4)):
        expected[i, j] = expected[j, i] = True
    assert np.array_equal(logits == MASKED, expected)
    assert not logits[~expected].any()


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 8), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_keep_top(pairs: int, top: int, seed: int) -> None:
    """The truth and the ``top`` highest wrong candidates stay, with all that tie with the last of them."""
    logits = np.random.default_rng(seed).integers(0, 5, (pairs, pairs)).astype(np.float32)
    before = logits.copy()
    keep_top(logits, top)
    for i in range(pairs):
        wrong = sorted((before[i, j] for j in range(pairs) if j != i), reverse=True)
        cut = wrong[top - 1] if top <= len(wrong) else -np.inf
        expected = [before[i, j] if j == i or before[i, j] >= cut else MASKED for j in range(pairs)]
        assert logits[i].tolist() == expected


def test_normalise_and_its_gradient() -> None:
    """Length 1, a zero row stays zero without a warning; the gradient by central differences in float64."""
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(5, 6)).astype(np.float32)
    vectors[2] = 0
    gradient = generator.normal(size=(5, 6)).astype(np.float32)
    unit, lengths = normalise(vectors)
    np.testing.assert_allclose(lengths, np.linalg.norm(vectors, axis=1), rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), [1, 1, 0, 1, 1], rtol=1e-6)
    found = normalise_gradient(unit, lengths, gradient)
    assert not found[2].any()

    def value(x: np.ndarray) -> float:
        return float((x / np.linalg.norm(x) * gradient[row].astype(np.float64)).sum())

    for row in (0, 1, 3, 4):
        x = vectors[row].astype(np.float64)
        for d in range(6):
            step = np.zeros(6)
            step[d] = 1e-5
            slope = (value(x + step) - value(x - step)) / 2e-5
            assert found[row, d] == pytest.approx(slope, rel=1e-4, abs=1e-5)
