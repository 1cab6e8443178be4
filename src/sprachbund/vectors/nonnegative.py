"""Sparse vectors of which every number is a degree, none below zero: a non-negative factor of mutual information.

PPMI, its rows at length 1, is W H with W and H not negative, by coordinates in turn (HALS); a word keeps its largest
``nonzero`` numbers. Each dimension then stands for words that share contexts, and can be read by its first words; how
well is measured in `intrusion`. Such vectors are some points worse for neighbours than dense ones, and cannot be
rotated: aligned they are not sparse any more.

Source: Cichocki & Phan 2009, Fast Local Algorithms for Large Scale Nonnegative Matrix and Tensor Factorizations; for
words Murphy, Talukdar & Mitchell 2012, Learning Effective and Interpretable Semantic Models.
"""

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.kernels import njit
from sprachbund.threads import over
from sprachbund.vectors.counting import Sparse, times, turned

__all__ = ["factor", "keep_largest"]

ROUNDS = 15
_LEAST = 1e-6


def factor(matrix: Sparse, dim: int, seed: int, rounds: int = ROUNDS) -> Float32:
    """W of W H, float32 [rows, dim], columns of H at length 1.

    Args:
        matrix: not negative.
    """
    random = np.random.default_rng(seed)
    back = turned(matrix)
    mean = float(matrix.values.sum()) / max(1, len(matrix) * matrix.width)
    scale = np.float32(np.sqrt(max(mean, _LEAST) / dim))
    left = random.random((len(matrix), dim), np.float32) * scale
    right = random.random((matrix.width, dim), np.float32) * scale
    for _ in range(rounds):
        right = _better(right, times(back, left), left.T @ left)
        lengths = np.maximum(np.linalg.norm(right, axis=0), _LEAST).astype(np.float32)
        right, left = right / lengths, left * lengths
        left = _better(left, times(matrix, right), right.T @ right)
    return left


def _better(factor: Float32, products: Float32, gram: Float32) -> Float32:
    over(_descend, len(factor), factor, products, np.ascontiguousarray(gram, np.float32))
    return factor


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _descend(low, high, factor, products, gram):  # type: ignore[no-untyped-def]
    """One pass over the coordinates of each row: the best value of each with the others held, or 0."""
    dim = factor.shape[1]
    for row in range(low, high):
        for k in range(dim):
            if gram[k, k] <= np.float32(1e-12):
                factor[row, k] = np.float32(0)
                continue
            inner = np.float32(0)
            for other in range(dim):
                inner += factor[row, other] * gram[k, other]
            value = factor[row, k] + (products[row, k] - inner) / gram[k, k]
            factor[row, k] = value if value > np.float32(0) else np.float32(0)


def keep_largest(vectors: Float32, count: int) -> Float32:
    """The vectors with all but the ``count`` largest numbers of each set to 0; of equal ones the first stay."""
    if count >= vectors.shape[1]:
        return vectors
    order = np.argsort(-vectors, axis=1, kind="stable")[:, :count]
    kept = np.zeros_like(vectors)
    np.put_along_axis(kept, order, np.take_along_axis(vectors, order, 1), 1)
    return kept
