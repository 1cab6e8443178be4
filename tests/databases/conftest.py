"""An index of the sample, and tables in a server of PostgreSQL and in folders of Qdrant's own client."""

import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clusters import Cluster, cluster
from sprachbund import Index, write_index
from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.train import train
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.fusion import Fusion

FUSION = Fusion(dense=0.5, own=0.5)
"""The encoder has a say, whatever little it has learned."""
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def models(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The sample as a corpus, and two encoders of it."""
    folder = tmp_path_factory.mktemp("databases")
    ingest([sample], folder / "corpus", workers=1)
    logging.getLogger("sprachbund").setLevel(logging.ERROR)
    for seed in (0, 1):
        settings = change(BEST, dim=16, epochs=0.5, batch=64, characters=(3,))
        train(folder / "corpus", folder / f"model{seed}", settings=settings, seed=seed)
    logging.getLogger("sprachbund").setLevel(logging.NOTSET)
    return folder / "corpus", folder / "model0", folder / "model1"


@pytest.fixture(scope="session")
def index(models: tuple[Path, Path, Path]) -> Index:
    """All of the sample; not to be changed."""
    corpus, model, _ = models
    create(corpus.parent / "index", model, IndexSettings(sentences=2, map_points=0, neighbours=False), FUSION)
    add_corpus(corpus.parent / "index", corpus)
    return Index.open(corpus.parent / "index")


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    """PostgreSQL, or a skip."""
    with cluster() as running:
        yield running


KINDS = ("postgresql", "qdrant")


@pytest.fixture(scope="session", params=KINDS)
def written(request: pytest.FixtureRequest, index: Index, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a table with all of the sample; not to be changed."""
    if request.param == "qdrant":
        url = f"qdrant://{tmp_path_factory.mktemp('qdrant')}/whole?table=whole"
    else:
        url = request.getfixturevalue("server").url("whole")
    assert write_index(index, url).passages == sum(count["passages"] for count in index.counts.values())
    return url


@pytest.fixture(params=KINDS)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """The URL of another table each time."""
    if request.param == "qdrant":
        return lambda: f"qdrant://{tmp_path}/qdrant?table=t{next(_NUMBERS)}"
    server: Cluster = request.getfixturevalue("server")
    return lambda: server.url(f"t{next(_NUMBERS)}")
