"""Where a training stands, on disk: ``checkpoint.json`` and ``state.safetensors``.

Everything in it is compared with its hash before a training goes on from it, for what comes out must be what one
piece would have given. What cannot be used is set aside: the training then begins anew.

Of a table with rows on disk it holds those in memory; the others are in the folder ``cold`` beside it, whose log takes
them back to this checkpoint. They are not hashed: that would be to read all of the disk every time.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from sprachbund.errors import FolderError, one_line
from sprachbund.files import atomic_folder, content_hash, read_manifest, require_fields, write_manifest
from sprachbund.retrieval.encoder.cold import ColdTable
from sprachbund.retrieval.encoder.cold_file import ColdFile
from sprachbund.retrieval.encoder.tensors import read_tensors
from sprachbund.retrieval.encoder.training import Log, State
from sprachbund.runs import unfinished

__all__ = ["COLD", "MANIFEST", "read_or_set_aside", "step_of", "write"]

KIND, FORMAT, MANIFEST = "checkpoint", 2, "checkpoint.json"
STATE = "state.safetensors"
COLD = "cold"
"""The folder beside a checkpoint with the rows that do not fit the memory."""


def write(folder: Path, state: State, specification: Mapping[str, Any]) -> None:
    """Write a state; the one before it is replaced when this one is complete."""
    cold = state.table.file if isinstance(state.table, ColdTable) else None
    if cold is not None:
        cold.flush()
    with atomic_folder(folder, MANIFEST) as temporary:
        table = state.table.hot if isinstance(state.table, ColdTable) else state.table
        tensors = {"table": table, "accumulators": state.accumulators}
        if state.best is not None:
            tensors["best"] = state.best
        save_file(tensors, temporary / STATE)
        fields = {"work": content_hash(specification), "step": state.step, "log": asdict(state.log)}
        write_manifest(temporary, MANIFEST, KIND, FORMAT, **fields)
    if cold is not None:
        cold.settle(state.step)


def step_of(folder: Path) -> int:
    """The batches that a checkpoint has seen."""
    return int(_manifest(folder, check=False)["step"])


def read_or_set_aside(folder: Path, specification: Mapping[str, Any]) -> State | None:
    """The state of this very work; None where there is none, or where it was damaged, which a warning says."""
    if not folder.exists() and not folder.is_symlink():
        return None
    try:
        return _read(folder, content_hash(specification))
    except FolderError as error:
        unfinished.damaged(folder, error)
        return None


def _manifest(folder: Path, check: bool) -> dict[str, Any]:
    fields = {"work": str, "step": int, "log": dict}
    return read_manifest(folder, MANIFEST, KIND, FORMAT, check=check, fields=fields, listed=[STATE])


def _read(folder: Path, work: str) -> State:
    manifest = _manifest(folder, check=True)
    if manifest["work"] != work:
        raise FolderError(f"{folder}: is of other work")
    tensors = read_tensors(folder / STATE, "begin anew", (np.float32, np.uint16))
    lacking = {"table", "accumulators"} - set(tensors)
    if lacking:
        raise FolderError(f"{folder / STATE}: damaged, it lacks {', '.join(sorted(lacking))}")
    state = State(manifest["step"], tensors["table"], tensors["accumulators"], _log(folder, manifest["log"]))
    state.best = tensors.get("best")
    hot, rows, file = tensors["table"], len(state.accumulators) - len(tensors["table"]), None
    if rows > 0 and hot.ndim == 2:
        file = ColdFile.open(folder.with_name(COLD), (rows, hot.shape[1]), hot.dtype, state.step)
    if file is not None or hot.dtype != np.float32:
        state.table = ColdTable(hot, file)
    if state.step < 0 or len(state.log.losses) != state.step:
        raise FolderError(f"{folder / MANIFEST}: damaged, its step is {state.step}, its losses {len(state.log.losses)}")
    return state


def _log(folder: Path, said: dict[str, Any]) -> Log:
    path = folder / MANIFEST
    require_fields(path, said, {"losses": list, "drawn": dict, "passes": dict, "curve": list, "seconds": float})
    try:
        return Log(
            losses=[float(loss) for loss in said["losses"]],
            drawn={str(language): int(count) for language, count in said["drawn"].items()},
            passes={str(language): float(count) for language, count in said["passes"].items()},
            curve=[(int(step), float(score)) for step, score in said["curve"]],
            seconds=float(said["seconds"]),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise FolderError(f"{path}: damaged, its log cannot be read ({one_line(error)})") from None
