"""Encoded corpora that several test files read, and one thread where it is faster."""

from collections.abc import Iterator

import numba
import pytest
from threadpoolctl import threadpool_limits
from tiny import NOISE_SETTINGS, encoded_tiny, noise

from sprachbund.retrieval.encoder.encoded import EncodedCorpus


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """The tests' batches are tiny: two threads that wait for each other are many times slower than one."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    with threadpool_limits(1):
        yield
    numba.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """The corpus that is written out in tiny.py."""
    return encoded_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """Random sentences of three languages that share a third of their words and some of their topics."""
    return encoded_tiny(tmp_path_factory.mktemp("noisy"), noise(), NOISE_SETTINGS)
