"""Two spaces laid over one another: lengths and means made alike, then the best rotations of both, from pairs of words.

Both sides are turned into a common space, so that they need not have the same number of dimensions: with the singular
vectors U S V' of the pairs' products X'Z, X goes by U and Z by V. With ``reweighted`` the spaces are whitened before,
their directions weighted by S to a power, and dewhitened after, which is better where there are many true pairs, and
worse where there are few.

Source: Artetxe, Labaka & Agirre 2018, Generalizing and Improving Bilingual Word Embedding Mappings with a Multi-Step
Framework of Linear Transformations; Xing et al. 2015 for the lengths.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int32
from sprachbund.vectors.space import of_length_one

__all__ = ["Turned", "levelled", "mean_of", "rotations"]

_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Turned:
    """What brings two spaces into a common one.

    Attributes:
        left: float32 [dim of left, k]. right: float32 [dim of right, k].
    """

    left: Float32
    right: Float32


def mean_of(vectors: Float32) -> Float32:
    """The mean of vectors at length 1: float32 [dim]."""
    return np.asarray(of_length_one(vectors).mean(axis=0), np.float32)


def levelled(vectors: Float32, mean: Float32) -> Float32:
    """Vectors at length 1, less the mean, at length 1 again: float32 [n, dim]."""
    return of_length_one(of_length_one(vectors) - mean)


def rotations(left: Float32, right: Float32, pairs: Int32, power: float | None = None) -> Turned:
    """The turns that bring pairs of words nearest to one another.

    Args:
        left, right: float32 [words, dim], levelled. pairs: int32 [pairs, 2], rows of both.
        power: None for rotations alone; else whitening, S to this power, dewhitening.
    """
    x, z = left[pairs[:, 0]].astype(np.float64), right[pairs[:, 1]].astype(np.float64)
    if power is None:
        u, _, v = np.linalg.svd(x.T @ z, full_matrices=False)
        return Turned(u.astype(np.float32), v.T.astype(np.float32))
    (white_x, back_x), (white_z, back_z) = _whitening(x), _whitening(z)
    u, s, v = np.linalg.svd(white_x.T @ (x.T @ z) @ white_z, full_matrices=False)
    weights = np.maximum(s, 0) ** power
    # whitened, turned, weighted, and given back the spread of their own side
    turned_x = white_x @ u * weights @ (u.T @ back_x @ u)
    turned_z = white_z @ v.T * weights @ (v @ back_z @ v.T)
    return Turned(turned_x.astype(np.float32), turned_z.astype(np.float32))


def _whitening(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(X'X) to the power -1/2 and 1/2."""
    values, vectors = np.linalg.eigh(x.T @ x)
    root = np.sqrt(np.maximum(values, _LEAST))
    return vectors / root @ vectors.T, vectors * root @ vectors.T
