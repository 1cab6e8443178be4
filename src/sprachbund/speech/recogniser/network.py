"""The network: features to the logarithms of the probabilities of symbols, a row every third frame.

    convolution of 5 frames, ReLU, convolution of 5 with a step of 3, ReLU      [frames, mels] to [frames / 3, channels]
    bidirectional LSTM layers, dropout behind each                              [frames / 3, 2 width]
    a row of numbers for every symbol                                           [frames / 3, symbols]

What convolutions and every layer give is normalised (Ba et al. 2016): without it nothing is written for ten times as
long (docs/log.md).

What stands behind an utterance in a batch changes nothing of it: the layers that read backwards get every utterance
turned round within its own length. torch's packed sequences do the same, and on a processor learn a quarter as fast
(docs/log.md); LSTM and not GRU for the same reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import CapacityError, FolderError
from sprachbund.machine import memory_limit
from sprachbund.speech import extra
from sprachbund.speech.recogniser.settings import RecogniserSettings

__all__ = [
    "ROWS",
    "STRIDE",
    "batch_of",
    "build",
    "in_upper",
    "loaded",
    "log_probabilities",
    "out_frames",
    "require_memory",
    "weights_of",
]

STRIDE, KERNEL = 3, 5
ROWS = ("rows.weight", "rows.bias")
"""The weights with a row a symbol."""
_SHARE = 0.8
"""Of the memory that a training may take."""


def out_frames(frames: int) -> int:
    """Rows that so many frames give."""
    return (frames + STRIDE - 1) // STRIDE


def in_upper(name: str, settings: RecogniserSettings) -> bool:
    """Whether a weight is of the last recurrent layer: what knows most of the language."""
    last = settings.network.layers - 1
    return name.startswith((f"layers.{last}.", f"norms.{last}."))


def build(settings: RecogniserSettings, symbols: int) -> Any:
    """A network with fresh numbers, by torch's own generator."""
    torch = extra.torch()
    own = settings.network

    class Network(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Conv1d(settings.features.mels, own.channels, KERNEL, padding=KERNEL // 2)
            self.second = torch.nn.Conv1d(own.channels, own.channels, KERNEL, STRIDE, KERNEL // 2)
            self.norm = torch.nn.LayerNorm(own.channels)
            sizes = [own.channels] + [2 * own.width] * (own.layers - 1)
            self.layers = torch.nn.ModuleList([torch.nn.LSTM(size, own.width, bidirectional=True) for size in sizes])
            self.norms = torch.nn.ModuleList([torch.nn.LayerNorm(2 * own.width) for _ in sizes])
            self.rows = torch.nn.Linear(2 * own.width, symbols)

        def forward(self, features: Any, frames: Any) -> Any:
            """[texts, frames, mels] and int64 [texts] to log probabilities [rows, texts, symbols], float32."""
            inside = torch.arange(features.shape[1], device=frames.device) < frames[:, None]
            hidden = torch.relu(self.first(features.transpose(1, 2))) * inside[:, None]
            hidden = self.norm(torch.relu(self.second(hidden)).permute(2, 0, 1))
            rows = (frames + STRIDE - 1) // STRIDE
            turned = _turned(int(rows.max()), rows)
            for layer, norm in zip(self.layers, self.norms, strict=True):
                hidden = norm(_both_ways(layer, hidden, turned))
                hidden = torch.nn.functional.dropout(hidden, own.dropout, self.training)
            return torch.log_softmax(self.rows(hidden).float(), -1)

    return Network()


def _turned(most: int, rows: Any) -> Any:
    """int64 [rows, texts]: where each row stands when its utterance is read backwards; what is padded stays."""
    torch = extra.torch()
    own = torch.arange(most, device=rows.device)[:, None]
    return torch.where(own < rows, rows - 1 - own, own)


def _both_ways(layer: Any, hidden: Any, turned: Any) -> Any:
    """A bidirectional layer over [rows, texts, numbers]: each way by itself, so that none reads what is padded."""
    torch = extra.torch()
    zero = hidden.new_zeros(1, hidden.shape[1], layer.hidden_size)
    weights = layer._flat_weights
    half = len(weights) // 2

    def one_way(rows: Any, own: Any) -> Any:
        return torch._VF.lstm(rows, (zero, zero), own, True, 1, 0.0, layer.training, False, False)[0]

    def turn(rows: Any) -> Any:
        return rows.gather(0, turned[:, :, None].expand(-1, -1, rows.shape[2]))

    return torch.cat([one_way(hidden, weights[:half]), turn(one_way(turn(hidden), weights[half:]))], 2)


def weights_of(network: Any) -> dict[str, Float32]:
    """float32 copies by name."""
    return {name: np.array(weight.detach().cpu().numpy(), np.float32) for name, weight in network.state_dict().items()}


def loaded(settings: RecogniserSettings, symbols: int, weights: Mapping[str, Float32]) -> Any:
    """The network of saved weights, ready to be used.

    Raises:
        FolderError: the weights are not those of the settings.
    """
    torch = extra.torch()
    with torch.device("meta"):
        network = build(settings, symbols)
    wanted = {name: tuple(weight.shape) for name, weight in network.state_dict().items()}
    found = {name: tuple(weight.shape) for name, weight in weights.items()}
    if wanted != found:
        differing = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
        raise FolderError(
            f"the weights do not fit the settings: {differing[0]} is {found.get(differing[0], 'absent')}, expected "
            f"{wanted.get(differing[0], 'none')}; train the recogniser anew"
        )
    network.load_state_dict(
        {name: torch.from_numpy(np.array(w, np.float32)) for name, w in weights.items()}, assign=True
    )
    return network.eval()


def log_probabilities(network: Any, features: Sequence[Float32]) -> list[Float32]:
    """What a network in use says of some utterances: float32 [rows, symbols] each; side by side, so alike in length."""
    torch = extra.torch()
    kept = [number for number, each in enumerate(features) if len(each)]
    symbols = network.rows.out_features
    out = [np.empty((0, symbols), np.float32) for _ in features]
    if not kept:
        return out
    with torch.inference_mode():
        heard = (each.to(network.rows.weight.device) for each in batch_of([features[number] for number in kept]))
        told = network(*heard).cpu().numpy()
    for place, number in enumerate(kept):
        out[number] = np.ascontiguousarray(told[: out_frames(len(features[number])), place])
    return out


def batch_of(features: Sequence[Float32]) -> tuple[Any, Any]:
    """Utterances side by side, zeros behind them: torch float32 [texts, frames, mels], int64 [texts]."""
    torch = extra.torch()
    frames = [len(each) for each in features]
    padded = np.zeros((len(features), max(frames), features[0].shape[1]), np.float32)
    for number, each in enumerate(features):
        padded[number, : len(each)] = each
    return torch.from_numpy(padded), torch.tensor(frames)


def require_memory(settings: RecogniserSettings, symbols: int, longest: float) -> None:
    """See that a training fits the memory: weights, gradients, moments, the best so far, features, and a step.

    Args:
        longest: seconds of the longest utterance.

    Raises:
        CapacityError: it does not; says what to lower.
    """
    own = settings.network
    torch = extra.torch()
    with torch.device("meta"):
        weights = sum(weight.numel() for weight in build(settings, symbols).parameters())
    seconds = max(settings.training.batch, longest) * 1.3
    inside = 3 * settings.features.mels + 8 * own.channels + own.layers * 2 * own.width * 4 + 3 * symbols
    need = 4 * (6 * weights + int(100 * seconds * inside)) + (settings.training.cache << 20)
    limit = int(_SHARE * memory_limit())
    if need > limit:
        raise CapacityError(
            f"this training would need about {need / 2**30:,.1f} GiB of memory, and has {limit / 2**30:,.1f}; lower "
            "batch, cache, width or layers"
        )
