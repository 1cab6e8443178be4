"""Counts of treebanks, kept as features: the same numbers, made once."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from made_trees import SMALL_DOG, lines
from sprachbund.neighbours import syntax
from sprachbund.neighbours.sources import Sources, open_sources
from sprachbund.neighbours.syntactic import arcs_of, klcpos3_of, order_of
from sprachbund.neighbours.treebank_counts import counted_for
from sprachbund.neighbours.treebanks import treebank_for

MEASURES = (klcpos3_of, arcs_of, order_of)
BIG_DOGS = "\n".join(lines("big ADJ 2 amod", "dogs NOUN 3 nsubj", "bark VERB 0 root")) + "\n\n"
DOGS_BIG = "\n".join(lines("dogs NOUN 3 nsubj", "big ADJ 1 amod", "bark VERB 0 root")) + "\n\n"


def impossible(*_: object) -> None:
    """In place of counting."""
    raise NotImplementedError


def opened(folder: Path) -> Sources:
    """Two treebanks above the least words; of Spanish a broken file too, which is left out."""
    trees = folder / "data" / "ud"
    trees.mkdir(parents=True, exist_ok=True)
    (trees / "pt.X.test.conllu").write_text(BIG_DOGS * 300 + DOGS_BIG * 500)
    (trees / "es.X.test.conllu").write_text(DOGS_BIG * 700 + SMALL_DOG * 31)
    (trees / "es.Y.test.conllu").write_text("broken")
    return open_sources(folder / "data", folder / "features")


def test_kept_counts_are_the_counts(tmp_path: Path) -> None:
    """Counted now, and read from the folder of features: kinds, counts and draws of `syntax`, to the bit."""
    treebank = treebank_for(opened(tmp_path), "es")
    assert treebank is not None and treebank.sentences == 731
    weights = treebank.weights(seed=int.from_bytes(b"es", "big"))
    for _ in range(2):
        found = counted_for(opened(tmp_path), "es")
        assert found is not None
        for name in ("trigrams", "arcs", "orders"):
            expected, kept = getattr(syntax, name)(treebank, weights), getattr(found, name)
            for column in ("kinds", "counts", "drawn"):
                one, other = getattr(expected, column), getattr(kept, column)
                assert one.dtype == other.dtype and one.flags.c_contiguous == other.flags.c_contiguous
                assert np.array_equal(one, other)


def test_values_from_kept_counts_are_the_same_and_nothing_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values, intervals and parts of all three measures, with the counting made impossible the second time."""
    first = [measure(opened(tmp_path), "pt", "es") for measure in MEASURES]
    assert all(value.value is not None and value.low is not None for value in first)
    monkeypatch.setattr("sprachbund.neighbours.treebank_counts._count", impossible)
    assert [measure(opened(tmp_path), "pt", "es") for measure in MEASURES] == first
    (tmp_path / "data" / "ud" / "es.X.test.conllu").write_text(DOGS_BIG * 800)
    with pytest.raises(NotImplementedError):  # another text is counted anew
        klcpos3_of(open_sources(tmp_path / "data", tmp_path / "features"), "pt", "es")


def test_kept_counts_with_other_draws_are_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file of the right columns whose draws are cut short is not believed; the warning names the language."""
    expected = klcpos3_of(opened(tmp_path), "pt", "es")
    (path,) = (tmp_path / "features").glob("syntax-es-*.parquet")
    table = pl.read_parquet(path)
    table.with_columns(pl.col("drawn").bin.slice(0, 8)).write_parquet(path)
    assert klcpos3_of(opened(tmp_path), "pt", "es") == expected
    assert "the kept counts of es have other draws" in caplog.text
