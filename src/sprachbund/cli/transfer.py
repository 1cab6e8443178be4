"""``sprachbund transfer CORPUS --out STUDY``: the main job."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import (
    Json,
    Languages,
    Memory,
    Preset,
    Set,
    SettingsFile,
    resolve,
    split_languages,
)
from sprachbund.cli.report import show_study
from sprachbund.files import require_place
from sprachbund.machine import parse_size


def transfer(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            help="The study: a new folder, or the same study, which goes on where it stopped.",
            show_default=False,
        ),
    ],
    task: Annotated[
        list[str] | None,
        typer.Option(help="nsp (next sentence) or ic (inverse cloze); may be repeated. Default: both."),
    ] = None,
    languages: Languages = None,
    targets: Annotated[
        str | None,
        typer.Option(
            help="Languages that are judged, parted by commas; the others only help. Default: all.", show_default=False
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each chosen setting; claims want three or more.")] = 3,
    trials: Annotated[int, typer.Option(min=1, help="Settings that every arm tries on dev; 1 tunes nothing.")] = 12,
    arms: Annotated[
        str,
        typer.Option(
            help="Strategies, parted by commas: alone, pooled, mixed:3, continued:es, rows:es, frozen:es, longer:es, "
            "control, placebo. en+es is a chain; without a name, continued begins from all other languages together."
        ),
    ] = "alone,pooled,control,placebo",
    pools: Annotated[
        str, typer.Option(help="Pools to judge in, parted by commas; unseen decides.")
    ] = "unseen,paper,paper-equal,mixed,own",
    preset: Preset = "best",
    settings: SettingsFile = None,
    assignments: Set = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes side by side, one thread each. Default: one a processor."),
    ] = None,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Measure what every language gains from the text of the others, and whether the difference is real.

    Trains each language alone and all together, tunes every arm (BM25 too) on dev with the same effort, judges on
    candidates that no model has seen, and writes tables and report.html. Killed, the same command goes on.
    """
    from sprachbund.report import load_study, write_report
    from sprachbund.retrieval.transfer import transfer as run

    require_place(out, folder=True)
    tasks = list(dict.fromkeys(task or ["ic", "nsp"]))
    study = run(
        corpus,
        out,
        tasks=tasks,
        languages=split_languages(languages),
        settings=resolve(preset, settings, assignments),
        seeds=seeds,
        trials=trials,
        arms=[name.strip() for name in arms.split(",") if name.strip()],
        pools=[name.strip() for name in pools.split(",") if name.strip()],
        targets=split_languages(targets),
        workers=workers,
        memory=None if memory is None else parse_size(memory),
    )
    page = write_report(study.path)
    show_study(load_study(study.path), study.path, page, as_json=as_json, whole=False, notes=study.notes)
