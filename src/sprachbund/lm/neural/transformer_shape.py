"""The numbers of the transformer's shape that its settings do not say; without torch, for whoever writes files."""

__all__ = ["EPSILON", "THETA", "gated"]

THETA, EPSILON = 10_000.0, 1e-5
"""Of the angles of places; under the roots of the norms."""


def gated(width: int) -> int:
    """Numbers inside a gated layer: 8/3 of the width, a multiple of 32."""
    return -(-width * 8 // 3 // 32) * 32
