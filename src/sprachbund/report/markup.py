"""HTML that is escaped unless it was made here.

A plain string given as a child or an attribute is text and is escaped; only what `element` returns is markup.
So a language or an arm with a strange name cannot become part of the page.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


class Markup(str):
    """A string that is HTML already."""

    __slots__ = ()


VOID = frozenset({"br", "hr", "col", "input", "meta"})


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """``<tag attributes>children</tag>``; None children and attributes are left out, ``class_`` is ``class``.

    A child may be text, markup, a number or an iterable of those.
    """
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{join(*children)}</{tag}>")


def join(*children: Any) -> Markup:
    """Children one after the other, escaped where they are not markup."""
    return Markup("".join(_text(child) for child in children))


def _text(child: Any) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(child)
    if isinstance(child, Iterable):
        return join(*child)
    return escape(str(child))


def table(
    caption: Any,
    heads: Sequence[Sequence[Any]],
    rows: Iterable[Sequence[Any]],
    foot: Iterable[Sequence[Any]] = (),
    class_: str | None = None,
) -> Markup:
    """A table with a caption and headers of columns and rows, in a box that scrolls sideways.

    Args:
        heads: rows of the head; a cell is text or markup, (text, columns) where it spans several columns, or a `th`.
        rows, foot: rows of cells; the first of each is its header, and those made by `cell` stay as they are.
    """
    head = element("thead", (element("tr", (_head(cell) for cell in row)) for row in heads))
    body = element("tbody", (_row(row) for row in rows))
    last = [_row(row) for row in foot]
    inner = element(
        "table",
        element("caption", element("span", caption)),
        head,
        body,
        element("tfoot", last) if last else None,
        class_=class_,
    )
    # A box that scrolls must be reachable by keyboard.
    return element("div", inner, class_="scroll", tabindex="0", role="region", aria_label="table, scrolls sideways")


def cell(*children: Any, **attributes: Any) -> Markup:
    """A data cell with attributes of its own."""
    return element("td", *children, **attributes)


def _head(content: Any) -> Markup:
    if isinstance(content, tuple):
        text, columns = content
        return element("th", text, scope="colgroup", colspan=columns, class_="span")
    if content == "":
        return element("td", aria_hidden="true")
    if isinstance(content, Markup) and content.startswith("<th"):
        return content
    return element("th", content, scope="col")


def _row(row: Sequence[Any]) -> Markup:
    first, *others = row
    return element(
        "tr",
        element("th", first, scope="row"),
        (other if isinstance(other, Markup) and other.startswith("<td") else cell(other) for other in others),
    )


def details(summary: Any, *children: Any) -> Markup:
    """A part that opens on a click; printing opens it too (see the script of the page)."""
    return element("details", element("summary", summary), *children)
