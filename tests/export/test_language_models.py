"""Exports of neural language models, read by others' code: the same tokens, the same probabilities."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lm"))
from later import Later
from tiny_neural import DEV, TRAIN, tiny

from sprachbund.errors import FolderError, SettingsError
from sprachbund.export.language_models import FORMS, write_language_model
from sprachbund.files import write_manifest
from sprachbund.lab.card import Card, Origin, write_card
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.saved import write_neural
from sprachbund.lm.neural.scoring import bits
from sprachbund.lm.neural.training import train_neural

torch, runtime = Later("torch"), Later("onnxruntime")
pytest.importorskip("torch")
pytest.importorskip("tokenizers")
SCRIPTS = (
    "O rio corre para o mar, e a água canta!\n",
    "Річка тече до моря — «так» 123.\n",
    "नदी समुद्र की ओर बहती है। किताब\n",
    "河水流向大海。水在唱歌，夜裡\n",
    "הנהר זורם אל הים. שָׁלוֹם\n",
    "x\n\n  y\tz \u00a0 \u3000 (a) don't ... \U0001f600 Ċ\n",
)


def made(folder: Path, **changed: Any) -> tuple[Neural, Path]:
    """A model that has seen all the scripts, and its folder."""
    shape = {"width": 64, "layers": 2, "heads": 4, "context": 128, "epochs": 3, **changed}
    if shape.get("units") == "pieces":
        shape["pieces"] = 400
    neural = train_neural((*TRAIN, *SCRIPTS * 5), DEV, tiny(**shape))
    write_neural(neural, folder)
    return neural, folder


@pytest.mark.parametrize("units", ["pieces", "bytes", "characters"])
def test_transformers_gives_our_bits(units: str, tmp_path: Path) -> None:
    """`AutoModelForCausalLM` and `AutoTokenizer`: our tokens, our bits to 1e-4, the text back, on six scripts."""
    library = pytest.importorskip("transformers")
    neural, model = made(tmp_path / "model", units=units, architecture="transformer")
    facts = write_language_model(model, tmp_path / "out", "transformers")
    theirs = library.AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    tokenizer = library.AutoTokenizer.from_pretrained(tmp_path / "out")
    assert type(theirs).__name__ == "LlamaForCausalLM" and theirs.config.tie_word_embeddings
    assert sum(weight.numel() for weight in theirs.parameters()) == neural.parameters == facts["parameters"]
    for text, expected in zip(SCRIPTS, bits(neural, SCRIPTS), strict=True):
        tokens = tokenizer(text)["input_ids"]
        assert tokens == neural.units.encode(text).tolist() and tokenizer.decode(tokens) == text
        read = torch.tensor([[theirs.config.bos_token_id, *tokens]])
        with torch.no_grad():
            logs = torch.log_softmax(theirs(read).logits[0, :-1].double(), -1)
        told = -float(logs.gather(1, read[0, 1:, None]).sum()) / math.log(2)
        assert told == pytest.approx(expected, abs=1e-4 * len(text))


@pytest.mark.parametrize("units", ["pieces", "bytes"])
def test_gguf_has_our_numbers(units: str, tmp_path: Path) -> None:
    """Read by the package's reader: the shape, tokens and merges; queries and keys permuted pair by pair."""
    gguf = pytest.importorskip("gguf")
    neural, model = made(tmp_path / "model", units=units, architecture="transformer")
    write_language_model(model, tmp_path / "out", "gguf")
    reader = gguf.GGUFReader(tmp_path / "out" / "model.gguf")
    said = {name: field.contents() for name, field in reader.fields.items()}
    assert said["tokenizer.ggml.pre"] == "bloom" and said["llama.rope.dimension_count"] == 16
    assert said["tokenizer.ggml.bos_token_id"] == neural.units.context and not said["tokenizer.ggml.add_bos_token"]
    assert len(said["tokenizer.ggml.tokens"]) == neural.units.size == said["llama.vocab_size"]
    tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    assert len(tensors) == len(neural.weights) and "output.weight" not in tensors
    np.testing.assert_array_equal(tensors["token_embd.weight"], neural.weights["model.embed_tokens.weight"])
    query = neural.weights["model.layers.1.self_attn.q_proj.weight"]
    # of each head's 16 numbers, halves 0-7 and 8-15 there, pairs (0, 8), (1, 9), ... here
    order = [16 * head + half + pair for head in range(4) for pair in range(8) for half in (0, 8)]
    np.testing.assert_array_equal(tensors["blk.1.attn_q.weight"], query[order])
    np.testing.assert_array_equal(
        tensors["blk.1.attn_v.weight"], neural.weights["model.layers.1.self_attn.v_proj.weight"]
    )


