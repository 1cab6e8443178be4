"""An optional feed-forward tower on top of the pooled bag, the same for queries and candidates; it needs torch.

The bag below it keeps its own kernels: the tower gets the pooled vectors and gives their gradient back. A tower costs
the model its linearity: a score is no longer a sum over pairs of n-grams, and languages that share no n-gram
still meet in its weights. In the pilot it did not help (docs/log.md).
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, MissingExtraError
from sprachbund.retrieval.encoder.tensors import read_tensors
from sprachbund.retrieval.settings import EncoderSettings, Settings


def import_torch() -> Any:
    """torch, or an error that names the install command.

    Raises:
        MissingExtraError: torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingExtraError("towers need torch: pip install 'sprachbund[towers]'") from None
    return torch


class Tower:
    """Dense layers with tanh between them, trained by Adagrad; the last layer has no tanh.

    Attributes:
        layers: the torch module.
    """

    def __init__(self, dim: int, widths: tuple[int, ...], seed: int, rate: float, steps: int) -> None:
        torch = import_torch()
        generator = torch.Generator().manual_seed(seed)
        modules: list[Any] = []
        for below, above in zip((dim, *widths[:-1]), widths, strict=True):
            layer = torch.nn.Linear(below, above)
            torch.nn.init.normal_(layer.weight, std=below**-0.5, generator=generator)
            torch.nn.init.zeros_(layer.bias)
            modules += [layer, torch.nn.Tanh()]
        self.layers = torch.nn.Sequential(*modules[:-1])
        self._optimiser = torch.optim.Adagrad(self.layers.parameters(), lr=rate / 10)
        self._schedule = torch.optim.lr_scheduler.LinearLR(self._optimiser, 1.0, 0.01, max(1, steps))
        self._input: Any = None
        self._output: Any = None

    def forward(self, pooled: Float32) -> Float32:
        """Vectors for training: float32 [bags, last width]; remembers the graph for `backward`."""
        torch = import_torch()
        self._input = torch.from_numpy(pooled).requires_grad_()
        self._output = self.layers(self._input)
        result: Float32 = self._output.detach().numpy().copy()
        return result

    def backward(self, gradient: Float32) -> Float32:
        """Take one step from the gradient of the output; returns the gradient of the input."""
        torch = import_torch()
        self._optimiser.zero_grad()
        self._output.backward(torch.from_numpy(np.ascontiguousarray(gradient)))
        self._optimiser.step()
        self._schedule.step()
        result: Float32 = self._input.grad.numpy().copy()
        return result

    def apply(self, pooled: Float32) -> Float32:
        """Vectors without a gradient."""
        torch = import_torch()
        with torch.no_grad():
            result: Float32 = self.layers(torch.from_numpy(pooled)).numpy().copy()
        return result

    def tensors(self) -> dict[str, Float32]:
        """The weights by name, for safetensors."""
        return {name: tensor.detach().numpy() for name, tensor in self.layers.state_dict().items()}

    def training_tensors(self) -> dict[str, Float32]:
        """The weights and the optimiser's sums, in the order of the parameters: what a resumed training needs."""
        sums = [self._optimiser.state[parameter]["sum"] for parameter in self.layers.parameters()]
        return self.tensors() | {f"sum.{number}": value.numpy() for number, value in enumerate(sums)}

    def resume(self, tensors: dict[str, Float32], step: int) -> None:
        """Take up a training where `training_tensors` was called, after ``step`` steps."""
        torch = import_torch()
        self.load({name: value for name, value in tensors.items() if not name.startswith("sum.")})
        for number, parameter in enumerate(self.layers.parameters()):
            self._optimiser.state[parameter]["sum"].copy_(torch.from_numpy(tensors[f"sum.{number}"].copy()))
        self._optimiser.zero_grad()
        self._optimiser.step()  # without gradients it changes nothing; torch wants a step before its schedule's
        for _ in range(step):
            self._schedule.step()

    def load(self, tensors: dict[str, Float32]) -> None:
        """Take the weights that `tensors` gave."""
        torch = import_torch()
        self.layers.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in tensors.items()})


def make_tower(settings: EncoderSettings, rate: float, steps: int, seed: int) -> Tower:
    """The tower that the settings ask for, with fresh weights."""
    return Tower(settings.dim, settings.towers, seed, rate, steps)


def read_tower(path: Path, settings: Settings) -> Tower:
    """The tower of a saved encoder; the sizes of its tensors are seen before anything is made for them.

    Raises:
        FolderError: there is none, or it is damaged or of other settings.
    """
    tensors = read_tensors(path, "train the model anew")
    widths = (settings.encoder.dim, *settings.encoder.towers)
    wanted: dict[str, tuple[int, ...]] = {}
    for number, (below, above) in enumerate(pairwise(widths)):
        wanted |= {f"{2 * number}.weight": (above, below), f"{2 * number}.bias": (above,)}
    if {name: tensor.shape for name, tensor in tensors.items()} != wanted:
        raise FolderError(f"{path}: damaged, its layers are not those of the settings; train the model anew")
    tower = make_tower(settings.encoder, settings.training.rate, 1, 0)
    tower.load(tensors)
    return tower
