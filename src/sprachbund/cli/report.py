"""``sprachbund report STUDY``: the page and the table of a finished study, made again."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from sprachbund.cli.options import Json
from sprachbund.cli.transfer import WIDTH


def report(
    study: Annotated[
        Path, typer.Argument(metavar="STUDY", help="A folder that transfer wrote.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Write STUDY/report.html (one file, works offline) and print the table."""
    from sprachbund.report import load_study, transfer_rows, transfer_table, write_report

    frames = load_study(study)
    page = write_report(study)
    if as_json:
        result = {"report": str(page), "tasks": {task: transfer_rows(frames, task) for task in frames.tasks}}
        typer.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for task in frames.tasks:
        console.print(transfer_table(frames, task))
    console.print(f"report: {page}", soft_wrap=True)
