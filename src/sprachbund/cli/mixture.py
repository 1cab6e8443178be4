"""``sprachbund mixture CORPUS --out DIR``: how much of each language one model of all should read."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sprachbund.cli.options import Json, Languages, Memory, Preset, Set, SettingsFile, Workers, resolve, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError

ANALYSES = "F4,temperature,mixture"
SHARES, TEMPERATURES = "0.02,0.05,0.1,0.2,0.3,0.5,0.8", "1,2,3,5,0"


def mixture(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(help="A new folder, or that of the same command, which goes on.", show_default=False),
    ],
    analyses: Annotated[
        str,
        typer.Option(
            help="Parted by commas: F4 (a target's score against its share), temperature (all scores against how even "
            "the mixture is), mixture (the best for all, searched and confirmed)."
        ),
    ] = ANALYSES,
    task: Annotated[str, typer.Option(help="ic (inverse cloze) or nsp (next sentence).")] = "ic",
    languages: Languages = None,
    targets: Annotated[
        str | None,
        typer.Option(help="Whose share F4 varies, parted by commas. Default: the smallest.", show_default=False),
    ] = None,
    target_sentences: Annotated[
        int,
        typer.Option(
            min=0, help="Training sentences of each target at most, so that its native share is small; 0: all."
        ),
    ] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each mixture that is judged on test.")] = 3,
    runs: Annotated[int, typer.Option(min=0, help="Small runs of the search; 0: three a language, the least.")] = 0,
    part: Annotated[float, typer.Option(help="What a small run reads of what pooling reads.")] = 0.25,
    most: Annotated[float, typer.Option(help="Repetitions of a language in a pass over all, at most.")] = 4.0,
    shares: Annotated[str, typer.Option(help="Of F4, parted by commas; the native one comes besides.")] = SHARES,
    temperatures: Annotated[str, typer.Option(help="Of the sweep, parted by commas; 0 is uniform.")] = TEMPERATURES,
    preset: Preset = "best",
    settings: SettingsFile = None,
    assignments: Set = None,
    workers: Workers = None,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Find out how much of each language one model of all should read, the total fixed.

    Every mixture that is claimed to be better was judged on test with several seeds. Killed, the same command goes on.
    """
    from sprachbund.analyses.mixtures.optimising import MixtureSettings
    from sprachbund.analyses.mixtures.study import mix
    from sprachbund.files import require_place
    from sprachbund.machine import parse_size

    require_place(out, folder=True)
    asked = MixtureSettings(
        runs=runs, part=part, most=most,
        shares=_numbers("--shares", shares), temperatures=_numbers("--temperatures", temperatures),
    )  # fmt: skip
    given: Any = task
    found = mix(
        corpus,
        out,
        analyses=[name.strip() for name in analyses.split(",") if name.strip()],
        task=given,
        languages=split_languages(languages),
        targets=split_languages(targets) or (),
        target_sentences=target_sentences,
        settings=resolve(preset, settings, assignments),
        mixture=asked,
        seeds=seeds,
        workers=workers,
        memory=None if memory is None else parse_size(memory),
    )
    if as_json:
        print_json(
            {
                finding.name: {
                    **{name: getattr(finding, name) for name in ("title", "sentence", "paper", "ours", "replicated")},
                    "tables": {heading: frame.to_dicts() for heading, frame in finding.tables},
                }
                for finding in found
            }
        )
        return
    for finding in found:
        say(f"{finding.name}: {finding.title}")
        say(finding.sentence)
        if finding.paper:
            say(f"The paper: {finding.paper}. Replicated: {finding.replicated}.")
        heading, frame = finding.tables[0]
        made = table(heading, tuple(frame.columns))
        for row in frame.iter_rows():
            add_row(made, [f"{each:.4g}" if isinstance(each, float) else each for each in row])
        console().print(made)
    say(f"written: {out / 'findings'}")


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in text.split(",") if each.strip())
    except ValueError:
        raise SettingsError(f"{option}: expected numbers parted by commas, found {text!r:.60}") from None
