"""N-grams as ARPA: read back by KenLM's rules, every character has the model's own probability."""

import math
from pathlib import Path

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.export.arpa import FILE, token, write_arpa
from sprachbund.export.language_models import write_language_model
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import train_characters

TEXTS = [
    "O rei foi \u00e0 ca\u00e7a.\nA rainha ficou s\u00f3.\n",
    "Era uma vez um rei que n\u00e3o tinha filhos.\n",
    "\u0915\u093f\u0924\u093e\u092c <s> \u2581\n",
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
