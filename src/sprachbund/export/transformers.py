"""A neural model of the shape of Llama in the files that Hugging Face's transformers reads.

    OUT/config.json              a LlamaForCausalLM: its shape, that rows are tied, how places are turned
        model.safetensors        the model's own weights, by the names that they have there
        tokenizer.json           the pieces, characters or bytes, as the library tokenizers has them
        tokenizer_config.json    PreTrainedTokenizerFast, so that no other class builds the tokenizer anew

The model was trained without a token before a text: the line's end stands there, and is called its beginning and its
end. So ``[bos_token_id] + tokens`` is what a text's bits are summed over. The tokenizer adds nothing by itself, and
names no special token: their letters would be found in text.
"""

from pathlib import Path
from typing import Any

from sprachbund.errors import SettingsError
from sprachbund.files import write_json, write_text
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.tensors import write_tensors
from sprachbund.lm.neural.transformer_shape import EPSILON, THETA, gated
from sprachbund.lm.neural.units import Bytes, Characters, Pieces, byte_letters, made_tokenizer

__all__ = ["require_transformer", "write"]


def write(neural: Neural, folder: Path) -> int:
    """Write the model's files into a folder; the number of rows.

    Raises:
        SettingsError: the model is recurrent. MissingExtraError: the library tokenizers is not installed.
    """
    require_transformer(neural, "transformers")
    write_json(folder / "config.json", _config(neural))
    write_tensors(neural.weights, folder / "model.safetensors", {"format": "pt"})
    write_text(folder / "tokenizer.json", _tokenizer(neural).to_str(pretty=True) + "\n")
    own = neural.settings
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": own.context,
            "clean_up_tokenization_spaces": False,
            "add_bos_token": False,
            "add_eos_token": False,
        },
    )
    ends = {"bos_token_id": neural.units.context, "eos_token_id": neural.units.context}
    write_json(folder / "generation_config.json", ends)
    return neural.units.size


def require_transformer(neural: Neural, form: str) -> NeuralSettings:
    """See that a model has the shape that other programs know.

    Raises:
        SettingsError: it is recurrent.
    """
    if neural.settings.architecture != "transformer":
        raise SettingsError(
            f"{form} takes a model of the shape of Llama, found a recurrent one; train it with --size transformer, or "
            "export this one as onnx"
        )
    return neural.settings


def _config(neural: Neural) -> dict[str, Any]:
    own, end = neural.settings, neural.units.context
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": neural.units.size,
        "hidden_size": own.width,
        "intermediate_size": gated(own.width),
        "num_hidden_layers": own.layers,
        "num_attention_heads": own.heads,
        "num_key_value_heads": own.heads,
        "head_dim": own.width // own.heads,
        "hidden_act": "silu",
        "rms_norm_eps": EPSILON,
        "max_position_embeddings": own.context,
        "rope_parameters": {"rope_type": "default", "rope_theta": THETA},
        "rope_theta": THETA,  # where versions before 5 look
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "use_cache": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": None,
        "dtype": "float32",
        "torch_dtype": "float32",
    }


def _tokenizer(neural: Neural) -> Any:
    units, library = neural.units, extra.tokenizers()
    if isinstance(units, Pieces):
        return units.tokenizer
    if isinstance(units, Bytes):
        return made_tokenizer({letter: number for number, letter in enumerate(byte_letters())}, [])
    assert isinstance(units, Characters)
    vocabulary = {"\ufffd": 0} | {symbol: number + 1 for number, symbol in enumerate(units.alphabet.symbols)}
    made = library.Tokenizer(library.models.BPE(vocabulary, [], unk_token="\ufffd"))
    made.decoder = library.decoders.Fuse()
    return made
