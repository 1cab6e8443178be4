"""The recurrent network: rows, LSTM layers, and the logits of the next unit, by the same rows.

The LSTM of torch runs as one fused kernel on a CPU, which no other cell does there: see docs/log.md for what was tried.
"""

from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn

from sprachbund.lm.neural.settings import NeuralSettings

__all__ = ["Recurrent"]

State = list[tuple[torch.Tensor, torch.Tensor]]


class Recurrent(nn.Module):  # type: ignore[misc]
    """Units in, logits out, with a state that goes on.

    Args:
        settings: its shape and dropout. size: units.
    """

    def __init__(self, settings: NeuralSettings, size: int) -> None:
        super().__init__()
        self.dropout = settings.dropout
        self.width = settings.width
        self.scale = settings.embedding**0.5
        self.embed = nn.Embedding(size, settings.embedding)
        nn.init.normal_(self.embed.weight, std=1 / self.scale)
        sizes = [settings.embedding, *[settings.width] * settings.layers]
        self.layers = nn.ModuleList(nn.LSTM(sizes[i], sizes[i + 1]) for i in range(settings.layers))
        self.out = nn.Linear(settings.width, settings.embedding)
        self.bias = nn.Parameter(torch.zeros(size))

    def state(self, texts: int) -> State:
        """Before the first unit: zeros [1, texts, width], twice a layer."""
        zeros = self.bias.new_zeros(1, texts, self.width)
        return [(zeros, zeros) for _ in range(len(self.layers))]

    def forward(self, units: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Logits of the unit after each, float [length, texts, size], and the state behind the last, without its past.

        Args:
            units: int64 [length, texts].
        """
        hidden, behind = self._locked(self.embed(units) * self.scale, self.dropout / 2), []
        for layer, before in zip(self.layers, state, strict=True):
            hidden, (h, c) = layer(hidden, before)
            behind.append((h.detach().float(), c.detach().float()))
            hidden = self._locked(hidden, self.dropout)
        return functional.linear(self.out(hidden), self.embed.weight, self.bias), behind

    def _locked(self, hidden: torch.Tensor, share: float) -> torch.Tensor:
        """Leave out the same numbers all along a text. Source: Gal & Ghahramani 2016, arXiv 1512.05287."""
        if not self.training or not share:
            return hidden
        kept: Any = torch.rand(1, *hidden.shape[1:], device=hidden.device) >= share
        return hidden * (kept.to(hidden.dtype) / (1 - share))
