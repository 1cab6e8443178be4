"""Weights on disk: safetensors of float32 numbers that are finite, and nothing believed unseen."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, one_line
from sprachbund.files import require_file

__all__ = ["read_tensors", "write_tensors"]

_DAMAGES = (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError)


def write_tensors(tensors: Mapping[str, Float32], path: Path, said: Mapping[str, str] | None = None) -> None:
    """Write float32 arrays by name.

    Args:
        said: what the file says of itself besides.
    """
    own = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
    save_file(own, path, None if said is None else dict(said))


def read_tensors(path: Path, remedy: str) -> dict[str, Float32]:
    """All arrays of a file by name.

    Args:
        remedy: what to do where it is damaged, for the message.

    Raises:
        FolderError: there is no file, it is damaged, or has other numbers than finite float32.
    """
    require_file(path, remedy)
    try:
        tensors: dict[str, Float32] = load_file(path)
    except _DAMAGES as error:
        raise FolderError(f"{path}: damaged, not readable as safetensors ({one_line(error)}); {remedy}") from None
    for name, tensor in tensors.items():
        if tensor.dtype != np.float32:
            raise FolderError(f"{path}: expected float32, found {tensor.dtype} in {name}; {remedy}")
        if not np.all(np.isfinite(tensor)):
            raise FolderError(f"{path}: damaged, {name} has numbers that are none; {remedy}")
    return tensors
