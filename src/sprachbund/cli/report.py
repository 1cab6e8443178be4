"""``sprachbund report STUDY``: the page and the table of a finished study, made again."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import console, print_json, say

if TYPE_CHECKING:
    from sprachbund.report import StudyFrames


def report(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A folder that transfer wrote.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Write STUDY/report.html (one file, works offline) and print the table."""
    from sprachbund.report import load_study, write_report

    frames = load_study(study)
    show_study(frames, study, write_report(study), as_json=as_json, whole=True)


def show_study(frames: "StudyFrames", study: Path, page: Path, *, as_json: bool, whole: bool, **more: Any) -> None:
    """Print the answer of every task, and with ``whole`` the tables of all arms; or all of it as JSON."""
    from sprachbund.report import advise, answer_table, transfer_rows, transfer_tables

    if as_json:
        rows = {task: transfer_rows(frames, task) for task in frames.tasks}
        answers = {task: asdict(advise(frames, task)) for task in frames.tasks}
        print_json({"study": str(study), "report": str(page), **more, "answers": answers, "tasks": rows})
        return
    out = console()
    for task in frames.tasks:
        advice = advise(frames, task)
        for text in (advice.sentence, *advice.besides):
            say(text)
        for made in transfer_tables(frames, task) if whole else filter(None, [answer_table(frames, task)]):
            out.print(made)
        say("")
    say(f"report: {page}" + ("" if whole else f"  (every arm: sprachbund report {study})"))
