"""The lineage of a zoo as what is drawn: models, stones, and starts that never were here."""

from collections.abc import Sequence

from sprachbund.report.markup import Markup
from sprachbund.zoo.hub import named_language
from sprachbund.zoo.index import Entry, Index, Tombstone
from sprachbund.zoo.lineage import Link, links
from sprachbund.zoo.pages.drawing import Node, lineage

__all__ = ["drawn", "page_of"]


def page_of(entry: Entry) -> str:
    """The file of a model's page."""
    return f"{entry.called}.html"


def drawn(index: Index, folder: str, about: Entry | None = None) -> Markup | None:
    """The lineage of the whole zoo, or of a model: its starts and their starts, its heirs and theirs.

    Args:
        folder: of the pages, as the drawing's page sees it: "pages/" or "".

    Returns:
        None where nothing was started from anything.
    """
    chosen = links(index)
    if about is not None:
        chosen = _of(about, chosen)
    if not chosen:
        return None
    nodes: dict[str, Node] = {}
    for link in chosen:
        nodes.setdefault(*_start(link, folder, about))
        nodes.setdefault(link.heir.called, _node(link.heir, folder, about))
    edges = list(dict.fromkeys((_start(link, folder, about)[0], link.heir.called) for link in chosen))
    return lineage(list(nodes.values()), edges)


def _of(entry: Entry, every: Sequence[Link]) -> list[Link]:
    """The links above and below a model."""
    up, down = {entry.called}, {entry.called}
    for _ in every:
        up |= {link.called for link in every if link.heir.called in up}
        down |= {link.heir.called for link in every if link.called in down}
    return [link for link in every if link.heir.called in up or (link.called in down and link.heir.called in down)]


def _start(link: Link, folder: str, about: Entry | None) -> tuple[str, Node]:
    if isinstance(link.found, Entry):
        return link.found.called, _node(link.found, folder, about)
    if isinstance(link.found, Tombstone):
        return link.called, Node(link.called, link.called, f"removed {link.found.removed}".strip(), state="removed")
    key = f"{link.start.name} {link.start.sha256}"
    return key, Node(key, link.start.name, "not in this zoo", state="elsewhere")


def _node(entry: Entry, folder: str, about: Entry | None) -> Node:
    languages = ", ".join(entry.card.languages) if len(entry.card.languages) > 1 else ""
    told = languages or (named_language(entry.card.languages[0]) if entry.card.languages else entry.card.kind)
    return Node(entry.called, entry.called, told, f"{folder}{page_of(entry)}", chosen=entry is about)
