"""The path explorer on a text in which there is one path."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.retrieval.tiny import write_corpus

from sprachbund import Corpus
from sprachbund.analyses.transitive import path_findings
from sprachbund.analyses.transitive.paths import belonging, find_paths, halves_of, moved
from sprachbund.errors import CorpusError
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import change, preset, to_dict

SETTINGS = change(
    preset("paper"), dim=16, batch=8, epochs=6.0, characters=(), bigram_weight=0.0, min_count=1, least_words=1,
    split_by="pair", shares=(0.98, 0.01, 0.01), templates=False,
)  # fmt: skip
ENGLISH = ["computer nice", "screen dark"] * 12
TELUGU = ["illu computer", "chettu undi"] * 6
TURKISH = ["ev screen", "masa kara"] * 12


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Telugu has computer with English, Turkish has screen with it, and nothing is common to the two."""
    texts = {"en": ENGLISH, "te": TELUGU, "tr": TURKISH}
    return write_corpus(
        tmp_path_factory.mktemp("paths"), [(code, f"{code}-1", None, [own]) for code, own in texts.items()]
    )


@pytest.fixture(scope="module")
def encoded(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """The same as ids."""
    return encode_corpus(corpus, tmp_path_factory.mktemp("ids") / "encoded", settings=SETTINGS, characters=())


def number(encoded: EncodedCorpus, word: str) -> int:
    """The id of a word."""
    return encoded.vocabulary().strings.to_list().index(word)


def test_belonging_by_hand(encoded: EncodedCorpus) -> None:
    """In consecutive sentences computer and screen are always in different halves, computer and nice never."""
    halves = halves_of(encoded.language("en"), len(encoded.ngrams), "nsp", SETTINGS)
    close = belonging(halves, number(encoded, "computer"))
    assert close[number(encoded, "screen")] == pytest.approx(1.0)
    assert close[number(encoded, "dark")] == pytest.approx(1.0)
    assert close[number(encoded, "nice")] == 0
    assert close[number(encoded, "masa")] == 0


def test_the_one_path_is_found(encoded: EncodedCorpus, corpus: Corpus) -> None:
    """From computer, which Telugu has, by screen to what stands beside it in Turkish; the sentences are shown."""
    kind = RetrievalKind(encoded.path, SETTINGS)
    text = {"en": Share(), "te": Share()}
    linked = kind.train(Recipe("nsp", {**text, "tr": Share(without=("te",))}, {}, 1), None)
    cut = kind.train(Recipe("nsp", {**text, "tr": Share(without=("en", "te"))}, {}, 1), None)
    (path, *_) = find_paths(encoded, corpus, linked, cut, "nsp", target="te", pivots=["en"], auxiliary="tr")
    assert (path.target, path.pivot, path.language) == ("computer", "screen", "en")
    assert path.auxiliary in ("masa", "kara", "masa kara")
    assert {*path.pivot_pair} == {"computer nice", "screen dark"}
    assert {*path.auxiliary_pair} == {"ev screen", "masa kara"}
    assert path.handed > 0


def test_moved_is_one_less_the_cosine(encoded: EncodedCorpus) -> None:
    """A vector turned about has moved by 2, one that is longer not at all, one that a model lacks counts as still."""
    model = RetrievalKind(encoded.path, change(SETTINGS, epochs=0.0)).train(Recipe("nsp", {"te": Share()}, {}, 1), None)
    ids = np.array([number(encoded, word) for word in ("illu", "chettu", "masa")])
    table = np.array(model.table)
    table[model.rows["te"].row[ids[0]]] *= -1
    table[model.rows["te"].row[ids[1]]] *= 3
    np.testing.assert_allclose(moved(model, replace(model, table=table), "te", ids), [2, 0, 0], atol=1e-6)


def test_without_a_common_ngram_there_is_no_path(encoded: EncodedCorpus, corpus: Corpus, tmp_path: Path) -> None:
    """Said, with what to do."""
    model = RetrievalKind(encoded.path, change(SETTINGS, epochs=0.0)).train(Recipe("nsp", {"te": Share()}, {}, 1), None)
    with pytest.raises(CorpusError, match="no n-gram leads by way of tr to en"):
        find_paths(encoded, corpus, model, model, "nsp", target="te", pivots=["tr"], auxiliary="en")


def test_a_laboratory_trains_for_its_paths_once(
    encoded: EncodedCorpus, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is a run: asked again it is read, and no model is trained."""
    shutil.copytree(encoded.path, tmp_path / "encoded")
    data = {**{name: encoded.manifest[name] for name in ("corpus", "split", "languages", "characters")}}
    data["settings"] = to_dict(SETTINGS)
    text = {"en": Share(), "te": Share()}
    linked = Recipe("nsp", {**text, "tr": Share(without=("te",))}, {}, 1)
    cut = Recipe("nsp", {**text, "tr": Share(without=("en", "te"))}, {}, 1)
    asked = (tmp_path, corpus, ("nsp", "te", "en", "tr"), linked, cut, data)
    first = path_findings._paths(*asked)
    monkeypatch.setattr(RetrievalKind, "train", None)
    assert path_findings._paths(*asked) == first and first[0].target == "computer"
