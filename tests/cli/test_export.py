"""`sprachbund export` writes each format and says what it wrote; a user's mistakes are one line."""

import json
from pathlib import Path

import pytest
from terminal import fail, sprachbund, succeed

from sprachbund.export import FORMATS


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "onnx"])
def test_each_format_is_written(form: str, model: Path, tmp_path: Path) -> None:
    """A line on standard output, a folder with card and manifest; again, it is replaced."""
    out = tmp_path / "out"
    rows = json.loads(succeed("export", model, "--format", form, "--out", out, "--json"))["rows"]
    assert succeed("export", model, "--format", form, "--out", out) == f"{out}: {form}, {rows:,} rows of 16 numbers\n"
    assert json.loads((out / "export.json").read_text(encoding="utf-8"))["form"] == form
    assert (out / "README.md").read_text(encoding="utf-8").startswith("---\nlibrary_name: ")


def test_onnx_is_written(model: Path, tmp_path: Path) -> None:
    """Where the library is installed."""
    pytest.importorskip("onnx")
    found = json.loads(succeed("export", model, "--format", "onnx", "--out", tmp_path / "out", "--json"))
    assert found["dim"] == 16 and (tmp_path / "out" / "model.onnx").is_file()


def test_scores_of_a_corpus_are_shown_and_written(model: Path, corpus: Path, tmp_path: Path) -> None:
    """A table of the encoder and, for static, one of the export; the licence stands in the card."""
    pytest.importorskip("sentence_transformers")
    options = ("--corpus", corpus, "--license", "cc0-1.0")
    done = sprachbund("export", model, "--format", "static", "--out", tmp_path / "out", *options)
    shown = done.stdout.decode()
    assert done.returncode == 0 and "the encoder" in shown and "this export" in shown
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| lost |" in card and 'license: "cc0-1.0"' in card and "source.jsonl" in card
    scores = json.loads((tmp_path / "out" / "export.json").read_text(encoding="utf-8"))["scores"]
    assert {(row["language"], row["pool"]) for row in scores if row["side"] == "test"} == {
        (language, pool) for language in ("gl", "pt", "tr") for pool in ("unseen", "mixed")
    }


def test_mistakes_are_one_line(model: Path, corpus: Path, tmp_path: Path) -> None:
    """An unknown format, no model, a folder that holds something else."""
    assert "there are: sentence-transformers" in fail("export", model, "--format", "gguf", "--out", tmp_path / "out")
    assert "no encoder.json" in fail("export", corpus, "--out", tmp_path / "out")
    assert "export.json" in fail("export", model, "--out", corpus)
    assert "--out" in fail("export", model, code=2)
    assert not (tmp_path / "out").exists()


def test_a_language_model_is_written_in_its_own_formats(corpus: Path, tmp_path: Path) -> None:
    """A line that says what was written; what does not fit, and a corpus to score on, are mistakes of one line."""
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from sprachbund.lm.neural.saved import write_neural
    from sprachbund.lm.neural.settings import NeuralSettings
    from sprachbund.lm.neural.training import train_neural

    text = ["o rio corre para o mar\n" * 20]
    neural = train_neural(text, text, NeuralSettings(width=8, embedding=4, batch=2, epochs=1))
    write_neural(neural, tmp_path / "PT" / "neural")
    out = tmp_path / "out"
    done = succeed("export", tmp_path / "PT", "--format", "onnx", "--out", out)
    assert done == f"{out}: onnx, {neural.units.size} rows, {neural.parameters:,} parameters\n"
    assert json.loads(succeed("export", tmp_path / "PT", "--format", "onnx", "--out", out, "--json"))["dim"] == 8
    assert "--size transformer" in fail("export", tmp_path / "PT", "--format", "gguf", "--out", tmp_path / "other")
    assert "transformers, gguf, onnx" in fail("export", tmp_path / "PT", "--out", tmp_path / "other")
    options = ("--format", "onnx", "--out", out, "--corpus", corpus)
    assert "scores an encoder" in fail("export", tmp_path / "PT", *options)
