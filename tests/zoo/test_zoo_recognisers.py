"""A recogniser is shared by the card that it brings: speech, speakers, licences, errors, and what it began from."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "speech"))
from made_speech import TINY, common_voice, say, sentences

from sprachbund.lab.card import read_card
from sprachbund.settings import change
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.recogniser.saved import read_recogniser
from sprachbund.speech.settings import SpeechSettings
from sprachbund.speech.train import train_speech
from sprachbund.speech.transcribing import Hearing
from sprachbund.zoo.adding import add_model
from sprachbund.zoo.lineage import links
from sprachbund.zoo.pages.writing import write_site
from sprachbund.zoo.reader import Zoo

pytest.importorskip("torch")
SHORT = change(TINY, {"epochs": 0.2, "evaluations": 1})


def licensed(folder: Path, licence: str) -> Path:
    """The same clips with a licence in their table."""
    table = folder / "validated.tsv"
    rows = list(csv.reader(table.open(encoding="utf-8"), delimiter="\t"))
    lines = ["\t".join([*row, licence if number else "licence"]) for number, row in enumerate(rows)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_recogniser_goes_round(key: Path, tmp_path: Path) -> None:
    """Spanish and Portuguese, which went on from it: found by kind and language, and got back the same to the bit."""
    clips = [
        licensed(common_voice(tmp_path / "cv" / code, sentences(30, seed), locale=code, seed=seed), licence)
        for code, seed, licence in (("es", 1, "GPL-2"), ("pt", 2, "CC0-1.0"))
    ]
    corpus = ingest_speech(clips, tmp_path / "S")
    train_speech(corpus, "es", tmp_path / "ES", settings=SHORT)
    train_speech(corpus, "pt", tmp_path / "PT", start=tmp_path / "ES", settings=SHORT)
    for name in ("ES", "PT"):
        add_model(tmp_path / name, tmp_path / "zoo", key=key)
    zoo = Zoo.open(tmp_path / "zoo")
    assert [each.called for each in zoo.models(kind="recogniser")] == ["ES@1", "PT@1"]
    assert [each.called for each in zoo.models(kind="recogniser", language="Portuguese")] == ["PT@1"]
    assert [(link.heir.called, link.called) for link in links(zoo.opened.index)] == [("PT@1", "ES@1")]
    card = zoo.card("PT")
    (data,) = card.data
    train = corpus.sides("pt")["train"]
    assert (data.name, data.licence, data.speakers) == ("pt (pt)", "CC0-1.0", train.table["speaker"].n_unique())
    assert data.seconds == pytest.approx(train.seconds, abs=1e-3)
    assert {score.measure for score in card.scores} >= {"character error rate", "word error rate"}
    assert card.notes.endswith("for there is GPL-2.")  # by what it was started from
    readme = (tmp_path / "zoo" / zoo.opened.index.find("PT").folder / "README.md").read_text()
    assert 'pipeline_tag: "automatic-speech-recognition"' in readme and f"| {data.amount} | CC0-1.0 |" in readme
    pages = write_site(tmp_path / "zoo")
    assert pages and any(data.amount in page.read_text() for page in (tmp_path / "zoo/pages").glob("PT*.html"))
    got = read_recogniser(zoo.get("PT", tmp_path / "got"))
    samples = [say("ebo mab", seed=4)]
    assert np.array_equal(Hearing(got).told(samples)[0], Hearing(read_recogniser(tmp_path / "PT")).told(samples)[0])


def test_what_may_not_be_given_away_is_left_out(tmp_path: Path) -> None:
    """Where it was asked for: counted, with its licence; what learns from the rest is shareable."""
    clips = [
        licensed(common_voice(tmp_path / "cv" / code, sentences(12, seed), locale=code, seed=seed), licence)
        for code, seed, licence in (("es", 1, "GPL-2"), ("pt", 2, "CC BY-SA 3.0"), ("gl", 3, ""))
    ]
    corpus = ingest_speech(clips, tmp_path / "S", settings=SpeechSettings(shareable=True))
    assert corpus.languages == ("pt",) and corpus.manifest["left_out"] == {"another licence": 24}
    assert set(corpus.left_out["detail"]) == {"GPL-2", "unknown"}
    train_speech(corpus, "pt", tmp_path / "PT", settings=SHORT)
    assert read_card(tmp_path / "PT").notes.endswith("are CC0, CC BY or CC BY-SA (CC BY-SA 3.0).")
