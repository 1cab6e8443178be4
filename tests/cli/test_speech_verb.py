"""`sprachbund speech`: from clips to a corpus, shown, refused in a line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from terminal import fail, sprachbund, succeed

from sprachbund import espeak


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clips of four speakers, one of them silent."""
    folder = tmp_path_factory.mktemp("clips") / "pt"
    (folder / "clips").mkdir(parents=True)
    rows = ["client_id\tpath\tsentence"]
    for number in range(12):
        time = np.arange(8_000) / 8_000
        loud = 0.0 if number == 11 else 0.3
        sound = loud * np.sin(2 * np.pi * (200 + 20 * number) * time) * np.linspace(1, 0, 8_000)
        soundfile.write(folder / "clips" / f"{number}.flac", sound, 8_000)
        rows.append(f"voice{number % 4}\t{number}.flac\tfrase {'abcdefghijkl'[number]}")
    (folder / "validated.tsv").write_text("\n".join(rows) + "\n")
    return folder


def test_ingest_and_show(clips: Path, tmp_path: Path) -> None:
    """A table of the sides; what was left out by name; the same as JSON."""
    said = succeed("speech", "ingest", clips, "--out", tmp_path / "S", "--show-left-out")
    assert "left out: 1 silent" in said and "clips/11.flac" not in said and "11.flac" in said
    shown = json.loads(succeed("speech", "show", tmp_path / "S", "--json", "--show-left-out"))
    counts = {"utterances": 11, "seconds": 11.0, "speakers": 4, "synthetic": 0.0}
    assert shown["rate"] == 8_000 and shown["languages"] == {"pt": counts}
    assert [(row["side"], row["speakers"]) for row in shown["sides"]] == [("train", 2), ("dev", 1), ("test", 1)]
    assert [(row["item"], row["reason"]) for row in shown["named"]] == [("11.flac", "silent")]


def test_settings_and_sources(clips: Path, tmp_path: Path) -> None:
    """A setting by its name; a source that there is not."""
    succeed("speech", "ingest", clips, "--out", tmp_path / "S", "--set", "sampling_rate=16000")
    assert json.loads(succeed("speech", "show", tmp_path / "S", "--json"))["rate"] == 16_000
    assert "sampling_rate must be" in fail(
        "speech", "ingest", clips, "--out", tmp_path / "T", "--set", "sampling_rate=3"
    )
    assert "expected three numbers" in fail("speech", "ingest", clips, "--out", tmp_path / "T", "--shares", "0.5,x")
    assert "must sum to 1" in fail("speech", "ingest", clips, "--out", tmp_path / "T", "--shares", "0.5,0.5,0.5")
    assert "no utterance is of tv" in fail("speech", "ingest", clips, "--out", tmp_path / "T", "--test-source", "tv")
    assert "expected folder" in fail("speech", "ingest", clips, "--out", tmp_path / "T", "--speaker-from", "moon")
    assert not (tmp_path / "T").exists()


def test_synthetic_speech_is_told_apart(clips: Path, tmp_path: Path) -> None:
    """A side of its own in what is printed, joined to recordings; what cannot be is one line with what to do."""
    text, made = tmp_path / "lines.txt", tmp_path / "S"
    text.write_text("Bom dia a todos.\n🎉\nAté amanhã.\n", encoding="utf-8")
    how = ("speech", "synthesise", text, "--out", made)
    if not espeak.is_there():
        assert "pip install 'sprachbund[espeak]'" in fail(*how, "--language", "pt")
        pytest.skip("eSpeak NG is not installed: pip install 'sprachbund[espeak]'")
    said = succeed(*how, "--language", "pt", "--set", "slowest=150", "--show-left-out")
    assert "synthetic" in said and "left out: 1 no letters" in said and "lines.txt, line 2" in said
    joined = json.loads(succeed("speech", "ingest", clips, made, "--out", tmp_path / "B", "--json"))
    sides = {row["side"]: row["utterances"] for row in joined["sides"]}
    assert sides["synthetic"] == 2 and sum(sides.values()) == 13 and joined["languages"]["pt"]["synthetic"] > 1
    assert "the nearest that it has is es: --voice es" in fail(*how, "--language", "gl")
    assert "slowest and fastest must be" in fail(*how, "--language", "pt", "--set", "fastest=100")


def test_refusals(clips: Path, tmp_path: Path) -> None:
    """One line each, and nothing is written."""
    assert "no such file" in fail("speech", "ingest", tmp_path / "absent", "--lang", "pt", "--out", tmp_path / "T")
    assert "no language code or name" in fail("speech", "ingest", clips, "--lang", "qqqqq", "--out", tmp_path / "T")
    assert "expected a speech corpus" in fail("speech", "show", clips)
    assert not (tmp_path / "T").exists()


TINY = [
    *("--set", "channels=8", "--set", "width=8", "--set", "layers=1", "--set", "epochs=1", "--set", "batch=5"),
    *("--set", "evaluations=2", "--minutes", "0"),
]


