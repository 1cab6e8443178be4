"""Minimal pairs: tables as others have them, and what a model makes of them."""

import gzip
from pathlib import Path

import pytest

from sprachbund.errors import SourceError
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.pairs import judge_pairs, read_sentence_pairs


def test_tables_with_and_without_a_head(tmp_path: Path) -> None:
    """MultiBLiMP's columns by name, others' first two; what is no pair is left out; compressed too."""
    named = tmp_path / "named.tsv.gz"
    with gzip.open(named, "wt", encoding="utf-8") as out:
        out.write("id\twrong_sen\tsen\n1\tShe walk.\tShe walks.\n2\tsame\tsame\n3\t\tempty\n")
    assert read_sentence_pairs(named) == [("She walks.", "She walk.")]
    plain = tmp_path / "plain.tsv"
    plain.write_text("a b\ta c\nalone\n", encoding="utf-8")
    assert read_sentence_pairs(plain) == [("a b", "a c")]
    plain.write_text("alone\n", encoding="utf-8")
    with pytest.raises(SourceError, match="a right and a wrong sentence"):
        read_sentence_pairs(plain)


def test_a_model_knows_what_it_has_read() -> None:
    """Agreement that is always kept in its text; shuffled alike the words still tell, one that was never read does."""
    text = ("the dog walks home\nthe dogs walk home\n" * 30) + "\n"
    model = LanguageModel("en", (train_characters([text], "en", 8),))
    told = judge_pairs(
        model, [("the dog walks home", "the dog walk home"), ("the dogs walk home", "the dogs walks home")]
    )
    assert told.right.tolist() == [1.0, 1.0]
    assert (told.mean, told.low, told.high) == (1.0, 1.0, 1.0)
    assert 0 <= told.shuffled <= 1
    backwards = judge_pairs(model, [("the dog walk home", "the dog walks home")])
    assert backwards.mean == 0
