"""A causal transformer of the shape of Llama: root mean square norms, turned queries and keys, gated layers.

Its parts have the names and shapes that Hugging Face's `LlamaForCausalLM` has, so that its weights are that model's
weights. The rows that read a unit are those that write it (``tie_word_embeddings``). Sources: Touvron et al. 2023,
arXiv 2302.13971; Su et al. 2021, arXiv 2104.09864; Shazeer 2020, arXiv 2002.05202.
"""

from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn

from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.transformer_shape import EPSILON, THETA, gated

__all__ = ["Transformer"]


class _Attention(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(width, width, bias=False) for _ in range(4))

    def forward(self, hidden: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        texts, length, width = hidden.shape
        query, key, value = (
            part(hidden).view(texts, length, self.heads, -1).transpose(1, 2)
            for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(_turned(query, turn), _turned(key, turn), value, is_causal=True)
        return self.o_proj(mixed.transpose(1, 2).reshape(texts, length, width))


def _turned(heads: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Each pair (i, i + half) turned by its place's angle, as Hugging Face pairs them."""
    cos, sin = turn
    first, second = heads.chunk(2, -1)
    return (heads * cos + torch.cat((-second, first), -1) * sin).to(heads.dtype)


class _Gated(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        inner = gated(width)
        self.gate_proj, self.up_proj = (nn.Linear(width, inner, bias=False) for _ in range(2))
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.down_proj(functional.silu(self.gate_proj(hidden)) * self.up_proj(hidden))


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, settings: NeuralSettings) -> None:
        super().__init__()
        self.dropout = settings.dropout
        self.input_layernorm = nn.RMSNorm(settings.width, EPSILON)
        self.self_attn = _Attention(settings.width, settings.heads)
        self.post_attention_layernorm = nn.RMSNorm(settings.width, EPSILON)
        self.mlp = _Gated(settings.width)

    def forward(self, hidden: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        hidden = hidden + self._dropped(self.self_attn(self.input_layernorm(hidden), turn))
        return hidden + self._dropped(self.mlp(self.post_attention_layernorm(hidden)))

    def _dropped(self, hidden: torch.Tensor) -> torch.Tensor:
        return functional.dropout(hidden, self.dropout, self.training)


class _Model(nn.Module):  # type: ignore[misc]
    def __init__(self, settings: NeuralSettings, size: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(size, settings.width)
        self.layers = nn.ModuleList(_Layer(settings) for _ in range(settings.layers))
        self.norm = nn.RMSNorm(settings.width, EPSILON)


class Transformer(nn.Module):  # type: ignore[misc]
    """Units in, logits out; its state is nothing, for a text begins anew with each call.

    Args:
        settings: its shape and dropout. size: units.
    """

    def __init__(self, settings: NeuralSettings, size: int) -> None:
        super().__init__()
        self.dropout, self.half = settings.dropout, settings.width // settings.heads // 2
        self.model = _Model(settings, size)
        deep = 0.02 / (2 * settings.layers) ** 0.5
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=deep if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02)

    def state(self, texts: int) -> list[Any]:
        """None."""
        return []

    def forward(self, units: torch.Tensor, state: list[Any]) -> tuple[torch.Tensor, list[Any]]:
        """Logits of the unit after each, float [length, texts, size].

        Args:
            units: int64 [length, texts].
        """
        rows = self.model.embed_tokens.weight
        hidden = functional.dropout(self.model.embed_tokens(units.t()), self.dropout, self.training)
        turn = self._turn(len(units), units.device)
        for layer in self.model.layers:
            hidden = layer(hidden, turn)
        return functional.linear(self.model.norm(hidden), rows).transpose(0, 1), []

    def _turn(self, length: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        speed = THETA ** -(torch.arange(self.half, dtype=torch.float32, device=device) / self.half)
        angle = torch.outer(torch.arange(length, dtype=torch.float32, device=device), speed)
        both = torch.cat((angle, angle), -1)
        return both.cos(), both.sin()
