"""The ONNX graph with the inputs of `inputs` gives the encoder's vectors."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from later import Later
from several import CHANGES, TEXTS

from sprachbund import Encoder
from sprachbund.errors import MissingExtraError
from sprachbund.export import write_export
from sprachbund.export.onnx import inputs

runtime, onnx = Later("onnxruntime"), Later("onnx")


@pytest.mark.parametrize("name", list(CHANGES))
def test_the_graph_gives_the_encoders_vectors(name: str, encoders: dict[str, Encoder], tmp_path: Path) -> None:
    """Words, characters, bigrams, unseen ones, another width, every pooling: to 1e-5, zero for texts without words."""
    encoder = encoders[name]
    made = write_export(encoder, tmp_path / "model", "onnx")
    assert made["rows"] == len(encoder.table)
    session = runtime.InferenceSession(str(tmp_path / "model" / "model.onnx"), providers=["CPUExecutionProvider"])
    feed = inputs(encoder, TEXTS)
    assert feed["unseen"].any() == bool(encoder.unseen_length)
    (vectors,) = session.run(None, feed)
    expected = encoder.encode(TEXTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-5 * max(1, np.abs(expected).max()))
    assert not vectors[TEXTS.index("")].any()
    (none,) = session.run(None, inputs(encoder, []))
    assert none.shape == (0, encoder.dim)
    (one,) = session.run(None, inputs(encoder, [""]))
    assert one.shape == (1, encoder.dim) and not one.any()


@pytest.fixture(scope="module")
def session(encoders: dict[str, Encoder], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The graph of the paper's settings: bigrams, every one of them unseen in most text."""
    out = tmp_path_factory.mktemp("onnx") / "model"
    write_export(encoders["paper"], out, "onnx")
    return runtime.InferenceSession(str(out / "model.onnx"), providers=["CPUExecutionProvider"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=40) | st.sampled_from(TEXTS), min_size=1, max_size=6))
def test_any_text_gives_the_encoders_vector(texts: list[str], session: Any, encoders: dict[str, Encoder]) -> None:
    """Whatever Unicode holds, in any company."""
    (vectors,) = session.run(None, inputs(encoders["paper"], texts))
    np.testing.assert_allclose(vectors, encoders["paper"].encode(texts), atol=1e-5)


def test_the_graph_is_plain_onnx(best: Encoder, tmp_path: Path) -> None:
    """Standard operators alone; the table lies in a file beside the graph, row after row."""
    write_export(best, tmp_path / "model", "onnx")
    model = onnx.load(tmp_path / "model" / "model.onnx", load_external_data=False)
    assert {node.domain for node in model.graph.node} == {""}
    assert [(made.domain, made.version) for made in model.opset_import] == [("", 17)]
    raw = np.fromfile(tmp_path / "model" / "vectors.bin", "<f4")
    np.testing.assert_array_equal(raw.reshape(best.table.shape), best.table)
    assert (tmp_path / "model" / "vocabulary" / "vocabulary.parquet").is_file()
    assert (tmp_path / "model" / "model.onnx").stat().st_size < 10_000


def test_a_row_stands_once_in_a_text(best: Encoder) -> None:
    """A character n-gram of two words is one entry with both weights: the width stays small."""
    feed = inputs(best, ["cantar cantaba cantou", "mar"])
    for rows, weights in zip(feed["rows"], feed["weights"], strict=True):
        used = rows[weights != 0]
        assert len(used) == len(set(used.tolist()))


def test_without_onnx_the_error_names_the_command(
    best: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is written."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[export\]'"):
        write_export(best, tmp_path / "model", "onnx")
    assert not list(tmp_path.iterdir())
