"""A recurrent neural model as an ONNX graph, exact, that goes on from where it stopped.

units     int64   [length, texts]          units of texts, read side by side; the line's end before the first
hidden    float32 [layers, texts, width]   the state before the first: zeros where a text begins
cell      float32 [layers, texts, width]
logits    float32 [length, texts, size]    of the unit after each
hidden_after, cell_after                   the state behind the last, to go on from

OUT/model.onnx    opset 17, standard operators
    units.json    what a unit is: ``kind``, ``keys`` in the order of the rows, ``merges``, and ``context``, the number
                  of the line's end; of characters row 0 is every unknown one and ``keys[i - 1]`` is row i
    tokenizer.json    of pieces and bytes, as the library tokenizers reads it
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import SettingsError
from sprachbund.export.onnx import FILE, IR_VERSION, OPSET, import_onnx
from sprachbund.files import write_json
from sprachbund.lm.neural.model import Neural

__all__ = ["lstm_weights", "write"]

_GATES = (0, 3, 1, 2)
"""torch has input, forget, cell, output; ONNX input, output, forget, cell."""


def write(neural: Neural, folder: Path) -> int:
    """Write graph and units into a folder; the number of rows.

    Raises:
        SettingsError: the model is a transformer. MissingExtraError: onnx is not installed.
    """
    if neural.settings.architecture != "recurrent":
        raise SettingsError(
            "onnx takes a recurrent model, found a transformer; export that one as transformers or gguf"
        )
    onnx = import_onnx()
    onnx.save(_graph(onnx, neural), folder / FILE)
    onnx.checker.check_model(str(folder / FILE), full_check=True)
    own = neural.units
    said = {
        "kind": neural.settings.units, "keys": list(neural.keys), "merges": [list(pair) for pair in neural.merges],
        "context": own.context, "size": own.size,
    }  # fmt: skip
    write_json(folder / "units.json", said)
    return own.size


def _graph(onnx: Any, neural: Neural) -> Any:
    helper, float32, int64 = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    own, weights = neural.settings, neural.weights
    layers, size = own.layers, neural.units.size
    constants: dict[str, Any] = {
        "rows": weights["embed.weight"],
        "columns": np.ascontiguousarray(weights["embed.weight"].T),
        "scale": np.array(own.embedding**0.5, np.float32),
        "out": np.ascontiguousarray(weights["out.weight"].T),
        "out_bias": weights["out.bias"],
        "bias": weights["bias"],
        "one": np.array([1], np.int64),
    }
    node = helper.make_node
    nodes = [node("Gather", ["rows", "units"], ["read"]), node("Mul", ["read", "scale"], ["y0"])]
    if layers > 1:
        constants["each"] = np.ones(layers, np.int64)
    for kind in ("hidden", "cell"):
        parts = [f"{kind}{layer}" for layer in range(layers)]
        nodes.append(node("Split", [kind, "each"], parts, axis=0) if layers > 1 else node("Identity", [kind], parts))
    for layer in range(layers):
        for name, value in lstm_weights(weights, f"layers.{layer}.", "_l0").items():
            constants[f"{name}{layer}"] = value
        read = [f"{name}{layer}" for name in ("y", "W", "R", "B")]
        state = [f"{kind}{layer}" for kind in ("hidden", "cell")]
        made = [f"{name}{layer}" for name in ("all", "last", "kept")]
        nodes.append(node("LSTM", [*read, "", *state], made, hidden_size=own.width))
        nodes.append(node("Squeeze", [made[0], "one"], [f"y{layer + 1}"]))
    for kind, name in (("hidden", "last"), ("cell", "kept")):
        nodes.append(node("Concat", [f"{name}{layer}" for layer in range(layers)], [f"{kind}_after"], axis=0))
    nodes += [
        node("MatMul", [f"y{layers}", "out"], ["small"]),
        node("Add", ["small", "out_bias"], ["projected"]),
        node("MatMul", ["projected", "columns"], ["scores"]),
        node("Add", ["scores", "bias"], ["logits"]),
    ]
    value, state_shape = helper.make_tensor_value_info, [layers, "texts", own.width]
    graph = helper.make_graph(
        nodes,
        "sprachbund",
        [value("units", int64, ["length", "texts"]),
         *(value(kind, float32, state_shape) for kind in ("hidden", "cell"))],
        [value("logits", float32, ["length", "texts", size]),
         *(value(f"{kind}_after", float32, state_shape) for kind in ("hidden", "cell"))],
        [onnx.numpy_helper.from_array(np.ascontiguousarray(held), name) for name, held in constants.items()],
    )  # fmt: skip
    versions = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, producer_name="sprachbund", opset_imports=versions, ir_version=IR_VERSION)


def lstm_weights(weights: Mapping[str, Float32], before: str, *behind: str) -> dict[str, Float32]:
    """The weights of a recurrent layer of torch's as ONNX has them: ``W``, ``R`` and ``B``, a row a direction.

    Args:
        before, behind: what stands around the names of the weights; one ``behind`` a direction, as ``_l0``.
    """

    def turned(name: str) -> Float32:
        parts = np.split(weights[f"{before}{name}"], 4)
        return np.concatenate([parts[gate] for gate in _GATES])

    def stacked(name: str) -> Float32:
        return np.stack([turned(f"{name}{each}") for each in behind])

    biases = np.concatenate((stacked("bias_ih"), stacked("bias_hh")), 1)
    return {"W": stacked("weight_ih"), "R": stacked("weight_hh"), "B": biases}
