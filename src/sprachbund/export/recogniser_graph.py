"""A recogniser as an ONNX graph, exact, batches of different lengths too; `speech.recogniser.exported` says its ends.

The graph begins where features are logarithms of mel bands: bringing them to mean 0 and deviation 1 by utterance is a
part of it, so that whoever has Kaldi's features needs to know nothing more. ONNX's LSTM takes the length of every text,
so that the way back begins at its end, as in torch's packed sequences.

int8 has the weights of the recurrent layers and of the letters as bytes and quantises what comes in while it runs;
convolutions stay as they are, for onnxruntime has no fast ones of bytes.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.export.onnx import IR_VERSION, OPSET, import_onnx
from sprachbund.export.recurrent import lstm_weights
from sprachbund.speech import extra
from sprachbund.speech.features import LEAST_DEVIATION
from sprachbund.speech.recogniser.exported import INPUTS, OUTPUTS
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import KERNEL, STRIDE

__all__ = ["write_graph", "write_int8"]

_EPSILON = 1e-5
"""That torch adds to a variance before it divides by its root."""


def write_graph(recogniser: Recogniser, path: Path, metadata: Mapping[str, str]) -> None:
    """Write the graph of a recogniser to a file, with texts by name in it.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    onnx = import_onnx()
    model = _model(onnx, recogniser)
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.save(model, path)
    onnx.checker.check_model(str(path), full_check=True)


def write_int8(whole: Path, path: Path) -> None:
    """Write a graph again with weights of a byte.

    Raises:
        MissingExtraError: onnxruntime is not installed.
    """
    import_onnx()
    extra.onnxruntime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    root.addFilter(_is_no_advice)
    try:
        quantize_dynamic(whole, path, op_types_to_quantize=["LSTM", "MatMul"], weight_type=QuantType.QInt8)
    finally:
        root.removeFilter(_is_no_advice)


def _is_no_advice(record: logging.LogRecord) -> bool:
    """All but onnxruntime's word, to the root of all loggers, that a graph may be simplified before."""
    return "pre-processing before quantization" not in record.getMessage()


def _model(onnx: Any, recogniser: Recogniser) -> Any:
    helper, float32, int64 = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    float64 = onnx.TensorProto.DOUBLE
    own, weights = recogniser.settings.network, recogniser.weights
    node = helper.make_node
    features, frames = INPUTS

    def normed(given: str, name: str, made: str) -> Any:
        return node("LayerNormalization", [given, f"{name}.weight", f"{name}.bias"], [made], epsilon=_EPSILON)

    constants: dict[str, Any] = {
        name: np.array(value, kind)
        for name, value, kind in (
            ("zero", 0, np.int64), ("one", 1, np.int64), ("axis1", [1], np.int64), ("axis2", [2], np.int64),
            ("stride", STRIDE, np.int64), ("rest", STRIDE - 1, np.int64), ("joined", [0, 0, 2 * own.width], np.int64),
            ("least", LEAST_DEVIATION, np.float64),
        )
    }  # fmt: skip
    constants |= {name: weights[name] for name in weights if name.startswith(("first.", "second.", "norm"))}
    constants |= {"rows.weight": np.ascontiguousarray(weights["rows.weight"].T), "rows.bias": weights["rows.bias"]}
    nodes = [
        # which frames are a text's own: [texts, frames, 1], and [texts, 1, frames] for the convolutions
        node("Shape", [features], ["longest"], start=1, end=2),
        node("Squeeze", ["longest"], ["most"]),
        node("Range", ["zero", "most", "one"], ["places"]),
        node("Unsqueeze", [frames, "axis1"], ["ends"]),
        node("Less", ["places", "ends"], ["own"]),
        node("Cast", ["own"], ["inside"], to=float32),
        node("Unsqueeze", ["inside", "axis2"], ["down"]),
        node("Unsqueeze", ["inside", "axis1"], ["across"]),
        # mean 0 and deviation 1 in every band, in float64 as `features.normalised` has them
        node("Cast", ["ends"], ["size"], to=float64),
        node("Unsqueeze", ["size", "axis2"], ["sizes"]),
        node("Cast", [features], ["wide"], to=float64),
        node("Cast", ["down"], ["counted"], to=float64),
        node("Mul", ["wide", "counted"], ["kept"]),
        node("ReduceSum", ["kept", "axis1"], ["total"]),
        node("Div", ["total", "sizes"], ["mean"]),
        node("Sub", ["wide", "mean"], ["apart"]),
        node("Mul", ["apart", "counted"], ["centred"]),
        node("Mul", ["centred", "centred"], ["squares"]),
        node("ReduceSum", ["squares", "axis1"], ["spread"]),
        node("Div", ["spread", "sizes"], ["variance"]),
        node("Sqrt", ["variance"], ["root"]),
        node("Max", ["root", "least"], ["deviation"]),
        node("Div", ["centred", "deviation"], ["scaled"]),
        node("Cast", ["scaled"], ["normal"], to=float32),
        node("Transpose", ["normal"], ["bands"], perm=[0, 2, 1]),
        # convolutions: [texts, channels, frames], then [rows, texts, channels]
        node("Conv", ["bands", "first.weight", "first.bias"], ["first"], pads=[KERNEL // 2] * 2),
        node("Relu", ["first"], ["lit"]),
        node("Mul", ["lit", "across"], ["known"]),
        node("Conv", ["known", "second.weight", "second.bias"], ["second"], pads=[KERNEL // 2] * 2, strides=[STRIDE]),
        node("Relu", ["second"], ["heard"]),
        node("Transpose", ["heard"], ["x0"], perm=[2, 0, 1]),
        normed("x0", "norm", "y0"),
        node("Add", [frames, "rest"], ["upward"]),
        node("Div", ["upward", "stride"], [OUTPUTS[1]]),
        node("Cast", [OUTPUTS[1]], ["lengths"], to=onnx.TensorProto.INT32),
    ]
    for layer in range(own.layers):
        for name, value in lstm_weights(weights, f"layers.{layer}.", "_l0", "_l0_reverse").items():
            constants[f"{name}{layer}"] = value
        read = [f"{name}{layer}" for name in ("y", "W", "R", "B")]
        nodes += [
            node("LSTM", [*read, "lengths"], [f"ways{layer}"], direction="bidirectional", hidden_size=own.width),
            node("Transpose", [f"ways{layer}"], [f"beside{layer}"], perm=[0, 2, 1, 3]),
            node("Reshape", [f"beside{layer}", "joined"], [f"x{layer + 1}"]),
            normed(f"x{layer + 1}", f"norms.{layer}", f"y{layer + 1}"),
        ]
    nodes += [
        node("MatMul", [f"y{own.layers}", "rows.weight"], ["scores"]),
        node("Add", ["scores", "rows.bias"], ["biased"]),
        node("LogSoftmax", ["biased"], ["logs"], axis=-1),
        node("Transpose", ["logs"], [OUTPUTS[0]], perm=[1, 0, 2]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "sprachbund",
        [value(features, float32, ["texts", "frames", recogniser.settings.features.mels]),
         value(frames, int64, ["texts"])],
        [value(OUTPUTS[0], float32, ["texts", "rows", recogniser.alphabet.size]), value(OUTPUTS[1], int64, ["texts"])],
        [onnx.numpy_helper.from_array(np.ascontiguousarray(held), name) for name, held in constants.items()],
    )  # fmt: skip
    versions = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, producer_name="sprachbund", opset_imports=versions, ir_version=IR_VERSION)
