"""Synthetic speech: what is said is what is written, the same each time, and it trains but never judges."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made_speech import common_voice, sentences

from sprachbund import espeak
from sprachbund.corpus.ingest import ingest
from sprachbund.errors import CorpusError, FolderError, LanguageError, MissingExtraError, SettingsError, SourceError
from sprachbund.files import write_manifest
from sprachbund.speech import synthesis
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.settings import SpeechSettings, SpeechSplit, SynthesisSettings, VoiceSettings
from sprachbund.speech.sides import DEV, HELD_BACK, SYNTHETIC, TEST, place
from sprachbund.speech.speaking import Speaker
from sprachbund.speech.spelling import clauses
from sprachbund.speech.store import FORMAT, KIND, MANIFEST, TABLE, SpeechCorpus
from sprachbund.speech.synthesis import SOURCE, synthesise_speech
from sprachbund.tables import write_parquet

LINES = [
    "Olá, mundo! Como estás?", "", "🎉", "привет мир", "世界你好", "A casa é grande.", "Ela tem 23 anos.",
    "olá mundo como estás", "às 10:30h", "palavra " * 150,
    *(f"Esta é a frase {chr(97 + n)} de poucas." for n in range(8)),
]  # fmt: skip
speaking = pytest.mark.skipif(
    not espeak.is_there(), reason="eSpeak NG is not installed: pip install 'sprachbund[espeak]'"
)


def written(folder: Path, lines: list[str]) -> Path:
    """A file of lines."""
    (folder / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "lines.txt"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SpeechCorpus:
    """Twelve sentences of Portuguese."""
    folder = tmp_path_factory.mktemp("synthetic")
    return synthesise_speech(written(folder, LINES), folder / "S", language="Portuguese", minutes=0, licence="CC0")


@speaking
def test_what_is_said_and_what_is_left_out(made: SpeechCorpus) -> None:
    """Sentences by the rules for transcripts; each utterance is marked, and of nobody; the rest is named."""
    assert len(made.table) == 11 and made.table["synthetic"].all()
    assert set(made.table["speaker"]) == {""} and set(made.table["source"]) == {SOURCE}
    assert set(made.table["licence"]) == {"CC0"} and made.settings.sampling_rate == 8_000
    assert {"ela tem vinte e três anos", "a casa é grande", "esta é a frase h de poucas"} < set(made.table["letters"])
    assert made.table["item"].str.contains(r"^lines.txt, line \d+ \(pt(-br)?(\+[fm]\d)?, pitch \d+, \d+ words").all()
    assert made.table["item"].str.extract(r"\((\S+),").n_unique() > 4
    assert set(made.left_out["reason"]) == {
        "no letters", "another script", "a number that cannot be spelled out", "too long", "twice",
    }  # fmt: skip
    assert made.manifest["left_out"]["another script"] == 2
    told = made.manifest["languages"]["pt"]
    assert told["synthetic"] == told["seconds"] > 10 and told["speakers"] == 0
    # some 14 letters a second are said, and no utterance is silent
    assert 8 < made.table["letters"].str.len_chars().sum() / made.table["seconds"].sum() < 22


@speaking
def test_the_same_seed_gives_the_same_bits(made: SpeechCorpus, tmp_path: Path) -> None:
    """In another process of eSpeak NG; another seed draws others."""
    text = made.path.parent / "lines.txt"
    again = synthesise_speech([text], tmp_path / "A", language="pt", minutes=0, licence="CC0")
    assert (tmp_path / "A/pt.s16").read_bytes() == (made.path / "pt.s16").read_bytes()
    other = synthesise_speech(text, tmp_path / "B", language="pt", minutes=0, licence="CC0", seed=1)
    assert again.content_hash() == made.content_hash() != other.content_hash()
    few = synthesise_speech(text, tmp_path / "C", language="pt", minutes=0.1)
    assert 6 < few.table["seconds"].sum() < 12
    assert few.table["letters"].to_list() == made.table["letters"].head(len(few.table)).to_list()


@speaking
def test_voices_speeds_and_rates_are_as_told(tmp_path: Path) -> None:
    """One voice of another language, as fast as told, at a rate that is told."""
    text = written(tmp_path, LINES[-8:])
    said = {}
    for speed in (100, 300):
        settings = SynthesisSettings(SpeechSettings(sampling_rate=16_000), VoiceSettings(speed, speed, 50, 50))
        corpus = synthesise_speech(
            text, tmp_path / f"{speed}", language="gl", voices=["es+f2"], minutes=0, settings=settings
        )
        assert corpus.table["item"].str.contains(rf"\(es\+f2, pitch 50, {speed} words").all()
        assert corpus.settings.sampling_rate == 16_000 and corpus.languages == ("gl",)
        said[speed] = corpus.table["seconds"].sum()
    assert said[100] > 1.7 * said[300]


@speaking
def test_a_corpus_of_text_is_said(tmp_path: Path) -> None:
    """Sentence by sentence; another language is refused with what there is."""
    (tmp_path / "pt.txt").write_text("A casa é grande. O gato dorme.")
    ingest([tmp_path / "pt.txt"], tmp_path / "T", language="pt")
    made = synthesise_speech(tmp_path / "T", tmp_path / "S", language="pt", minutes=0)
    assert sorted(made.table["letters"]) == ["a casa é grande", "o gato dorme"]
    with pytest.raises(LanguageError, match="has no es; it has pt"):
        synthesise_speech(tmp_path / "T", tmp_path / "S2", language="es")


def test_clauses() -> None:
    """Pauses stand where the text has them; the letters are those of the whole."""
    assert clauses("Olá, mundo! Tenho 3.", "pt") == ["olá", "mundo", "tenho três"]
    assert clauses("3.5 e d’água", "pt") == [] and clauses("", "pt") == []
    assert clauses("d’água, sim", "pt") == ["d'água", "sim"]
    # where the parts are not the whole, that is one clause
    assert clauses("[a, b]", "pt") == [] and clauses("a, [b]", "pt") == []


@speaking
def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text, no voice, no such voice, none that speaks: a line each, and nothing is written."""
    text, out = written(tmp_path, LINES), tmp_path / "S"
    with pytest.raises(LanguageError, match=r"no voice for Galician \(gl\); the nearest that it has is es: --voice es"):
        synthesise_speech(text, out, language="gl")
    with pytest.raises(LanguageError, match="name another language's with --voice"):
        synthesise_speech(text, out, language="qaa")
    for wrong in ("klingon", "pt+f99", "../pt", "pt+", "PT"):
        with pytest.raises(SettingsError, match=r"no voice .* for pt it has pt, pt-br, each also as \+f1"):
            synthesise_speech(text, out, language="pt", voices=[wrong])
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(CorpusError, match="no text to say"):
        synthesise_speech(tmp_path / "empty.txt", out, language="pt")
    with pytest.raises(CorpusError, match=r"no utterance is left of .* another script"):
        synthesise_speech(text, out, language="el")
    with pytest.raises(SourceError, match="no such file"):
        synthesise_speech(tmp_path / "absent", out, language="pt")
    with pytest.raises(SettingsError, match="minutes must be at least 0"):
        synthesise_speech(text, out, language="pt", minutes=-1)
    for wrong_voice in ({"slowest": 10}, {"lowest": 90}, {"highest": 100}):
        with pytest.raises(SettingsError, match=f"{next(iter(wrong_voice))}.* must be"):
            VoiceSettings(**wrong_voice)
    monkeypatch.setattr(synthesis, "_voices", lambda asked, language: ("nobody",))
    with pytest.raises(CorpusError, match="11 a voice that fails"):
        synthesise_speech(text, out, language="pt", minutes=0)
    monkeypatch.setattr(espeak, "_library", lambda: None)
    with pytest.raises(MissingExtraError, match=r"synthetic speech needs eSpeak NG: .* 'sprachbund\[espeak\]'"):
        synthesise_speech(text, out, language="pt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.txt", "lines.txt"]


