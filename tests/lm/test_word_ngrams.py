"""N-grams of words: a text cut without loss, probabilities as dictionaries give them, every text told."""

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.lm.kneser_ney import Reference

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import write_array, write_json
from sprachbund.lm.alphabet import SCALARS
from sprachbund.lm.ngram.chain import INSIDE
from sprachbund.lm.ngram.cutting import cut_words, is_word, share_of_words
from sprachbund.lm.ngram.following import Asking, following
from sprachbund.lm.ngram.joints import joint, learn_joints
from sprachbund.lm.ngram.model import after
from sprachbund.lm.ngram.vocabulary import Vocabulary
from sprachbund.lm.ngram.words import WordNGram, choose_words, read_words, train_words, word_bits, write_words
from sprachbund.lm.text import bytes_of

TEXTS = [
    "O rei foi \u00e0 ca\u00e7a. A rainha ficou s\u00f3, e o rei n\u00e3o voltou.\n",
    "\u00abO rei?\u00bb \u2014 disse a rainha. \u00abO rei foi \u00e0 guerra.\u00bb\nA guerra foi longa.\n",
    "Era uma vez um rei; o rei era velho, a rainha era nova.\nO rei disse-lhe: \u00abVai!\u00bb\n",
]
ASKED = [
    "O rei disse: \u00abA guerra foi longa.\u00bb\n",
    "Zeus ficou, e a zebra  riu \n\tsim \n",
    "\u0915\u093f\u0924\u093e\u092c \U0001f600 reino rei-rainha",
    "",
    " o",
    "o rei ",
]


@pytest.fixture(scope="module", params=[1, 2, 4])
def model(request: pytest.FixtureRequest) -> WordNGram:
    """Of little text."""
    return train_words(TEXTS, "pt", request.param)


class ByHand:
    """What a model of words says of a character, from dictionaries: sums over all its words, nothing kept."""

    def __init__(self, model: WordNGram):
        self.model, vocabulary = model, model.vocabulary
        own = model.ngram
        read = [model.encode(text).tolist() for text in TEXTS]
        self.kneser_ney = Reference(read, own.size, own.closing, own.order, own.discounts)
        self.tokens = {number: token for token, number in vocabulary.numbers.items()}

    def tell(self, text: str, place: int) -> float:
        """The probability of the character at a place."""
        tokens = [token for token, _ in cut_words(text[:place] + "\n")][:-1]
        gap = list(cut_words(text[:place] + "\n"))[-1][1]
        character = text[place]
        if tokens and is_word(tokens[-1]) and not gap:
            word = tokens[-1]
            masses = self.masses(tokens[:-1])
            going = {form: mass for form, mass in masses.items() if isinstance(form, str) and form.startswith(word)}
            spell = masses[None] * self.spell(word)
            whole = sum(going.values()) + spell
            if is_word(character):
                on = sum(mass for form, mass in going.items() if form.startswith(word + character))
                return (on + masses[None] * self.spell(word + character)) / whole
            ends = (going.get(word, 0.0) + masses[None] * self.spell(word, end=True)) / whole
            return ends * self.between(tokens, character, False)
        return self.between(tokens, character, gap)

    def between(self, tokens: list[str], character: str, gap: bool) -> float:
        """Of a character that no word stands before."""
        vocabulary, masses = self.model.vocabulary, self.masses(tokens)
        left = joint(tokens[-1], vocabulary) if tokens else vocabulary.closing
        shares = self.model.gaps[left]
        letters = self.model.letters
        blank = masses[None] * (letters * shares[0] + (1 - letters) * shares[-1])
        blank += sum(mass * shares[joint(form, vocabulary)] for form, mass in masses.items() if form is not None)
        if character == " " and not gap:
            return float(blank)
        kept = shares if gap else 1 - shares
        spell = masses[None] * self.spell(character)
        if is_word(character):
            told = kept[0] * (spell + sum(mass for form, mass in masses.items() if form and form[0] == character))
        else:
            told = kept[-1] * spell + kept[joint(character, vocabulary)] * masses.get(character, 0.0)
        return float(told / blank if gap else told)

    def masses(self, tokens: list[str]) -> dict[str | None, float]:
        """The probability of every token after some; None: the unknown one."""
        own = self.model.ngram
        numbers = [self.model.vocabulary.numbers.get(token, 0) for token in tokens]
        context = tuple([*self.kneser_ney.before, *numbers][len(numbers) :]) if own.order > 1 else ()
        return {self.tokens.get(number): self.kneser_ney.probability(context, number) for number in range(own.size)}

    def spell(self, word: str, end: bool = False) -> float:
        """Of an unknown token that begins so, or is this."""
        model, letters = self.model, share_of_words() * SCALARS
        if not is_word(word):
            return (1 - model.letters) / (SCALARS - letters)
        cost = model.spelling.ask([word + "\n" * end])[1].sum()
        unknown = sum(each not in model.spelling.alphabet.symbols for each in word)
        return float(model.letters * 2.0**-cost / (1 - model.end) * (SCALARS / letters) ** unknown)


