"""An encoder is the model that was trained: for texts, for an encoded corpus, and for the disk, to the last bit."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import NOISE_SETTINGS, noise, texts

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import sealed
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoder import Encoder, from_model
from sprachbund.retrieval.encoder.model import encode_ranges
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.settings import Settings, change

SETTINGS = change(NOISE_SETTINGS, characters=(4,))
STRANGE = [
    "uma frase comum",
    "zyxwvut qqqqrs",  # unseen words and characters
    "Ünïcode ẞ ﬁn İstanbul ΑΒΓ",
    "東京都に行く ภาษาไทย",
    "x",
    "a " * 300,
]


def make(encoded: EncodedCorpus, settings: Settings) -> Encoder:
    """Train on the whole encoded corpus."""
    return from_model(train_model(encoded, "ic", settings, seed=3)[0], encoded, {"task": "ic", "languages": ["gl"]})


@pytest.fixture(scope="module")
def encoder(noisy: EncodedCorpus) -> Encoder:
    """Words, bigrams and character n-grams."""
    return make(noisy, change(SETTINGS, bigram_weight=0.5))


@pytest.fixture(scope="module")
def words_alone(noisy: EncodedCorpus) -> Encoder:
    """A sum of words without length 1, the unseen dropped, rare words cut."""
    changes = {"characters": (), "similarity": "dot", "unseen": False, "min_count": 3, "power": 1.0}
    return make(noisy, change(SETTINGS, **changes))


@pytest.mark.parametrize("kind", ["encoder", "words_alone"])
def test_saved_and_opened_it_gives_the_same_bits(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Seen text, unseen words, characters and bigrams, scripts without spaces."""
    made: Encoder = request.getfixturevalue(kind)
    made.save(tmp_path / "model")
    opened = Encoder.load(tmp_path / "model", check=True)
    sentences = texts(noise(), "gl")[:50] + STRANGE
    np.testing.assert_array_equal(opened.encode(sentences), made.encode(sentences))
    np.testing.assert_array_equal(opened.table, made.table)
    assert (opened.settings, opened.seed, opened.unseen_length) == (made.settings, made.seed, made.unseen_length)
    assert dict(opened.about) == dict(made.about)


def test_every_vector_has_its_ngram(encoder: Encoder, noisy: EncodedCorpus) -> None:
    """A word's row in the table is found by its string and by its key."""
    strings = encoder.vocabulary.strings.to_list()
    assert len(strings) == len(encoder.table) == len(set(zip(strings, encoder.vocabulary.orders.tolist(), strict=True)))
    full = dict(zip(noisy.vocabulary().keys.tolist(), noisy.vocabulary().strings.to_list(), strict=True))
    assert strings == [full[key] for key in encoder.vocabulary.keys.tolist()]


@pytest.mark.parametrize("kind", ["encoder", "words_alone"])
@pytest.mark.parametrize("language", ["gl", "pt", "es"])
def test_text_and_encoded_corpus_agree(
    kind: str, language: str, request: pytest.FixtureRequest, noisy: EncodedCorpus
) -> None:
    """`encode` of every sentence, held-out ones too, is what evaluation computes for it by its ids, to 1e-6."""
    made: Encoder = request.getfixturevalue(kind)
    data = noisy.language(language)
    each = np.arange(len(data.sections), dtype=np.int64)
    by_ids = encode_ranges(made.in_corpus(noisy), data, Ranges(each, each + 1, np.full(len(each), -1)))
    by_text = made.encode(texts(noise(), language), language)
    np.testing.assert_allclose(by_text, by_ids, atol=1e-6 * max(1, np.abs(by_ids).max()))
    if kind == "encoder":
        np.testing.assert_allclose(np.linalg.norm(by_text, axis=1), 1, rtol=1e-6)


def test_a_context_is_the_bag_of_its_sentences(encoder: Encoder, words_alone: Encoder) -> None:
    """With counts to the power 1 and no length 1, a sum over sentences; the order of words does not matter."""
    first, second = texts(noise(), "gl")[:2]
    parts = words_alone.encode([first, second])
    np.testing.assert_allclose(words_alone.encode([f"{first} {second}"])[0], parts.sum(axis=0), rtol=1e-4, atol=1e-6)
    reordered = " ".join(sorted(first.split()))
    np.testing.assert_allclose(words_alone.encode([reordered]), parts[:1], rtol=1e-5, atol=1e-6)
    if reordered != first:
        assert np.abs(encoder.encode([reordered]) - encoder.encode([first])).max() > 1e-3  # bigrams