def test_train_and_transcribe(clips: Path, tmp_path: Path) -> None:
    """A recogniser with its scores, begun again nothing is trained; files to text, JSON and subtitles."""
    speech, made = tmp_path / "S", tmp_path / "PT"
    succeed("speech", "ingest", clips, "--out", speech)
    done = sprachbund("speech", "train", speech, "--language", "pt", "--out", made, *TINY)
    assert done.returncode == 0 and b"character error rate" in done.stdout and b"test" in done.stdout
    assert b"it has not left the plateau" in done.stderr
    assert not (tmp_path / "PT.partial").exists() and (made / "card.json").is_file()
    clip = clips / "clips/0.flac"
    said = json.loads(succeed("speech", "transcribe", made, clip, "--json", "--beam", "0"))
    heard = said["files"][0]
    assert heard["seconds"] == 1.0 and all(0 <= word["start"] < word["end"] <= 1.01 for word in heard["words"])
    (tmp_path / "bad.wav").write_text("no sound")
    written = sprachbund(
        *("speech", "transcribe", made, clip, tmp_path / "bad.wav", "--format", "vtt", "--out", tmp_path / "T"),
        *("--beam", "0"),
    )
    assert written.returncode == 1 and b"1 of 2 files could not be heard" in written.stderr
    assert (tmp_path / "T/0.vtt").read_text().startswith("WEBVTT\n")
    assert "expected text, json, srt, vtt" in fail("speech", "transcribe", made, clip, "--format", "pdf")
    told = succeed("export", made, "--format", "onnx", "--out", tmp_path / "OUT", "--corpus", speech)
    assert "model.int8.onnx: logarithms of probabilities are at most" in told and "character error rate" in told
    again = json.loads(succeed("speech", "transcribe", tmp_path / "OUT/model.int8.onnx", clip, "--json", "--beam", "0"))
    assert again["files"][0]["seconds"] == 1.0 and again["files"][0]["file"] == heard["file"]
    speed = json.loads(
        succeed("speech", "bench", made, clip, "--clips", clips / "clips/1.flac", "--beam", "0", "--json")
    )
    assert (speed["sounds"], speed["seconds"], speed["beam"], speed["rates"]) == (2, 2.0, 0, [])
    shown = succeed("speech", "bench", tmp_path / "OUT", "--speech", speech, "--beam", "2")
    assert "all, beam of 2" in shown and "word error rate" in shown and "decoding" not in shown
    assert "expected files, or --speech" in fail("speech", "bench", made)
    assert "there are: onnx" in fail("export", made, "--out", tmp_path / "Y")
    wrong = fail(
        "speech", "train", speech, "--language", "pt", "--out", tmp_path / "X", "--from", made, "--carry", "rows"
    )
    assert "expected PART=HOW" in wrong
    other = fail(
        *("speech", "train", speech, "--language", "pt", "--out", tmp_path / "X", "--from", made),
        *("--set", "width=16", "--set", "channels=8"),
    )
    assert "width is 8 in the start, not 16; leave it out" in other and "channels" not in other
    rate = fail("speech", "train", speech, "--language", "pt", "--out", tmp_path / "X", "--set", "sampling_rate=16000")
    assert "sampling_rate is 8000 in the corpus of speech, not 16000" in rate
    assert not (tmp_path / "X").exists()
    assert "expected a recogniser" in fail("speech", "transcribe", speech, clip)


def test_without_the_extra(clips: Path, tmp_path: Path) -> None:
    """The message names what to install."""
    code = (
        "import sys; sys.modules['soundfile'] = None\nfrom sprachbund.cli import main\n"
        f"sys.argv = ['sprachbund', 'speech', 'ingest', {str(clips)!r}, '--out', {str(tmp_path / 'T')!r}]\n"
        "sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "pip install 'sprachbund[speech]'" in done.stderr


def test_transfer_of_speech(clips: Path, tmp_path: Path) -> None:
    """A study without training is refused in a line, by language, option, setting and kind of corpus."""
    speech = tmp_path / "S"
    succeed("speech", "ingest", clips, "--out", speech)
    how = ("transfer", speech, "--kind", "speech", "--out", tmp_path / "T")
    assert "has no fr; it has pt" in fail(*how, "--languages", "pt", "--auxiliaries", "fr")
    assert "--target-sentences: of retrieval alone" in fail(*how, "--target-sentences", "5")
    assert "--dictionary: of language models alone" in fail(*how, "--dictionary", "es-pt=x")
    assert "target_minutes must be at least 0" in fail(*how, "--set", "target_minutes=-2")
    assert "needs two languages with speech on every side, found pt" in fail(*how)
    assert "expected a speech corpus" in fail("transfer", clips, "--kind", "speech", "--out", tmp_path / "T")
    assert not (tmp_path / "T").exists()