@speaking
def test_a_process_that_ends_is_told() -> None:
    """In a line with the voice and the text."""
    with Speaker() as speaker:
        first = speaker.say("olá", espeak.Manner("pt"))
        assert first is not None and first.rate == 22_050 and 0.2 < np.abs(first.samples).max() <= 1
        assert speaker.say("olá", espeak.Manner("nobody")) is None
        speaker._process.kill()
        with pytest.raises(SourceError, match="voice pt ended eSpeak NG, or hangs, over 'olá'"):
            speaker.say("olá", espeak.Manner("pt"))


def rows(count: int, synthetic: int, speakers: int = 10) -> pl.DataFrame:
    """Utterances of people who say one another's sentences, and synthetic ones of which half say them too."""
    told = [(f"s{n % speakers}", f"sentence {n % 40}", "cv", False) for n in range(count)]
    told += [("", f"sentence {n}" if n < 40 else f"other {n}", SOURCE, True) for n in range(synthetic)]
    frame = pl.DataFrame(told, schema=["speaker", "letters", "source", "synthetic"], orient="row")
    return frame.with_columns(language=pl.lit("pt"))


@pytest.mark.parametrize("speakers", [10, 1])
def test_synthetic_speech_never_judges(speakers: int, caplog: pytest.LogCaptureFixture) -> None:
    """It changes nothing for recordings; what dev or test has, by speakers or by sentences, is held back; none is
    unknown."""
    both, split = rows(200, 80, speakers), SpeechSplit(judged=("cv",))
    with caplog.at_level(logging.WARNING, "sprachbund"):
        alone, placed = place(both.head(200), split), place(both, split)
    assert "not known" not in caplog.text and placed.unknown == 0
    assert (placed.sides[:200] == alone.sides).all() and placed.by_speaker == alone.by_speaker == (speakers > 1)
    judging = set(both["letters"].head(200).to_numpy()[alone.sides >= DEV])
    assert judging and {DEV, TEST} <= set(alone.sides.tolist())
    held = [text in judging for text in both["letters"][200:]]
    assert placed.sides[200:].tolist() == [HELD_BACK if each else SYNTHETIC for each in held] and any(held)


