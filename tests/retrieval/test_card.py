"""The model card: a YAML head that model hubs read, and true numbers."""

import re
from typing import Any

import pytest
from tiny import NOISE_SETTINGS

from sprachbund.retrieval.encoder.card import write_card
from sprachbund.retrieval.settings import change

ABOUT: dict[str, Any] = {
    "task": "ic",
    "languages": ["no", "simple", "tr"],
    "pairs": {"tr": 1234, "no": 20},
    "passes": {"tr": 2.0, "no": 0.5},
    "corpus": "ab" * 32,
    "split": "cd" * 32,
    "scores": [
        {"language": "tr", "side": "dev", "pool": "unseen", "queries": 1500, "candidates": 1700, "mrr": 0.25}
        | {"recall@1": 0.125, "recall@10": 0.5},
        {"language": "tr", "side": "test", "pool": "mixed", "queries": 1400, "candidates": 5100, "mrr": 0.2}
        | {"recall@1": 0.1, "recall@10": 0.4},
    ],
}


def head(card: str) -> dict[str, Any]:
    """The YAML between the dashes, as any reader of YAML sees it."""
    yaml = pytest.importorskip("yaml")
    found = re.match(r"---\n(.*?)\n---\n\n# ", card, re.DOTALL)
    assert found
    values: dict[str, Any] = yaml.safe_load(found[1])
    return values


def test_the_head_is_yaml_that_hubs_know() -> None:
    """Wikimedia's codes become BCP 47: no is nb, never false; simple is en; the licence is the text's."""
    values = head(write_card("model", NOISE_SETTINGS, ABOUT, 42))
    assert values["library_name"] == "sprachbund" and values["pipeline_tag"] == "sentence-similarity"
    assert values["language"] == ["en", "nb", "tr"]
    assert values["license"] == "other" and values["license_name"] == "as-the-training-text"
    assert "retrieval" in values["tags"] and "sentence-similarity" in values["tags"]


def test_the_hubs_own_library_reads_the_head_and_the_scores() -> None:
    """A result a language, side and pool, with its three measures."""
    hub = pytest.importorskip("huggingface_hub")
    card = hub.ModelCard(write_card('mo"del', NOISE_SETTINGS, ABOUT, 42))
    assert card.data.model_name == 'mo"del'
    results = {(r.dataset_name, r.metric_type): r.metric_value for r in card.data.eval_results}
    assert results == {
        ("held-out text, tr, dev, pool unseen", "mrr"): 0.25,
        ("held-out text, tr, dev, pool unseen", "recall_at_1"): 0.125,
        ("held-out text, tr, dev, pool unseen", "recall_at_10"): 0.5,
        ("held-out text, tr, test, pool mixed", "mrr"): 0.2,
        ("held-out text, tr, test, pool mixed", "recall_at_1"): 0.1,
        ("held-out text, tr, test, pool mixed", "recall_at_10"): 0.4,
    }
    assert {r.dataset_config for r in card.data.eval_results} == {"tr"}


def test_numbers_stand_in_the_card() -> None:
    """Rows, scores by language and pool, pairs and passes, settings, the hashes of corpus and split."""
    card = write_card("model", change(NOISE_SETTINGS, bigram_weight=0.25, characters=(3,)), ABOUT, 1_234_567)
    assert "1,234,567 vectors of 24 numbers" in card and "by inverse cloze in 3 languages" in card
    assert "| tr | dev | unseen | 1,500 | 1,700 | 0.250 | 0.125 | 0.500 |" in card
    assert "| tr | test | mixed | 1,400 | 5,100 | 0.200 | 0.100 | 0.400 |" in card
    assert "Norwegian Bokmål (`no`), Simple English (`simple`), Turkish (`tr`)." in card
    assert "| tr | 1,234 | 2.00 |" in card and "| no | 20 | 0.50 |" in card
    assert "character n-grams of 3 inside them, bigrams weighted 0.25" in card
    assert "ab" * 32 in card and "cd" * 32 in card and 'Encoder.load("model")' in card


def test_what_an_export_says_stands_in_its_card() -> None:
    """Another library, its usage and its losses; sources and licence where they are known."""
    sources = [{"name": "a|b.jsonl", "format": "jsonl", "kept": 1200, "sha256": "ef" * 32}]
    about = ABOUT | {"license": "cc-by-sa-4.0", "sources": sources}
    card = write_card(
        "m", NOISE_SETTINGS, about, 1, library="sentence-transformers", usage=["import x"], notes=["Bigrams are lost."]
    )
    values = head(card)
    assert values["license"] == "cc-by-sa-4.0" and "license_name" not in values
    assert values["library_name"] == "sentence-transformers"
    assert "```python\nimport x\n```\n\nBigrams are lost.\n" in card and "Encoder.load" not in card
    assert f"| a\\|b.jsonl | jsonl | 1,200 | `{'ef' * 32}` |" in card
    assert "`cc-by-sa-4.0`, as who exported the model says." in card


def test_a_model_that_says_nothing_about_itself_has_a_card() -> None:
    """No languages, no scores, no tables of them."""
    card = write_card("model", NOISE_SETTINGS, {}, 1)
    assert not {"language", "model-index"} & set(head(card))
    assert "## Scores" not in card and "## Languages" not in card and "unknown" in card
