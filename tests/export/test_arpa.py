"""N-grams as ARPA: read back by KenLM's rules, every character has the model's own probability."""

import math
from pathlib import Path

import numpy as np
import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.export.arpa import FILE, token, write_arpa
from sprachbund.export.arpa_words import write_word_arpa
from sprachbund.export.language_models import write_language_model
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.ngram.cutting import cut_words
from sprachbund.lm.ngram.model import ask
from sprachbund.lm.ngram.words import WordNGram, train_words

TEXTS = [
    "O rei foi \u00e0 ca\u00e7a.\nA rainha ficou s\u00f3.\n",
    "Era uma vez um rei que n\u00e3o tinha filhos.\n",
    "\u0915\u093f\u0924\u093e\u092c <s> \u2581\n",
]
WORDS = [
    "O rei foi \u00e0 ca\u00e7a.\nA rainha ficou.\nO rei foi \u00e0 guerra, a rainha ficou.\n",
    "A rainha foi \u00e0 guerra.\nO rei ficou, e foi \u00e0 ca\u00e7a.\n",
    "O rei foi.\n\u0915\u093f\u0924\u093e\u092c e \u0915\u093f\u0924\u093e\u092c\n",
]
ASKED = ["O rei ficou z\u00e7.\n", "Era s\u00f3 um dia\nsim\n", TEXTS[0], "\u0915\u093f <s>\n"]


class Arpa:
    """A reader of ARPA files that knows nothing of ours: the longest n-gram that is there, or back off."""

    def __init__(self, path: Path):
        self.grams: dict[tuple[str, ...], tuple[float, float]] = {}
        said: dict[int, int] = {}
        length = 0
        found: dict[int, int] = {}
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith("ngram "):
                number, count = line[6:].split("=")
                said[int(number)] = int(count)
            elif line.startswith("\\") and line.endswith("-grams:"):
                length = int(line[1:].split("-")[0])
            elif "\t" in line:
                probability, words, *back = line.split("\t")
                assert len(words.split(" ")) == length
                self.grams[tuple(words.split(" "))] = (float(probability), float(back[0]) if back else 0.0)
                found[length] = found.get(length, 0) + 1
        assert said == found
        self.order = length
        # KenLM's rule: the context of every n-gram is an n-gram, and so is what it ends with
        assert all(words[:-1] in self.grams and words[1:] in self.grams for words in self.grams if len(words) > 1)

    def score(self, context: tuple[str, ...], word: str) -> float:
        """The logarithm of ten of a word's probability."""
        if (word,) not in self.grams:
            word = "<unk>"
        if (*context, word) in self.grams:
            return self.grams[*context, word][0]
        back = self.grams[context][1] if context in self.grams else 0.0
        return back + self.score(context[1:], word)

    def each(self, text: str) -> list[float]:
        """Of each character of a document."""
        words = ["<s>", *(token(character) for character in "\n" + text)]
        return [self.score(tuple(words[max(0, at - self.order + 1) : at]), words[at]) for at in range(2, len(words))]


@pytest.mark.parametrize("order", [2, 3, 6])
def test_every_probability_is_the_models_own(order: int, tmp_path: Path) -> None:
    """Known and unknown characters, blanks and line ends, what looks like a marker, another script."""
    model = train_characters(TEXTS, "pt", order)
    count = write_arpa(model, tmp_path / FILE)
    arpa = Arpa(tmp_path / FILE)
    assert count == len(arpa.grams)
    for text in ASKED:
        wanted = np.log10(model.ask([text])[0].probabilities)
        assert np.allclose(arpa.each(text), wanted, atol=2e-6)


def test_one_letter_alone(tmp_path: Path) -> None:
    """Of order one there is no context: the probabilities of all that may come sum to one."""
    write_arpa(train_characters(TEXTS, "pt", 1), tmp_path / FILE)
    told = [10**p for (word,), (p, _) in Arpa(tmp_path / FILE).grams.items() if word not in ("<s>", "</s>")]
    assert math.fsum(told) == pytest.approx(1, abs=1e-6)