def test_every_character_has_the_probability_of_the_formula(model: WordNGram) -> None:
    """Known and unknown words, in them and between, blanks in all places, scripts and signs that nobody has read."""
    hand = ByHand(model)
    for text in (*ASKED, TEXTS[1]):
        told = 2.0 ** -model.ask([text])[1]
        assert len(told) == len(text)
        assert told == pytest.approx([hand.tell(text, place) for place in range(len(text))], rel=1e-4)


def test_a_word_costs_its_class_and_its_letters(model: WordNGram) -> None:
    """Bits of a document are those of its tokens, blanks and spellings, less what spellings of known words save."""
    text = "O rei foi \u00e0 guerra.\n"
    numbers = model.encode(text)
    assert 0 not in numbers
    tokens = -sum(np.log2(after(model.ngram, numbers[:place])[0][number]) for place, number in enumerate(numbers))
    blanks = 0.0
    left = model.vocabulary.closing
    for token, gap in cut_words(text):
        own = joint(token, model.vocabulary)
        share = model.gaps[left, own]
        blanks -= np.log2(share if gap else 1 - share)
        left = own
    assert word_bits(model, [text])[0] < tokens + blanks + 1e-6
    # an unknown word between the same costs more than its class: its letters
    unknown = "O rei foi \u00e0 zanguerra.\n"
    told = after(model.ngram, model.encode(unknown)[:4])[0]
    spelling = float(model.spelling.ask(["zanguerra\n"])[1].sum())
    assert model.ask([unknown])[1][10:20].sum() > 0.9 * (-np.log2(told[0]) + spelling)


def test_all_tokens_after_a_context_sum_to_one(model: WordNGram) -> None:
    """The unknown word among them, after contexts that were read and such that were not."""
    for text in ("", "O rei", "zz zz rainha", "A rainha era nova.\nO"):
        told, *_ = after(model.ngram, model.encode(text))
        assert told.sum() == pytest.approx(1, abs=1e-5)
        assert told.min() > 0


def test_all_characters_after_a_text_sum_to_one(model: WordNGram) -> None:
    """Those that nobody has read too, which all have the same; each is what scoring charges for it."""
    characters = "".join(sorted(set("".join(TEXTS)) | {"\u2603", "\u0916"}))
    letter, sign = characters.index("\u0916"), characters.index("\u2603")
    letters = share_of_words() * SCALARS
    asking = Asking.of(model, characters)
    for text in ASKED:
        asked, cost = model.ask([text])
        for place in range(len(text)):
            told, kind, seen, peak = following(model, text[:place], asking)
            whole = told.sum() + told[letter] * (letters - 1) + told[sign] * (SCALARS - letters - 1)
            assert whole == pytest.approx(1, abs=1e-5)
            if text[place] in characters:
                assert told[characters.index(text[place])] == pytest.approx(2.0 ** -cost[place], rel=1e-6)
            assert (kind, seen, peak) == pytest.approx((asked.depths[place], asked.seen[place], asked.peaks[place]))


def test_what_kind_of_place_it_is_depends_on_what_stands_before() -> None:
    """And never on what comes: the weights of a mixture may not know it."""
    model = train_words(TEXTS, "pt", 3)
    one, other = model.ask(["O rei foi"])[0], model.ask(["O rei, zz"])[0]
    same = slice(0, 6)
    for name in ("depths", "seen", "peaks"):
        assert getattr(one, name)[same].tolist() == getattr(other, name)[same].tolist()
    assert one.depths[1] >= INSIDE > one.depths[0]


@pytest.mark.parametrize("text", [*TEXTS, *ASKED, "a  b", "  ", "cac\u0327a \u0628\u0650\u200c\u06cc x1\u00ad2"])
def test_a_text_is_cut_without_loss(text: str) -> None:
    """Tokens with their blanks are the text again; a word keeps its marks, joiners and digits."""
    assert "".join(" " * gap + token for token, gap in cut_words(text)) == text


