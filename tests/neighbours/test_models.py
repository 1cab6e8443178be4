"""Bits under another language's model, and mean vectors: by hand, as probabilities, and on the sample corpus."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from sprachbund import ingest
from sprachbund.errors import MissingDataError, SettingsError
from sprachbund.neighbours.byte_model import bits, judged, next_byte, train
from sprachbund.neighbours.modelled import JUDGED, TRAINED, bits_of, split_text, vectors_of
from sprachbund.neighbours.sources import Sources

TEXTS = ["o cão pequeno", "um cão", "", "日本語\x00"]


def test_probabilities_by_hand() -> None:
    """Of ``aab``: after ``a`` at the beginning of a text Witten and Bell's weights, order by order."""
    once = 1 / 256
    single = (1 + 2 * once) / 5  # b: 1 of 3 bytes, 2 kinds
    double = (1 + 2 * single) / 4  # after a: 1 of 2, 2 kinds
    # all longer contexts, edges among them, came once and before one byte: each halves what the shorter gives to others
    found = next_byte(train(["aab"]), b"a")
    assert found[ord("b")] == pytest.approx(double / 32)
    assert found[ord("a")] == pytest.approx(1 - (1 - (1 + 2 * (2 + 2 * once) / 5) / 4) / 32)


@pytest.mark.parametrize("context", [b"", b"c", "cã".encode(), b"zzzzzzzzzz", b"\xff"])
def test_probabilities_sum_to_one(context: bytes) -> None:
    """After any bytes, seen or not, and none is nought: what was never seen is charged in full."""
    found = next_byte(train(TEXTS), context)
    assert found.sum() == pytest.approx(1) and found.min() > 0


def test_bits_are_those_of_the_bytes_in_turn() -> None:
    """Of each document by itself, one without text left out."""
    model = train(TEXTS)
    texts = ["um cão novo", "", "ñ"]
    slow = []
    for text in texts:
        data = text.encode()
        slow.append(sum(-np.log2(next_byte(model, data[:place])[data[place]]) for place in range(len(data))))
    asked = judged(texts)
    assert bits(model, asked) == pytest.approx([slow[0], slow[2]])
    assert asked.sizes.tolist() == [12, 2]


def test_text_is_needed() -> None:
    """To make a model and to judge."""
    for work in (train, judged):
        with pytest.raises(SettingsError, match="found"):
            work(["", ""])


def test_what_trains_is_not_judged() -> None:
    """Every fifth document is judged, by its beginning; of a single one the beginning; sizes have an end."""
    documents = [f"{number:05d}" * 2_000 for number in range(60)]
    trained, asked = split_text(documents)
    assert len("".join(trained)) == TRAINED and len("".join(asked)) == JUDGED
    assert not {text[:5] for text in trained} & {text[:5] for text in asked}
    trained, asked = split_text(["é" * 50 + "x" * 100])
    assert asked == ["é" * 20] and trained == ["é" * 30 + "x" * 100]


@pytest.fixture(scope="module")
def corpus(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample corpus, ingested."""
    folder = tmp_path_factory.mktemp("neighbours") / "corpus"
    ingest(sample, folder)
    return folder


def test_bits_on_the_sample(corpus: Path) -> None:
    """Galician takes fewest bits under its own model, fewer under Portuguese than under Turkish, intervals apart."""
    sources = Sources(corpus=corpus)
    own, near, far = (bits_of(sources, "gl", code) for code in ("gl", "pt", "tr"))
    assert own.value is not None and near.value is not None and far.value is not None
    assert own.value == pytest.approx(near.parts["own model"], abs=1e-4)
    assert own.value < near.value < far.value and near.high is not None and far.low is not None and near.high < far.low
    assert near.coverage is not None and 0 < near.coverage < 1
    assert bits_of(sources, "gl", "ta").parts["lacking"] == "the corpus has too little text of ta"
    with pytest.raises(MissingDataError, match="--corpus"):
        bits_of(Sources(), "gl", "pt")


class Letters:
    """Stands in for an encoder: of a text the shares of a few letters."""

    about: ClassVar[Any] = {"languages": ["gl", "pt", "tr"]}

    def encode(self, texts: list[str], language: str = "") -> Any:
        rows = np.array([[text.count(letter) + 0.01 for letter in "aeiouwküıç"] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_mean_vectors(corpus: Path) -> None:
    """1 - cosine of the means, worked out again plainly; a language that the encoder has not seen has no value."""
    from sprachbund.corpus.store import Corpus

    sources = Sources(corpus=corpus, encoder=Path("model"))
    sources.kept[("encoder", sources.encoder)] = Letters()
    near, far = vectors_of(sources, "gl", "pt"), vectors_of(sources, "gl", "tr")
    means = []
    for code in ("gl", "pt"):
        table = Corpus.open(corpus).read(code, ["text"])
        means.append(Letters().encode(table["text"].to_list()[:2_000]).astype(np.float64).mean(0))
    cosine = means[0] @ means[1] / np.linalg.norm(means[0]) / np.linalg.norm(means[1])
    assert near.value == pytest.approx(1 - cosine, abs=1e-6)
    assert near.low is not None and near.high is not None and far.low is not None and near.value is not None
    assert near.low <= near.value <= near.high < far.low
    assert vectors_of(sources, "gl", "es").parts["lacking"] == "the encoder was not trained on es"
    with pytest.raises(MissingDataError, match="--encoder"):
        vectors_of(Sources(corpus=corpus), "gl", "pt")
