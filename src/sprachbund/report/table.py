"""The transfer table on a terminal.

With every arm it is some 160 characters wide. On a narrower terminal Rich breaks the cells; the page is the
better place to read it then. The arms that count the text around a candidate have a table of their own.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.report.frames import ALL, StudyFrames, load_study
from sprachbund.report.rows import AROUND_COLUMNS, COLUMNS, EFFECTS, Row, best_arms, has_around, transfer_rows
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
        best = best_arms(row) if row["language"] != ALL else set()
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
    numbers = f"{percent(effect['relative'])} [{percent(effect['low'])}, {percent(effect['high'])}]"
    return Text(f"{numbers}\n{SIGNS.get(word, '')} {word}", style=STYLES.get(word, ""))
