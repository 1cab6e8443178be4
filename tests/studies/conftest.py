"""A study of the toy kind, run once."""

from pathlib import Path

import polars as pl
import pytest
from finished import Finished, run
from toy import Toy


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Two tasks, three languages, all arms, three trials, two seeds."""
    return run(Toy(), tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def memorised(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The same, but what is pooled learns by heart."""
    return run(Toy(memorises=True), tmp_path_factory.mktemp("memorised"), tasks=("ic",))


@pytest.fixture(scope="session")
def results(finished: Finished) -> pl.DataFrame:
    """results.parquet."""
    return finished.table("results")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder for a second study."""
    return tmp_path / "study"
