"""The answer and the transfer table on a terminal.

The answer is a small table. The transfer table has every arm and is some 160 characters wide: on a narrower terminal
Rich breaks the cells, and the page is the better place to read it. A kind may declare further tables.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.asked import Asked, main_question
from sprachbund.report.frames import StudyFrames, load_study
from sprachbund.report.rows import Effect, Row, best_arms, decided_rows, study_rows, tabled_arms, tables_of
from sprachbund.report.wording import MISSING, SIGNS, count, measured, number, percent, sizes_of
from sprachbund.statistics.comparison import BETTER, LEAKS, WORSE
from sprachbund.visible import visible

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

STYLES = {BETTER: "green", WORSE: "red", LEAKS: "magenta"}


def transfer_table(study: Path | StudyFrames, task: str) -> "Table":
    """The first of `transfer_tables`; without any arm of the kind's tables it has languages and sizes alone.

    Raises:
        FolderError: the study cannot be read.
    """
    frames = study if isinstance(study, StudyFrames) else load_study(study)
    found = transfer_tables(frames, task)
    return found[0] if found else _table(frames, task, "", study_rows(frames, task), [], [])


def transfer_tables(study: Path | StudyFrames, task: str) -> "list[Table]":
    """The kind's tables that have data: the arms in the measure and pool that decide, and comparisons, by language.

    Raises:
        FolderError: the study cannot be read.
    """
    frames = study if isinstance(study, StudyFrames) else load_study(study)
    rows = study_rows(frames, task)
    return [
        _table(frames, task, declared.about, rows, arms, asked)
        for declared, arms, asked in tables_of(frames, task, rows)
    ]


def answer_table(frames: StudyFrames, task: str) -> "Table | None":
    """The main question for the languages that have a verdict, within 80 characters; None where none has."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows, main = decided_rows(frames, task), main_question(frames, task)
    if not rows or main is None:
        return None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("language")
    for head in (f"{frames.measure.title}, {main.against}", main.arm):
        table.add_column(Text(visible(head)), justify="right")
    for head in ("difference", "verdict"):
        table.add_column(head)
    for row in rows:
        effect = row.effects[main.arm, main.against]
        word = effect.verdict or MISSING
        table.add_row(
            Text(_language(row)),
            *(Text(number(row.values.get(arm))) for arm in (main.against, main.arm)),
            Text(_numbers(effect)),
            Text(f"{SIGNS.get(word, '')} {word}", style=STYLES.get(word, "")),
        )
    return table


def _table(frames: StudyFrames, task: str, about: str, rows: list[Row], arms: list[str], asked: list[Asked]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    sizes = sizes_of(frames.declaration)
    table = Table(
        box=box.SIMPLE_HEAD,
        title=Text(visible(f"{frames.title(task)}: {measured(frames.measure, about)}")),
        title_justify="left",
        caption_justify="left",
    )
    table.caption = "relative difference, its 95% interval, and the verdict on the absolute one"
    table.add_column("language")
    for head in (title for _, title in sizes):
        table.add_column(_broken(head, " "), justify="right")
    for head in arms:
        table.add_column(_broken(head, "-:+"), justify="right")
    for one in asked:
        table.add_column(Text(f"{visible(one.arm)} vs\n{visible(one.against)}"), overflow="fold")
    everywhere = tabled_arms(rows, frames.declaration)
    for row in rows:
        best = best_arms(row, everywhere, frames.measure)
        table.add_row(
            Text(_language(row)),
            *(count(getattr(row, name)) for name, _ in sizes),
            *(Text(number(row.values.get(arm)), style="bold" if arm in best else "") for arm in arms),
            *(_effect(row.effect(one)) for one in asked),
            end_section=row.language != EVERYONE and rows[-1].language == EVERYONE and row is rows[-2],
        )
    return table


def _language(row: Row) -> str:
    return "all" if row.language == EVERYONE else visible(row.language)


def _broken(head: str, after: str) -> "Text":
    """A heading whose lines end after certain signs, so that its column is narrow."""
    from rich.text import Text

    return Text("".join(f"{sign}\n" if sign in after else sign for sign in visible(head)).replace(" \n", "\n"))


def _effect(effect: Effect | None) -> "Text":
    from rich.text import Text

    if effect is None:
        return Text(MISSING)
    word = effect.verdict or MISSING
    return Text(f"{_numbers(effect)}\n{SIGNS.get(word, '')} {word}", style=STYLES.get(word, ""))


def _numbers(effect: Effect) -> str:
    return f"{percent(effect.relative)} [{percent(effect.low)}, {percent(effect.high)}]"
