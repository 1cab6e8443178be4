"""``sprachbund report STUDY``: the page and the table of a finished study, made again."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import console, print_json, say


def report(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A folder that transfer wrote.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Write STUDY/report.html (one file, works offline) and print the table."""
    from sprachbund.report import load_study, transfer_rows, transfer_tables, write_report

    frames = load_study(study)
    page = write_report(study)
    if as_json:
        rows = {task: transfer_rows(frames, task) for task in frames.tasks}
        print_json({"study": str(study), "report": str(page), "tasks": rows})
        return
    out = console()
    for task in frames.tasks:
        for made in transfer_tables(frames, task):
            out.print(made)
    say(f"report: {page}")