def line_of(model: WordNGram, text: str) -> np.ndarray:
    """log10 of the tokens of a line in a text whose line before is not known, and of its end: the model's own."""
    own = model.ngram
    # two line ends never stand together, so that nothing is known of what stands before the second one
    numbers = np.concatenate(([own.closing], model.encode(text), [own.closing])).astype(np.int32)
    return np.log10(ask(own, [numbers]).probabilities[1:])


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_every_probability_of_words_is_the_models_own(order: int, tmp_path: Path) -> None:
    """Of a line between its ends: known and unknown words, signs, what looks like a marker, another script."""
    model = train_words(WORDS, "pt", order)
    count = write_word_arpa(model, tmp_path / FILE)
    arpa = Arpa(tmp_path / FILE)
    assert count == len(arpa.grams)
    assert arpa.order == order
    for text in (
        "O rei foi \u00e0 ca\u00e7a.",
        "A rainha, z\u00e7, foi <s>",
        "",
        "rei </s> \u0915\u093f\u0924\u093e\u092c O rei",
    ):
        known = [each if (each,) in arpa.grams else "<unk>" for each, _ in cut_words(text)]
        tokens = ["<s>", *known, "</s>"]
        told = [arpa.score(tuple(tokens[max(0, at - order + 1) : at]), tokens[at]) for at in range(1, len(tokens))]
        assert told == pytest.approx(line_of(model, text), abs=2e-6)


def test_a_line_of_words_stands_between_its_ends(tmp_path: Path) -> None:
    """By KenLM's rules: nothing stands before a beginning or after an end, which are foretold never and last."""
    write_word_arpa(train_words(WORDS, "pt", 3), tmp_path / FILE)
    grams = Arpa(tmp_path / FILE).grams
    assert all("<s>" not in words[1:] and "</s>" not in words[:-1] for words in grams)
    assert grams["<s>",][0] == -99
    assert ("<s>", "O", "rei") in grams
    assert (".", "</s>") in grams
    assert ("<unk>",) in grams
    told = [10**p for (word,), (p, _) in ((w, g) for w, g in grams.items() if len(w) == 1) if word != "<s>"]
    assert math.fsum(told) == pytest.approx(1, abs=1e-6)
    assert not any(len(part.split()) != 1 for words in grams for part in words)


def test_a_token_is_one_word() -> None:
    """What a reader would split at or not see is written by its code point."""
    assert [token(each) for each in "a\u00f1 \n\u00a0\u0301\u2003\u0915"] == [
        "a", "\u00f1", "<U+0020>", "<U+000A>", "<U+00A0>", "<U+0301>", "<U+2003>", "\u0915",
    ]  # fmt: skip


def test_an_export_of_a_folder(tmp_path: Path) -> None:
    """With a card; a model without a neural part has this format alone."""
    LanguageModel("pt", (train_characters(TEXTS, "pt", 3),)).save(tmp_path / "PT")
    told = write_language_model(tmp_path / "PT", tmp_path / "arpa", "arpa")
    assert told["form"] == "arpa"
    assert (tmp_path / "arpa" / FILE).exists()
    assert "library_name" in (tmp_path / "arpa" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(SettingsError, match="no format for language models is called 'words'"):
        write_language_model(tmp_path / "PT", tmp_path / "x", "words")
    with pytest.raises(FolderError, match="has no n-grams of words"):
        write_language_model(tmp_path / "PT", tmp_path / "x", "arpa", units="words")
    with pytest.raises(SettingsError, match="gguf takes no words; units are of the format arpa: characters or words"):
        write_language_model(tmp_path / "PT", tmp_path / "x", "gguf", units="words")
    with pytest.raises(SettingsError, match="arpa takes no letters"):
        write_language_model(tmp_path / "PT", tmp_path / "x", "arpa", units="letters")
    assert not (tmp_path / "x").exists()


def test_an_export_of_words(tmp_path: Path) -> None:
    """The words of a folder, as many as the manifest says."""
    words = train_words(WORDS, "pt", 3)
    LanguageModel("pt", (train_characters(WORDS, "pt", 3),), words=words).save(tmp_path / "PT")
    told = write_language_model(tmp_path / "PT", tmp_path / "arpa", "arpa", units="words")
    assert (told["rows"], told["dim"]) == (len(Arpa(tmp_path / "arpa" / FILE).grams), 3)
    said = f"N-grams of {len(words.vocabulary.words)} words"
    assert said in (tmp_path / "arpa" / "README.md").read_text(encoding="utf-8")
