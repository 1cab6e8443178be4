"""A recogniser exported as graphs: the same numbers, the same text, by onnxruntime and by sherpa-onnx; and refused."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_speech import RATE, noise, say, write

from sprachbund.errors import FolderError, MissingExtraError, SettingsError
from sprachbund.export.recognisers import FORMS, tokens, write_recogniser_export
from sprachbund.lab.card import Card, Data, Origin
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.features import log_mels
from sprachbund.speech.recogniser.expectations import Expectations, learn_letters
from sprachbund.speech.recogniser.exported import FILE, INT8, graph_of, read_exported
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.saved import read_recogniser, write_recogniser
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.transcribing import Hearing, opened

pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def folders(learned: Recogniser, tones: SpeechCorpus, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recogniser that expects letters, with a card, and its export."""
    folder = tmp_path_factory.mktemp("exported")
    ngram = learn_letters(tones.sides("pt")["train"].letters, [], "pt")
    card = Card("PT", "recogniser", ("pt",), data=(Data("tones", "", "cc0-1.0"),), started_from=(Origin("es@1"),))
    write_recogniser(replace(learned, expectations=Expectations(ngram, 0.5, 1.0)), folder / "PT", card)
    write_recogniser_export(folder / "PT", folder / "OUT", corpus=tones.path, license="cc0-1.0")
    return folder / "PT", folder / "OUT"


SOUNDS = [say("ebo mab oem", seed=4), say("a", seed=5), noise(0.03), say("mab ebo oma bam ebe", seed=6), noise(3.0)]


