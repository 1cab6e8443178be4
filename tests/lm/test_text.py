"""Documents as language models read them, and the characters that they know."""

import json
from pathlib import Path

import numpy as np

from sprachbund import Corpus, ingest
from sprachbund.corpus.placing import place_corpus
from sprachbund.corpus.splits import TRAIN
from sprachbund.lm.alphabet import UNKNOWN_BITS, Alphabet
from sprachbund.lm.text import Texts, as_read, bytes_of, cut, documents_of


def test_a_document_is_one_text(tmp_path: Path) -> None:
    """Sentences by blanks, paragraphs by lines, one line's end at the end; NFD comes as NFC."""
    record = {
        "id": "a",
        "lang": "pt",
        "sections": [
            {"paragraphs": ["Era uma vez. Um rei vivia so\u0301 ali.", "Morreu cedo."]},
            {"paragraphs": ["Foi o fim da hist\u00f3ria."]},
        ],
    }
    source = tmp_path / "source.jsonl"
    source.write_text(json.dumps(record) + "\n", encoding="utf-8")
    ingest([source], tmp_path / "corpus")
    corpus = Corpus.open(tmp_path / "corpus")
    texts = documents_of(corpus, place_corpus(corpus, None)["pt"], TRAIN)
    assert texts.names == ("a",)
    assert texts.texts == ("Era uma vez. Um rei vivia s\u00f3 ali.\nMorreu cedo.\nFoi o fim da hist\u00f3ria.\n",)


def test_plain_text_is_read_alike() -> None:
    """Empty lines and blanks at ends are no text."""
    assert as_read("um  dia \r\n\n dois") == "um dia\ndois\n"


def test_an_alphabet_numbers_by_code_point() -> None:
    """What is not known is 0, beyond the basic plane too; the line's end is always known."""
    alphabet = Alphabet.of(["ab\u00f1\U0001f600"])
    assert alphabet.symbols == "\nab\u00f1\U0001f600"
    assert alphabet.encode("b\U0001f600z\ud800\n").tolist() == [3, 5, 0, 0, 1]
    assert alphabet.decode([3, 0]) == "b\ufffd"
    assert alphabet.size == 6
    assert round(2**UNKNOWN_BITS) == 0x110000 - 0x800


def test_rare_characters_may_be_left_out() -> None:
    """Those that occur less often than is asked."""
    assert Alphabet.of(["aab"], minimum=2).symbols == "\na"


def test_a_cut_keeps_whole_documents_and_words() -> None:
    """In an order that the seed draws; the last one ends at a word."""
    texts = Texts(("a", "b"), ("a", "b"), ("um dois\n", "three four five\n"))
    assert cut(texts, 0) == texts
    for seed in range(4):
        short = cut(texts, 13, seed)
        assert short.characters <= 13
        assert all(text in ("um dois\n", "um\n", "three four\n", "three\n") for text in short.texts)
    assert {cut(texts, 9, seed).texts for seed in range(8)} == {("um dois\n",), ("three\n",)}


def test_bytes_are_of_utf8() -> None:
    """Of each text."""
    assert np.array_equal(bytes_of(["a\u00f1\n", ""]), [4, 0])
