"""A neural model of the shape of Llama as a GGUF file, which llama.cpp and what is built on it read.

    OUT/model.gguf    float32; written by the package gguf, llama.cpp's own

The tokenizer of pieces and bytes is byte pairs with the rule of cuts that llama.cpp knows as ``bloom``, the rule that
the pieces were learned by; characters are tokens of a unigram tokenizer, which takes a run of unknown ones for one.
Queries and keys are permuted, for llama.cpp turns numbers that stand side by side where Hugging Face turns halves.
There is no matrix of its own for the output: llama.cpp then takes the rows that read. The line's end is the beginning
and the end of a text, and added by nobody: put it before a text to have its bits.
"""

from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import MissingExtraError, SettingsError
from sprachbund.export.transformers import require_transformer
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.transformer_shape import EPSILON, THETA, gated
from sprachbund.lm.neural.units import byte_letters

__all__ = ["FILE", "write"]

FILE = "model.gguf"
_TAKEN = (32_016, 49_152)
"""Sizes of vocabularies by which llama.cpp's tools know other models."""
_BLANK = "\u2581"
"""How such tokenizers write a blank."""
_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""The names of a layer's weights there and here."""


def write(neural: Neural, folder: Path) -> int:
    """Write the file into a folder; the number of rows.

    Raises:
        SettingsError: the model is recurrent, or its vocabulary has a size that is taken.
        MissingExtraError: the package gguf is not installed.
    """
    own = require_transformer(neural, "gguf")
    size = neural.units.size
    if size in _TAKEN:
        raise SettingsError(f"llama.cpp takes {size:,} pieces for another model's; train with pieces = {size - 8}")
    library = _gguf()
    writer = library.GGUFWriter(folder / FILE, "llama")
    writer.add_name(folder.name)
    writer.add_file_type(library.LlamaFileType.ALL_F32)
    writer.add_context_length(own.context)
    writer.add_embedding_length(own.width)
    writer.add_block_count(own.layers)
    writer.add_feed_forward_length(gated(own.width))
    writer.add_head_count(own.heads)
    writer.add_head_count_kv(own.heads)
    writer.add_rope_dimension_count(own.width // own.heads)
    writer.add_rope_freq_base(THETA)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_vocab_size(size)
    _add_tokenizer(library, writer, neural)
    for name, weight in neural.weights.items():
        writer.add_tensor(*_tensor(name, weight, own.heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return size


def _gguf() -> Any:
    try:
        import gguf
    except ImportError:
        raise MissingExtraError("this format needs the package gguf: pip install 'sprachbund[lm]'") from None
    return gguf


def _add_tokenizer(library: Any, writer: Any, neural: Neural) -> None:
    if neural.settings.units == "characters":
        _add_characters(library, writer, neural)
        return
    keys = neural.keys or byte_letters()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("bloom")
    writer.add_token_list(list(keys))
    writer.add_token_types([library.TokenType.NORMAL] * len(keys))
    # llama.cpp asks for a merge at least: two bytes that no text has side by side
    writer.add_token_merges([" ".join(pair) for pair in neural.merges or (("ÿ", "ÿ"),)])
    writer.add_bos_token_id(neural.units.context)
    writer.add_eos_token_id(neural.units.context)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)


def _add_characters(library: Any, writer: Any, neural: Neural) -> None:
    """A unigram tokenizer whose tokens are single characters, so that no two are ever joined."""
    kinds = library.TokenType
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(["<unk>", *(_BLANK if key == " " else key for key in neural.keys)])
    writer.add_token_scores([0.0] * neural.units.size)
    writer.add_token_types([kinds.UNKNOWN, *[kinds.NORMAL] * len(neural.keys)])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(neural.units.context)
    writer.add_eos_token_id(neural.units.context)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_remove_extra_whitespaces(False)


def _tensor(name: str, weight: Float32, heads: int) -> tuple[str, Float32]:
    """A weight as llama.cpp has it, with its name there."""
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if name in whole:
        return whole[name], np.ascontiguousarray(weight)
    _, _, layer, part = name.split(".", 3)
    part = part.removesuffix(".weight")
    if part in ("self_attn.q_proj", "self_attn.k_proj"):
        weight = weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)
    return f"blk.{layer}.{_LAYER[part]}.weight", np.ascontiguousarray(weight)