def test_the_graph_gives_our_numbers(folders: tuple[Path, Path]) -> None:
    """One by one to 1e-4; a text side by side with longer ones, whatever stands behind it; none of no frames."""
    model, out = folders
    recogniser, graph = opened(out)
    expected = Hearing(read_recogniser(model)).told(SOUNDS)
    for one, other in zip(Hearing(recogniser, graph=graph).told(SOUNDS), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    features = [log_mels(each, recogniser.settings.features) for each in SOUNDS]
    frames = np.array([len(each) for each in features], np.int64)
    for behind in (-23.0, 50.0):
        padded = np.full((len(features), frames.max() + 7, 40), behind, np.float32)
        for number, each in enumerate(features):
            padded[number, : len(each)] = each
        told, rows = runtime.InferenceSession(str(out / FILE)).run(None, {"features": padded, "frames": frames})
        assert rows.tolist() == [len(each) for each in expected]
        for number, each in enumerate(expected):
            np.testing.assert_allclose(told[number, : rows[number]], each, atol=1e-4)
    assert Hearing(recogniser, graph=graph).told([np.empty(0, np.float32)])[0].shape == (0, 7)


def test_what_it_says_of_itself(folders: tuple[Path, Path], learned: Recogniser) -> None:
    """The difference of each graph, error rates of both, a card with licence, data and start, symbols with numbers."""
    _, out = folders
    said = json.loads((out / "export.json").read_text())
    assert said["differences"][FILE] < 1e-4 < said["differences"][INT8] < 2
    rates = {(row["graph"], row["measure"]): row["value"] for row in said["scores"]}
    one, other = (rates[graph, "character error rate"] for graph in (FILE, INT8))
    assert abs(one - other) < 0.02 and one < 0.2
    assert len(rates) == 4 and (said["rows"], said["parameters"]) == (7, learned.parameters)
    assert (out / INT8).stat().st_size < 0.7 * (out / FILE).stat().st_size
    card = (out / "README.md").read_text()
    assert 'license: "cc0-1.0"' in card and '- "es@1"' in card and '- "tones"' in card and "--feat-dim=40" in card
    assert (out / "tokens.txt").read_text() == "<blk> 0\n▁ 1\na 2\nb 3\ne 4\nm 5\no 6\n"
    assert tokens(Alphabet(("'", "ã"))) == "<blk> 0\n' 1\nã 2\n"


def test_files_are_heard_without_torch(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Greedily and by the beam with its letters, the same words at the same times, by either graph."""
    model, out = folders
    path = write(tmp_path / "a.wav", SOUNDS[0], RATE)
    expected = [Hearing(read_recogniser(model), beam).transcribe(path) for beam in (0, 8)]
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in (out, out / FILE, out / INT8):
        recogniser, graph = opened(name)
        found = [Hearing(recogniser, beam, graph=graph).transcribe(path) for beam in (0, 8)]
        assert [each.text for each in found] == [each.text for each in expected]
        starts = [[word.start for word in each.words] for each in found]
        np.testing.assert_allclose(starts[0], [word.start for word in expected[0].words], atol=0.031)


def test_sherpa_onnx_writes_the_same(folders: tuple[Path, Path]) -> None:
    """Its features, its normalisation by ours in the graph, its search: our text, and our times; several at once."""
    sherpa = pytest.importorskip("sherpa_onnx")
    from sherpa_onnx.lib import _sherpa_onnx as inside

    model, out = folders
    recogniser = read_recogniser(model)
    settings = sherpa.OfflineModelConfig(
        fire_red_asr_ctc=inside.OfflineFireRedAsrCtcModelConfig(model=str(out / FILE)),
        tokens=str(out / "tokens.txt"),
        num_threads=1,
    )
    features = sherpa.FeatureExtractorConfig(sampling_rate=RATE, feature_dim=40)
    theirs = inside.OfflineRecognizer(sherpa.OfflineRecognizerConfig(feat_config=features, model_config=settings))
    sounds = [each for each in SOUNDS if len(each) > RATE // 2]
    streams = [theirs.create_stream() for _ in sounds]
    for stream, samples in zip(streams, sounds, strict=True):
        stream.accept_waveform(RATE, samples)
    theirs.decode_streams(streams)
    hearing = Hearing(recogniser)
    for stream, samples in zip(streams, sounds, strict=True):
        heard = hearing.heard(hearing.told([samples])[0])
        assert " ".join(stream.result.text.split()) == hearing.texts([samples])[0]
        np.testing.assert_allclose(stream.result.timestamps, heard.rows * 0.03, atol=1e-4)
    assert any(stream.result.text.strip() for stream in streams)


def test_refusals(folders: tuple[Path, Path], tones: SpeechCorpus, tmp_path: Path) -> None:
    """Another format, another folder, a graph of another kind, a damaged one; and nothing is left behind."""
    model, out = folders
    with pytest.raises(SettingsError, match=f"there are: {', '.join(FORMS)}"):
        write_recogniser_export(model, tmp_path / "X", "gguf")
    with pytest.raises(FolderError, match="expected"):
        write_recogniser_export(model, tones.path)
    (tmp_path / "bad.onnx").write_bytes((out / FILE).read_bytes()[:5_000])
    with pytest.raises(FolderError, match="no graph that onnxruntime reads"):
        read_exported(tmp_path / "bad.onnx")
    onnx = pytest.importorskip("onnx")
    whole = onnx.load(out / FILE)
    for said, why in (
        ('{"format": 9}', "nothing under sprachbund that this version reads"),
        ("[", "damaged"),
        ('{"format": 1, "languages": ["pt"], "letters": ["a", "b"], "sampling_rate": 8000, "mels": 40, '
         '"expects": null}', "another number of letters"),
        ('{"format": 1, "languages": ["pt"], "letters": ["b", "a"], "sampling_rate": 8000, "mels": 40, '
         '"expects": null}', "no alphabet"),
    ):  # fmt: skip
        onnx.helper.set_model_props(whole, {"sprachbund": said})
        onnx.save(whole, tmp_path / "said.onnx")
        with pytest.raises(FolderError, match=why):
            read_exported(tmp_path / "said.onnx")
    assert graph_of(model) is None and graph_of(tmp_path / "absent.onnx") is None and graph_of(tmp_path) is None
    assert not (tmp_path / "X").exists()


def test_a_graph_that_differs_is_not_written(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a runtime to compute something else, there would be no export."""
    from sprachbund.export import recogniser_graph

    monkeypatch.setattr(recogniser_graph, "LEAST_DEVIATION", 1e3)
    with pytest.raises(FolderError, match=r"from the recogniser's, expected at most 0\.0001"):
        write_recogniser_export(folders[0], tmp_path / "X")
    assert not (tmp_path / "X").exists()


def test_without_the_libraries(folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, to write and to read."""
    model, out = folders
    for library in ("onnxruntime", "onnx"):
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(MissingExtraError, match=rf"{library}: pip install 'sprachbund\[export\]'"):
            write_recogniser_export(model, tmp_path / "X")
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[export\]'"):
        opened(out)
    assert not (tmp_path / "X").exists()
