"""A neural language model on disk, the same to the last bit when it is read again.

NEURAL/neural.json           the manifest: settings, merges, the curve, where rows came from
       weights.safetensors   float32 by name
       counts.npy            int64 [rows], how often each unit came in training
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund import settings as tree
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import atomic_folder, read_array, read_manifest, write_array, write_manifest
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.tensors import read_tensors, write_tensors

__all__ = ["MANIFEST", "read_neural", "write_neural"]

KIND, FORMAT, MANIFEST = "neural language model", 1, "neural.json"
WEIGHTS, COUNTS = "weights.safetensors", "counts.npy"
FIELDS = {"settings": dict, "keys": list, "merges": list, "curve": list, "seen": int, "carried": dict}
REMEDY = "train the model anew"


def write_neural(neural: Neural, folder: Path) -> None:
    """Write a model; one that is there is replaced when the new one is complete.

    Raises:
        FolderError: ``folder`` holds something else.
    """
    if folder.exists() and any(folder.iterdir()):
        read_manifest(folder, MANIFEST, KIND, FORMAT)
    with atomic_folder(folder, MANIFEST) as temporary:
        write_tensors(neural.weights, temporary / WEIGHTS)
        write_array(temporary / COUNTS, neural.counts)
        write_manifest(
            temporary, MANIFEST, KIND, FORMAT, settings=asdict(neural.settings), keys=list(neural.keys),
            merges=[list(pair) for pair in neural.merges], curve=[list(point) for point in neural.curve],
            seen=neural.seen, carried=dict(neural.carried),
        )  # fmt: skip


def read_neural(folder: Path) -> Neural:
    """Open a saved model.

    Raises:
        FolderError: the folder is absent, damaged, or of another kind or version.
    """
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=True, fields=FIELDS, listed=[WEIGHTS, COUNTS])
    counts = read_array(folder / COUNTS, mapped=False, dtype=np.int64, dimensions=1)
    try:
        neural = _made(manifest, read_tensors(folder / WEIGHTS, REMEDY), counts)
        size = neural.units.size
    except (TypeError, ValueError, OverflowError, SettingsError) as error:
        raise FolderError(f"{folder / MANIFEST}: damaged, not a neural model's ({one_line(error)}); {REMEDY}") from None
    if len(counts) != size or len(set(neural.keys)) != len(neural.keys):
        raise FolderError(f"{folder / MANIFEST}: damaged, {len(neural.keys):,} keys for {len(counts):,} rows; {REMEDY}")
    return neural


def _made(manifest: dict[str, Any], weights: dict[str, Any], counts: Any) -> Neural:
    settings = tree.from_dict(NeuralSettings(), manifest["settings"])
    keys, merges = manifest["keys"], manifest["merges"]
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("a key is no text")
    if not all(len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in merges):
        raise ValueError("a merge is no pair of texts")
    if settings.units == "characters" and not all(len(key) == 1 for key in keys):
        raise ValueError("a key is no character")
    return Neural(
        settings,
        tuple(keys),
        tuple((first, second) for first, second in merges),
        weights,
        counts,
        tuple((int(seen), float(value), float(seconds)) for seen, value, seconds in manifest["curve"]),
        manifest["seen"],
        {str(how): int(count) for how, count in manifest["carried"].items()},
    )