def test_similarity_is_the_cosine_of_each_with_each(encoder: Encoder, words_alone: Encoder) -> None:
    """Of texts or of their vectors, of length 1 or not; a text without words is like nothing."""
    texts, others = ["kamo bida", "lote", ""], ["bida", "kamo bida"]
    for one in (encoder, words_alone):
        found = one.similarity(texts, others)
        vectors, second = one.encode(texts).astype(np.float64), one.encode(others).astype(np.float64)
        lengths = np.outer(np.linalg.norm(vectors, axis=1), np.linalg.norm(second, axis=1))
        expected = np.divide(vectors @ second.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        assert found.dtype == np.float32 and np.allclose(found, expected, atol=1e-5)
        assert not found[2].any()
        assert np.allclose(one.similarity(one.encode(texts), others), found, atol=1e-6)
        assert np.allclose(one.similarity(texts), one.similarity(texts, texts))
    assert encoder.similarity(texts, others)[0, 1] == pytest.approx(1)
    with pytest.raises(SettingsError, match=r"expected vectors \[texts, "):
        encoder.similarity(np.zeros((2, encoder.dim + 1)))


def test_texts_without_words(encoder: Encoder, words_alone: Encoder) -> None:
    """The zero vector, never NaN; no texts give no vectors; one string is refused."""
    assert not encoder.encode(["", " \t", "!?…", "\u0000"]).any()
    assert not words_alone.encode(["unbekanntes wort"]).any()  # unseen, and dropped
    assert encoder.encode([]).shape == (0, 24) and encoder.encode([]).dtype == np.float32
    with pytest.raises(SettingsError, match=r"write \['a text'\]"):
        encoder.encode("a text")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_gives_length_one_or_zero(encoder: Encoder, text: str) -> None:
    """Whatever Unicode holds, alone or in company: the same vector, to a rounding."""
    alone = encoder.encode([text])
    length = float(np.linalg.norm(alone))
    assert length == 0 or abs(length - 1) < 1e-5
    np.testing.assert_allclose(encoder.encode([text, "outra frase"])[:1], alone, atol=1e-6)


def test_composed_and_decomposed_are_one(encoder: Encoder) -> None:
    """NFC and NFD of the same text."""
    vectors = encoder.encode(["caf\u00e9 \u1ec7", "cafe\u0301 e\u0323\u0302"])
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_unseen_names_match_themselves(encoder: Encoder) -> None:
    """A word that training never saw is nearer to itself than to other such words, by far."""
    vectors = encoder.encode(["Xyqwert", "xyqwert", "Plomkfgh"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-6)
    assert abs(vectors[0] @ vectors[2]) < 0.8


def test_a_damaged_or_missing_tensor_file_is_named(encoder: Encoder, tmp_path: Path) -> None:
    """Cut short, its bits changed, gone, or of another shape."""
    folder = tmp_path / "model"
    encoder.save(folder)
    path = folder / "vectors.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    for check in (False, True):
        with pytest.raises(FolderError, match=r"vectors\.safetensors: damaged"):
            Encoder.load(folder, check=check)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(FolderError, match=r"vectors\.safetensors: damaged, its SHA-256"):
        Encoder.load(folder)
    path.unlink()
    with pytest.raises(FolderError, match=r"vectors\.safetensors: .*missing"):
        Encoder.load(folder, check=False)
    other = tmp_path / "other"
    Encoder(change(encoder.settings, dim=8), encoder.vocabulary, encoder.table[:, :8], 1.0, 0).save(other)
    path.write_bytes((other / "vectors.safetensors").read_bytes())
    with pytest.raises(FolderError, match=r"do not fit .* n-grams of 24 numbers"):
        Encoder.load(folder, check=False)


def test_save_replaces_an_encoder_and_nothing_else(encoder: Encoder, words_alone: Encoder, tmp_path: Path) -> None:
    """Another folder is left as it is."""
    words_alone.save(tmp_path / "model")
    encoder.save(tmp_path / "model")
    np.testing.assert_array_equal(Encoder.load(tmp_path / "model").table, encoder.table)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    with pytest.raises(FolderError, match="mine"):
        encoder.save(mine)
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".tmp")]


def test_only_shared_rows_make_an_encoder(noisy: EncodedCorpus) -> None:
    """The arms control and placebo have rows by language."""
    model, _ = train_model(noisy, "ic", SETTINGS, sharing="separate")
    with pytest.raises(SettingsError, match="share their rows"):
        from_model(model, noisy, {})


def test_a_corpus_without_its_characters_is_refused(encoder: Encoder, noisy: EncodedCorpus) -> None:
    """Evaluation says which order lacks, before anything is computed."""
    assert 3 not in noisy.manifest["characters"]
    other = change(encoder.settings, characters=(3, 4))
    with pytest.raises(SettingsError, match=r"\[3\]"):
        Encoder(other, encoder.vocabulary, encoder.table, 1.0, 0).in_corpus(noisy)


def written_with_towers(folder: Path, towers: list[int]) -> None:
    """Make a saved encoder one as they were written when there were towers."""
    manifest = json.loads((folder / "encoder.json").read_text())
    manifest["settings"]["encoder"]["towers"] = towers
    (folder / "encoder.json").write_text(json.dumps(sealed(manifest)))


def test_an_encoder_with_a_tower_is_refused_by_name(encoder: Encoder, tmp_path: Path) -> None:
    """It cannot be read any more, and the message says so; one that was written without a tower is read as it was."""
    encoder.save(tmp_path / "model")
    written_with_towers(tmp_path / "model", [])
    opened = Encoder.load(tmp_path / "model")
    assert opened.settings == encoder.settings
    np.testing.assert_array_equal(opened.encode(STRANGE), encoder.encode(STRANGE))
    written_with_towers(tmp_path / "model", [256])
    with pytest.raises(FolderError) as error:
        Encoder.load(tmp_path / "model")
    assert str(error.value) == (
        f"{tmp_path / 'model'}: an encoder with a tower, which is read no more; train the model anew, without towers"
    )


def test_the_vocabulary_is_the_models_own(encoder: Encoder) -> None:
    """A row for each key, looked up as it is stored."""
    assert isinstance(encoder.vocabulary, Vocabulary)
    rows = encoder.vocabulary.lookup(encoder.vocabulary.keys)
    np.testing.assert_array_equal(rows, np.arange(len(encoder.table)))
