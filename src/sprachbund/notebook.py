"""Tables as a notebook shows them; whatever stands in a cell is text, never markup."""

from collections.abc import Iterable, Sequence
from html import escape

MOST = 200
"""Rows that are shown."""


def html_table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table: numbers to the right, at most `MOST` rows and then how many more."""
    shown = [list(row) for row in rows]
    head = "".join(f"<th>{escape(name)}</th>" for name in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown[:MOST])
    if len(shown) > MOST:
        body += f'<tr><td colspan="{len(headings)}">and {len(shown) - MOST:,} more</td></tr>'
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"<td style='text-align:left'>{'' if value is None else escape(str(value))}</td>"
    return f"<td style='text-align:right'>{f'{value:,}' if isinstance(value, int) else f'{value:.4g}'}</td>"
