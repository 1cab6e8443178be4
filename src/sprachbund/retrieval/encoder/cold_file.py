"""Rows of a table in a file that is memory-mapped, and the log that takes them back to the last checkpoint.

    FOLDER/cold.json    the files, and what the rows are
           rows.bin     the rows one after another, changed in place
           undo.bin     a checkpoint's batch, then the old numbers of every row that was changed since, once each

A second copy of the rows would double the disk. So before a row is first changed after a checkpoint its old numbers
are written to the log and brought to the disk (a write-ahead log, as databases keep one); whatever ends the process,
they are put back when the checkpoint is opened. All room is taken at the beginning: a write to a mapped page for which
the disk has no room would end the process.
"""

import mmap
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Int32
from sprachbund.disk import room_for
from sprachbund.errors import FolderError
from sprachbund.files import package_version, require_file, sealed, sync_folder, write_json

__all__ = ["LOG_SHARE", "MANIFEST", "ColdFile"]

KIND, FORMAT, MANIFEST = "cold rows", 1, "cold.json"
ROWS, UNDO = "rows.bin", "undo.bin"
LOG_SHARE = 0.25
"""Of the bytes of the rows: a log that is longer asks for a checkpoint."""
REMEDY = "begin anew"
_BLOCK = 65_536
_HEAD = np.dtype([("number", "<i8"), ("check", "<i8")])
"""Of the log: the checkpoint's batch; of each part of it: the rows in it. And a CRC-32 of what it says."""

Numbers = npt.NDArray[Any]


