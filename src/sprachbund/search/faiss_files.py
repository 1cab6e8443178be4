"""Files of FAISS, checked before FAISS reads them: it trusts the numbers in a file, and lists and graphs name places.

Read is what `dense.build` writes and nothing else: IndexScalarQuantizer, IndexIVFScalarQuantizer over an IndexFlatIP,
IndexHNSWSQ. Every length must fit the file, every id and neighbour the vectors that there are; of the vectors
themselves any bits are a vector. Cost: the ids of lists, 8 bytes a passage, the neighbours of graphs, some 260; nothing
where every vector is compared.

Source of the layout: faiss/impl/index_write.cpp (FAISS 1.12 to 1.15).
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import UInt8
from sprachbund.errors import FolderError, one_line

_HALF, _BYTE = 4, 0
"""ScalarQuantizer.QT_fp16 and QT_8bit."""
_INNER_PRODUCT = 0
_LEVELS = 64


class _UnsoundError(Exception):
    pass


class _Reader:
    """Takes one thing after the other from a file; no length is believed that the file has no bytes for."""

    def __init__(self, data: UInt8) -> None:
        self.data, self.at = data, 0

    def number(self, kind: str) -> Any:
        return self.array(kind, 1)[0].item()

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        size = np.dtype(kind).itemsize * count
        if size > len(self.data) - self.at:
            raise _UnsoundError("it ends too early")
        found: npt.NDArray[Any] = self.data[self.at : self.at + size].view(kind)
        self.at += size
        return found

    def vector(self, kind: str, unit: int = 1) -> npt.NDArray[Any]:
        return self.array(kind, self.number("<u8") * unit)

    def expect(self, what: str, found: object, expected: object) -> None:
        if found != expected:
            raise _UnsoundError(f"expected {expected} {what}, found {found}")


def require_sound(path: Path, kind: str, count: int, dim: int) -> None:
    """Refuse a file that FAISS could not read, or search, safely.

    Args:
        kind: ``flat``, ``ivf`` or ``hnsw``. count: of the vectors. dim: of each.

    Raises:
        FolderError: it is not what `dense.build` writes for so many vectors.
    """
    try:
        _check(_Reader(np.memmap(path, np.uint8, "r")), kind, count, dim)
    except (OSError, ValueError, OverflowError, _UnsoundError) as error:
        raise FolderError(
            f"{path}: damaged, not vectors that FAISS can read ({one_line(error)}); build the index anew"
        ) from None


def _check(file: _Reader, kind: str, count: int, dim: int) -> None:
    {"flat": _flat, "ivf": _lists, "hnsw": _graph}[kind](file, count, dim)
    file.expect("bytes", len(file.data), file.at)


def _header(file: _Reader, name: bytes, count: int, dim: int) -> None:
    file.expect("as its kind", file.array("u1", 4).tobytes(), name)
    file.expect("numbers a vector", file.number("<i4"), dim)
    file.expect("vectors", file.number("<i8"), count)
    file.array("<i8", 2)  # not used any more
    file.expect("for trained", file.number("u1"), 1)
    file.expect("as the metric", file.number("<i4"), _INNER_PRODUCT)


def _quantizer(file: _Reader, kind: int, dim: int, trained: int, size: int) -> None:
    file.expect("as the quantizer", file.number("<i4"), kind)
    file.array("<i4", 2)  # how it was trained
    file.expect("numbers a vector", file.number("<u8"), dim)
    file.expect("bytes a vector", file.number("<u8"), size)
    file.expect("trained numbers", len(file.vector("<f4")), trained)


def _flat(file: _Reader, count: int, dim: int) -> None:
    _header(file, b"IxSQ", count, dim)
    _quantizer(file, _HALF, dim, 0, 2 * dim)
    file.expect("bytes of vectors", len(file.vector("u1")), 2 * dim * count)


def _lists(file: _Reader, count: int, dim: int) -> None:
    _header(file, b"IwSq", count, dim)
    lists, _ = file.number("<u8"), file.number("<u8")
    if not 1 <= lists <= count:
        raise _UnsoundError(f"{lists} lists of {count} vectors")
    _header(file, b"IxFI", lists, dim)
    file.expect("numbers of centres", len(file.vector("<f4")), lists * dim)
    file.expect("as the direct map", file.number("u1"), 0)
    file.expect("numbers of a direct map", len(file.vector("<i8")), 0)
    _quantizer(file, _BYTE, dim, 2 * dim, dim)
    file.expect("bytes a vector", file.number("<u8"), dim)
    if file.number("u1") > 1:
        raise _UnsoundError("residuals are neither yes nor no")
    file.expect("as lists", file.array("u1", 4).tobytes(), b"ilar")
    file.expect("lists", file.number("<u8"), lists)
    file.expect("bytes a vector", file.number("<u8"), dim)
    layout, told = file.array("u1", 4).tobytes(), file.vector("<u8")
    sizes = np.zeros(lists, np.uint64)
    if layout == b"full":
        file.expect("sizes of lists", len(told), lists)
        sizes = told
    elif layout == b"sprs" and len(told) % 2 == 0 and (told[::2] < lists).all() and (np.diff(told[::2]) > 0).all():
        sizes[told[::2]] = told[1::2]
    else:
        raise _UnsoundError("its lists have no sizes")
    if (sizes > count).any() or int(sizes.sum()) != count:
        raise _UnsoundError(f"its lists do not have {count} vectors")
    seen = np.zeros(count, np.bool_)
    for size in sizes[sizes > 0].tolist():
        file.array("u1", dim * size)
        ids = file.array("<i8", size)
        if ids.min() < 0 or ids.max() >= count:
            raise _UnsoundError("an id is that of no vector")
        seen[ids] = True
    if not seen.all():
        raise _UnsoundError("a vector is in no list")


def _graph(file: _Reader, count: int, dim: int) -> None:
    _header(file, b"IHNs", count, dim)
    file.vector("<f8")
    starts, levels = file.vector("<i4").astype(np.int64), file.vector("<i4")
    offsets, neighbours = file.vector("<u8"), file.vector("<i4")
    entry, top = file.number("<i4"), file.number("<i4")
    file.array("<i4", 3)  # how wide it is searched when nobody says
    if not 2 <= len(starts) <= _LEVELS or starts[0] != 0 or (np.diff(starts) < 0).any():
        raise _UnsoundError("its levels have no places")
    file.expect("levels", len(levels), count)
    file.expect("offsets", len(offsets), count + 1)
    if levels.min() < 1 or levels.max() >= len(starts) or top != levels.max() - 1:
        raise _UnsoundError("a level that cannot be")
    if not 0 <= entry < count or levels[entry] != top + 1:
        raise _UnsoundError("it begins nowhere")
    if (np.diff(offsets, prepend=np.uint64(0))[1:] != starts[levels]).any() or offsets[0] != 0:
        raise _UnsoundError("its neighbours have no places")
    file.expect("neighbours", len(neighbours), int(offsets[-1]))
    if len(neighbours) and (neighbours.min() < -1 or neighbours.max() >= count):
        raise _UnsoundError("a neighbour is no vector")
    for level in range(1, top + 1):  # one that stands on a level has its neighbours there
        nodes = np.flatnonzero(levels > level)
        places = offsets[nodes].astype(np.int64)[:, None] + np.arange(starts[level], starts[level + 1])
        named = neighbours[places]
        if (levels[named[named >= 0]] <= level).any():
            raise _UnsoundError("a neighbour does not stand on its level")
    _flat(file, count, dim)
