"""SentenceTransformer opens an exported folder and gives the encoder's vectors, unseen words included."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from later import Later
from several import CHANGES, TEXTS

from sprachbund import Encoder
from sprachbund.errors import FolderError
from sprachbund.export import write_export

library = Later("sentence_transformers")


@pytest.mark.parametrize("name", list(CHANGES))
def test_the_library_gives_the_encoders_vectors(name: str, encoders: dict[str, Encoder], tmp_path: Path) -> None:
    """Several scripts, unseen words, Thai, repeated words, no words: to 1e-5; also in small batches."""
    encoder = encoders[name]
    write_export(encoder, tmp_path / "model")
    model = library.SentenceTransformer(str(tmp_path / "model"), trust_remote_code=True, device="cpu")
    expected = encoder.encode(TEXTS)
    np.testing.assert_allclose(model.encode(TEXTS), expected, atol=1e-5)
    np.testing.assert_allclose(model.encode(TEXTS, batch_size=2), expected, atol=1e-5)
    assert model.encode(TEXTS).dtype == np.float32 and not model.encode([""]).any()
    assert model.similarity_fn_name == encoder.settings.encoder.similarity
    assert model.encode("mar").shape == (encoder.dim,) and model[0].get_embedding_dimension() == encoder.dim
    scores = model.similarity(model.encode(TEXTS[:3]), model.encode(TEXTS[:3])).numpy()
    np.testing.assert_allclose(scores, expected[:3] @ expected[:3].T, atol=1e-5)


def test_a_fresh_process_without_a_network_opens_it(best: Encoder, tmp_path: Path) -> None:
    """The class is found by its name in the installed package; nothing of this process helps."""
    write_export(best, tmp_path / "model")
    (tmp_path / "texts.json").write_text(json.dumps(TEXTS), encoding="utf-8")
    code = (
        "import json, sys, numpy as np\n"
        "from sentence_transformers import SentenceTransformer\n"
        "assert not [name for name in sys.modules if name.startswith('sprachbund')]\n"
        "model = SentenceTransformer(sys.argv[1], trust_remote_code=True, device='cpu')\n"
        "np.save(sys.argv[3], model.encode(json.load(open(sys.argv[2], encoding='utf-8'))))\n"
    )
    arguments = [tmp_path / "model", tmp_path / "texts.json", tmp_path / "vectors.npy"]
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, env=offline)
    np.testing.assert_allclose(np.load(tmp_path / "vectors.npy"), best.encode(TEXTS), atol=1e-5)


def test_from_version_6_on_the_library_asks_for_trust(best: Encoder, tmp_path: Path) -> None:
    """As the card and the documentation say; our own `load` needs no flag and gives the same vectors."""
    from sprachbund.export.sentence_transformers import load

    write_export(best, tmp_path / "model")
    if int(library.__version__.split(".")[0]) >= 6:
        with pytest.raises(ValueError, match="trust_remote_code=True"):
            library.SentenceTransformer(str(tmp_path / "model"))
    np.testing.assert_array_equal(load(tmp_path / "model").encode(TEXTS), best.encode(TEXTS))
    best.save(tmp_path / "plain")
    np.testing.assert_array_equal(load(tmp_path / "plain").encode(TEXTS), best.encode(TEXTS))
    with pytest.raises(FolderError, match="empty"):
        load(tmp_path / "empty")


def test_the_library_saves_it_again(best: Encoder, tmp_path: Path) -> None:
    """Its own `save_pretrained` writes a folder that it opens again."""
    from sprachbund.export.sentence_transformers import load

    write_export(best, tmp_path / "model")
    load(tmp_path / "model").save_pretrained(str(tmp_path / "again"))
    again = library.SentenceTransformer(str(tmp_path / "again"), trust_remote_code=True, device="cpu")
    np.testing.assert_array_equal(again.encode(TEXTS), best.encode(TEXTS))


def test_a_language_and_a_prompt_can_be_given(best: Encoder, tmp_path: Path) -> None:
    """`encode(..., language=)` reaches the encoder; a prompt stands before the text."""
    from sprachbund.export.sentence_transformers import load

    write_export(best, tmp_path / "model")
    model = load(tmp_path / "model")
    np.testing.assert_array_equal(model.encode([TEXTS[4]], language="th"), best.encode([TEXTS[4]], "th"))
    np.testing.assert_array_equal(model.encode(["mar"], prompt="rio "), best.encode(["rio mar"]))


def test_a_damaged_model_is_named(best: Encoder, tmp_path: Path) -> None:
    """The hashes are checked where the library opens the folder."""
    write_export(best, tmp_path / "model")
    path = tmp_path / "model" / "0_NgramBag" / "vectors.safetensors"
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(FolderError, match=r"vectors\.safetensors: damaged"):
        library.SentenceTransformer(str(tmp_path / "model"), trust_remote_code=True)
    assert not [file for file in (tmp_path / "model").rglob("*") if file.suffix in (".bin", ".pkl", ".pt")]
