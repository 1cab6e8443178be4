"""What a neural model of characters says of texts, for a mixture: how likely each character is, and how sure it was."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Float64
from sprachbund.errors import SettingsError
from sprachbund.lm.alphabet import UNKNOWN, UNKNOWN_BITS
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import loaded, on_threads
from sprachbund.lm.neural.scoring import side_by_side, stretches

__all__ = ["Told", "tell"]


@dataclass(frozen=True, eq=False)
class Told:
    """Of the characters of some texts, one text after the other.

    Attributes:
        probabilities: float64 [characters], of each, an unknown one in full.
        peaks: float32 [characters], of the likeliest. entropies: float32 [characters], in nats.
    """

    probabilities: Float64
    peaks: Float32
    entropies: Float32


def tell(neural: Neural, texts: Sequence[str]) -> Told:
    """Read texts, each from its beginning.

    Raises:
        SettingsError: the model reads other units than characters. MissingExtraError: torch is not installed.
    """
    if neural.settings.units != "characters":
        raise SettingsError(f"a mixture takes a neural model of characters, found one of {neural.settings.units}")
    torch, units = extra.torch(), neural.units
    numbers = [units.encode(text) for text in texts]
    network = loaded(neural.settings, units.size, neural.weights)
    logs, peaks, entropies = ([np.empty(len(each), np.float32) for each in numbers] for _ in range(3))
    with on_threads(neural.settings.threads):
        for group in side_by_side(numbers):
            for low, logits in stretches(network, neural.settings, [numbers[place] for place in group], units.context):
                all_logs = torch.log_softmax(logits, -1)
                top = all_logs.max(-1).values.exp().numpy()
                spread = -(all_logs.exp() * all_logs).sum(-1).numpy()
                found = all_logs.numpy()
                for column, place in enumerate(group):
                    own = numbers[place][low : low + len(found)]
                    here = slice(low, low + len(own))
                    logs[place][here] = found[np.arange(len(own)), column, own]
                    peaks[place][here], entropies[place][here] = top[: len(own), column], spread[: len(own), column]
    joined = np.concatenate([np.empty(0, np.float32), *logs]).astype(np.float64)
    unknown = np.concatenate([np.empty(0, np.int32), *numbers]) == UNKNOWN
    empty = np.empty(0, np.float32)
    return Told(
        np.exp(joined) * np.where(unknown, 2.0**-UNKNOWN_BITS, 1.0),
        np.concatenate([empty, *peaks]),
        np.concatenate([empty, *entropies]),
    )
