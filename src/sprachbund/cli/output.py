"""How results look: tables that fit 80 columns where they can, and JSON."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 190
"""Columns where the output is no terminal: a file has no edge."""


def console() -> "Console":
    """Standard output, as wide as the terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH)


def table(title: str, headings: Sequence[str], left: Sequence[str] = ("language",)) -> "Table":
    """An empty table; columns are numbers, and stand right, but for ``left``."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in headings:
        made.add_column(name, justify="left" if name in left else "right", overflow="fold")
    return made


def add_row(to: "Table", cells: Sequence[object]) -> None:
    """Add a row of plain values: nothing in them is markup, whatever a file is called."""
    from rich.text import Text

    to.add_row(*(Text(cell(value)) for value in cells))


def cell(value: object) -> str:
    """A value as people read it: thousands parted, shares with three digits, a dash for nothing."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def print_json(value: Any) -> None:
    """Indented JSON on standard output; what is no number is null."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