def test_tokens_by_hand() -> None:
    """Words, signs by themselves, blanks before a token, a second blank and one that ends the text as tokens."""
    assert list(cut_words("Disse-lhe: \u0915\u093f\u0924\u093e\u092c  2\u00aa \n ")) == [
        ("Disse", False), ("-", False), ("lhe", False), (":", False), ("\u0915\u093f\u0924\u093e\u092c", True),
        (" ", True), ("2\u00aa", False), ("\n", True), (" ", False),
    ]  # fmt: skip


def test_blanks_are_counted_by_hand() -> None:
    """Between words always; after a comma three of three, drawn to what stands before words: (3 + 3.5/4) / (3 + 1)."""
    document = list(cut_words("a, b, c, d"))
    vocabulary = Vocabulary.of(Counter(token for token, _ in document), 1)
    joints = np.array([joint(token, vocabulary) for token, _ in document], np.int32)
    shares = learn_joints([(joints, np.array([gap for _, gap in document]))], vocabulary)
    comma = vocabulary.numbers[","]
    assert shares[0, 0] == 1
    assert shares[comma, 0] == pytest.approx((3 + 3.5 / 5) / 4)
    assert shares[0, comma] == pytest.approx((0 + 0.5 / 4) / 4)


def test_what_comes_once_teaches_the_unknown_word() -> None:
    """A word is known from two on; every one that comes once is read as unknown, and counted so."""
    model = train_words(["a b a c d a b\n"], "und", 1)
    assert model.vocabulary.words == ("a", "b")
    # counts: a 3, b 2, two unknown, one line's end
    told, *_ = after(model.ngram, model.encode(""))
    discount = model.ngram.discounts[0]
    left = (discount[2] + 2 * discount[1] + discount[0]) / 8
    assert told[0] == pytest.approx((2 - discount[1]) / 8 + left / 4)


def test_dev_chooses_how_far_words_look_back() -> None:
    """Of the text that was read farther than of words in no order."""
    saying = ["the same old story told again and again\n"] * 8
    assert choose_words(saying, saying[:1], "und").ngram.order > 1
    words = np.random.default_rng(1).choice(["one", "two", "three", "four", "five"], 400)
    noise = [" ".join(part) + "\n" for part in np.split(words, 4)]
    assert choose_words(noise[:3], noise[3:], "und").ngram.order == 1
    with pytest.raises(SettingsError, match="takes text of the dev side"):
        choose_words(saying, [], "und")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """To the bit, memory-mapped; damage is told, wherever it is."""
    model = train_words(TEXTS, "pt", 3)
    write_words(model, tmp_path / "words")
    again = read_words(tmp_path / "words")
    assert np.array_equal(again.ask(ASKED)[1], model.ask(ASKED)[1])
    assert (again.language, again.characters, again.vocabulary) == ("pt", model.characters, model.vocabulary)
    said = {
        "language": "pt",
        "characters": 5,
        "letters": 0.5,
        "others": model.vocabulary.others,
        "words": list(model.vocabulary.words),
    }
    for damage in (
        {"words": [*said["words"][1:], said["words"][0]]}, {"words": ["a b"]}, {"words": [1]}, {"others": "b\n"},
        {"characters": "5"}, {"letters": 1.5},
    ):  # fmt: skip
        shutil.copytree(tmp_path / "words", tmp_path / "copy")
        write_json(tmp_path / "copy" / "words.json", said | damage)
        with pytest.raises(FolderError, match=r"words\.json: damaged"):
            read_words(tmp_path / "copy")
        shutil.rmtree(tmp_path / "copy")
    write_array(tmp_path / "words" / "gaps.npy", model.gaps[1:])
    with pytest.raises(FolderError, match=r"gaps\.npy: damaged, expected shares of shape"):
        read_words(tmp_path / "words")


def test_no_text_is_refused_and_one_word_is_a_model() -> None:
    """A text without any word that comes twice has characters between, and the unknown word."""
    with pytest.raises(SettingsError, match="needs some text"):
        train_words([], "pt", 2)
    alone = train_words(["\u0e44\u0e17\u0e22\n"], "th", 4)
    assert alone.vocabulary.words == ()
    assert word_bits(alone, ["\u0e44\u0e17\u0e22\n"])[0] < 8 * bytes_of(["\u0e44\u0e17\u0e22\n"])[0]
