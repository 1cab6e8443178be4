"""What every test may use."""

import gc
import os
from pathlib import Path

import hypothesis
import pytest

# a busy machine is no fault of what is tested; half of the usual examples, for there are many such tests, and the
# same ones each time, so that a change is refused for what it changes: `--hypothesis-profile=exploring` draws others
hypothesis.settings.register_profile("unhurried", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.register_profile("exploring", deadline=None, max_examples=1_000)
hypothesis.settings.load_profile("unhurried")

# what was imported stays to the end: to look through it again and again was a fifth of the time
gc.set_threshold(50_000, 20, 100)

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
