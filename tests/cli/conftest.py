"""A corpus, a model and a study, each made once by the command line itself."""

from pathlib import Path

import pytest
from terminal import SMALL, succeed, write_source


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JSON Lines of three languages, 40 documents of 6 sentences each."""
    return write_source(tmp_path_factory.mktemp("source") / "source.jsonl")


@pytest.fixture(scope="session")
def corpus(source: Path) -> Path:
    """The source, ingested."""
    succeed("ingest", source, "--out", source.parent / "corpus")
    return source.parent / "corpus"


@pytest.fixture(scope="session")
def model(corpus: Path) -> Path:
    """An encoder of dim 16 trained on the three languages."""
    succeed("train", corpus, "--out", corpus.parent / "model", *SMALL)
    return corpus.parent / "model"


@pytest.fixture(scope="session")
def study(corpus: Path) -> Path:
    """A study of two languages: one task, two trials, one seed."""
    out = corpus.parent / "study"
    chosen = ("--task", "ic", "--languages", "gl,pt", "--trials", "2", "--seeds", "1")
    succeed("transfer", corpus, "--out", out, *chosen, *SMALL)
    return out
