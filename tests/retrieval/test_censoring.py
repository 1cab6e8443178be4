"""Censored text: what is taken out, what is left, and that nothing is left in common."""

import numpy as np
import pytest
from tiny import NOISE_SETTINGS, encoded_tiny

from sprachbund.errors import CorpusError, SettingsError
from sprachbund.lab.recipe import Recipe, Share, recipe_of
from sprachbund.retrieval.encoder.cutting import censor_corpus, censored
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import change

SETTINGS = change(
    NOISE_SETTINGS, characters=(), bigram_weight=1.0, split_by="pair", least_words=1, shares=(0.98, 0.01, 0.01)
)
TEXTS = {
    "en": ["a big house stands here", "a red tree grows there"],
    "te": ["illu a house undi", "chettu a tree undi"],
    "tr": ["house ev burada duruyor a", "tree here stands orada", "a house", "big agac red orada"],
}
WITHOUT_TELUGU = Recipe("nsp", {"en": Share(), "te": Share(), "tr": Share(without=("te",))}, {}, 1)


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """The sentences above, one section a language, all on the training side."""
    documents = [(code, f"{code}-1", None, [texts]) for code, texts in TEXTS.items()]
    return encoded_tiny(tmp_path_factory.mktemp("censored"), documents, SETTINGS)


def test_what_another_language_has_is_taken_out(encoded: EncodedCorpus) -> None:
    """Of Turkish house, tree and a, and the bigram a house, which Telugu has; all else stays."""
    data, proof = censored(encoded, "tr", ("te",))
    assert np.diff(data.sentences.word_offsets).tolist() == [3, 3, 0, 4]
    assert np.diff(data.sentences.bigram_offsets).tolist() == [4, 3, 0, 3]
    assert (proof.types, proof.types_left) == (12 + 11, 9 + 10)
    assert (proof.tokens, proof.tokens_left) == (15 + 11, 10 + 10)
    assert (proof.sentences, proof.sentences_left, proof.common) == (4, 3, 0)
    assert int(data.counts[np.asarray(encoded.ngrams.orders) > 0].sum()) == 20


def test_with_the_pivot_cut_nothing_of_it_is_left(encoded: EncodedCorpus) -> None:
    """Of the words only ev burada duruyor, orada and agac orada are nobody else's."""
    data, proof = censored(encoded, "tr", ("en", "te"))
    assert np.diff(data.sentences.word_offsets).tolist() == [3, 1, 0, 2]
    own = np.unique(data.sentences.words)
    for other in ("en", "te"):
        assert not np.isin(own, encoded.language(other).sentences.words).any()
    assert proof.without == ("en", "te")


def test_a_sentence_counts_with_the_words_that_it_had(encoded: EncodedCorpus) -> None:
    """N-grams are taken out, and not sentences: but one without any is no example, for it says nothing."""
    assert censored(encoded, "tr", ("te",))[0].lengths.tolist() == [5, 4, 0, 4]
    pairs = censored(encoded, "tr", ("te",))[0].pairs("nsp", change(SETTINGS, least_words=4), "train")
    whole = encoded.language("tr").pairs("nsp", change(SETTINGS, least_words=4), "train")
    assert len(pairs) == len(whole) <= 1


def test_other_languages_stay_as_they_are(encoded: EncodedCorpus) -> None:
    """And so does the corpus that was given."""
    before = encoded.language("tr").sentences.words.tolist()
    found = censor_corpus(encoded, {"tr": ("te",)})
    assert found.language("en") is encoded.language("en")
    assert encoded.language("tr").sentences.words.tolist() == before
    assert found.language("tr").sentences.words.tolist() != before


def test_nothing_left_is_said(encoded: EncodedCorpus) -> None:
    """A language that is censored of itself has no text."""
    with pytest.raises(CorpusError, match="te: nothing is left of its training text"):
        censored(encoded, "te", ("te",))


def test_a_recipe_keeps_what_is_taken_out(encoded: EncodedCorpus) -> None:
    """Through JSON and back; it names another model than the whole text."""
    assert recipe_of(WITHOUT_TELUGU.to_dict()) == WITHOUT_TELUGU
    whole = Recipe("nsp", {code: Share() for code in TEXTS}, {}, 1)
    assert whole.content_hash() != WITHOUT_TELUGU.content_hash()


def test_the_run_has_the_proof(encoded: EncodedCorpus) -> None:
    """Also where the start was censored and not the language's own text."""
    kind = RetrievalKind(encoded.path, SETTINGS)
    proof = kind.proof(WITHOUT_TELUGU)["censored"]["tr"]
    assert (proof["common"], proof["types_left"], proof["without"]) == (0, 19, ("te",))
    begun = Recipe("nsp", {"te": Share()}, {}, 1, start=Recipe("nsp", {"tr": Share(without=("te",))}, {}, 1))
    assert kind.proof(begun) == {"censored": {"tr": proof}}
    assert kind.proof(Recipe("nsp", {"te": Share()}, {}, 1)) == {}


def test_characters_would_be_another_route(encoded: EncodedCorpus) -> None:
    """They are refused, for a word that stays may share letters with one that was taken out."""
    kind = RetrievalKind(encoded.path, change(SETTINGS, characters=(4,), character_weight=0.5))
    with pytest.raises(SettingsError, match="set character_weight = 0"):
        kind.train(WITHOUT_TELUGU, None)


def test_a_model_has_no_row_for_what_was_taken_out(encoded: EncodedCorpus) -> None:
    """So no gradient of the censored text can reach the words of the language that it was censored of."""
    kind = RetrievalKind(encoded.path, change(SETTINGS, epochs=0, dim=8))
    telugu = np.unique(encoded.language("te").sentences.words)
    rows = {}
    for name, share in (("censored", Share(without=("te",))), ("whole", Share())):
        rows[name] = kind.train(Recipe("nsp", {"tr": share}, {}, 1), None).rows["tr"].row[telugu]
    assert (rows["censored"] < 0).all()
    assert (rows["whole"] >= 0).sum() == 3
