"""`sprachbund vectors`: trained, shown, refused in a line."""

import json
from pathlib import Path

from terminal import fail, succeed


def test_train_and_near(corpus: Path, tmp_path: Path) -> None:
    """A folder, which says what it is; the nearest words of one; a word that is not there, in a line."""
    out = tmp_path / "v"
    said = json.loads(
        succeed(
            "vectors", "train", corpus, "--language", "tr", "--out", out, "--dim", "8", "--min-count", "1", "--json"
        )
    )
    assert said["language"] == "tr" and said["dim"] == 8 and said["method"] == "counts" and said["words"] >= 10
    from sprachbund import Vectors

    word = Vectors.open(out).words[0]
    near = json.loads(succeed("vectors", "near", out, word, "-k", "3", "--json"))
    assert len(near["near"][word]) == 3 and {"word", "score", "count"} == set(near["near"][word][0])
    assert "cosine" in succeed("vectors", "near", out, word)
    assert "'qqqq' is none of the" in fail("vectors", "near", out, "qqqq")
    assert "no such folder or file" in fail("vectors", "near", tmp_path / "x", "a")
    assert "xx" in fail("vectors", "train", corpus, "--language", "xx", "--out", tmp_path / "w")
    refused = fail("vectors", "train", corpus, "--language", "tr", "--out", tmp_path / "w", "--memory", "1K")
    assert "are allowed; take fewer words" in refused and not (tmp_path / "w").exists()
