"""How the models of a zoo look on a terminal, and as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sprachbund.cli.output import add_row, complain, console, say, table

if TYPE_CHECKING:
    from sprachbund.zoo.finding import Near, Nearness
    from sprachbund.zoo.index import Entry

__all__ = ["mind_the_site", "near_plain", "near_told", "plain", "show_models", "show_near"]

_LISTED = 8
"""Languages of a model that a table names."""


def plain(entry: "Entry") -> dict[str, Any]:
    """A model as JSON: its card without curve and samples."""
    return {
        "model": entry.called, "name": entry.name, "version": entry.version, "kind": entry.card.kind,
        "languages": list(entry.card.languages), "bytes": entry.size, "sha256": entry.sha256, "added": entry.added,
        "card": entry.card.to_dict(),
    }  # fmt: skip


def show_models(found: "list[Entry]") -> None:
    headings = ("model", "kind", "languages", "parameters", "bytes", "score", "started from", "added")
    left = ("model", "kind", "languages", "score", "started from", "added")
    made = table("models", headings, left=left)
    for each in found:
        card = each.card
        languages = ", ".join(card.languages[:8]) + (
            f" and {len(card.languages) - 8} more" if card.languages[8:] else ""
        )
        score = (
            f"{card.scores[0].measure} {card.scores[0].value:.3g} ({card.scores[0].language})" if card.scores else None
        )
        starts = ", ".join(origin.name for origin in card.started_from) or None
        add_row(made, [each.called, card.kind, languages, card.parameters, each.size, score, starts, each.added])
    console().print(made)


def show_near(near: "Nearness") -> None:
    from sprachbund.zoo.hub import named_language

    if not near.near:
        say(f"nothing for {named_language(near.language)}, and nothing near it")
    else:
        codes = [each.language for each in near.near]
        joined = codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} and {codes[-1]}"
        said = f"nothing for {named_language(near.language)}: {joined} {'is' if len(codes) == 1 else 'are'} near"
        say(f"{said}, {near.how}" if near.how else said)
        for each in near.near:
            why = f" ({'; '.join(each.because)})" if each.because else ""
            say(f"  {near_told(each)}{why}")
            for model, score in each.measured:
                ends = "" if score.low is None else f" ({score.low:.4g} to {score.high:.4g})"
                said = f"{score.measure} {score.value:.4g}{score.unit}{ends}, {score.on}"
                say(f"    {model.called} on {near.language}: {said}")
    if near.note:
        complain(f"mind: {near.note}")


def near_told(near: "Near") -> str:
    score = "" if near.score is None else f" {near.score:.2f}"
    return f"{near.language}{score}: {', '.join(each.called for each in near.models)}"


def near_plain(near: "Nearness") -> dict[str, Any]:
    return {
        "language": near.language, "how": near.how, "note": near.note,
        "near": [
            {"language": each.language, "score": each.score, "because": list(each.because),
             "models": [model.called for model in each.models],
             "measured": [{"model": model.called, "measure": score.measure, "value": score.value, "low": score.low,
                           "high": score.high, "on": score.on} for model, score in each.measured]}
            for each in near.near
        ],
    }  # fmt: skip


def mind_the_site(home: Path) -> None:
    """A page that shows what was is worse than none."""
    if (home / "index.html").exists():
        say(f"its page shows what was before: sprachbund zoo site {home} writes it anew")
