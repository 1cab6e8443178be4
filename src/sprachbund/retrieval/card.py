"""The model card: what a stranger must know before using an encoder, in the form that model hubs read."""

from collections.abc import Mapping
from typing import Any

from sprachbund.files import package_version
from sprachbund.languages import find
from sprachbund.retrieval.settings import TASK_NAMES, Settings


def write_card(name: str, settings: Settings, about: Mapping[str, Any], rows: int) -> str:
    """Markdown with a YAML head: languages, licence, tags, settings, scores by language and pool, data."""
    languages = list(about.get("languages", []))
    codes = sorted({find(language).bcp47 for language in languages})
    encoder, training = settings.encoder, settings.training
    lines = ["---", "library_name: sprachbund"]
    if codes:
        lines += ["language:", *(f"- {code}" for code in codes)]
    lines += [
        "license: other",
        "license_name: as-the-training-text",
        "tags:",
        "- sentence-similarity",
        "- retrieval",
    ]
    lines += ["- static-embeddings", "---", "", f"# {name}", ""]
    task = about.get("task")
    lines += [
        f"A sprachbund encoder: a bag of n-grams with {rows:,} vectors of {encoder.dim} numbers, trained from raw text"
        + (f" by {TASK_NAMES[task]}" if task in TASK_NAMES else "")
        + (f" in {len(languages)} language{'s' if len(languages) > 1 else ''}" if languages else "")
        + f". Made with sprachbund {package_version()}.",
        "",
        "```python",
        "from sprachbund import Encoder",
        "",
        f'encoder = Encoder.load("{name}")',
        'vectors = encoder.encode(["one sentence", "another"])   # float32, of length 1',
        "```",
        "",
        "## Settings",
        "",
        f"Features: words{_orders(encoder.characters)}"
        + (f", bigrams weighted {encoder.bigram_weight}" if encoder.bigram_weight else "")
        + f". Minimum count {encoder.min_count}, counts to the power {encoder.power}, start {encoder.start}. Trained "
        f"with row-wise Adagrad at {training.rate}, scale {training.scale}, batches of {training.batch} pairs of one "
        f"language, {training.epochs} epochs, mixture {training.mixture}.",
        "",
    ]
    lines += _scores(about.get("scores", []))
    lines += _data(about)
    return "\n".join(lines) + "\n"


def _orders(characters: tuple[int, ...]) -> str:
    return f" and character n-grams of {' and '.join(map(str, characters))} inside them" if characters else ""


def _scores(scores: list[Mapping[str, Any]]) -> list[str]:
    if not scores:
        return []
    lines = [
        "## Scores",
        "",
        "Held-out candidates that no model has seen (pool `unseen`); recall@k is TREC's Success@k.",
        "",
        "| language | side | queries | candidates | MRR | recall@1 | recall@10 |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in scores:
        lines.append(
            f"| {row['language']} | {row['side']} | {row['queries']:,} | {row['candidates']:,} | {row['mrr']:.3f} "
            f"| {row['recall@1']:.3f} | {row['recall@10']:.3f} |"
        )
    return [*lines, ""]


def _data(about: Mapping[str, Any]) -> list[str]:
    pairs = about.get("pairs", {})
    lines = ["## Training data", ""]
    if pairs:
        lines += ["| language | pairs drawn | passes |", "|---|--:|--:|"]
        passes = about.get("passes", {})
        lines += [f"| {language} | {n:,} | {passes.get(language, 0):.2f} |" for language, n in sorted(pairs.items())]
    lines += ["", f"Corpus (SHA-256 of its files): `{about.get('corpus', 'unknown')}`.", ""]
    lines += ["The licence of the vectors follows from that of the text; see where the text came from."]
    return lines
