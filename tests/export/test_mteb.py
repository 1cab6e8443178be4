"""An encoder as a model of the installed MTEB, on a task made from local data, offline."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from later import Later

from sprachbund import Corpus, Encoder
from sprachbund.export.mteb import mteb_model, subset_language

mteb, datasets = Later("mteb"), Later("datasets")

METADATA: dict[str, Any] = {
    "name": "SampleTitles",
    "description": "Find the document that a sentence begins.",
    "reference": None,
    "dataset": {"path": "local", "revision": "1"},
    "type": "Retrieval",
    "category": "t2t",
    "modalities": ["text"],
    "eval_splits": ["test"],
    "main_score": "ndcg_at_10",
}


def task(corpus: Corpus, language: str, script: str) -> tuple[Any, list[str], list[str]]:
    """The first sentence of each document asks for the rest of it."""
    frame = corpus.read(language, ["document", "text"]).group_by("document", maintain_order=True).all()
    queries = [sentences[0] for sentences in frame["text"].to_list()]
    documents = [" ".join(sentences[1:]) for sentences in frame["text"].to_list()]

    class Local(mteb.abstasks.AbsTaskRetrieval):  # type: ignore[misc]
        metadata = mteb.TaskMetadata(**METADATA, eval_langs=[script])

        def load_data(self, *_: Any, **__: Any) -> None:
            names = [f"d{number}" for number in range(len(documents))]
            asked = [f"q{number}" for number in range(len(queries))]
            columns = {
                "corpus": datasets.Dataset.from_dict({"id": names, "text": documents, "title": [""] * len(names)}),
                "queries": datasets.Dataset.from_dict({"id": asked, "text": queries}),
                "relevant_docs": {query: {name: 1} for query, name in zip(asked, names, strict=True)},
                "top_ranked": None,
            }
            self.dataset = {"default": {"test": columns}}
            self.data_loaded = True

    return Local(), queries, documents


def test_ndcg_is_our_own(best: Encoder, corpus: Corpus) -> None:
    """`mteb.evaluate` and a few lines of numpy: nDCG@10 and MRR@10 of one relevant document a query."""
    local, queries, documents = task(corpus, "gl", "glg-Latn")
    result = mteb.evaluate(mteb_model(best), tasks=[local], cache=None, show_progress_bar=False, co2_tracker=False)
    scores = result.task_results[0].scores["test"][0]
    dots = best.encode(queries, "gl") @ best.encode(documents, "gl").T
    ranks = 1 + (dots > np.diagonal(dots)[:, None]).sum(axis=1)
    gains = np.where(ranks <= 10, 1 / np.log2(1 + ranks), 0).mean()
    assert 0.2 < gains < 1
    assert scores["ndcg_at_10"] == pytest.approx(gains, abs=1e-4)
    assert scores["mrr_at_10"] == pytest.approx(np.where(ranks <= 10, 1 / ranks, 0).mean(), abs=1e-4)


def test_the_language_of_a_task_reaches_the_encoder(best: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """tha-Thai is th for us; several languages, or none that we know, are none."""
    asked: list[str] = []
    whole = Encoder.encode

    def spy(self: Encoder, texts: Any, language: str = "") -> Any:
        asked.append(language)
        return whole(self, texts, language)

    monkeypatch.setattr(Encoder, "encode", spy)
    several = {"one": ["tha-Thai"], "two": ["tha-Thai", "eng-Latn"], "code": ["python-Code"], "nb": ["nob-Latn"]}
    metadata = mteb.TaskMetadata(**METADATA, eval_langs=several)
    model = mteb_model(best)
    vectors = model.encode([{"text": ["แมวกินปลา"]}, {"text": ["ปลา", ""]}], task_metadata=metadata, hf_subset="one")
    assert vectors.shape == (3, best.dim) and asked == ["th", "th"]
    assert [subset_language(metadata, name) for name in ("two", "code", "nb", "absent")] == ["", "", "nb", ""]
    assert model.encode([], task_metadata=metadata, hf_subset="one").shape == (0, best.dim)


def test_what_the_library_learns_about_the_model(best: Encoder, tmp_path: Path) -> None:
    """It keeps the protocol; name, languages, size, and a revision that follows from the training."""
    best.save(tmp_path / "little")
    model = mteb_model(tmp_path / "little")
    assert isinstance(model, mteb.EncoderProtocol)
    meta = model.mteb_model_meta
    assert meta.name == "sprachbund/little" and mteb_model(best, "me/mine").mteb_model_meta.name == "me/mine"
    assert meta.languages == [
        "eng-Latn", "glg-Latn", "ita-Latn", "por-Latn", "spa-Latn", "tha-Thai", "tur-Latn", "ukr-Cyrl"
    ]  # fmt: skip
    assert (meta.embed_dim, meta.n_parameters) == (best.dim, best.table.size)
    assert meta.revision == str(best.about["work"])[:40] == mteb_model(best).mteb_model_meta.revision
    nameless = Encoder(**{**vars(best), "about": {}})
    other = Encoder(**{**vars(best), "about": {}, "table": best.table + 1})
    assert mteb_model(nameless).mteb_model_meta.revision != mteb_model(other).mteb_model_meta.revision
    first = best.encode(["o mar", "a terra"])
    np.testing.assert_allclose(model.similarity(first, first).numpy(), first @ first.T, atol=1e-6)
    np.testing.assert_allclose(model.similarity_pairwise(first, first).numpy(), np.ones(2), atol=1e-6)
