"""safetensors files that we wrote, read into memory or mapped, and nothing believed unseen.

The library checks the header (sizes, places, no overlaps); what is checked here is the type of the tensors: float32,
or the whole numbers of a table in fewer bits.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, one_line
from sprachbund.files import require_file

__all__ = ["LARGEST", "is_sound", "map_tensors", "read_tensors", "write_rows"]

_BLOCK = 65_536

LARGEST = 1e15
"""Of a table: what is squared and summed over some hundred numbers and n-grams beyond it may exceed a float32."""

_DAMAGES = (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError)


def read_tensors(
    path: Path, remedy: str, kinds: tuple[npt.DTypeLike, ...] = (np.float32,)
) -> dict[str, npt.NDArray[Any]]:
    """All tensors of a file by name.

    Args:
        kinds: the types that they may have.

    Raises:
        FolderError: there is no file, or it is damaged, or has numbers of another type.
    """
    require_file(path, remedy)
    try:
        tensors: dict[str, npt.NDArray[Any]] = load_file(path)
    except _DAMAGES as error:
        raise _damaged(path, error, remedy) from None
    for name, tensor in tensors.items():
        if tensor.dtype not in kinds:
            expected = " or ".join(np.dtype(kind).name for kind in kinds)
            raise FolderError(f"{path}: expected {expected}, found {tensor.dtype} in {name}; {remedy}")
    return tensors


def map_tensors(path: Path, kinds: Mapping[str, npt.DTypeLike], remedy: str) -> dict[str, npt.NDArray[Any]]:
    """The tensors of a file, memory-mapped: the library itself would read all of them.

    Args:
        kinds: the names that there must be, and the type of each.

    Raises:
        FolderError: there is no file, it is damaged, or has other tensors.
    """
    require_file(path, remedy)
    try:
        with safe_open(path, framework="numpy") as opened:  # which sees that every place is inside the file
            if set(opened.keys()) != set(kinds):
                raise ValueError(f"expected {', '.join(kinds)}, found {', '.join(opened.keys()) or 'none'}")
            for name, kind in kinds.items():
                found = opened.get_slice(name).get_dtype()
                if found != _NAMES[np.dtype(kind)]:
                    raise ValueError(f"expected {np.dtype(kind)}, found {found} in {name}")
        with path.open("rb") as handle:
            size = int.from_bytes(handle.read(8), "little")
            head = json.loads(handle.read(size))
        return {name: _mapped(path, head[name], kind, 8 + size) for name, kind in kinds.items()}
    except _DAMAGES as error:
        raise _damaged(path, error, remedy) from None


_NAMES = {np.dtype(np.float32): "F32", np.dtype(np.int16): "I16", np.dtype(np.int8): "I8"}
"""How safetensors calls the types."""


def _mapped(path: Path, said: Mapping[str, Any], kind: npt.DTypeLike, start: int) -> npt.NDArray[Any]:
    shape = tuple(map(int, said["shape"]))
    if 0 in shape:
        return np.empty(shape, kind)
    return np.memmap(path, kind, "r", start + int(said["data_offsets"][0]), shape)


def write_rows(path: Path, name: str, shape: tuple[int, int], rows: Callable[[int, int], Float32]) -> None:
    """Write one float32 tensor [rows, dim], the bytes that the library writes, and hold a block of it at a time.

    Args:
        rows: gives [high - low, dim] from low and high.
    """
    about = {name: {"dtype": "F32", "shape": list(shape), "data_offsets": [0, 4 * shape[0] * shape[1]]}}
    head = json.dumps(about, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with path.open("wb") as handle:
        handle.write(len(head).to_bytes(8, "little") + head)
        for low in range(0, shape[0], _BLOCK):
            handle.write(np.ascontiguousarray(rows(low, min(low + _BLOCK, shape[0])), "<f4").data)


def _damaged(path: Path, error: Exception, remedy: str) -> FolderError:
    return FolderError(f"{path}: damaged, not readable as safetensors ({one_line(error)}); {remedy}")


def is_sound(table: Float32) -> bool:
    """Whether a table has numbers that can be squared and summed; float32 [rows, dim]."""
    return not len(table) or bool(max(-float(table.min()), float(table.max())) <= LARGEST)  # false for NaN
