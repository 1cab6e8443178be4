"""The page of a model: its card, its curve and samples, its lineage, its files, and the command that gets it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from sprachbund.errors import LanguageError
from sprachbund.lab.card import Card, Score
from sprachbund.languages import find
from sprachbund.report.markup import Markup, cell, details, element, join, table
from sprachbund.zoo.hub import named_language, shown_score
from sprachbund.zoo.index import CARD_FILE, MODEL_SIGNATURE, README, Entry, Index
from sprachbund.zoo.lineage import heirs
from sprachbund.zoo.pages.drawing import curve
from sprachbund.zoo.pages.family import drawn, page_of
from sprachbund.zoo.pages.front import amount, command

__all__ = ["model_page"]

_SHORT = 16


def model_page(index: Index, entry: Entry, card: Card) -> Markup:
    """The body of a model's page."""
    others = [each for each in index.models if each.name == entry.name and each is not entry]
    return join(
        element("nav", element("a", "All models", href="../index.html"), aria_label="Way back"),
        _header(entry, card, others),
        element(
            "main",
            _facts(entry, card),
            _notes(card),
            _scores(card.scores),
            _section("Training", curve(card.curve) if card.curve else None, class_="drawing"),
            _samples(card),
            _section("Lineage", drawn(index, "", entry)),
            _starts(index, entry),
            _data(card),
            _files(entry),
        ),
    )


def _header(entry: Entry, card: Card, others: Sequence[Entry]) -> Markup:
    languages = ", ".join(map(named_language, card.languages)) or "no language named"
    versions = [
        join(", " if number else "", element("a", each.called, href=page_of(each)))
        for number, each in enumerate(others)
    ]
    return element(
        "header",
        element("h1", entry.called),
        element("p", element("span", card.kind), element("span", languages), class_="by"),
        element("p", command(f"sprachbund zoo get {entry.called} --from "), class_="get"),
        element("p", "Other versions: ", versions, class_="question") if versions else None,
    )


def _facts(entry: Entry, card: Card) -> Markup:
    licence = card.licence or "as the training text"
    facts: list[tuple[str, Any]] = [
        ("size", f"{amount(entry.size)} in {len(entry.model_files)} files"),
        ("parameters", f"{card.parameters:,}" if card.parameters else "unknown"),
        ("licence", licence),
        ("added", entry.added or "unknown"),
        ("made by", " ".join(filter(None, ("sprachbund", card.made.version, card.made.date)))),
        ("called by its maker", card.name),
        ("recipe", _hash(card.recipe)),
        ("content", _hash(entry.sha256)),
    ]
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    return element("section", element("dl", pairs, class_="settings"), aria_label="Facts")


def _notes(card: Card) -> Markup | None:
    paragraphs = [element("p", _quoted(text)) for text in card.notes.split("\n\n") if text.strip()]
    return element("section", paragraphs, aria_label="Notes", dir="auto") if paragraphs else None


def _scores(scores: Sequence[Score]) -> Markup | None:
    if not scores:
        return None
    better = {"higher": "higher is better", "lower": "lower is better"}
    rows = []
    for score in scores:
        value, interval = shown_score(score)
        rows.append([
            score.language or "all",
            join(score.measure, element("small", better[score.direction])),
            cell(value, class_="number"), cell(interval, class_="number"), score.on,
        ])  # fmt: skip
    heads = ["language", "measure", _number("value"), _number("95% interval"), "on"]
    return _section("Scores", table("", [heads], rows, class_="wide"))


def _samples(card: Card) -> Markup | None:
    if not card.samples:
        return None
    tag = _tag(card.languages[0]) if len(card.languages) == 1 else None
    lines = [element("li", sample, dir="auto", lang=tag) for sample in card.samples[:50]]
    return _section("Samples", element("ul", lines, class_="samples"))


def _starts(index: Index, entry: Entry) -> Markup | None:
    following = heirs(index, entry)
    if not following:
        return None
    linked = [
        join(", " if number else "", element("a", each.called, href=page_of(each)))
        for number, each in enumerate(following)
    ]
    return element("p", "Started from it: ", linked, ".")


def _data(card: Card) -> Markup | None:
    if not card.data:
        return None
    rows = [
        [each.name, cell(each.amount, class_="number"), each.licence or "-", _hash(each.sha256)] for each in card.data
    ]
    heads = ["data", _number("amount"), "licence", "SHA-256"]
    return _section("Training data", table("", [heads], rows, class_="wide"))


def _files(entry: Entry) -> Markup:
    about = [
        join(", " if number else "", element("a", name, href=_link(entry, name)))
        for number, name in enumerate((CARD_FILE, README, MODEL_SIGNATURE))
    ]
    rows = [
        [element("a", file.path, href=_link(entry, f"model/{file.path}")), cell(f"{file.size:,}", class_="number"),
         element("code", file.sha256, class_="hash")]
        for file in entry.model_files
    ]  # fmt: skip
    heads = ["file", _number("bytes"), "SHA-256"]
    shown = table("", [heads], rows, class_="wide files")
    many = len(rows) > 12
    return element(
        "section",
        element("h2", "Files", id="files"),
        details(f"{len(rows)} files, {entry.size:,} bytes", shown) if many else shown,
        element("p", "Beside them: ", about, ".", class_="question"),
        aria_labelledby="files",
    )


def _section(title: str, *children: Markup | None, class_: str | None = None) -> Markup | None:
    """A part with its heading; None where it has nothing."""
    if not any(children):
        return None
    name = title.lower().replace(" ", "-")
    return element(
        "section", element("h2", title, id=name), element("div", children, class_=class_), aria_labelledby=name
    )


def _quoted(text: str) -> Markup:
    """What stands between backticks as code, where they come in pairs."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return join(text)
    return join([element("code", part) if number % 2 else part for number, part in enumerate(parts)])


def _number(name: str) -> Markup:
    return element("th", name, scope="col", class_="number")


def _hash(sha256: str) -> Markup:
    if not sha256:
        return Markup("unknown")
    return element("code", sha256[:_SHORT], title=sha256)


def _link(entry: Entry, path: str) -> str:
    return quote(f"../{entry.folder}/{path}")


def _tag(code: str) -> str | None:
    try:
        return find(code).bcp47
    except LanguageError:
        return None
