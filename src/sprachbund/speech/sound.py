"""A file of sound as samples of one rate and one channel, a bounded piece at a time.

libsndfile reads wav, flac, ogg, opus, mp3, aiff, au and others; what a file is its bytes say, never its name. Channels
are averaged. Nothing of a file but its samples is believed: not how long it says that it is, nor how loud.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Int16
from sprachbund.errors import SourceError, one_line
from sprachbund.speech import extra

__all__ = [
    "FULL",
    "Sound",
    "blocks",
    "name_of",
    "opened",
    "read_sound",
    "resampled",
    "small_clip",
    "to_int16",
    "within",
]

MOST_CHANNELS, MOST_RATE, LEAST_RATE = 64, 768_000, 1_000
FULL = 32_767
"""Full scale of the samples that are stored."""
_CLIP_RATE = 8_000
"""Samples a second of clips on a page."""
_BLOCK = 1 << 16
"""Samples of all channels that are read at a time, about."""


@dataclass(frozen=True)
class Sound:
    """Decoded sound.

    Attributes:
        samples: float32, one channel, within -1 and 1. rate: samples a second.
        cut: whether the file went on.
    """

    samples: Float32
    rate: int
    cut: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def name_of(source: Path | bytes) -> str:
    """What errors call a file, or its bytes, which have no name."""
    return "the sound" if isinstance(source, bytes) else str(source)


@contextmanager
def opened(source: Path | bytes) -> Iterator[Any]:
    """A file, or the bytes of one, as soundfile opens it.

    Raises:
        SourceError: there is none, it is no sound, or a kind of sound that cannot be read; says what to do.
    """
    library, name = extra.soundfile(), name_of(source)
    with _raw(source) as raw:
        try:
            handle = library.SoundFile(raw, closefd=False)
        except (library.SoundFileError, RuntimeError, TypeError, ValueError) as error:
            raise SourceError(f"{name}: {_what(source, error)}") from None
        with handle:
            if not LEAST_RATE <= handle.samplerate <= MOST_RATE or not 1 <= handle.channels <= MOST_CHANNELS:
                raise SourceError(
                    f"{name}: {handle.samplerate:,} samples a second in {handle.channels} channels are no speech; "
                    f"expected {LEAST_RATE:,} to {MOST_RATE:,} in at most {MOST_CHANNELS}"
                )
            yield handle


@contextmanager
def _raw(source: Path | bytes) -> Iterator[int | BytesIO]:
    """What soundfile reads: a descriptor and not a path, which may be no UTF-8, and whose ending must not decide."""
    if isinstance(source, bytes):
        yield BytesIO(source)
        return
    path = source
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would hang
    except OSError as error:
        raise SourceError(
            f"{path}: {'no such file' if isinstance(error, FileNotFoundError) else error.strerror}"
        ) from None
    try:
        if not path.is_file():
            raise SourceError(f"{path}: expected a file of sound, found {'a folder' if path.is_dir() else 'no file'}")
        yield descriptor
    finally:
        os.close(descriptor)


def _what(source: Path | bytes, error: Exception) -> str:
    """What a file is that is no sound that can be read."""
    if isinstance(source, bytes):
        head = source[:16]
    else:
        with source.open("rb") as handle:
            head = handle.read(16)
    if not head:
        return "empty; expected sound"
    if head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3" or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return "a film or a container that is not read (mp4, m4a, webm); convert it: ffmpeg -i FILE FILE.flac"
    if head[:2] == b"PK" or head[:2] == b"\x1f\x8b":
        return "an archive; unpack it first"
    # without what libsndfile was given: a number or an address
    reason = getattr(error, "error_string", error)
    return f"no sound that can be read ({one_line(reason)}); expected wav, flac, ogg, opus or mp3"


def blocks(handle: Any, name: Path | str) -> Iterator[Float32]:
    """The samples of an open file, one channel, float32, in pieces; what is no number ends it.

    Raises:
        SourceError: it is damaged.
    """
    library = extra.soundfile()
    size = max(1, _BLOCK // handle.channels)
    while True:
        try:
            piece = handle.read(size, dtype="float32", always_2d=True)
        except (library.SoundFileError, RuntimeError) as error:
            raise SourceError(f"{name}: damaged, it cannot be read on ({one_line(error)})") from None
        if not len(piece):
            return
        if not np.all(np.isfinite(piece)):
            raise SourceError(f"{name}: damaged, it has samples that are no numbers")
        mean: Float32 = piece[:, 0] if piece.shape[1] == 1 else piece.mean(1, dtype=np.float32)
        yield mean


def read_sound(path: Path, most: float, start: float = 0.0, end: float | None = None) -> Sound:
    """Decode a file, or a part of it.

    Args:
        most: seconds that are read at most. start, end: seconds of the part; to its end if None.

    Raises:
        SourceError: as `opened` and `blocks` do.
    """
    library = extra.soundfile()
    with opened(path) as handle:
        rate = int(handle.samplerate)
        limit = int(most * rate) if end is None else min(int(most * rate), round((end - start) * rate))
        if start > 0:
            try:
                handle.seek(min(round(start * rate), handle.frames))
            except (library.SoundFileError, RuntimeError) as error:
                raise SourceError(f"{path}: damaged, it cannot be sought in ({one_line(error)})") from None
        pieces: list[Float32] = []
        read = 0
        for piece in blocks(handle, path):
            pieces.append(piece)
            read += len(piece)
            if read > limit:
                break
        samples = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
        return Sound(within(samples[:limit]), rate, read > limit and end is None)


def within(samples: Float32) -> Float32:
    """Samples scaled down where they pass full scale, which only those in floating point can."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples if peak <= 1 else np.asarray(samples / np.float32(peak), np.float32)


def resampled(samples: Float32, rate: float, wanted: float) -> Float32:
    """The same sound at another rate."""
    if rate == wanted or not len(samples):
        return samples
    found: Float32 = extra.soxr().resample(samples, rate, wanted, quality="HQ")
    return found


def small_clip(samples: Float32, rate: int) -> bytes:
    """Sound for a page, as mp3 of some 13,000 bits a second, which every browser plays; b"" without an encoder."""
    library = extra.soundfile()
    if "MP3" not in library.available_formats():
        return b""
    buffer = BytesIO()
    small = resampled(samples, rate, _CLIP_RATE)
    library.write(buffer, small, _CLIP_RATE, format="MP3", subtype="MPEG_LAYER_III", compression_level=0.9)
    return buffer.getvalue()


def to_int16(samples: Float32) -> Int16:
    """As they are stored."""
    return np.asarray(np.rint(np.clip(samples, -1, 1) * FULL), np.int16)
