"""A corpus of several scripts and encoders of several settings, each made once."""

import os
from pathlib import Path

import pytest
from several import CHANGES, THAI, UKRAINIAN, write_documents

from sprachbund import Corpus, Encoder, train
from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.encoder import training
from sprachbund.retrieval.encoder.encoded import encode_corpus
from sprachbund.retrieval.encoder.encoder import from_model
from sprachbund.retrieval.settings import change, preset

# before any test imports a library of the hub's
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")


@pytest.fixture(scope="session")
def corpus(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The sample's six languages, Thai and Ukrainian."""
    folder = tmp_path_factory.mktemp("export")
    write_documents(folder / "th.jsonl", "th", THAI, "")
    write_documents(folder / "uk.jsonl", "uk", UKRAINIAN, " ")
    ingest([sample, folder / "th.jsonl", folder / "uk.jsonl"], folder / "corpus", workers=1)
    return Corpus.open(folder / "corpus")


@pytest.fixture(scope="session")
def encoders(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Encoder]:
    """An encoder for each entry of CHANGES, of dim 32 if it says no other; most know little of themselves."""
    made = {}
    folder = tmp_path_factory.mktemp("encoded")
    for name, (base, changes) in CHANGES.items():
        settings = change(preset(base), **{"dim": 32, "epochs": 1.0, "batch": 64, **changes})
        if name == "best":
            made[name] = train(corpus, None, settings=settings)
            continue
        encoded = encode_corpus(corpus, folder / name, settings=settings, characters=settings.encoder.characters)
        model, _ = training.train_model(encoded, "ic", settings)
        made[name] = from_model(model, encoded, {"task": "ic", "languages": list(corpus.languages)})
    return made


@pytest.fixture(scope="session")
def best(encoders: dict[str, Encoder]) -> Encoder:
    """Words and character n-grams, cosine, start rows for what is unseen."""
    return encoders["best"]
