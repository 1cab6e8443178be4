"""word2vec's text format, read as gensim reads it: the addends of the encoder's vectors."""

from pathlib import Path

import numpy as np
from by_hand import length_one, row, unit

from sprachbund import Encoder
from sprachbund.arrays import Float32
from sprachbund.corpus.segment import words
from sprachbund.export import write_export
from sprachbund.ngrams.keys import bigram_key, word_key


def read(path: Path) -> dict[str, Float32]:
    """gensim's reader of the text format: a header, then lines parted at single spaces, floats as float32."""
    with path.open("rb") as handle:
        count, dim = map(int, handle.readline().decode("utf-8").split())
        found: dict[str, Float32] = {}
        for line in handle:
            parts = line.decode("utf-8").rstrip().split(" ")
            assert len(parts) == dim + 1, parts[0]
            assert parts[0] not in found
            found[parts[0]] = np.array([np.float32(number) for number in parts[1:]])
    assert len(found) == count
    return found


def test_every_word_has_its_whole_vector(best: Encoder, tmp_path: Path) -> None:
    """Each word of the vocabulary and no character n-gram, to a rounding what the plain references give."""
    made = write_export(best, tmp_path / "out", "word2vec")
    found = read(tmp_path / "out" / "vectors.txt")
    names = best.vocabulary.strings.to_list()
    expected = [name for name, order in zip(names, best.vocabulary.orders.tolist(), strict=True) if order == 1]
    assert list(found) == expected and made["rows"] == len(expected) > 500
    for word in [*expected[:40], *expected[-40:]]:
        np.testing.assert_allclose(found[word], unit(best, word), rtol=1e-5, atol=1e-6)


def test_words_and_bigrams_add_up_to_the_encoder(encoders: dict[str, Encoder], tmp_path: Path) -> None:
    """With the paper's settings a text of known words is the sum of its lines, brought to length 1."""
    encoder = encoders["paper"]
    write_export(encoder, tmp_path / "out", "word2vec")
    found = read(tmp_path / "out" / "vectors.txt")
    pairs = [name for name in found if "_" in name]
    assert len(pairs) > 500
    for pair in pairs[:60]:
        first, second = pair.split("_")
        expected = row(encoder, bigram_key(word_key(first), word_key(second)))
        np.testing.assert_array_equal(found[pair], expected * np.float32(encoder.settings.encoder.bigram_weight))
        text = f"{first} {second}"
        if first != second and words(text, "") == [first, second]:
            total = found[first] + found[second] + found[pair]
            np.testing.assert_allclose(encoder.encode([text])[0], length_one(total[None])[0], atol=1e-5)


def test_numbers_come_back_to_the_bit(encoders: dict[str, Encoder], tmp_path: Path) -> None:
    """Without characters a word's line is its row of the table, every bit of it."""
    encoder = encoders["plain"]
    write_export(encoder, tmp_path / "out", "word2vec")
    found = read(tmp_path / "out" / "vectors.txt")
    np.testing.assert_array_equal(np.stack(list(found.values())), encoder.table)
