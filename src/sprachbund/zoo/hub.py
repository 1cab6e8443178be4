"""README.md of a model in a zoo: its card for people, under a head of YAML that model hubs index."""

from collections.abc import Mapping, Sequence

from sprachbund.errors import LanguageError
from sprachbund.lab.card import Card, Score
from sprachbund.lab.hub import front_matter, language_tags, licence_fields
from sprachbund.languages import find

__all__ = ["named_language", "readme", "shown_score"]

TASKS: Mapping[str, str] = {
    "encoder": "sentence-similarity",
    "language model": "text-generation",
    "recogniser": "automatic-speech-recognition",
}
"""What a hub calls the task of a kind; a kind that is not here has none."""


def readme(called: str, card: Card, base_models: Sequence[str]) -> str:
    """Markdown with `library_name`, `language`, `license`, `base_model`, `datasets` and `tags` in its head.

    Args:
        called: its name in the zoo, with the version. base_models: what it was started from, as the zoo calls it.
    """
    fields: dict[str, str | Sequence[str]] = {
        "library_name": "sprachbund",
        "pipeline_tag": TASKS.get(card.kind, ""),
        "language": language_tags(card.languages),
        **licence_fields(card.licence),
        "base_model": base_models,
        "datasets": list(dict.fromkeys(each.name for each in card.data)),
        "tags": ["sprachbund", card.kind.replace(" ", "-")],
    }
    lines = ["---", *front_matter(fields), "---", "", f"# {called}", ""]
    languages = ", ".join(map(named_language, card.languages)) or "no language named"
    lines += [f"A {card.kind} of sprachbund {card.made.version} ({languages}).".replace("A e", "An e"), ""]
    lines += [card.notes, ""] if card.notes else []
    lines += ["The model itself is the folder `model`, as its maker wrote it; `card.json` has all of this as data.", ""]
    lines += _table(
        "Scores", ("language", "measure", "value", "95% interval", "on"), [_score(each) for each in card.scores]
    )
    lines += _table(
        "Training data",
        ("data", "amount", "licence", "SHA-256"),
        [(each.name, each.amount, each.licence or "-", f"`{each.sha256[:16]}`") for each in card.data],
    )
    lines += _table(
        "Started from",
        ("model", "named", "SHA-256"),
        [
            (base, origin.name, f"`{origin.sha256[:16]}`")
            for base, origin in zip(base_models, card.started_from, strict=True)
        ],
    )
    licence = f"`{card.licence}`" if card.licence else "It follows from that of the text; see where the text came from."
    return "\n".join([*lines, "## Licence", "", licence]) + "\n"


def named_language(code: str) -> str:
    """``Galician (gl)``; a code that nobody knows as it is."""
    try:
        return f"{find(code).name} ({code})"
    except LanguageError:
        return code


def shown_score(score: Score) -> tuple[str, str]:
    """The value with its unit, and the interval or a dash: four digits tell models apart."""
    unit = f" {score.unit}" if score.unit and score.unit != "%" else score.unit
    interval = "-" if score.low is None or score.high is None else f"{score.low:.4g} to {score.high:.4g}"
    return f"{score.value:.4g}{unit}", interval


def _score(score: Score) -> tuple[str, ...]:
    value, interval = shown_score(score)
    return score.language or "all", score.measure, value, interval, score.on


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    shown = [[_cell(each) for each in row] for row in rows]
    body = [f"| {' | '.join(row)} |" for row in shown]
    return [f"## {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *body, ""]


def _cell(text: str) -> str:
    """Nothing in it ends the cell, or begins markup that hides the rest."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") or "-"