@pytest.mark.parametrize("units", ["pieces", "bytes", "characters"])
def test_llama_cpp_gives_our_tokens_and_logits(units: str, tmp_path: Path) -> None:
    """Through a wheel of llama.cpp: the tokens of six scripts, and ln P of every next one to 2e-3."""
    library = pytest.importorskip("xllamacpp")
    neural, model = made(tmp_path / "model", units=units, architecture="transformer")
    write_language_model(model, tmp_path / "out", "gguf")
    server = LlamaCpp(library, tmp_path / "out" / "model.gguf")
    from sprachbund.lm.neural.network import loaded

    network = loaded(neural.settings, neural.units.size, neural.weights)
    # one letter is written, for of what ends a text, or is no whole letter, nothing is told; it changes no probability
    letter = [[int(neural.units.encode("a")[0]), 1_000]]
    raw = {"logit_bias": letter, "samplers": [], "post_sampling_probs": False}
    for text in SCRIPTS:
        tokens = neural.units.encode(text).tolist()
        assert server.ask("/tokenize", content=text, add_special=False, parse_special=False)["tokens"] == tokens
        read = [neural.units.context, *tokens]
        with torch.no_grad():
            logits, _ = network(torch.tensor(read)[:, None], [])
        expected = torch.log_softmax(logits[-1, 0], -1).numpy()
        answer = server.ask("/completion", prompt=read, n_predict=1, n_probs=neural.units.size, **raw)
        (place,) = answer["completion_probabilities"]
        found = {each["id"]: each["logprob"] for each in place["top_logprobs"]}
        assert len(found) == neural.units.size
        np.testing.assert_allclose([found[unit] for unit in range(len(expected))], expected, atol=2e-3)


class LlamaCpp:
    """llama.cpp's server inside this process."""

    def __init__(self, library: Any, path: Path) -> None:
        said = library.CommonParams()
        said.model.path = str(path)
        said.n_ctx, said.cpuparams.n_threads, said.warmup = 128, 1, False
        self.server = library.Server(said)

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """The answer to a request."""
        import httpx

        answer = httpx.post(self.server.listening_address + path, json=body, timeout=300, trust_env=False)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


@pytest.mark.parametrize(("units", "layers"), [("characters", 1), ("pieces", 2), ("bytes", 3)])
def test_the_graph_of_a_recurrent_model_gives_its_logits(units: str, layers: int, tmp_path: Path) -> None:
    """In two stretches with the state carried between them, two texts side by side: to 1e-5."""
    pytest.importorskip("onnx")
    neural, model = made(tmp_path / "model", units=units, layers=layers, width=24)
    write_language_model(model, tmp_path / "out", "onnx")
    session = runtime.InferenceSession(str(tmp_path / "out" / "model.onnx"), providers=["CPUExecutionProvider"])
    said = json.loads((tmp_path / "out" / "units.json").read_text(encoding="utf-8"))
    assert said["context"] == neural.units.context and said["keys"] == list(neural.keys)
    numbers = [neural.units.encode(text)[:20] for text in (TRAIN[0], DEV[1])]
    read = np.array([[neural.units.context] * 2, *zip(*numbers, strict=True)], np.int64)
    state = {kind: np.zeros((layers, 2, 24), np.float32) for kind in ("hidden", "cell")}
    told = []
    for part in (read[:7], read[7:]):
        logits, hidden, cell = session.run(["logits", "hidden_after", "cell_after"], {"units": part, **state})
        state = {"hidden": hidden, "cell": cell}
        told.append(logits)
    from sprachbund.lm.neural.network import loaded

    network = loaded(neural.settings, neural.units.size, neural.weights)
    with torch.no_grad():
        expected, _ = network(torch.from_numpy(read), network.state(2))
    np.testing.assert_allclose(np.concatenate(told), expected.numpy(), atol=1e-5)


def test_the_card_has_what_hubs_read(tmp_path: Path) -> None:
    """Language, licence and base model of the model's own card, from the folder of a whole language model."""
    whole = tmp_path / "PT"
    made(whole / "neural", units="pieces", architecture="transformer")
    card = Card("PT", "language model", ("pt",), licence="cc0-1.0", started_from=(Origin("ES", "ab" * 32),))
    write_card(card, whole)
    write_manifest(whole, "model.json", "language model", 1)
    write_language_model(whole, tmp_path / "out", "transformers")
    write_language_model(whole, tmp_path / "out", "transformers")
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for line in ('language:\n- "pt"', 'license: "cc0-1.0"', 'base_model:\n- "ES"', 'library_name: "transformers"'):
        assert line in readme
    assert json.loads((tmp_path / "out" / "export.json").read_bytes())["form"] == "transformers"


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    """A recurrent model as a transformer, the other way round, a format of encoders, no model at all."""
    _, recurrent = made(tmp_path / "recurrent")
    _, turned = made(tmp_path / "turned", architecture="transformer", units="characters")
    for model, form, said in (
        (recurrent, "transformers", "--size transformer"), (recurrent, "gguf", "found a recurrent one"),
        (turned, "onnx", "as transformers or gguf"),
        (turned, "word2vec", ", ".join(FORMS)),
    ):  # fmt: skip
        with pytest.raises(SettingsError, match=said):
            write_language_model(model, tmp_path / "out", form)
    with pytest.raises(FolderError, match="no neural part"):
        write_language_model(tmp_path, tmp_path / "out", "gguf")
    assert not (tmp_path / "out").exists()
