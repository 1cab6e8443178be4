"""The head of an export's card, which model hubs read: what it is, its languages, licence, data and start."""

from collections.abc import Sequence

from sprachbund.lab.card import Card
from sprachbund.lab.hub import front_matter, language_tags

__all__ = ["head", "scores_of"]


def head(card: Card | None, library: str, license: str, task: str, tag: str) -> list[str]:
    """Lines of YAML between dashes.

    Args:
        card: of the model, if it has one. license: where it is not the card's. task: as hubs call it. tag: of its kind.
    """
    fields: dict[str, str | Sequence[str]] = {
        "library_name": library,
        "pipeline_tag": task,
        "language": language_tags(card.languages) if card else [],
        "license": license or (card.licence if card else ""),
        "base_model": [origin.name for origin in card.started_from] if card else [],
        "datasets": list(dict.fromkeys(data.name for data in card.data)) if card else [],
        "tags": ["sprachbund", tag],
    }
    return ["---", *front_matter(fields), "---"]


def scores_of(card: Card | None) -> list[str]:
    """Lines of a table of the card's scores; none where there are none."""
    if card is None or not card.scores:
        return []
    lines = ["| measure | language | value | 95% interval | on |", "|---|---|--:|---|---|"]
    for score in card.scores:
        between = "" if score.low is None or score.high is None else f"{score.low:.4g} to {score.high:.4g}"
        lines.append(f"| {score.measure} | {score.language} | {score.value:.4g} | {between} | {score.on} |")
    return lines
