"""The arithmetic of an encoder as an ONNX graph, exact; finding the n-grams stays with the caller.

Normalising text, the dictionaries of Thai or Chinese and 64-bit hashes have no operators that every runtime has, so a
graph from text to vector would only be near. What is exact is everything after them::

    rows      int64   [texts, width]   rows of the table; any row where a text has fewer than width
    weights   float32 [texts, width]   their weights, 0 where a text has fewer
    unseen    float32 [texts, dim]     the weighted sum of the start rows of n-grams without a row; zeros for none
    vectors   float32 [texts, out]     what `Encoder.encode` gives

    OUT/model.onnx       opset 17, standard operators; reads the table from the file beside it
        vectors.bin      the table, float32 little-endian [rows, dim]
        vocabulary/      the n-gram, key and order of each row
        settings.json    what the weights follow from

An n-gram in a text n times weighs n to the power ``power``, a bigram also times ``bigram_weight``; each character
n-gram of a word weighs the word's weight times ``character_weight``, once for every place where it stands. Where the
pooling is no sum, the weights and ``unseen`` are divided beforehand. `inputs` does all that; ``ngrams/keys.py``
states the keys and start rows for other languages.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.errors import MissingExtraError
from sprachbund.files import write_json
from sprachbund.ngrams.start_rows import start_rows
from sprachbund.retrieval.encoder import summing
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.features import Ngrams, bag_weights, divisors
from sprachbund.retrieval.encoder.model import bags_of
from sprachbund.retrieval.encoder.short_rows import gather
from sprachbund.retrieval.settings import to_dict

__all__ = ["FILE", "IR_VERSION", "OPSET", "import_onnx", "inputs", "write"]

FILE, TABLE = "model.onnx", "vectors.bin"
OPSET, IR_VERSION = 17, 8  # of one age: runtimes since 2022 read both


def inputs(encoder: Encoder, texts: Sequence[str], language: str = "") -> dict[str, Any]:
    """What the graph takes for some texts, by name: see the module.

    Memory: texts times the n-grams of the longest of them; sort texts by length and take a few hundred at a time.

    Args:
        language: as in `Encoder.encode`.
    """
    text = encoder.analyse(texts, language)
    settings = encoder.settings.encoder
    bags = bags_of(text.sentences, np.arange(len(texts), dtype=np.int64), settings)
    counts = bags.ends - bags.starts
    owner = np.repeat(np.arange(len(texts)), counts)
    # a bag has room behind its end
    places = np.arange(len(owner)) + np.repeat(bags.starts - np.cumsum(counts) + counts, counts)
    weights = bags.weights[places] / np.repeat(divisors(bag_weights(bags), settings.pooling)[:, 0], counts)
    ids = bags.ids[places]
    characters, inside = _characters(text.ngrams, ids)
    ids = np.concatenate((ids, characters))
    owner = np.concatenate((owner, owner[inside]))
    weights = np.concatenate((weights, weights[inside] * np.float32(settings.character_weight)))
    rows = encoder.rows(text.ngrams).row[ids]
    seen = rows >= 0
    padded = _padded(owner[seen], rows[seen].astype(np.int64), weights[seen], len(texts))
    return padded | {"unseen": _unseen(encoder, text.ngrams.keys, owner[~seen], ids[~seen], weights[~seen], len(texts))}


def _characters(ngrams: Ngrams, ids: Any) -> tuple[Any, Int64]:
    """The character n-grams inside some n-grams, and for each the place in ``ids`` of what it stands in."""
    first = ngrams.char_offsets[ids]
    lengths = ngrams.char_offsets[ids + 1] - first
    inside = np.repeat(np.arange(len(ids)), lengths)
    places = np.arange(len(inside)) + np.repeat(first - np.cumsum(lengths) + lengths, lengths)
    return ngrams.char_ids[places], inside


def _padded(owner: Int64, rows: Int64, weights: Float32, texts: int) -> dict[str, Any]:
    """Rows and weights by text, as wide as the text with the most; a row stands once in a text."""
    order = np.lexsort((rows, owner))
    owner, rows, weights = owner[order], rows[order], weights[order]
    new = np.ones(len(rows), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (rows[1:] != rows[:-1])
    totals = np.add.reduceat(weights, np.flatnonzero(new)) if len(rows) else weights
    owner, rows = owner[new], rows[new]
    counts = np.bincount(owner, minlength=texts)
    column = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    width = max(1, int(counts.max(initial=0)))
    table, shares = np.zeros((texts, width), np.int64), np.zeros((texts, width), np.float32)
    table[owner, column], shares[owner, column] = rows, totals
    return {"rows": table, "weights": shares}


def _unseen(encoder: Encoder, keys: Any, owner: Int64, ids: Any, weights: Float32, texts: int) -> Float32:
    """The weighted sum of start rows of each text: float32 [texts, dim]."""
    dim = encoder.settings.encoder.dim
    if not (encoder.unseen_length and len(ids)):
        return np.zeros((texts, dim), np.float32)
    distinct, local = np.unique(ids, return_inverse=True)
    units = start_rows(keys[distinct], dim, encoder.seed) * np.float32(encoder.unseen_length)
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(texts + 1))
    return summing.sum_bags(
        local[order].astype(np.int32), weights[order].astype(np.float32), edges[:-1], edges[1:], units
    )


def write(encoder: Encoder, folder: Path) -> int:
    """Write graph, table, vocabulary and settings to a folder; the number of rows.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    onnx = import_onnx()
    with (folder / TABLE).open("wb") as handle:
        for rows in np.array_split(np.arange(len(encoder.table), dtype=np.int32), len(encoder.table) // 65_536 + 1):
            handle.write(np.ascontiguousarray(gather(rows, encoder.table), "<f4").data)
    model = _graph(onnx, encoder)
    onnx.save(model, folder / FILE)
    onnx.checker.check_model(str(folder / FILE))
    encoder.vocabulary.save(folder / "vocabulary")
    settings = {"settings": to_dict(encoder.settings), "unseen_length": encoder.unseen_length, "seed": encoder.seed}
    write_json(folder / "settings.json", settings)
    return len(encoder.table)


def import_onnx() -> Any:
    """The library onnx.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise MissingExtraError("this format needs onnx: pip install 'sprachbund[export]'") from None
    return onnx


def _graph(onnx: Any, encoder: Encoder) -> Any:
    """The model, its table left in the file beside it."""
    helper, float32, int64 = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    dim, settings = encoder.settings.encoder.dim, encoder.settings.encoder
    node = helper.make_node
    nodes = [
        node("Gather", ["table", "rows"], ["gathered"]),
        node("Unsqueeze", ["weights", "one"], ["across"]),
        node("MatMul", ["across", "gathered"], ["weighted"]),
        node("Squeeze", ["weighted", "one"], ["seen"]),
        node("Add", ["seen", "unseen"], ["sums"]),
    ]
    constants = [onnx.numpy_helper.from_array(np.array([1], np.int64), "one")]
    if settings.similarity == "cosine":
        # a text without words stays zero
        nodes += [
            node("ReduceL2", ["sums"], ["length"], axes=[1], keepdims=1),
            node("Equal", ["length", "zero"], ["wordless"]),
            node("Where", ["wordless", "unit", "length"], ["divisor"]),
            node("Div", ["sums", "divisor"], ["vectors"]),
        ]
    else:
        nodes.append(node("Identity", ["sums"], ["vectors"]))
    constants += [onnx.numpy_helper.from_array(np.float32(value), name) for name, value in (("zero", 0), ("unit", 1))]
    used = {name for made in nodes for name in made.input}
    taken = [("rows", int64, "width"), ("weights", float32, "width"), ("unseen", float32, dim)]
    graph = helper.make_graph(
        nodes,
        "sprachbund",
        [helper.make_tensor_value_info(name, kind, ["texts", size]) for name, kind, size in taken],
        [helper.make_tensor_value_info("vectors", float32, ["texts", encoder.dim])],
        [_table(onnx, encoder), *(constant for constant in constants if constant.name in used)],
    )
    versions = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, producer_name="sprachbund", opset_imports=versions, ir_version=IR_VERSION)


def _table(onnx: Any, encoder: Encoder) -> Any:
    """The table as a tensor that lies in a file of its own: a graph itself may have 2 GiB at most."""
    tensor = onnx.TensorProto(name="table", data_type=onnx.TensorProto.FLOAT, dims=encoder.table.shape)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", TABLE), ("offset", "0"), ("length", str(4 * math.prod(encoder.table.shape)))):
        tensor.external_data.add(key=key, value=value)
    return tensor
