"""The loss: a softmax over the other candidates of the batch, and its gradient P - I.

For queries q_i and candidates c_i of unit length the loss of pair i is
-log( exp(s q_i.c_i) / sum_j exp(s q_i.c_j) ) over the candidates j that are allowed to be wrong. Not allowed: a
candidate that contains or overlaps the query's own sentences (they lie near in the same section), or one whose words
are the truth's. Where ``top`` is set, only the ``top`` wrong candidates with the highest scores count (stochastic
negative mining, Reddi et al. 2019).

With dense products alone the gradient needs no automatic differentiation; the exponential is a polynomial that the
compiler turns into vector instructions (relative error below 3e-7; a test holds it to numpy's).
"""

import numpy as np

from sprachbund.arrays import Float32, Int64, UInt64
from sprachbund.kernels import njit
from sprachbund.threads import over

MASKED = np.float32(-1e30)


def mask_overlaps(logits: Float32, low: Int64, high: Int64, bags: UInt64) -> None:
    """Write MASKED where candidate j is no fair distractor of query i.

    Args:
        logits: float32 [pairs, pairs].
        low, high: int64 [pairs], the sentences [low, high) that query and candidate of a pair span together.
        bags: uint64 [pairs], a hash of the multiset of a candidate's words.
    """
    over(_mask_overlaps, len(low), logits, low, high, bags)


@njit(cache=True, nogil=True)
def _mask_overlaps(begin: int, end: int, logits: Float32, low: Int64, high: Int64, bags: UInt64) -> None:
    for i in range(begin, end):
        for j in range(len(low)):
            if i != j and ((low[j] < high[i] and low[i] < high[j]) or bags[i] == bags[j]):
                logits[i, j] = MASKED


def keep_top(logits: Float32, top: int) -> None:
    """Mask all wrong candidates of each row but the ``top`` with the highest scores."""
    over(_keep_top, len(logits), logits, top)


@njit(cache=True, nogil=True)
def _keep_top(low: int, high: int, logits: Float32, top: int) -> None:
    pairs = logits.shape[0]
    for i in range(low, high):
        wrong = np.empty(pairs - 1, np.float32)
        count = 0
        for j in range(pairs):
            if j != i:
                wrong[count] = logits[i, j]
                count += 1
        if top < count:
            cut = np.partition(wrong, count - top)[count - top]
            for j in range(pairs):
                if j != i and logits[i, j] < cut:
                    logits[i, j] = MASKED


def softmax_gradient(logits: Float32) -> Float32:
    """Turn logits into P - I in place; returns the loss of each pair, float32 [pairs]."""
    losses = np.empty(len(logits), np.float32)
    over(_softmax_gradient, len(logits), logits, losses)
    return losses


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _softmax_gradient(low: int, high: int, logits: Float32, losses: Float32) -> None:
    pairs = logits.shape[0]
    for i in range(low, high):
        row = logits[i]
        highest = row[0]
        for j in range(pairs):
            highest = max(highest, row[j])
        truth = row[i] - highest
        total = np.float32(0)
        for j in range(pairs):
            # exp(x) = 2^n * exp(r): n the nearest integer to x / ln 2, r the rest, a polynomial of degree 6 for it
            x = max(row[j] - highest, np.float32(-87))
            n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
            r = x - n * np.float32(0.693359375) + n * np.float32(2.12194440e-4)
            p = np.float32(1.9875691500e-4)
            p = p * r + np.float32(1.3981999507e-3)
            p = p * r + np.float32(8.3334519073e-3)
            p = p * r + np.float32(4.1665795894e-2)
            p = p * r + np.float32(1.6666665459e-1)
            p = p * r + np.float32(5.0000001201e-1)
            p = p * r * r + r + np.float32(1)
            value = p * np.float32(2.0) ** n
            row[j] = value
            total += value
        inverse = np.float32(1) / total
        for j in range(pairs):
            row[j] *= inverse
        row[i] -= np.float32(1)
        losses[i] = np.log(total) - truth


def normalise(vectors: Float32) -> tuple[Float32, Float32]:
    """Scale rows to length 1; a zero row stays zero. Returns the rows and their lengths."""
    result = np.empty_like(vectors)
    lengths = np.empty(len(vectors), np.float32)
    over(_normalise, len(vectors), vectors, result, lengths)
    return result, lengths


@njit(cache=True, nogil=True)
def _normalise(low: int, high: int, vectors: Float32, result: Float32, lengths: Float32) -> None:
    for i in range(low, high):
        square = np.float32(0)
        for d in range(vectors.shape[1]):
            square += vectors[i, d] * vectors[i, d]
        length = np.sqrt(square)
        lengths[i] = length
        inverse = np.float32(1) / length if length > 0 else np.float32(0)
        for d in range(vectors.shape[1]):
            result[i, d] = vectors[i, d] * inverse


def normalise_gradient(unit: Float32, lengths: Float32, gradient: Float32) -> Float32:
    """The gradient through `normalise`: (g - (g.u) u) / length, zero for a zero row."""
    result = np.empty_like(gradient)
    over(_normalise_gradient, len(unit), unit, lengths, gradient, result)
    return result


@njit(cache=True, nogil=True)
def _normalise_gradient(
    low: int, high: int, unit: Float32, lengths: Float32, gradient: Float32, result: Float32
) -> None:
    for i in range(low, high):
        along = np.float32(0)
        for d in range(unit.shape[1]):
            along += gradient[i, d] * unit[i, d]
        inverse = np.float32(1) / lengths[i] if lengths[i] > 0 else np.float32(0)
        for d in range(unit.shape[1]):
            result[i, d] = (gradient[i, d] - along * unit[i, d]) * inverse
