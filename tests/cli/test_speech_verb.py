"""`sprachbund speech`: from clips to a corpus, shown, refused in a line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from terminal import fail, sprachbund, succeed


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
    assert shown["rate"] == 8_000 and shown["languages"] == {"pt": {"utterances": 11, "seconds": 11.0, "speakers": 4}}
    assert [(row["side"], row["speakers"]) for row in shown["sides"]] == [("train", 2), ("dev", 1), ("test", 1)]
    assert [(row["item"], row["reason"]) for row in shown["named"]] == [("11.flac", "silent")]


def test_settings_and_sources(clips: Path, tmp_path: Path) -> None:
    """A setting by its name; a source that there is not."""
    succeed("speech", "ingest", clips, "--out", tmp_path / "S", "--set", "sampling_rate=16000")
    assert json.loads(succeed("speech", "show", tmp_path / "S", "--json"))["rate"] == 16_000
    assert "sampling_rate must be" in fail(
        "speech", "ingest", clips, "--out", tmp_path / "T", "--set", "sampling_rate=3"
    )
    assert "no utterance is of tv" in fail("speech", "ingest", clips, "--out", tmp_path / "T", "--test-source", "tv")
    assert "expected folder" in fail("speech", "ingest", clips, "--out", tmp_path / "T", "--speaker-from", "moon")
    assert not (tmp_path / "T").exists()


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
    assert said["files"][0]["seconds"] == 1.0 and said["files"][0]["words"] == []
    (tmp_path / "bad.wav").write_text("no sound")
    written = sprachbund(
        *("speech", "transcribe", made, clip, tmp_path / "bad.wav", "--format", "vtt", "--out", tmp_path / "T"),
        *("--beam", "0"),
    )
    assert written.returncode == 1 and b"1 of 2 files could not be heard" in written.stderr
    assert (tmp_path / "T/0.vtt").read_text() == "WEBVTT\n"
    assert "expected text, json, srt, vtt" in fail("speech", "transcribe", made, clip, "--format", "pdf")
    wrong = fail(
        "speech", "train", speech, "--language", "pt", "--out", tmp_path / "X", "--from", made, "--carry", "rows"
    )
    assert "expected PART=HOW" in wrong
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