class ColdFile:
    """Rows on disk.

    Attributes:
        numbers: [rows, dim], memory-mapped; to be changed after `remember` only.
    """

    def __init__(self, folder: Path, shape: tuple[int, int], kind: npt.DTypeLike) -> None:
        self.folder = folder
        self._record = np.dtype([("row", "<i4"), ("numbers", kind, shape[1:])])
        with (folder / ROWS).open("rb+") as handle:
            self._map = mmap.mmap(handle.fileno(), 0)
        self._map.madvise(mmap.MADV_RANDOM)  # what stands beside a row is not asked for next
        self.numbers: Numbers = np.frombuffer(self._map, kind).reshape(shape)
        self._remembered = np.zeros(len(self), bool)
        self._logging = False
        self._logged = 0

    def __len__(self) -> int:
        return len(self.numbers)

    @staticmethod
    def create(
        folder: Path, shape: tuple[int, int], kind: npt.DTypeLike, rows: Callable[[int, int], Numbers]
    ) -> "ColdFile":
        """Write the rows; what an earlier training left is replaced.

        Args:
            rows: gives [high - low, dim] from low and high.

        Raises:
            CapacityError: the disk is full.
        """
        need = shape[0] * shape[1] * np.dtype(kind).itemsize
        folder.mkdir(parents=True, exist_ok=True)
        about = {"rows": shape[0], "dim": shape[1], "type": np.dtype(kind).name, "files": dict.fromkeys((ROWS, UNDO))}
        write_json(
            folder / MANIFEST,
            sealed({"kind": KIND, "format": FORMAT, "written_by": package_version(), **about}),
        )
        for name in (ROWS, UNDO):  # never through a link that somebody put there
            (folder / name).unlink(missing_ok=True)
        with room_for(folder / ROWS, need), (folder / ROWS).open("xb") as handle:
            try:
                os.posix_fallocate(handle.fileno(), 0, need)
                for low in range(0, shape[0], _BLOCK):
                    handle.write(np.ascontiguousarray(rows(low, min(low + _BLOCK, shape[0])), kind).data)
                handle.flush()
                os.fsync(handle.fileno())
            except OSError:
                os.ftruncate(handle.fileno(), 0)  # the room is needed for what the user does about it
                raise
        (folder / UNDO).touch()
        sync_folder(folder)
        return ColdFile(folder, shape, kind)

    @staticmethod
    def open(folder: Path, shape: tuple[int, int], kind: npt.DTypeLike, step: int) -> "ColdFile":
        """The rows as they were at the checkpoint after batch ``step``.

        Raises:
            FolderError: a file is absent, or not that of this checkpoint. CapacityError: the disk is full.
        """
        for name in (ROWS, UNDO):
            require_file(folder / name, REMEDY)
        expected, found = shape[0] * shape[1] * np.dtype(kind).itemsize, (folder / ROWS).stat().st_size
        if found != expected:
            raise FolderError(f"{folder / ROWS}: damaged, expected {expected:,} bytes, found {found:,}; {REMEDY}")
        opened = ColdFile(folder, shape, kind)
        opened._take_back(step)
        opened.settle(step)
        return opened

    def remember(self, rows: Int32) -> None:
        """Write the old numbers of rows to the log, of each once after a checkpoint; none before the first.

        Args:
            rows: distinct.

        Raises:
            CapacityError: the disk is full; nothing was changed.
        """
        if not self._logging:
            return
        new = rows[~self._remembered[rows]]
        if not len(new):
            return
        records = np.empty(len(new), self._record)
        records["row"], records["numbers"] = new, self.numbers[new]
        path, data = self.folder / UNDO, records.tobytes()
        with room_for(path, len(data)), path.open("ab") as handle:
            handle.write(_head(len(new), data) + data)
            handle.flush()
            os.fdatasync(handle.fileno())  # before the first of the changed pages can be
        self._remembered[new] = True
        self._logged += _HEAD.itemsize + len(data)

    @property
    def is_long(self) -> bool:
        """Whether the log has grown so long that it is time for a checkpoint."""
        return self._logged > LOG_SHARE * self.numbers.nbytes

    def flush(self) -> None:
        """Bring all rows to the disk; to be called before a checkpoint is written."""
        self._map.flush()

    def settle(self, step: int) -> None:
        """Begin a new log: there is a checkpoint after batch ``step`` to which these rows belong.

        Raises:
            CapacityError: the disk is full.
        """
        self.flush()
        path = self.folder / UNDO
        with room_for(path, _HEAD.itemsize), path.open("wb") as handle:
            handle.write(_head(step))
            handle.flush()
            os.fdatasync(handle.fileno())
        self._remembered[:] = False
        self._logged, self._logging = 0, True

    def _take_back(self, step: int) -> None:
        """Undo what was changed since a checkpoint. Killed in the middle of it, it is done again: no harm."""
        path = self.folder / UNDO
        with path.open("rb") as handle:
            said = _read_head(handle.read(_HEAD.itemsize))
            if said is None or said[0] < step:
                return  # killed between the checkpoint and its log: nothing was changed since
            if said[0] > step:
                raise FolderError(f"{path}: is of the checkpoint of batch {said[0]:,}, expected {step:,}; {REMEDY}")
            while part := _read_head(handle.read(_HEAD.itemsize), begins=False):
                count, check = part
                if not 0 < count <= len(self):
                    break
                data = handle.read(count * self._record.itemsize)
                if len(data) < count * self._record.itemsize or zlib.crc32(data) != check:
                    break  # cut off while it was written: these rows were not changed yet
                records = np.frombuffer(data, self._record)
                if records["row"].min() < 0 or records["row"].max() >= len(self):
                    raise FolderError(f"{path}: damaged, it has rows that are not there; {REMEDY}")
                self.numbers[records["row"]] = records["numbers"]


def _head(number: int, data: bytes | None = None) -> bytes:
    """Begin a log, or a part of it."""
    check = zlib.crc32(number.to_bytes(8, "little") if data is None else data)
    return np.array((number, check), _HEAD).tobytes()


def _read_head(data: bytes, begins: bool = True) -> tuple[int, int] | None:
    """What `_head` wrote; None where it was cut off."""
    if len(data) < _HEAD.itemsize:
        return None
    number, check = (int(value) for value in np.frombuffer(data, _HEAD)[0])
    sound = not begins or (number >= 0 and check == zlib.crc32(number.to_bytes(8, "little")))
    return (number, check) if sound else None
