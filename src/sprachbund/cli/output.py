"""How results and errors look: tables that fit 80 columns where they can, lines, and JSON.

All that the command line prints goes through here, so that nothing of what strangers wrote, an id, a title, the name of
a file, reaches a terminal but as `visible` text; a test holds the verbs to it.
"""

import contextlib
import json
import logging
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sprachbund.progress import LINES, logger
from sprachbund.visible import ascii_json, one_line, visible, visible_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 190
"""Columns where the output is no terminal: a file has no edge."""
COLUMNS = 80
"""Columns that sentences are broken to."""


MUTE = "the encoder has no say in this index, its weight came out as 0: hybrid is BM25 here"
"""Of an index whose tuning found the encoder of no use."""


def prepare_streams() -> None:
    """Let no output fail for what it cannot encode, nor for being closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed, as 1>&- does; Python would print nothing, and other libraries fail
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write out what waits, or drop it where nobody reads any more, so that Python does not try again at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str) -> None:
    """A line on standard output."""
    print(visible(text))


def say_in_columns(text: str) -> None:
    """A line in pieces that fit `COLUMNS`, those after the first set in; a word that is longer is not cut."""
    import textwrap

    indent = text[: len(text) - len(text.lstrip())]
    pieces = textwrap.wrap(
        text, COLUMNS, subsequent_indent=f"{indent}    ", break_long_words=False, break_on_hyphens=False
    )
    for piece in pieces or [""]:
        say(piece)


def complain(text: str) -> None:
    """A line on standard error; nobody may read there either."""
    with contextlib.suppress(OSError):
        print(one_line(text), file=sys.stderr)


def log_warnings() -> None:
    """Warnings of ours and of libraries on standard error, in lines that begin with ``warning:``; our progress."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logger.setLevel(LINES)


def listen(quiet: bool, verbose: bool) -> None:
    """Say less than warnings and progress, or more."""
    if quiet:
        logging.getLogger().setLevel(logging.ERROR)
    logger.setLevel(logging.ERROR if quiet else logging.INFO if verbose else LINES)


class OneLine(logging.Formatter):
    """A warning as one line without what acts on a terminal; the lines of a traceback each by itself."""

    def format(self, record: logging.LogRecord) -> str:
        """``warning: MESSAGE``; what is no warning as it is."""
        said = super().format(record)
        if record.levelno >= logging.WARNING:
            said = f"warning: {said}"
        first, *rest = said.split("\n") if record.exc_info else [said]
        return "\n".join([one_line(first), *map(visible, rest)])


def console() -> "Console":
    """Standard output, as wide as the terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH, markup=False, emoji=False, highlight=False)


def table(title: str, headings: Sequence[str], left: Sequence[str] = ("language",)) -> "Table":
    """An empty table; columns are numbers, and stand right, but for ``left``."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=Text(visible(title)), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True
    )
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
    return f"{value:,}" if isinstance(value, int) else visible(str(value))


def print_json(value: Any) -> None:
    """Indented JSON on standard output; what is no number is null, what acts on a terminal is escaped."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except TypeError:  # the name of a file that is no UTF-8 is a string with lone surrogates, which orjson refuses
        text = json.dumps(_finite(value), ensure_ascii=False, indent=2)
    text = visible_json(text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = ascii_json(text)
    print(text)


def _finite(value: Any) -> Any:
    """A value without NaN and infinities, which JSON lacks."""
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
