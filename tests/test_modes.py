"""What is written may be read by those whom the umask lets, whichever library writes it."""

import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from damaged import SETTINGS, make_corpus, make_study
from sprachbund.cli.encode import _write
from sprachbund.export import write_export
from sprachbund.retrieval.train import train


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_modes_follow_the_umask(mask: int, tmp_path: Path) -> None:
    """Every file 0666 and every folder 0777 less the umask: corpus, model, vectors, exports, study."""
    before = os.umask(mask)
    try:
        out = tmp_path / "out"
        out.mkdir()
        corpus = make_corpus(out / "source")
        train(corpus, out / "model", settings=SETTINGS)
        for name in ("vectors.npy", "vectors.parquet", "vectors.csv", "vectors.tsv", "vectors.jsonl"):
            _write(out / name, Path(name).suffix, ["baba"], np.ones((1, 8), np.float32))
        for form in ("sentence-transformers", "static", "word2vec"):
            write_export(out / "model", out / form, form)
        make_study(out)
    finally:
        os.umask(before)
    for path in [out, *out.rglob("*")]:
        expected = (0o777 if path.is_dir() else 0o666) & ~mask
        assert stat.S_IMODE(path.stat().st_mode) == expected, path
    assert {"model", "source", "study", "static", "vectors.npy"} <= {path.name for path in out.iterdir()}
