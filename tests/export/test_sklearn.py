"""An encoder is a transformer of scikit-learn: pipelines, clones, searches."""

import numpy as np
import pytest
from later import Later

from sprachbund import Corpus, Encoder
from sprachbund.errors import SettingsError

base, linear_model = Later("sklearn.base"), Later("sklearn.linear_model")
model_selection, pipelines = Later("sklearn.model_selection"), Later("sklearn.pipeline")
utils, validation = Later("sklearn.utils"), Later("sklearn.utils.validation")


@pytest.fixture(scope="module")
def labelled(corpus: Corpus) -> tuple[list[str], list[str]]:
    """Sentences of two languages, and which it is."""
    texts, labels = [], []
    for language in ("gl", "tr"):
        found = corpus.read(language, ["text"])["text"].to_list()[:60]
        texts += found
        labels += [language] * len(found)
    return texts, labels


def test_a_pipeline_learns_from_the_vectors(best: Encoder, labelled: tuple[list[str], list[str]]) -> None:
    """What stands after the encoder sees `encode`'s vectors; languages are told apart."""
    texts, labels = labelled
    pipeline = pipelines.make_pipeline(best, linear_model.LogisticRegression(C=100)).fit(texts[::2], labels[::2])
    assert pipeline.score(texts[1::2], labels[1::2]) > 0.9
    np.testing.assert_array_equal(pipeline[:-1].transform(texts[:5]), best.encode(texts[:5]))
    alone = linear_model.LogisticRegression(C=100).fit(best.encode(texts[::2]), labels[::2])
    np.testing.assert_array_equal(pipeline.predict(texts), alone.predict(best.encode(texts)))
    assert pipeline[:-1].get_feature_names_out().tolist() == [f"encoder{n}" for n in range(best.dim)]


def test_fit_and_transform_are_encode(best: Encoder) -> None:
    """Fitting changes nothing; arrays of strings do as well as lists; one string is refused, as by `encode`."""
    texts = ["o mar", "a terra"]
    assert best.fit(texts, [0, 1]) is best
    np.testing.assert_array_equal(best.fit_transform(texts), best.encode(texts))
    np.testing.assert_array_equal(best.transform(np.array(texts, dtype=object)), best.encode(texts))
    with pytest.raises(SettingsError, match="expected a list of texts"):
        best.transform("o mar")


def test_a_clone_shares_the_table(best: Encoder) -> None:
    """Another object, for scikit-learn writes on it, with the very same table: nothing is copied."""
    cloned = base.clone(best)
    assert cloned is not best and cloned.table is best.table and cloned.vocabulary is best.vocabulary
    assert best.get_params() == {} and best.set_params() is best
    with pytest.raises(SettingsError, match="no parameters"):
        best.set_params(dim=3)
    validation.check_is_fitted(best)
    tags = utils.get_tags(best)
    assert tags.input_tags.string and not tags.requires_fit and tags.transformer_tags is not None


def test_a_search_among_encoders(encoders: dict[str, Encoder], labelled: tuple[list[str], list[str]]) -> None:
    """The step is exchanged; in threads too; an encoder of another width works beside the first."""
    texts, labels = labelled
    steps = pipelines.Pipeline([("encoder", encoders["best"]), ("classifier", linear_model.LogisticRegression())])
    grid = {"encoder": [encoders["best"], encoders["narrow"]], "classifier__C": [1.0, 100.0]}
    search = model_selection.GridSearchCV(steps, grid, cv=3).fit(texts, labels)
    assert len(search.cv_results_["params"]) == 4 and search.best_score_ > 0.85
    assert search.best_estimator_.predict(texts[:3]).shape == (3,)
    assert model_selection.cross_val_score(steps, texts, labels, cv=3).mean() > 0.8
