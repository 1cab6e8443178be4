"""A finished language model: trained on a corpus, helped by neighbours, saved, opened, asked."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.lm.corpora import make_corpus

from sprachbund import Corpus
from sprachbund.errors import CorpusError, FolderError, LanguageError, SettingsError
from sprachbund.files import sealed
from sprachbund.lab.card import GAINED, read_card
from sprachbund.lm.adapting import adapting_bits
from sprachbund.lm.completing import complete, known_characters, next_characters, sample
from sprachbund.lm.model import LanguageModel, bits_each, gated
from sprachbund.lm.ngram.characters import bits_of, train_characters
from sprachbund.lm.ngram.words import word_bits
from sprachbund.lm.overlap import overlap
from sprachbund.lm.respelling import respelled
from sprachbund.lm.scoring import keep, score
from sprachbund.lm.settings import LmSettings
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import as_read
from sprachbund.lm.train import train_language_model

NGRAMS = LmSettings(size="none")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Little of one language, more of a near and of a strange one."""
    return make_corpus(tmp_path_factory.mktemp("lm"), {"gl": 12, "pt": 40, "fi": 30}, sentences=30)


@pytest.fixture(scope="module")
def helped(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the small language with the near one's n-grams."""
    out = tmp_path_factory.mktemp("models") / "GL"
    train_language_model(corpus, "gl", out, neighbours=["pt"], settings=NGRAMS)
    return out


def test_a_neighbour_helps_and_is_said_to(corpus: Corpus, helped: Path) -> None:
    """Fewer bits per byte on whole test documents than the language's own n-grams; the card has both."""
    model = LanguageModel.open(helped)
    assert model.adapting is not None
    test = sides_of(corpus, "gl").test
    assert model.words is not None
    words = word_bits(model.words, test.texts).sum()
    both, own = (each.sum() for each in (model.bits(test.texts), bits_of(model.ngrams[0], test.texts)))
    assert both < min(own, words)
    without = gated(LanguageModel("gl", model.ngrams[:1], words=model.words), sides_of(corpus, "gl").dev.texts)
    base = without.bits(test.texts).sum()
    card = read_card(helped)
    assert card is not None
    scores = {each.measure: each.value for each in card.scores}
    assert scores.pop("bits per byte, learning as it reads") == pytest.approx(
        adapting_bits(model, model.adapting, test.texts).sum() / sum(len(text.encode()) for text in test.texts)
    )
    assert scores == {
        "bits per byte": pytest.approx(both / sum(len(text.encode()) for text in test.texts)),
        "bits per byte, own n-grams alone": pytest.approx(own / sum(len(text.encode()) for text in test.texts)),
        "bits per byte, own words alone": pytest.approx(words / sum(len(text.encode()) for text in test.texts)),
        GAINED: pytest.approx(100 * (1 - both / base)),
        "in the training text too, of runs of 30 characters": 100
        * overlap(sides_of(corpus, "gl").train.texts, test.texts),
    }
    assert (card.kind, card.languages) == ("language model", ("gl",))


def test_what_brings_nothing_is_left_out(corpus: Corpus) -> None:
    """Beside its own twin a model gains nothing on dev that it has not seen: it is asked alone, to the bit."""
    sides = sides_of(corpus, "gl")
    own = train_characters(sides.train.texts, "gl", 5)
    model = gated(LanguageModel("gl", (own, own)), sides.dev.texts)
    assert model.gate is None
    assert np.array_equal(model.bits(sides.test.texts), bits_of(own, sides.test.texts))


def test_what_is_saved_says_the_same(corpus: Corpus, helped: Path) -> None:
    """To the bit, and the same command finds it done."""
    model = LanguageModel.open(helped)
    again = train_language_model(corpus, "gl", helped, neighbours=["pt"], settings=NGRAMS)
    text = ["Casa de pedra.\n"]
    assert np.array_equal(model.bits(text), again.bits(text))
    with pytest.raises(FolderError, match="other data or settings"):
        train_language_model(corpus, "gl", helped, settings=NGRAMS)


def test_the_mixture_is_a_probability(helped: Path) -> None:
    """All known characters together have at most 1, and nearly that; each is what scoring charges."""
    model = LanguageModel.open(helped)
    characters = known_characters(model)
    text = "Caso libros"
    told = next_characters(model, [text[:place] for place in range(len(text))], characters)
    assert told.sum(1).max() <= 1 + 1e-6
    assert told.sum(1).min() > 0.97
    charged = 2.0 ** -bits_each(model, [text])
    assert [row[characters.index(text[place])] for place, row in enumerate(told)] == pytest.approx(charged, rel=1e-4)


def test_words_are_completed(helped: Path) -> None:
    """Of those that the language has, and the most likely first; their probabilities are those of the text."""
    model = LanguageModel.open(helped)
    found = complete(model, "Libros cas", 3)
    assert {word for word, _ in found} <= {"caso", "casos", "caser", "caseu", "cas", "cam"}
    assert [p for _, p in found] == sorted((p for _, p in found), reverse=True)
    characters = known_characters(model)
    here, then = next_characters(model, ["Libros cas", "Libros caso"], characters)
    ends = sum(p for character, p in zip(characters, then, strict=True) if not character.isalnum())
    word = dict(complete(model, "Libros cas", 10))["caso"]
    assert word == pytest.approx(here[characters.index("o")] * ends)
    with pytest.raises(SettingsError, match="k must be at least 1"):
        complete(model, "a", 0)


def test_words_help_by_themselves(corpus: Corpus, tmp_path: Path) -> None:
    """Beside a language's own characters they bring fewer bits on the test side; without them the model is another."""
    train_language_model(corpus, "gl", tmp_path / "with", settings=NGRAMS)
    plain = train_language_model(corpus, "gl", tmp_path / "without", settings=NGRAMS, words=False)
    model = LanguageModel.open(tmp_path / "with")
    assert (model.parts, plain.parts, plain.words) == (2, 1, None)
    assert not (tmp_path / "without" / "words").exists()
    test = sides_of(corpus, "gl").test.texts
    assert model.bits(test).sum() < plain.bits(test).sum()
    assert "words of order" in repr(model)
    with pytest.raises(FolderError, match="other data or settings"):
        train_language_model(corpus, "gl", tmp_path / "with", settings=NGRAMS, words=False)


def test_a_model_from_before_words_opens(helped: Path, tmp_path: Path) -> None:
    """Format 1 knew none, and is read as it was; a later one than this is refused by its number."""
    model = LanguageModel.open(helped)
    replace(model, words=None, gate=None, adapting=None).save(tmp_path / "old")
    path = tmp_path / "old" / "model.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    del said["words"]
    path.write_text(json.dumps(sealed(said | {"format": 1})), encoding="utf-8")
    again = LanguageModel.open(tmp_path / "old")
    assert again.words is None
    assert again.bits(["Casa.\n"]).tolist() == bits_of(model.ngrams[0], ["Casa.\n"]).tolist()
    path.write_text(json.dumps(sealed(said | {"format": 3})), encoding="utf-8")
    with pytest.raises(FolderError, match="language model format 3"):
        LanguageModel.open(tmp_path / "old")


def test_samples_come_by_seed(helped: Path) -> None:
    """The same for one seed, of known characters, of the length asked for or ended by a document's end."""
    model = LanguageModel.open(helped)
    first = sample(model, "Casa", 40, seed=1)
    assert first == sample(model, "Casa", 40, seed=1) != sample(model, "Casa", 40, seed=2)
    assert set(first) <= set(known_characters(model))
    assert len(first) <= 40


def test_lines_of_another_language_are_filtered(corpus: Corpus, helped: Path) -> None:
    """They cost more bits than what nearly all lines of the model's own dev text cost."""
    model = LanguageModel.open(helped)
    scored = score(model, [sides_of(corpus, "gl").train.texts[0], "zqzq wxwx kqkq yyjj vvvv qqqq"], ngrams_only=True)
    assert keep(scored, float(model.about["typical"])).tolist() == [True, False]
    assert scored.mean == pytest.approx(scored.bits.sum() / scored.bytes.sum())


def test_one_document_is_parted_inside(tmp_path: Path) -> None:
    """Every tenth line chooses, nothing judges, and the card says on what the score is."""
    source = tmp_path / "one.jsonl"
    lines = [f"Linha {number} do livro da casa." for number in range(40)]
    source.write_text(json.dumps({"id": "a", "lang": "pt", "sections": [{"paragraphs": lines}]}) + "\n")
    from sprachbund import ingest

    ingest([source], tmp_path / "corpus")
    sides = sides_of(Corpus.open(tmp_path / "corpus"), "pt")
    assert sides.dev.texts[0].count("\n") == 4
    assert "Linha 9 do" in sides.dev.texts[0]
    assert not set(sides.dev.texts[0].split("\n")[:-1]) & set(sides.train.texts[0].split("\n")[:-1])
    train_language_model(tmp_path / "corpus", "pt", tmp_path / "PT", settings=NGRAMS)
    card = read_card(tmp_path / "PT")
    assert card is not None
    assert {each.on for each in card.scores} == {"dev, by which it was chosen"}


def test_what_cannot_be_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    """Too little text, a language that is not there, a dictionary of nobody; nothing is left behind."""
    tiny = make_corpus(tmp_path, {"pt": 1}, sentences=2)
    with pytest.raises(CorpusError, match="too few for a language model"):
        train_language_model(tiny, "pt", tmp_path / "PT", settings=NGRAMS)
    with pytest.raises(LanguageError, match="sv"):
        train_language_model(corpus, "sv", tmp_path / "SV", settings=NGRAMS)
    with pytest.raises(SettingsError, match="a dictionary of es is given"):
        train_language_model(corpus, "gl", tmp_path / "GL", dictionaries={"es": "x.tsv"}, settings=NGRAMS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "source.jsonl"]


def test_a_start_lends_its_ngrams(corpus: Corpus, tmp_path: Path) -> None:
    """Trained from a saved model of the neighbour, the model has its n-grams, and the card names it."""
    train_language_model(corpus, "pt", tmp_path / "PT", settings=NGRAMS)
    model = train_language_model(corpus, "gl", tmp_path / "GL", start=tmp_path / "PT", settings=NGRAMS)
    assert [each.language for each in model.ngrams] == ["gl", "pt"]
    card = read_card(tmp_path / "GL")
    assert card is not None
    assert [origin.name for origin in card.started_from] == ["PT"]


def test_words_are_respelled_with_their_capitals() -> None:
    """What the table knows, marks included; the rest stands."""
    table = {"cabeza": "cabe\u00e7a", "el": "o"}
    made, known = respelled(["El perro, CABEZA y Cabeza.\n"], table)
    assert made == ["O perro, CABE\u00c7A y Cabe\u00e7a.\n"]
    assert known == pytest.approx(3 / 5)


def test_damage_is_told(helped: Path, tmp_path: Path) -> None:
    """A gate of another shape, a manifest of another kind."""
    import shutil

    from sprachbund.files import write_array

    copy = tmp_path / "copy"
    shutil.copytree(helped, copy)
    write_array(copy / "gate.npy", np.zeros((2, 2)))
    with pytest.raises(FolderError, match="SHA-256"):
        LanguageModel.open(copy)
    with pytest.raises(FolderError, match="expected a language model"):
        LanguageModel.open(tmp_path)


def test_nfd_reads_as_nfc(helped: Path) -> None:
    """The same bits whichever way marks are written."""
    model = LanguageModel.open(helped)
    assert score(model, ["ca\u00e7a"]).bits.tolist() == score(model, ["cac\u0327a"]).bits.tolist()
    assert as_read("cac\u0327a") == "ca\u00e7a\n"


def test_a_folder_of_another_model_is_refused_and_nothing_stays_beside_it(corpus: Corpus, tmp_path: Path) -> None:
    """Said before any work; the model stays as it was, and no unfinished folder bars the next training."""
    train_language_model(corpus, "gl", out=tmp_path / "GL", settings=NGRAMS)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(FolderError, match="holds a language model of other data or settings"):
        train_language_model(corpus, "pt", out=tmp_path / "GL", settings=NGRAMS)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
