"""The model card: what a stranger must know before using an encoder, in the form that model hubs read.

The YAML head has what hubs index: languages as BCP 47, licence, library, task, tags and the scores as a model index.
Strings are quoted, as JSON does, which is YAML too; so no parser reads a code or a name as something else.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sprachbund.files import package_version
from sprachbund.lab.hub import front_matter, language_tags, licence_fields
from sprachbund.languages import find
from sprachbund.retrieval.settings import TASK_NAMES, Settings

TAGS = ("sentence-similarity", "feature-extraction", "retrieval", "static-embeddings", "sprachbund")
POOL_TEXTS = {
    "unseen": "held-out candidates of the same language",
    "mixed": "held-out candidates of all languages together",
    "own": "candidates seen in training",
}
MEASURES = (("mrr", "MRR"), ("recall@1", "recall@1"), ("recall@10", "recall@10"))

_CARRIED = (
    ("identical", "rows of the same n-grams"),
    ("near", "of n-grams near in spelling"),
    ("given", "given by the table"),
    ("fresh", "fresh"),
    ("kept", "kept that the new text does not use"),
)


def write_card(
    name: str,
    settings: Settings,
    about: Mapping[str, Any],
    rows: int,
    *,
    library: str = "sprachbund",
    usage: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """Markdown with a YAML head: languages, licence, tags, scores by language and pool, settings, data.

    Args:
        about: what `Encoder.about` has; ``license`` (an identifier of the hub's) and ``sources`` (as `Corpus.sources`)
            are shown where they are there.
        library: that loads the model. usage: lines of Python in place of the usual ones.
        notes: paragraphs after the usage, as what an export loses.
    """
    languages = list(about.get("languages", []))
    task = about.get("task")
    lines = [*_head(name, about, languages, library), "", f"# {name}", ""]
    lines += [
        f"A sprachbund encoder: a bag of n-grams with {rows:,} vectors of {settings.encoder.dim} numbers, trained from "
        "raw text"
        + (f" by {TASK_NAMES[task]}" if task in TASK_NAMES else "")
        + (f" in {len(languages)} language{'s' if len(languages) > 1 else ''}" if languages else "")
        + f". Made with sprachbund {package_version()}.",
        "",
        "```python",
        *(usage or _usage(name)),
        "```",
        "",
    ]
    for note in (*([told_of_start(about["start"])] if "start" in about else []), *notes):
        lines += [note, ""]
    lines += [*_languages(languages), *_scores(about.get("scores", [])), *_settings(settings), *_data(about)]
    return "\n".join([*lines, *_licence(about)]) + "\n"


def told_of_start(start: Mapping[str, Any]) -> str:
    """A sentence on the model that a training went on from: its chain, and what came of its rows."""
    chain: list[str] = []
    place: Mapping[str, Any] | None = start
    while place is not None:
        languages = ", ".join(place.get("languages", []))
        name = _quoted(place["name"]) or "a model in memory"
        chain.append(f"`{name}`" + (f" ({languages})" if languages else ""))
        place = place.get("start")
    rows = start["rows"]
    told = [f"{rows[key]:,} {words}" for key, words in _CARRIED if rows.get(key)]
    table = f" by `{_quoted(start['table_name'])}`" if start.get("table_name") else ""
    still = f"; those carried over were kept still for {start['freeze']:.0%} of the batches" if start["freeze"] else ""
    whole = ", which went on from ".join(chain)
    return f"It went on from {whole}: carry {start['carry']}{table}, {', '.join(told)}{still}."


def _quoted(name: str) -> str:
    """A name of a file between backticks: no line break and no backtick ends it."""
    return " ".join(name.replace("`", "'").split())


def _usage(name: str) -> list[str]:
    return [
        "from sprachbund import Encoder",
        "",
        f"encoder = Encoder.load({json.dumps(name, ensure_ascii=False)})",
        'vectors = encoder.encode(["one sentence", "another"])   # float32, of length 1',
    ]


def _head(name: str, about: Mapping[str, Any], languages: Sequence[str], library: str) -> list[str]:
    """The YAML between the dashes."""
    fields = {"library_name": library, "pipeline_tag": "sentence-similarity", "language": language_tags(languages)}
    fields |= licence_fields(about.get("license", "")) | {"tags": list(TAGS)}
    return ["---", *front_matter(fields), *_index(name, about.get("scores", [])), "---"]


def _index(name: str, scores: Sequence[Mapping[str, Any]]) -> list[str]:
    """The scores as the hub's model index: a result a language, side and pool."""
    if not scores:
        return []
    lines = ["model-index:", f"- name: {json.dumps(name, ensure_ascii=False)}", "  results:"]
    for row in scores:
        data = f"held-out text, {row['language']}, {row['side']}, pool {row.get('pool', 'unseen')}"
        lines += [
            "  - task:",
            "      type: sentence-similarity",
            "      name: retrieval",
            "    dataset:",
            "      type: custom",
            f"      name: {json.dumps(data)}",
            f"      config: {json.dumps(row['language'])}",
            f"      split: {json.dumps(row['side'])}",
            "    metrics:",
        ]
        for key, shown in MEASURES:
            lines += [f"    - type: {key.replace('@', '_at_')}", f"      value: {row[key]:.6f}", f"      name: {shown}"]
    return lines


def _languages(languages: Sequence[str]) -> list[str]:
    if not languages:
        return []
    names = [f"{find(code).name} (`{code}`)" for code in sorted(languages)]
    return ["## Languages", "", ", ".join(names) + ".", ""]


def _settings(settings: Settings) -> list[str]:
    encoder, training = settings.encoder, settings.training
    return [
        "## Settings",
        "",
        f"Features: words{_orders(encoder.characters)}"
        + (f", spelt as {encoder.spelling}" if encoder.spelling != "written" else "")
        + (f", bigrams weighted {encoder.bigram_weight}" if encoder.bigram_weight else "")
        + f". Minimum count {encoder.min_count}, counts to the power {encoder.power}, start {encoder.start}. Trained "
        f"with row-wise Adagrad at {training.rate}, scale {training.scale}, batches of {training.batch} pairs of one "
        f"language, {training.epochs} epochs, mixture {training.mixture}.",
        "",
    ]


def _orders(characters: tuple[int, ...]) -> str:
    return f" and character n-grams of {' and '.join(map(str, characters))} inside them" if characters else ""


def _scores(scores: Sequence[Mapping[str, Any]]) -> list[str]:
    if not scores:
        return []
    pools = list(dict.fromkeys(row.get("pool", "unseen") for row in scores))
    meant = "; ".join(f"`{pool}`: {POOL_TEXTS.get(pool, 'see the documentation')}" for pool in pools)
    lines = [
        "## Scores",
        "",
        f"Candidates by pool: {meant}. recall@k is TREC's Success@k.",
        "",
        "| language | side | pool | queries | candidates | MRR | recall@1 | recall@10 |",
        "|---|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in scores:
        lines.append(
            f"| {row['language']} | {row['side']} | {row.get('pool', 'unseen')} | {row['queries']:,} "
            f"| {row['candidates']:,} | {row['mrr']:.3f} | {row['recall@1']:.3f} | {row['recall@10']:.3f} |"
        )
    return [*lines, ""]


def _data(about: Mapping[str, Any]) -> list[str]:
    """What it was trained on, named so that another can see whether theirs is the same."""
    pairs, passes = about.get("pairs", {}), about.get("passes", {})
    lines = ["## Training data", ""]
    if pairs:
        lines += ["| language | pairs drawn | passes |", "|---|--:|--:|"]
        lines += [f"| {language} | {n:,} | {passes.get(language, 0):.2f} |" for language, n in sorted(pairs.items())]
        lines += [""]
    lines += [f"Corpus (SHA-256 of its files): `{about.get('corpus', 'unknown')}`.", ""]
    if about.get("split"):
        lines += [f"Split into train, dev and test (SHA-256): `{about['split']}`.", ""]
    if about.get("sources"):
        lines += ["| source | format | documents | SHA-256 |", "|---|---|--:|---|"]
        for source in about["sources"]:
            # a bar would end the cell
            shown = str(source["name"]).replace("|", "\\|")
            lines.append(f"| {shown} | {source['format']} | {source['kept']:,} | `{source['sha256']}` |")
        lines += [""]
    return lines


def _licence(about: Mapping[str, Any]) -> list[str]:
    lines = ["## Licence", ""]
    if about.get("license"):
        return [*lines, f"`{about['license']}`, as who exported the model says."]
    return [*lines, "The licence of the vectors follows from that of the text; see where the text came from."]
