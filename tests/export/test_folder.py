"""An export is a folder that says what it is; imports stay light."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sprachbund import Corpus, Encoder
from sprachbund.errors import FolderError, SettingsError
from sprachbund.export import FORMATS, write_export
from sprachbund.export.folder import FORMAT
from sprachbund.files import read_manifest


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_replaces_an_export_and_nothing_else(form: str, best: Encoder, tmp_path: Path) -> None:
    """Every format: a manifest with the hashes, a card, no rubbish; a foreign folder or file is left alone."""
    out = tmp_path / "out"
    write_export(best, out, "word2vec")
    made = write_export(best, out, form, license="cc-by-sa-4.0")
    manifest = read_manifest(out, "export.json", "export", FORMAT, check=True)
    assert manifest["form"] == made["form"] == form and manifest["rows"] == made["rows"] > 0
    on_disk = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert on_disk == {*manifest["files"], "export.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    card = (out / "README.md").read_text(encoding="utf-8")
    assert 'license: "cc-by-sa-4.0"' in card and "# out\n" in card and "{name}" not in card
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    for place in (mine, mine / "letter.txt"):
        with pytest.raises(FolderError, match="mine"):
            write_export(best, place, form)
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]


def test_a_saved_model_is_no_export_and_stays(best: Encoder, tmp_path: Path) -> None:
    """`--out` with the model's own folder does not destroy the model."""
    best.save(tmp_path / "model")
    with pytest.raises(FolderError, match="export"):
        write_export(tmp_path / "model", tmp_path / "model", "word2vec")
    assert len(Encoder.load(tmp_path / "model").table) == len(best.table)


def test_an_unknown_format_names_the_known(best: Encoder, tmp_path: Path) -> None:
    """Before anything is read or written."""
    with pytest.raises(SettingsError, match="there are: sentence-transformers, static, word2vec, onnx"):
        write_export(tmp_path / "nothing", tmp_path / "out", "pickle")


def test_scores_of_a_corpus_stand_in_the_card_of_every_format(best: Encoder, corpus: Corpus, tmp_path: Path) -> None:
    """The training's dev rows stay, test rows by language and pool follow, with the corpus's sources."""
    made = write_export(best, tmp_path / "out", "word2vec", corpus=corpus)
    assert {(row["side"], row["pool"]) for row in made["scores"]} == {
        ("dev", "unseen"), ("test", "unseen"), ("test", "mixed")
    }  # fmt: skip
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for row in made["scores"]:
        assert f"| {row['language']} | {row['side']} | {row['pool']} | {row['queries']:,} |" in card
    assert all(source["sha256"] in card for source in corpus.sources)
    hub = pytest.importorskip("huggingface_hub")
    assert len(hub.ModelCard(card).data.eval_results) == 3 * len(made["scores"])


def test_another_corpus_gives_scores_and_a_warning(
    encoders: dict[str, Encoder], corpus: Corpus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An encoder that knows nothing of the corpus: its sources are not claimed as training data."""
    stranger = Encoder(**{**vars(encoders["best"]), "about": {"task": "ic", "languages": ["gl"]}})
    write_export(stranger, tmp_path / "out", "word2vec", corpus=corpus)
    assert "may have seen the test side" in caplog.text
    assert not any(source["sha256"] in (tmp_path / "out" / "README.md").read_text() for source in corpus.sources)


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    """Neither the package, nor the command line, nor the room itself loads them."""
    code = (
        "import sys, json, sprachbund.export, sprachbund.export.mteb, sprachbund.cli.app, sprachbund.cli.export\n"
        "heavy = {'torch', 'sentence_transformers', 'onnx', 'onnxruntime', 'mteb', 'sklearn', 'transformers'}\n"
        "print(json.dumps(sorted(heavy & set(sys.modules))))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
