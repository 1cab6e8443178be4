"""safetensors files that we wrote: float32 alone, read into memory or mapped, and nothing believed unseen.

The library checks the header (sizes, places, no overlaps); what is checked here is that the tensors are float32.
"""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from sprachbund.errors import FolderError, one_line
from sprachbund.files import require_file
from sprachbund.retrieval.bags import Float32

__all__ = ["LARGEST", "is_sound", "map_tensor", "read_tensors"]

LARGEST = 1e15
"""Of a table: what is squared and summed over some hundred numbers and n-grams beyond it may exceed a float32."""

_DAMAGES = (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError)


def read_tensors(path: Path, remedy: str) -> dict[str, Float32]:
    """All tensors of a file by name.

    Raises:
        FolderError: there is no file, or it is damaged, or has numbers of another type.
    """
    require_file(path, remedy)
    try:
        tensors: dict[str, Float32] = load_file(path)
    except _DAMAGES as error:
        raise _damaged(path, error, remedy) from None
    for name, tensor in tensors.items():
        if tensor.dtype != np.float32:
            raise FolderError(f"{path}: expected float32, found {tensor.dtype} in {name}; {remedy}")
    return tensors


def map_tensor(path: Path, name: str, remedy: str) -> Float32:
    """One tensor of a file, memory-mapped: the library itself would read all of it.

    Raises:
        FolderError: as `read_tensors`, or there is none of that name.
    """
    require_file(path, remedy)
    try:
        with safe_open(path, framework="numpy") as opened:
            if set(opened.keys()) != {name}:
                raise ValueError(f"expected the tensor {name}, found {', '.join(opened.keys()) or 'none'}")
            part = opened.get_slice(name)
            kind, shape = part.get_dtype(), tuple(part.get_shape())
        if kind != "F32":
            raise ValueError(f"expected float32, found {kind}")
        with path.open("rb") as handle:
            size = int.from_bytes(handle.read(8), "little")
        # the only tensor begins where the header ends
        return np.memmap(path, np.float32, "r", 8 + size, shape) if 0 not in shape else np.empty(shape, np.float32)
    except _DAMAGES as error:
        raise _damaged(path, error, remedy) from None


def _damaged(path: Path, error: Exception, remedy: str) -> FolderError:
    return FolderError(f"{path}: damaged, not readable as safetensors ({one_line(error)}); {remedy}")


def is_sound(table: Float32) -> bool:
    """Whether a table has numbers that can be squared and summed; float32 [rows, dim]."""
    return not len(table) or bool(max(-float(table.min()), float(table.max())) <= LARGEST)  # false for NaN
