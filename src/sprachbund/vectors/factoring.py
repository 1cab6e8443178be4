"""Singular vectors of a sparse matrix by random projections, in numpy: no solver beyond it is needed.

The matrix meets a random block, then itself and its transpose some times, orthogonalised in between; singular values
beyond the dim-th fall off fast enough in word counts for five rounds. Signs are fixed, so that the same matrix
gives the same bits.

Source: Halko, Martinsson & Tropp 2011, Finding Structure with Randomness, algorithms 4.4 and 5.1.
"""

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.vectors.counting import Sparse, times, turned

__all__ = ["singular"]

ROUNDS, MORE = 5, 20


def singular(matrix: Sparse, dim: int, seed: int) -> tuple[Float32, Float32]:
    """The left singular vectors, float32 [rows, k], and singular values, float32 [k], the largest first.

    Args:
        dim: how many; k is dim, or what the matrix has where that is fewer.
    """
    width = min(dim + MORE, len(matrix), matrix.width)
    back = turned(matrix)
    random = np.random.default_rng(seed).standard_normal((matrix.width, width), np.float32)
    found = _orthogonal(times(matrix, random))
    for _ in range(ROUNDS):
        found = _orthogonal(times(matrix, _orthogonal(times(back, found))))
    small = times(back, found).T.astype(np.float64)  # [k, width] = found^T matrix
    left, values, _ = np.linalg.svd(small, full_matrices=False)
    kept = min(dim, width)
    vectors = (found.astype(np.float64) @ left[:, :kept]).astype(np.float32)
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(kept)])
    signs[signs == 0] = 1
    return np.ascontiguousarray(vectors * signs, np.float32), values[:kept].astype(np.float32)


def _orthogonal(block: Float32) -> Float32:
    return np.linalg.qr(block)[0].astype(np.float32)
