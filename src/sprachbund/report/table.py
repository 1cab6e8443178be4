"""The answer and the transfer table on a terminal.

The answer is a small table. The transfer table has every arm and is some 160 characters wide: on a narrower terminal
Rich breaks the cells, and the page is the better place to read it. The arms that count the text around a candidate have
a table of their own.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.report.frames import ALL, StudyFrames, load_study
from sprachbund.report.rows import (
    AROUND_COLUMNS,
    COLUMNS,
    EFFECTS,
    Row,
    best_arms,
    decided_rows,
    has_around,
    transfer_rows,
)
from sprachbund.report.wording import MISSING, SIGNS, count, fraction, percent, task_name
from sprachbund.statistics.comparison import BETTER, LEAKS, WORSE
from sprachbund.visible import visible

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

STYLES = {BETTER: "green", WORSE: "red", LEAKS: "magenta"}


def transfer_table(study: Path | StudyFrames, task: str) -> "Table":
    """MRR of the arms in the pool `unseen` and the comparisons of encoders and hybrids, a row a language.

    Raises:
        FolderError: the study cannot be read.
    """
    frames = study if isinstance(study, StudyFrames) else load_study(study)
    return _table(visible(f"{task_name(task)}: MRR among unseen candidates"), transfer_rows(frames, task), *COLUMNS)


def transfer_tables(study: Path | StudyFrames, task: str) -> "list[Table]":
    """`transfer_table` and, where a study has them, the same of the arms that count the text around a candidate.

    Raises:
        FolderError: the study cannot be read.
    """
    frames = study if isinstance(study, StudyFrames) else load_study(study)
    rows = transfer_rows(frames, task)
    found = [transfer_table(frames, task)]
    if has_around(rows):
        title = visible(f"{task_name(task)}: MRR among unseen candidates that count the text around them")
        found.append(_table(title, rows, *AROUND_COLUMNS))
    return found


def answer_table(frames: StudyFrames, task: str) -> "Table | None":
    """Pooled against alone for the languages that have a verdict, within 80 characters; None where none has."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows = decided_rows(frames, task)
    if not rows:
        return None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("language")
    for head in ("MRR, alone", "pooled"):
        table.add_column(head, justify="right")
    for head in ("difference", "verdict"):
        table.add_column(head)
    for row in rows:
        effect = row["transfer"]
        table.add_row(
            Text("all" if row["language"] == ALL else row["language"]),
            fraction(row["alone"]),
            fraction(row["pooled"]),
            Text(_numbers(effect)),
            Text(f"{SIGNS.get(effect['verdict'], '')} {effect['verdict']}", style=STYLES.get(effect["verdict"], "")),
        )
    return table


def _table(title: str, rows: list[Row], all_arms: tuple[str, ...], all_effects: tuple[str, ...]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    # An arm or a comparison that no language has would only push the others off a narrow terminal.
    arms = [arm for arm in all_arms if any(row[arm] is not None for row in rows)]
    effects = [name for name in all_effects if any(row[name] is not None for row in rows)]
    table = Table(
        box=box.SIMPLE_HEAD,
        title=Text(title),
        title_justify="left",
        caption_justify="left",
    )
    table.caption = "relative difference, its 95% interval, and the verdict on the absolute one"
    table.add_column("language")
    for head in ("pairs", "queries", "docs", *arms):
        table.add_column(head.replace("-", "-\n"), justify="right")
    for name in effects:
        table.add_column(" vs\n".join(EFFECTS[name]))
    for row in rows:
        best = best_arms(row)
        table.add_row(
            Text("all" if row["language"] == ALL else visible(row["language"])),
            *(count(row[name]) for name in ("train_pairs", "queries", "documents")),
            *(Text(fraction(row[arm]), style="bold" if arm in best else "") for arm in arms),
            *(_effect(row[name]) for name in effects),
            end_section=row["language"] != ALL and row is rows[-2] if rows[-1]["language"] == ALL else False,
        )
    return table


def _effect(effect: Row | None) -> "Text":
    from rich.text import Text

    if effect is None:
        return Text(MISSING)
    word = effect["verdict"] or MISSING
    return Text(f"{_numbers(effect)}\n{SIGNS.get(word, '')} {word}", style=STYLES.get(word, ""))


def _numbers(effect: Row) -> str:
    return f"{percent(effect['relative'])} [{percent(effect['low'])}, {percent(effect['high'])}]"
