"""Words with counts from lists as they are found, and from a corpus."""

import gzip
import unicodedata
from pathlib import Path

import pytest

from sprachbund import Corpus, ingest
from sprachbund.cognates.words import counted_words, read_words, words_of_corpus
from sprachbund.errors import CorpusError, SettingsError, SourceError


@pytest.mark.parametrize(
    ("text", "words", "counts"),
    [
        ("que 30\nde 20\n", ("que", "de"), [30, 20]),
        ("  20 de\n  30 que\n", ("que", "de"), [30, 20]),  # as `uniq -c` writes it
        ("de\t20\textra\nQue\t25\nque\t5\n", ("que", "de"), [30, 20]),
        ("que\nde\n\nla\n", ("que", "de", "la"), [3, 2, 1]),  # without counts the order is all
        ("\ufeffque 3\r\nde 2\r\n", ("que", "de"), [3, 2]),
    ],
)
def test_lists_of_words(text: str, words: tuple[str, ...], counts: list[int], tmp_path: Path) -> None:
    """Word and count in either order, by tabs or blanks; compressed or not."""
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "a.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("a.txt", "a.gz"):
        found = read_words(tmp_path / name, "es")
        assert (found.language, found.words, found.counts.tolist()) == ("es", words, counts)


def test_what_is_no_word_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Lines without a word or a count are named, at most five of them."""
    (tmp_path / "a").write_text("de 2\n... 4\n12 13\nno pone nada\n" + "x" * 60 + " 3\n", encoding="utf-8")
    assert read_words(tmp_path / "a", "es").words == ("de",)
    assert "4 lines are no word with a count and are left out: line 2, line 3, line 4, line 5" in caplog.text


def test_normal_forms_and_case_are_one() -> None:
    """Equal words are summed, the most frequent kept."""
    nfd = unicodedata.normalize("NFD", "Ação")
    found = counted_words("pt", [(nfd, 2), ("ação", 2), ("de", 3), ("a", 1)], most=2)
    assert (found.words, found.counts.tolist()) == (("ação", "de"), [4, 3])


def test_errors_are_one_line(tmp_path: Path) -> None:
    """No file, no word, no count."""
    with pytest.raises(SourceError, match="no such file"):
        read_words(tmp_path / "none", "es")
    (tmp_path / "a").write_text("12 13\n")
    with pytest.raises(SourceError, match="expected a word and its count on each line, found none"):
        read_words(tmp_path / "a", "es")
    (tmp_path / "b").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(SourceError, match="zip archive"):
        read_words(tmp_path / "b", "es")
    with pytest.raises(SettingsError, match="expected a whole number"):
        counted_words("es", {"a": 1.5})  # type: ignore[dict-item]
    with pytest.raises(CorpusError, match="found none"):
        counted_words("es", {})


def test_words_of_a_corpus(tmp_path: Path) -> None:
    """Counted by the words that the models use, in lower case."""
    (tmp_path / "a.txt").write_text("La casa es la casa. La niña canta.\n", encoding="utf-8")
    ingest([tmp_path / "a.txt"], tmp_path / "corpus", language="es")
    found = words_of_corpus(Corpus.open(tmp_path / "corpus"), "es")
    assert dict(zip(found.words, found.counts.tolist(), strict=True)) == {
        "la": 3, "casa": 2, "es": 1, "niña": 1, "canta": 1,
    }  # fmt: skip
    assert found.words[:2] == ("la", "casa")
