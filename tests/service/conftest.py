"""A real index of the sample corpus, the service over it, and a server process."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from talking import PATIENCE, server

from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.settings import change, preset
from sprachbund.retrieval.train import train
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.index import Index
from sprachbund.service.app import make_app
from sprachbund.service.limits import Limits
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.recogniser.saved import write_recogniser
from sprachbund.speech.recogniser.training import train_recogniser

sys.path.insert(0, str(Path(__file__).parents[1] / "speech"))  # tests here speak too


@pytest.fixture(scope="session")
def corpus_and_model(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> tuple[Path, Path]:
    """The sample, ingested, and an encoder of dim 32 of it."""
    folder = tmp_path_factory.mktemp("service")
    ingest([str(sample)], folder / "corpus")
    train(folder / "corpus", folder / "model", settings=change(preset("best"), dim=32))
    return folder / "corpus", folder / "model"


@pytest.fixture(scope="session")
def folder(corpus_and_model: tuple[Path, Path]) -> Path:
    """An index of the sample; tests leave it as it is."""
    corpus, model = corpus_and_model
    create(corpus.parent / "index", model, IndexSettings(map_points=600))
    add_corpus(corpus.parent / "index", corpus)
    return corpus.parent / "index"


@pytest.fixture(scope="session")
def index(folder: Path) -> Index:
    """The same index, opened beside the service."""
    return Index.open(folder)


@pytest.fixture(scope="session")
def app(folder: Path) -> FastAPI:
    """The service over it, for callers without a key."""
    return make_app(folder, Limits(seconds=PATIENCE))


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[TestClient]:
    """A caller of the service in this process."""
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """The address of a server process over the real index."""
    with server(folder) as (_, found):
        yield found


@pytest.fixture(scope="session")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recogniser that has learned tones as Portuguese; seconds of a core."""
    from made_speech import TINY, common_voice, sentences

    folder = tmp_path_factory.mktemp("recogniser")
    sides = ingest_speech(common_voice(folder / "cv", sentences(90)), folder / "SPEECH").sides("pt")
    write_recogniser(train_recogniser([sides["train"]], [sides["dev"]], TINY, seed=1), folder / "PT")
    return folder / "PT"
