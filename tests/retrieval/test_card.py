"""The model card: a YAML head that model hubs read, and true numbers."""

import re
from typing import Any

from tiny import NOISE_SETTINGS

from sprachbund.retrieval.card import write_card
from sprachbund.retrieval.settings import change

ABOUT: dict[str, Any] = {
    "task": "ic",
    "languages": ["no", "simple", "tr"],
    "pairs": {"tr": 1234, "no": 20},
    "passes": {"tr": 2.0, "no": 0.5},
    "corpus": "ab" * 32,
    "scores": [
        {"language": "tr", "side": "dev", "queries": 1500, "candidates": 1700, "mrr": 0.25, "recall@1": 0.125}
        | {"recall@10": 0.5}
    ],
}


def head(card: str) -> dict[str, Any]:
    """The YAML between the dashes: flat keys, lists of plain values (what the card may use of YAML, no more)."""
    found = re.match(r"---\n(.*?)\n---\n\n# ", card, re.DOTALL)
    assert found
    values: dict[str, Any] = {}
    key = ""
    for line in found[1].split("\n"):
        if line.startswith("- "):
            assert re.fullmatch(r"- [\w-]+", line), line
            values[key].append(line[2:])
        else:
            matched = re.fullmatch(r"([a-z_]+):(?: ([\w-]+))?", line)
            assert matched, line
            key = matched[1]
            values[key] = matched[2] if matched[2] else []
    return values


def test_the_head_is_yaml_that_hubs_know() -> None:
    """Wikimedia's codes become BCP 47: no is nb or no, simple is en; the licence is the text's."""
    values = head(write_card("model", NOISE_SETTINGS, ABOUT, 42))
    assert values["library_name"] == "sprachbund"
    assert set(values["language"]) >= {"en", "tr"} and len(values["language"]) == 3
    assert values["license"] == "other" and "retrieval" in values["tags"]


def test_numbers_stand_in_the_card() -> None:
    """Rows, scores, pairs and passes, settings, the corpus's hash."""
    card = write_card("model", change(NOISE_SETTINGS, bigram_weight=0.25, characters=(3,)), ABOUT, 1_234_567)
    assert "1,234,567 vectors of 24 numbers" in card and "by inverse cloze in 3 languages" in card
    assert "| tr | dev | 1,500 | 1,700 | 0.250 | 0.125 | 0.500 |" in card
    assert "| tr | 1,234 | 2.00 |" in card and "| no | 20 | 0.50 |" in card
    assert "character n-grams of 3 inside them, bigrams weighted 0.25" in card
    assert "ab" * 32 in card and 'Encoder.load("model")' in card


def test_a_model_that_says_nothing_about_itself_has_a_card() -> None:
    """No languages, no scores, no tables of them."""
    card = write_card("model", NOISE_SETTINGS, {}, 1)
    assert "language" not in head(card)
    assert "## Scores" not in card and "unknown" in card
