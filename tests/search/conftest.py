"""A corpus, an encoder and an index of it, made once; tests that change an index make their own."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numba
import pytest
from shelf import FUSION, Library, make_corpus
from threadpoolctl import threadpool_limits

from sprachbund import Index
from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.train import train
from sprachbund.search.building import IndexSettings, add_corpus, create


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The tests' texts are small: threads that wait for each other are slower than one."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    with threadpool_limits(1):
        yield
    numba.set_num_threads(threads)


@pytest.fixture(scope="session")
def library(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The sample corpus in six languages, and a little Japanese and Thai."""
    folder = tmp_path_factory.mktemp("library")
    corpus = make_corpus(sample, folder)
    logging.getLogger("sprachbund").setLevel(logging.ERROR)
    settings = change(BEST, dim=32, epochs=2.0, batch=128)
    encoder = train(corpus, languages=["en", "es", "gl", "it", "pt", "tr"], settings=settings)
    logging.getLogger("sprachbund").setLevel(logging.NOTSET)
    model = folder / "model"
    encoder.save(model)
    create(folder / "index", model, IndexSettings(sentences=3, map_points=150), FUSION)
    add_corpus(folder / "index", corpus)
    return Library(corpus, model, Index.open(folder / "index"))


@pytest.fixture(scope="session")
def model(library: Library) -> Path:
    """The encoder's folder."""
    return library.model


@pytest.fixture(scope="session")
def index(library: Library) -> Index:
    """The index of the whole corpus; not to be changed."""
    return library.index
