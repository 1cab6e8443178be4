"""Encoded corpora that several test files read."""

import pytest
from tiny import NOISE_SETTINGS, encoded_tiny, noise

from sprachbund.retrieval.encoded import EncodedCorpus


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """The corpus that is written out in tiny.py."""
    return encoded_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """Random sentences of three languages that share a third of their words and some of their topics."""
    return encoded_tiny(tmp_path_factory.mktemp("noisy"), noise(), NOISE_SETTINGS)
