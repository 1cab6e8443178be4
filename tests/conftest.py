"""What every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real corpora that lies beside the project, or a skip."""
    folder = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real corpora at {folder}; name another folder in SPRACHBUND_DATA")
    return folder


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample corpus that comes with the project."""
    return ROOT / "examples" / "sample"
