"""Long sound cut at its pauses, while it is read: pieces that a recogniser hears whole, never more than one in memory.

A piece ends where the sound is quietest between a third of the longest piece and its end. Nothing is left out: the
pieces one after the other are the sound.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.speech import extra
from sprachbund.speech.sound import blocks, name_of, opened, within

__all__ = ["LONGEST", "at_pauses", "pieces_in", "pieces_of"]

LONGEST = 20.0
"""Seconds of a piece."""
_WINDOW, _STEP = 0.2, 0.02
"""Seconds over which quiet is looked for, and between two places."""


def pieces_of(source: Path | bytes, rate: int, longest: float = LONGEST) -> Iterator[tuple[float, Float32]]:
    """The pieces of a file, or of its bytes, at a rate: where each begins, in seconds, and float32 samples.

    Raises:
        SourceError: it is no sound that can be read, or is damaged.
    """
    with opened(source) as handle:
        yield from pieces_in(handle, name_of(source), rate, longest)


def pieces_in(handle: Any, name: str, rate: int, longest: float = LONGEST) -> Iterator[tuple[float, Float32]]:
    """The same of a file that is open.

    Args:
        name: what an error calls it.
    """
    pieces: Iterable[Float32] = blocks(handle, name)
    if handle.samplerate != rate:
        pieces = _resampled(pieces, handle.samplerate, rate)
    yield from at_pauses(map(within, pieces), rate, longest)


def _resampled(pieces: Iterable[Float32], rate: int, wanted: int) -> Iterator[Float32]:
    stream = extra.soxr().ResampleStream(rate, wanted, 1, dtype="float32", quality="HQ")
    for piece in pieces:
        yield stream.resample_chunk(np.ascontiguousarray(piece))
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def at_pauses(pieces: Iterable[Float32], rate: int, longest: float = LONGEST) -> Iterator[tuple[float, Float32]]:
    """Sound that comes in any pieces, in pieces of at most ``longest`` seconds that end in pauses."""
    most = round(longest * rate)
    held: list[Float32] = []
    size, given = 0, 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        while size > most:
            whole = np.concatenate(held)
            end = _quietest(whole[:most], rate)
            yield given / rate, whole[:end]
            given += end
            held, size = [whole[end:]], size - end
    if size:
        yield given / rate, np.concatenate(held)


def _quietest(samples: Float32, rate: int) -> int:
    """The middle of the quietest moment of all but the first third."""
    window, step = round(_WINDOW * rate), round(_STEP * rate)
    sums = np.concatenate(([0.0], np.cumsum(np.square(samples.astype(np.float64)))))
    starts = np.arange(len(samples) // 3, len(samples) - window + 1, step)
    power = sums[starts + window] - sums[starts]
    # of places that are alike the last
    return int(starts[len(starts) - 1 - power[::-1].argmin()] + window // 2)
