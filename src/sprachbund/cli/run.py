"""``sprachbund run STUDY.toml --out DIR``: every study that a file declares; ``sprachbund status DIR``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, Memory, On
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError, SprachbundError
from sprachbund.machine import parse_size
from sprachbund.progress import duration

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory
    from sprachbund.analyses.laboratory.standing import Standing

_LEFT = ("study", "task", "arm", "of", "trials", "seeds", "others", "time left", "memory")
_FOUND = ("study", "task", "answer", "report")
MOST_ROWS = 200
"""Rows of runs that are shown; beyond them studies alone."""


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(help="Everything: a new folder, or an earlier one, which goes on with what is new."),
    ],
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, help="Runs side by side, a process and a thread each. Default: one a processor."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the runs, how long they will take and in how much memory; do none.")
    ] = False,
    memory: Memory = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Carry out a study file: a grid of studies of transfer, declared in TOML.

    What is complete is not done again: killed, the same command goes on, and of a changed file what is new is done.
    """
    from sprachbund.analyses.laboratory.laboratory import run_study_file
    from sprachbund.analyses.laboratory.standing import plan_study_file

    if dry_run:
        if on is not None:
            raise SettingsError("--dry-run foretells the runs of this machine: leave --on out")
        _show(plan_study_file(study, out, jobs=jobs), as_json)
        return
    size = None if memory is None else parse_size(memory)
    found = run_study_file(study, out, jobs=jobs, memory=size, on=on)
    _show_found(found, as_json)
    if found.failed:
        name, why = next(iter(found.failed.items()))
        raise SprachbundError(f"{len(found.failed)} of {len(found.file.studies)} studies failed; {name}: {why}")


def status(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that run works in.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Say what of a study file is done, what is left, what failed, and how long the rest will take."""
    from sprachbund.analyses.laboratory.standing import study_status

    _show(study_status(folder), as_json)


def _show(standing: "Standing", as_json: bool) -> None:
    if as_json:
        said = asdict(standing) | {"folder": str(standing.folder), "file": str(standing.file.path)}
        print_json(said)
        return
    if len(standing.rows) <= MOST_ROWS:
        made = table("runs: done of all", _LEFT, left=("study", "task", "arm", "of"))
        for row in standing.rows:
            counts = (
                _of(row.trials_done, row.trials),
                _of(row.seeds_done, row.seeds),
                _of(row.others_done, row.others),
            )
            left = [duration(row.seconds) if row.seconds else "-", _size(row.memory)]
            add_row(made, [row.study, row.task, row.arm or "baselines", row.unit, *counts, *left])
        console().print(made)
    for name, state in standing.studies.items():
        say(f"{name}: {state if state in ('complete', 'left') else f'failed: {state}'}")
    if standing.at_work:
        say(f"at work: {standing.at_work}")
    to_do = standing.runs - standing.done
    if not to_do:
        say(f"{standing.runs:,} runs, all done")
        return
    time = f"about {duration(standing.seconds)} with {standing.jobs} side by side" if standing.seconds else "not known"
    disk = f", disk up to {_size(standing.disk)} for models that others begin from" if standing.disk else ""
    room = f"memory {_size(standing.memory)}{disk}"
    say(f"{standing.runs:,} runs, {standing.done:,} done, {to_do:,} left: {time}, {room}")
    say(f"the estimate: {standing.found}")


def _of(done: int, whole: int) -> str:
    return f"{done}/{whole}" if whole else "-"


def _size(memory: float) -> str:
    if not memory:
        return "-"
    return f"{memory / 2**30:.1f} GiB" if memory >= 2**30 else f"{memory / 2**20:,.0f} MiB"


def _show_found(found: "Laboratory", as_json: bool) -> None:
    from sprachbund.analyses.laboratory.answering import PAGE
    from sprachbund.report import advise

    rows: list[dict[str, Any]] = [
        {
            "study": name,
            "task": task,
            "answer": advise(frames, task).sentence,
            "report": str(found.study_folder(name) / "report.html"),
        }
        for name, frames in found.studies.items()
        for task in frames.tasks
    ]
    if as_json:
        failed = dict(found.failed)
        told = [
            {"name": one.name, "sentence": one.sentence, "paper": one.paper, "ours": one.ours, "found": one.replicated}
            for one in found.findings
        ]
        print_json({
            "folder": str(found.folder), "studies": rows, "failed": failed, "complete_before": found.done,
            "findings": told, "unanswered": dict(found.unanswered),
        })  # fmt: skip
        return
    made = table(found.file.title, _FOUND, left=_FOUND)
    for row in rows:
        add_row(made, [row[name] for name in _FOUND])
    console().print(made)
    say(f"{len(found.studies)} of {len(found.file.studies)} studies complete, {found.done} of them before")
    for finding in found.findings:
        say(f"{finding.name}: {finding.sentence}")
    say(f"all on one page: {found.folder / PAGE}")
