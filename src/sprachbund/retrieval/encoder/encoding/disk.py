"""Arrays that are written piece by piece, so that none is in memory as a whole: the bytes that numpy itself writes."""

import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import UInt64
from sprachbund.disk import room_for

__all__ = ["bounds_of", "edges_for", "empty_array", "piece", "read", "save", "save_pieces"]

AT_A_TIME = 1 << 22
"""Keys that are merged at a time."""


def save(folder: Path, name: str, array: npt.NDArray[Any]) -> None:
    """Write an array into a folder that is being made."""
    np.save(folder / f"{name}.npy", array, allow_pickle=False)


def read(folder: Path, name: str) -> npt.NDArray[Any]:
    """An array of a complete folder, memory-mapped; it is one that `save` wrote, and was compared with its hash."""
    path = folder / f"{name}.npy"
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r" if path.stat().st_size > 512 else None, allow_pickle=False)
    return array


def piece(folder: Path, name: str, low: int, high: int) -> npt.NDArray[Any]:
    """Some numbers of an array in memory; no file stays open, for there may be more parts than a process may have."""
    return np.array(read(folder, name)[low:high])


def save_pieces(folder: Path, name: str, dtype: npt.DTypeLike, length: int, pieces: Iterable[npt.NDArray[Any]]) -> None:
    """Write an array whose pieces, ``length`` numbers in all, come one after another."""
    with (folder / f"{name}.npy").open("wb") as handle:
        said = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": (length,)}
        np.lib.format.write_array_header_1_0(handle, said)
        for piece in pieces:
            handle.write(np.ascontiguousarray(piece, dtype).data)


def empty_array(folder: Path, name: str, dtype: npt.DTypeLike, length: int) -> npt.NDArray[Any]:
    """A new array of zeros on disk, memory-mapped, to be filled in any order.

    All its room is taken at once: a write to a mapped page for which the disk has no room would end the process.
    """
    path = folder / f"{name}.npy"
    save_pieces(folder, name, dtype, length, ())
    if not length:
        return np.empty(0, dtype)
    start, need = path.stat().st_size, length * np.dtype(dtype).itemsize
    with room_for(path, need), path.open("rb+") as handle:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(handle.fileno(), start, need)
        else:
            handle.truncate(start + need)
    return np.asarray(np.memmap(path, dtype, "r+", start, (length,)))


def edges_for(total: int) -> UInt64:
    """Where ranges of keys end but the last, so that of ``total`` keys, being hashes, each has about `AT_A_TIME`."""
    count = -(-total // AT_A_TIME)
    return np.array([(1 << 64) * number // count for number in range(1, count)], np.uint64)


def bounds_of(keys: UInt64, edges: UInt64) -> list[tuple[int, int]]:
    """Where each range of keys in order begins and ends."""
    return list(pairwise([0, *np.searchsorted(keys, edges).tolist(), len(keys)]))
