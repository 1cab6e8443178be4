"""Where a training of a neural model stands, on disk: ``checkpoint.json`` and ``state.safetensors``.

What is read is compared with its hash, for what comes out must be what one piece would have given; what cannot be used
is set aside, and the training begins anew.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, one_line
from sprachbund.files import atomic_folder, content_hash, read_manifest, write_manifest
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.model import Point
from sprachbund.lm.neural.tensors import read_tensors, write_tensors
from sprachbund.runs import unfinished

__all__ = ["MANIFEST", "State", "read", "restore", "write"]

KIND, FORMAT, MANIFEST, STATE = "neural checkpoint", 1, "checkpoint.json", "state.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass
class State:
    """Where a training stands.

    Attributes:
        step: steps done. steps: of the whole. planned: whether these are settled. done: nothing is left to do.
        seconds: of training so far. curve: so far. best: its best weights. since: points since the best.
        hidden: of the streams, behind the last step: torch, as the network has it.
        tensors: of the network and the optimiser, by name, while they are on the way from disk.
    """

    steps: int
    planned: bool
    step: int = 0
    done: bool = False
    seconds: float = 0.0
    curve: list[Point] = field(default_factory=list)
    best: dict[str, Float32] | None = None
    since: int = 0
    hidden: Any = None
    tensors: Mapping[str, Float32] = field(default_factory=dict)

    @property
    def lowest(self) -> float:
        """Bits per byte on dev of the best."""
        return min((value for _, value, _ in self.curve), default=math.inf)


def write(folder: Path, state: State, network: Any, optimiser: Any, specification: Mapping[str, Any]) -> None:
    """Write a state; the one before it is replaced when this one is complete."""
    tensors: dict[str, Float32] = {}
    for name, weight in network.named_parameters():
        tensors[f"weights.{name}"] = weight.detach().cpu().numpy()
        for moment in _MOMENTS:
            if moment in (held := optimiser.state.get(weight, {})):
                tensors[f"{moment}.{name}"] = held[moment].cpu().numpy()
                tensors[f"step.{name}"] = np.array([float(held["step"])], np.float32)
    tensors |= {f"best.{name}": weight for name, weight in (state.best or {}).items()}
    for layer, pair in enumerate(state.hidden or []):
        tensors |= {f"hidden.{layer}.{number}": part.cpu().numpy() for number, part in enumerate(pair)}
    with atomic_folder(folder, MANIFEST) as temporary:
        write_tensors(tensors, temporary / STATE)
        write_manifest(
            temporary, MANIFEST, KIND, FORMAT, work=content_hash(specification), step=state.step, steps=state.steps,
            planned=state.planned, done=state.done, seconds=state.seconds, since=state.since,
            curve=[list(point) for point in state.curve],
        )  # fmt: skip


def read(folder: Path, specification: Mapping[str, Any]) -> State | None:
    """The state of this very work; None where there is none, or where it was damaged, which a warning says."""
    if not folder.exists() and not folder.is_symlink():
        return None
    try:
        return _read(folder, content_hash(specification))
    except FolderError as error:
        unfinished.damaged(folder, error)
        return None


def _read(folder: Path, work: str) -> State:
    fields = {
        "work": str, "step": int, "steps": int, "planned": bool, "done": bool, "seconds": float, "since": int,
        "curve": list,
    }  # fmt: skip
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=True, fields=fields, listed=[STATE])
    if manifest["work"] != work:
        raise FolderError(f"{folder}: is of other work")
    try:
        curve = [(int(seen), float(value), float(seconds)) for seen, value, seconds in manifest["curve"]]
    except (TypeError, ValueError, OverflowError) as error:
        raise FolderError(f"{folder / MANIFEST}: damaged, its curve cannot be read ({one_line(error)})") from None
    tensors = read_tensors(folder / STATE, "begin anew")
    best = {name.removeprefix("best."): tensor for name, tensor in tensors.items() if name.startswith("best.")}
    own = {name: manifest[name] for name in ("step", "steps", "planned", "done", "seconds", "since")}
    return State(**own, curve=curve, best=best or None, tensors=tensors)


def restore(state: State, network: Any, optimiser: Any) -> None:
    """Put the tensors of a state that was read where they belong."""
    torch = extra.torch()
    tensors = {name: torch.from_numpy(np.array(tensor)) for name, tensor in state.tensors.items()}
    with torch.no_grad():
        for name, weight in network.named_parameters():
            weight.copy_(tensors[f"weights.{name}"])
            if f"exp_avg.{name}" in tensors:
                held = {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS} | {
                    "step": tensors[f"step.{name}"][0]
                }
                optimiser.state[weight] = {key: tensor.to(weight.device) for key, tensor in held.items()}
    layers = sorted({int(name.split(".")[1]) for name in tensors if name.startswith("hidden.")})
    state.hidden = [(tensors[f"hidden.{layer}.0"], tensors[f"hidden.{layer}.1"]) for layer in layers]
    state.tensors = {}
