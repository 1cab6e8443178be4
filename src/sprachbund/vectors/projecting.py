"""Vectors on a plane by t-SNE: neighbours there are neighbours in the vectors, distances far apart mean nothing."""

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import MissingExtraError

__all__ = ["project"]


def project(vectors: Float32, remedy: str = "") -> Float32:
    """Vectors of length 1 on a plane by t-SNE: float32 [n, 2] in -1 to 1. The same vectors give the same plane.

    Args:
        remedy: what does without a map, for the message.

    Raises:
        MissingExtraError: openTSNE is not installed.
    """
    if len(vectors) < 4 or not np.ptp(vectors, axis=0).any():  # nothing to lay out
        places = np.zeros((len(vectors), 2), np.float32)
        places[:, 0] = np.linspace(-1, 1, len(vectors))
        return places
    try:
        from openTSNE import TSNE
    except ImportError:
        raise MissingExtraError(f"a map needs openTSNE: pip install 'sprachbund[search]'{remedy}") from None
    perplexity = min(30.0, (len(vectors) - 1) / 3.01)
    made = TSNE(perplexity=perplexity, metric="cosine", n_jobs=1, random_state=0, negative_gradient_method="auto")
    places = np.asarray(made.fit(np.ascontiguousarray(vectors, np.float64)), np.float32)
    places -= places.mean(axis=0)
    result: Float32 = places / max(float(np.abs(places).max()), 1e-9)
    return result
