"""``sprachbund plan [STUDY] --effect 5%``: how much text and how many seeds before an effect can be seen."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError

if TYPE_CHECKING:
    from sprachbund.analyses.planning import Planned


def plan(
    study: Annotated[
        Path | None,
        typer.Argument(
            metavar="[STUDY]",
            help="A finished study, whose items say how they scatter; without it a simulated world does.",
            show_default=False,
        ),
    ] = None,
    effect: Annotated[str, typer.Option(help="The relative effect that is to be seen, as 5% or 0.05.")] = "5%",
    languages: Annotated[
        str | None, typer.Option(help="Languages of the study, parted by commas. Default: all.", show_default=False)
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="A task of the study. Default: all that it has.", show_default=False)
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(help="An arm of the study. Default: what it was asked for, as pooled.", show_default=False),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="What the arm is compared with. Default: as alone.", show_default=False)
    ] = None,
    documents: Annotated[
        str | None,
        typer.Option(
            help="Documents of the test side, parted by commas. Default: what the study has, halved and doubled.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[str, typer.Option(help="Trainings of each arm, parted by commas.")] = "1,3,5,10",
    as_json: Json = False,
) -> None:
    """Say how much text and how many seeds it takes before an effect can be seen.

    Draws larger and smaller studies from the items of one that is there. The table has the smallest effect that four in
    five of them see, and how often their intervals exclude zero where there is nothing.
    """
    from sprachbund.analyses.planning import plan_study, plan_world

    wanted, trainings = _fraction(effect), _numbers("--seeds", seeds)
    sizes = None if documents is None else _numbers("--documents", documents)
    if study is None:
        given = {"--languages": languages, "--task": task, "--arm": arm, "--against": against}
        if named := [name for name, value in given.items() if value is not None]:
            raise SettingsError(f"{', '.join(named)}: of a study; name one")
        found = plan_world(wanted, seeds=trainings, **({} if sizes is None else {"documents": sizes}))
    else:
        found = plan_study(
            study, wanted, arm=arm, against=against, languages=split_languages(languages),
            tasks=None if task is None else [task], documents=sizes, seeds=trainings,
        )  # fmt: skip
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        _show(each, wanted)


def _fraction(text: str) -> float:
    """5% or 0.05."""
    bare = text.strip()
    try:
        value = float(bare.removesuffix("%")) / (100 if bare.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise SettingsError(f"--effect {text}: expected a relative effect above 0, as 5% or 0.05")
    return value


def _numbers(option: str, text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and len(part) < 8 and int(part) for part in parts):
        raise SettingsError(f"{option} {text}: expected whole numbers above 0, parted by commas")
    return list(dict.fromkeys(map(int, parts)))


def _show(planned: "Planned", effect: float) -> None:
    about = f"{planned.task}, {planned.language}: " if planned.task else "a simulated world: "
    spread = planned.scatter
    say(
        f"{about}{planned.arm} against {planned.against}, {planned.measure} {planned.against_mean:.3f}, measured on "
        f"{planned.items:,} items of {planned.documents:,} documents with {planned.seeds} seed(s)"
    )
    seeds = list(dict.fromkeys(each.seeds for each in planned.powers))
    shown = table(
        "smallest effect seen by four studies in five (false alarms)",
        ("test documents", "items", "sentences in all", *(f"{count} seed{'s' * (count > 1)}" for count in seeds)),
        left=(),
    )
    for documents in dict.fromkeys(each.documents for each in planned.powers):
        row = {each.seeds: each for each in planned.powers if each.documents == documents}
        text = "" if math.isnan(planned.sentences) else f"{round(documents * planned.sentences):,}"
        cells = [f"{row[count].effect:.1%} ({row[count].alarms:.0%})" for count in seeds]
        add_row(shown, [documents, round(next(iter(row.values())).items), text, *cells])
    console().print(shown)
    for count, documents_needed in planned.needed.items():
        with_seeds = f"{count} seed{'s' * (count > 1)}"
        if documents_needed is None:
            say(f"an effect of {effect:.1%} is not seen with {with_seeds} by any amount of text: trainings differ more")
            continue
        text = (
            ""
            if math.isnan(planned.sentences)
            else f", about {round(documents_needed * planned.sentences):,} sentences"
        )
        say(f"an effect of {effect:.1%} is seen with {with_seeds} from {documents_needed:,} test documents on{text}")
    if planned.seeds < 2:
        say("trainings were measured with one seed: how they scatter is not known, and taken for nothing")
    say(f"scatter: documents {spread.documents:.3f}, items {spread.items:.3f}, seeds {spread.seeds:.4f}")
