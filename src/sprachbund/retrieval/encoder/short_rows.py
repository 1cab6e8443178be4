"""Tables of vectors with 16 or 8 bits a number, for encoders that serve: a half or a quarter of the bytes on disk.

A row is whole numbers times a scale of its own, so a row's largest number is kept and every other is off by at most
half a step, 1/254 of the largest with 8 bits and 1/65,534 with 16. Training keeps float32.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Float32, Int32
from sprachbund.errors import SettingsError
from sprachbund.retrieval.encoder import table_rows
from sprachbund.retrieval.encoder.cold import ColdTable

__all__ = ["BITS", "LONG", "ShortTable", "Table", "gather", "lengthen", "require_bits", "shorten"]

LONG = 32
BITS: dict[int, npt.DTypeLike] = {LONG: np.float32, 16: np.int16, 8: np.int8}
"""The type of a number, by its bits."""
_BLOCK = 65_536


@dataclass(frozen=True, eq=False)
class ShortTable:
    """Rows of whole numbers, each with a scale.

    Attributes:
        numbers: int16 or int8 [rows, dim]. scales: float32 [rows].
    """

    numbers: npt.NDArray[Any]
    scales: Float32

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, dim)."""
        return self.numbers.shape[0], self.numbers.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes of numbers and scales."""
        return self.numbers.nbytes + self.scales.nbytes

    def __len__(self) -> int:
        return len(self.scales)

    def gather(self, rows: Int32) -> Float32:
        """Some rows, zero where the row is UNSEEN: float32 [rows, dim]."""
        found = np.zeros((len(rows), self.shape[1]), np.float32)
        known = np.flatnonzero(rows >= 0)
        found[known] = self.numbers[rows[known]].astype(np.float32) * self.scales[rows[known]][:, None]
        return found


Table = Float32 | ShortTable | ColdTable
"""float32 [rows, dim], or the same in fewer bits, or with rows on disk."""


def require_bits(bits: int) -> int:
    """The bits of a number.

    Raises:
        SettingsError: there are none of so many.
    """
    if bits not in BITS:
        raise SettingsError(f"rows have {', '.join(map(str, BITS))} bits a number, found {bits}")
    return bits


def shorten(table: Float32, bits: int) -> ShortTable:
    """A table in fewer bits, rounded to the nearest."""
    most = np.iinfo(BITS[bits]).max
    numbers = np.empty(table.shape, BITS[bits])
    scales = np.empty(len(table), np.float32)
    for low in range(0, len(table), _BLOCK):
        part = np.asarray(table[low : low + _BLOCK], np.float64)
        largest = np.abs(part).max(axis=1, initial=0.0)
        scales[low : low + _BLOCK] = largest / most
        numbers[low : low + _BLOCK] = np.rint(part * (most / np.where(largest > 0, largest, 1.0))[:, None])
    return ShortTable(numbers, scales)


def lengthen(table: Table) -> Float32:
    """The table in float32: [rows, dim]."""
    if isinstance(table, np.ndarray):
        return table
    result = np.empty(table.shape, np.float32)
    for low in range(0, len(table), _BLOCK):
        result[low : low + _BLOCK] = table.gather(np.arange(low, min(low + _BLOCK, len(table)), dtype=np.int32))
    return result


def gather(rows: Int32, table: Table) -> Float32:
    """The rows of a table, zero where the row is UNSEEN: float32 [rows, dim]."""
    return table_rows.gather(rows, table) if isinstance(table, np.ndarray) else table.gather(rows)
