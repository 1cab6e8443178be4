"""From a corpus of speech to a finished recogniser with its card: begun from another, with text, killed, refused."""

import logging
from pathlib import Path

import numpy as np
import pytest
from made_speech import TINY, sentences

from sprachbund.corpus.ingest import ingest
from sprachbund.errors import CorpusError, FolderError, LanguageError, SettingsError
from sprachbund.lab.card import read_card
from sprachbund.settings import change
from sprachbund.speech.recogniser import loop
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.train import train_speech

SHORT = change(TINY, {"epochs": 0.4, "evaluations": 2})


def test_from_a_start_with_text_and_again(
    tones: SpeechCorpus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The card says data, start, scores and curve; the same command again trains nothing, another is refused."""
    source = tmp_path / "text/pt.txt"
    source.parent.mkdir()
    source.write_text("\n\n".join(f"{text.capitalize()}, {text}." for text in sentences(60, seed=7)), encoding="utf-8")
    ingest([source], tmp_path / "TEXT", language="pt")
    es = train_speech(tones, "pt", tmp_path / "ES", settings=SHORT)
    assert es.expectations is not None and not es.carried
    out = tmp_path / "PT"
    made = train_speech(tones, "pt", out, start=tmp_path / "ES", text=tmp_path / "TEXT", settings=SHORT, seed=1)
    assert made.carried == {"identical": 7, "near": 0, "given": 0, "none": 0}
    assert made.expectations is not None
    # the corpus's text is read beside the transcripts
    assert made.expectations.ngram.characters > es.expectations.ngram.characters + 500
    card = read_card(out)
    assert (card.kind, card.languages, card.parameters) == ("recogniser", ("pt",), made.parameters)
    assert [origin.name for origin in card.started_from] == ["ES"] and len(card.started_from[0].sha256) == 64
    assert [score.measure for score in card.scores][:2] == ["character error rate", "word error rate"]
    assert {score.on for score in card.scores} == {"test"} and card.curve is not None and len(card.curve.points) == 2
    assert all(score.direction == "lower" and score.low is not None for score in card.scores)
    train = tones.sides("pt")["train"]
    speech, read = card.data
    assert (speech.name, speech.licence, speech.characters) == ("cv (pt)", "", sum(map(len, train.letters)))
    assert speech.seconds == pytest.approx(train.seconds, abs=1e-3)
    assert speech.speakers == train.table["speaker"].n_unique()
    assert read.name == "TEXT" and len(read.sha256) == len(speech.sha256) == 64 and read.amount == "-"
    assert f"It hears 8,000 samples a second in 40 mel bands, and learned from {train.seconds / 60:.1f}" in card.notes
    assert "Not to be given away without a look" in card.notes and card.notes.endswith("for there is unknown.")
    with caplog.at_level(logging.WARNING, "sprachbund"):
        again = train_speech(tones, "pt", out, start=tmp_path / "ES", text=tmp_path / "TEXT", settings=SHORT, seed=1)
    assert "holds this same recogniser already" in caplog.text
    assert all(np.array_equal(again.weights[name], made.weights[name]) for name in made.weights)
    with pytest.raises(FolderError, match="of other speech or settings"):
        train_speech(tones, "pt", out, settings=SHORT, seed=2)
    with pytest.raises(CorpusError, match="has no text of pt"):
        ingest([source], tmp_path / "GL", language="gl")
        train_speech(tones, "pt", tmp_path / "X", text=tmp_path / "GL", settings=SHORT)
    with pytest.raises(LanguageError):
        train_speech(tones, "fr", tmp_path / "X", settings=SHORT)
    with pytest.raises(SettingsError, match="it has rows, lower, upper"):
        train_speech(tones, "pt", tmp_path / "X", start=es, carry={"body": "same"}, settings=SHORT)
    with pytest.raises(FolderError, match="expected a recogniser"):
        train_speech(tones, "pt", tmp_path / "X", start=tones.path, settings=SHORT)
    assert not (tmp_path / "PT.partial").exists()


def test_a_killed_command_goes_on(tones: SpeechCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its checkpoint in OUT.partial, to the same bits; other work does not take the folder up."""
    whole = train_speech(tones, "pt", None, settings=SHORT)
    step, done = loop._step, []

    def killed(*arguments: object) -> None:
        if len(done) == 9:
            raise KeyboardInterrupt
        done.append(0)
        step(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "_step", killed)
    with pytest.raises(KeyboardInterrupt):
        train_speech(tones, "pt", tmp_path / "PT", settings=SHORT)
    monkeypatch.setattr(loop, "_step", step)
    assert (tmp_path / "PT.partial/work.json").is_file() and not (tmp_path / "PT").exists()
    with pytest.raises(FolderError, match="differs in seed"):
        train_speech(tones, "pt", tmp_path / "PT", settings=SHORT, seed=5)
    made = train_speech(tones, "pt", tmp_path / "PT", settings=SHORT)
    assert all(np.array_equal(made.weights[name], whole.weights[name]) for name in made.weights)
    assert not (tmp_path / "PT.partial").exists()
