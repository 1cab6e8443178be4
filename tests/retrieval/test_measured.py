"""The harness's kind of model: what it measures on test is what a study does, and dev is judged in the same way."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS

from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lab.seam import ITEMS
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import change

HERE = Path(__file__).parents[2] / "benchmarks" / "quality"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, which no package has."""
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module("measured")


def test_dev_and_test(measured: ModuleType, noisy: EncodedCorpus, tmp_path: Path) -> None:
    """Test has the items of a study, dev other queries; the weights are the encoder's where it stands beside BM25.

    A model that was saved is the same again, with the seconds that it took, and these count with what begins from it.
    """
    inner = RetrievalKind(noisy.path, change(NOISE_SETTINGS, characters=(4,), dim=16))
    kind = measured.Measured(inner)
    recipe = Recipe("ic", {"gl": Share()}, {"rate": 0.2}, 5)
    model = kind.train(recipe, None)
    tuned = kind.tune_baselines("ic", "gl")
    found = kind.judge(model, tuned, "ic", "gl", ["test/unseen", "dev/unseen"])
    plain = inner.judge(model.model, tuned, "ic", "gl", ["unseen"])
    ours = found.filter(pl.col("pool") == "test/unseen").with_columns(pl.lit("unseen").alias("pool"))
    assert ours.select(*ITEMS).equals(plain.select(*ITEMS))
    bm25 = kind.judge_baselines(tuned, "ic", "gl", ["test/unseen"]).with_columns(pl.lit("unseen").alias("pool"))
    assert bm25.select(*ITEMS).equals(inner.judge_baselines(tuned, "ic", "gl", ["unseen"]).select(*ITEMS))
    dev = found.filter(pl.col("pool") == "dev/unseen")
    encoder = dev.filter(pl.col("arm") == "")
    assert np.mean(1 / encoder["value"].to_numpy()) == pytest.approx(inner.score(model.model, "ic", "gl"))
    assert not set(dev["item"]) & set(ours["item"])
    assert set(found.filter(pl.col("own_weight").is_null())["arm"]) == {""}
    assert found["train_seconds"].unique().to_list() == [model.seconds]
    (tmp_path / "model").mkdir()
    kind.save(model, tmp_path / "model")
    again = kind.load(tmp_path / "model")
    assert again.seconds == model.seconds
    np.testing.assert_array_equal(again.model.table, model.model.table)
