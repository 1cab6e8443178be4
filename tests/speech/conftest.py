"""A corpus of tones and a recogniser that has learned them, made once."""

import pytest
from made_speech import TINY, common_voice, sentences

from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.training import train_recogniser
from sprachbund.speech.store import SpeechCorpus


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> SpeechCorpus:
    """Ninety sentences of six speakers in tones."""
    folder = tmp_path_factory.mktemp("tones")
    return ingest_speech(common_voice(folder / "cv", sentences(90)), folder / "SPEECH")


@pytest.fixture(scope="session")
def learned(tones: SpeechCorpus) -> Recogniser:
    """A recogniser of tones; seconds of a core."""
    sides = tones.sides("pt")
    return train_recogniser([sides["train"]], [sides["dev"]], TINY, seed=1)
