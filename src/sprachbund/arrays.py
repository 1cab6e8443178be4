"""The types of arrays, each named once: what a docstring says of shapes, these say of elements."""

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
UInt16 = npt.NDArray[np.uint16]
UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]
Float16 = npt.NDArray[np.float16]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

Bytes = UInt8
"""Text as UTF-8."""
Keys = UInt64
"""Hashes of n-grams, see `ngrams.keys`."""
Offsets = Int64
"""Where each of some things of unlike length begins, and where the last one ends: [things + 1]."""
