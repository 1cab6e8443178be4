"""Minimal pairs: tables as others have them, and what a model makes of them."""

import gzip
import math
from pathlib import Path

import pytest

from sprachbund.errors import SourceError
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.pairs import MinimalPair, judge_pairs, read_sentence_pairs, shares


def test_tables_with_and_without_a_head(tmp_path: Path) -> None:
    """MultiBLiMP's columns by name, others' first two; what is no pair is left out; compressed too."""
    named = tmp_path / "named.tsv.gz"
    with gzip.open(named, "wt", encoding="utf-8") as out:
        out.write("id\twrong_sen\tsen\n1\tShe walk.\tShe walks.\n2\tsame\tsame\n3\t\tempty\n")
    assert read_sentence_pairs(named) == [MinimalPair("She walks.", "She walk.")]
    plain = tmp_path / "plain.tsv"
    plain.write_text("a b\ta c\nalone\n", encoding="utf-8")
    assert read_sentence_pairs(plain) == [MinimalPair("a b", "a c")]
    plain.write_text("alone\n", encoding="utf-8")
    with pytest.raises(SourceError, match="a right and a wrong sentence"):
        read_sentence_pairs(plain)


def test_a_model_knows_what_it_has_read() -> None:
    """Agreement that is always kept in its text; shuffled alike the words still tell, one that was never read does."""
    text = ("the dog walks home\nthe dogs walk home\n" * 30) + "\n"
    model = LanguageModel("en", (train_characters([text], "en", 8),))
    pairs = [
        MinimalPair("the dog walks home", "the dog walk home", "number", 0),
        MinimalPair("the dogs walk home", "the dogs walks home", "number", 5),
    ]
    told = judge_pairs(model, pairs)
    assert told.right.tolist() == [1.0, 1.0]
    assert (told.mean, told.low, told.high) == (1.0, 1.0, 1.0)
    assert 0 <= told.shuffled <= 1
    backwards = judge_pairs(model, [MinimalPair("the dog walk home", "the dog walks home")])
    assert backwards.mean == 0 and math.isnan(backwards.low)


def test_shares_by_feature_and_distance_and_pairs_of_one_sentence_are_drawn_together() -> None:
    """Means by hand; an interval needs two sentences, however many pairs one has."""
    text = ("the dog walks home\nthe dogs walk home\n" * 30) + "\n"
    model = LanguageModel("en", (train_characters([text], "en", 8),))
    pairs = [
        MinimalPair("the dog walks home", "the dog walk home", "number", 0),
        MinimalPair("the dog walks home", "the dogs walks home", "number", 2),
        MinimalPair("the dog walk home", "the dog walks home", "person", 3),
    ]
    told = judge_pairs(model, pairs)
    assert told.groups.tolist() == [1, 1, 0]
    found = {(x.by, x.name): (x.pairs, x.mean, math.isnan(x.low)) for x in shares(pairs, told)}
    assert found == {
        ("feature", "number"): (2, 1.0, True),
        ("feature", "person"): (1, 0.0, True),
        ("words between", "0"): (1, 1.0, True),
        ("words between", "2 or 3"): (2, 0.5, False),
    }


def test_what_a_table_says_of_its_pairs(tmp_path: Path) -> None:
    """MultiBLiMP's phenomena are features, its signed distances words between; other names stay."""
    table = tmp_path / "pairs.tsv"
    rows = [
        "sen\tdistance\tphenomenon\twrong_sen", "a\t-3\tSV-#\tb", "c\t1\tSP-P\td", "e\t\tislands\tf", "g\tx\t\th",
    ]  # fmt: skip
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert read_sentence_pairs(table) == [
        MinimalPair("a", "b", "number", 2),
        MinimalPair("c", "d", "person", 0),
        MinimalPair("e", "f", "islands"),
        MinimalPair("g", "h"),
    ]