def test_nothing_but_synthetic_speech_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing trains by itself."""
    with caplog.at_level(logging.WARNING, "sprachbund"):
        placed = place(rows(0, 5), SpeechSplit())
    assert (placed.sides == SYNTHETIC).all() and "all of it is synthetic" in caplog.text


@speaking
def test_recordings_and_synthetic_speech_are_joined(made: SpeechCorpus, tmp_path: Path) -> None:
    """A corpus, raw clips and the corpus again: each utterance once, with the very samples that it had."""
    clips = common_voice(tmp_path / "cv", sentences(30))
    real = ingest_speech(clips, tmp_path / "R")
    both = ingest_speech([tmp_path / "R", made.path, clips], tmp_path / "B")
    assert both.manifest["left_out"] == {"twice": 30}
    columns = ["sha256", "letters", "text", "speaker", "source", "licence", "synthetic"]
    wanted = pl.concat([real.table, made.table]).select(columns).sort("sha256")
    assert both.table.select(columns).sort("sha256").equals(wanted)
    sides = both.sides("pt")
    assert both.synthetic_seconds("pt") == pytest.approx(made.table["seconds"].sum(), abs=0.01)
    assert set(sides["synthetic"].table["sha256"]) == set(made.table["sha256"])
    for side in ("train", "dev", "test"):
        assert set(sides[side].table["sha256"]) == set(real.sides("pt")[side].table["sha256"])
    # into one of its own sources
    again = ingest_speech([tmp_path / "R", made.path], tmp_path / "R")
    assert again.content_hash() == both.content_hash() != real.content_hash()


def test_a_corpus_that_is_damaged_costs_itself(tmp_path: Path) -> None:
    """What is joined beside it stays."""
    clips = common_voice(tmp_path / "cv", sentences(6))
    ingest_speech(clips, tmp_path / "R")
    (tmp_path / "R/pt.s16").write_bytes(b"1234")
    joined = ingest_speech([tmp_path / "R", clips], tmp_path / "B")
    assert len(joined.table) == 6 and joined.manifest["left_out"] == {"a corpus of speech that cannot be read": 1}
    assert "pt.s16" in joined.left_out["item"][0]


def test_a_corpus_of_the_format_before_is_read(tmp_path: Path) -> None:
    """Nothing of it is synthetic, and its hash, which names runs, is what it was."""
    new = ingest_speech(common_voice(tmp_path / "cv", sentences(6)), tmp_path / "R")
    table, kept = new.table, {name: new.manifest[name] for name in ("settings", "split", "spelling", "languages")}
    write_parquet(table.drop("synthetic"), tmp_path / "R" / TABLE, compression="zstd")
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "R").iterdir() if path.name != MANIFEST}
    (tmp_path / "R" / MANIFEST).unlink()
    write_manifest(tmp_path / "R", MANIFEST, KIND, 1, **kept, left_out={}, bytes=sizes)
    old = SpeechCorpus.open(tmp_path / "R")
    assert FORMAT == 2 and old.table.equals(table) and old.content_hash() == new.content_hash()
    write_manifest(tmp_path / "R", MANIFEST, KIND, 2, **kept, left_out={}, bytes=sizes)
    with pytest.raises(FolderError, match="expected the column synthetic"):
        _ = SpeechCorpus.open(tmp_path / "R").table


LONG = [f"Esta é a frase {a}{b} de muitas que são ditas aqui." for a in "abcdefghij" for b in "abcdefghijklmnopqrst"]


def command(text: Path, out: Path) -> list[str]:
    """The verb."""
    return [sys.executable, "-m", "sprachbund", "speech", "synthesise", str(text), "--lang", "pt", "--out", str(out)]


@speaking
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """Files may have 256 kB here: nothing is left but the text."""
    text = written(tmp_path, LONG)
    code = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, 1 << 18))\n"
        f"sys.argv = {command(text, tmp_path / 'S')[2:]!r}\nfrom sprachbund.cli import main\nsys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "the disk is full" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["lines.txt"]


@speaking
def test_killed_it_leaves_what_was_there(tmp_path: Path) -> None:
    """With its process that speaks; the same command again makes all of it."""
    out = tmp_path / "S"
    synthesise_speech(written(tmp_path, LINES), out, language="pt", minutes=0.1)
    before = SpeechCorpus.open(out).content_hash()
    text = written(tmp_path, LONG)
    process = subprocess.Popen(
        [*command(text, out), "--minutes", "0"], start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while process.poll() is None and not list(tmp_path.glob(".sprachbund-*/*/pt.s16")):
        time.sleep(0.005)
    assert process.poll() is None, "it was over before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert SpeechCorpus.open(out).content_hash() == before
    subprocess.run([*command(text, out), "--minutes", "0", "--json"], check=True, capture_output=True)
    assert len(SpeechCorpus.open(out).table) == len(LONG)
    assert json.loads((out / MANIFEST).read_text())["languages"]["pt"]["synthetic"] > 300
    assert not list(tmp_path.glob(".sprachbund-*"))
