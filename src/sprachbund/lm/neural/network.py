"""From settings and weights to the network that computes, and back; what it takes of memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import CapacityError, FolderError
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.machine import memory_limit

__all__ = ["build", "loaded", "on_threads", "require_memory", "rows_of", "weights_of"]

_SHARE = 0.8  # of the memory: others have some of it


def build(settings: NeuralSettings, size: int) -> Any:
    """A fresh network; its numbers follow from torch's generator.

    Raises:
        MissingExtraError: torch is not installed.
    """
    extra.torch()
    if settings.architecture == "recurrent":
        from sprachbund.lm.neural.recurrent import Recurrent

        return Recurrent(settings, size)
    from sprachbund.lm.neural.transformer import Transformer

    return Transformer(settings, size)


def rows_of(settings: NeuralSettings) -> tuple[str, ...]:
    """The names of the weights that have a row a unit."""
    return ("embed.weight", "bias") if settings.architecture == "recurrent" else ("model.embed_tokens.weight",)


def weights_of(network: Any) -> dict[str, Float32]:
    """The numbers of a network by name: copies."""
    return {
        name: np.array(weight.detach().cpu().numpy(), np.float32, order="C")
        for name, weight in network.state_dict().items()
    }


def loaded(settings: NeuralSettings, size: int, weights: Mapping[str, Float32]) -> Any:
    """The network of some weights, ready to score.

    Raises:
        FolderError: weights are missing, or of other shapes.
    """
    torch = extra.torch()
    with torch.device("meta"):
        network = build(settings, size)
    wanted = {name: tuple(weight.shape) for name, weight in network.state_dict().items()}
    found = {name: weight.shape for name, weight in weights.items()}
    if wanted != found:
        differing = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
        raise FolderError(
            f"the weights do not fit the settings: {differing[0]} is {found.get(differing[0], 'absent')}, expected "
            f"{wanted.get(differing[0], 'none')}; train the model anew"
        )
    state = {name: torch.from_numpy(np.array(weight, np.float32)) for name, weight in weights.items()}
    network.load_state_dict(state, assign=True)
    return network.eval()


def require_memory(settings: NeuralSettings, size: int, units: int) -> None:
    """See that a training fits the memory: weights, gradients, two moments, the best so far, and a step's numbers.

    Args:
        size: units in the vocabulary. units: of the text.

    Raises:
        CapacityError: it does not; says what to lower.
    """
    own = settings
    torch = extra.torch()
    with torch.device("meta"):
        weights = sum(weight.numel() for weight in build(own, size).parameters())
    places = own.batch * own.context
    inside = own.layers * own.width * (12 if own.architecture == "recurrent" else 24) + own.width + own.embedding
    need = 4 * (6 * weights + places * (inside + 4 * size) + 3 * units)
    limit = int(_SHARE * memory_limit())
    if need > limit:
        heavy = "batch or context" if places * (inside + 4 * size) > 6 * weights else "width, layers or pieces"
        raise CapacityError(
            f"this training would need about {need / 2**30:,.1f} GiB of memory, and has {limit / 2**30:,.1f}; lower "
            f"{heavy}"
        )


@contextmanager
def on_threads(threads: int) -> Iterator[None]:
    """While it lasts torch computes on so many threads."""
    torch = extra.torch()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
