"""Texts that were wanted and written, for kinds that write: a few items to look at, and what is mistaken for what.

The items are the same for every arm, and chosen by a rule: about the median of the first arm, its best, its worst.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from sprachbund.errors import FolderError
from sprachbund.lab.alignment import confusions, fits
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.seam import Telling
from sprachbund.runs.store import Runs, Specification
from sprachbund.studies.jobs import ITEMS_FILE
from sprachbund.tables import read_table

__all__ = ["CLIPS", "CONFUSIONS", "SAMPLES", "samples_of"]

SAMPLES = {
    "task": pl.String, "language": pl.String, "item": pl.String, "document": pl.String, "why": pl.String,
    "arm": pl.String, "reference": pl.String, "hypothesis": pl.String, "edits": pl.String,
}  # fmt: skip
CONFUSIONS = {
    "task": pl.String, "language": pl.String, "arm": pl.String, "wanted": pl.String, "written": pl.String,
    "count": pl.Float64,
}  # fmt: skip
CLIPS = {"task": pl.String, "language": pl.String, "item": pl.String, "media": pl.String, "data": pl.Binary}
_TEXTS = {
    "arm": pl.String, "pool": pl.String, "language": pl.String, "item": pl.String, "document": pl.String,
    "value": pl.Float64, "weight": pl.Float64, "reference": pl.String, "hypothesis": pl.String, "edits": pl.String,
}  # fmt: skip
_OF_ITEMS = ("item", "document", "reference", "hypothesis", "edits")
BYTES = 1_100_000
"""Of sound on a page, before a third is added by how pages hold it."""
_MEDIAN = 3
_REMEDY = "remove the run's folder and give the same command again"


def samples_of(
    kind: Telling, judged: Sequence[tuple[str, Specification]], runs: Runs
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Samples (of the first seed), confusions (a seed's mean count), clips of the samples as far as they have room."""
    declared = kind.declaration
    texts: dict[tuple[str, str], dict[str, list[pl.DataFrame]]] = {}
    for arm, specification in judged:
        if arm:
            for language, frame in _texts(specification, runs, declared):
                texts.setdefault((specification["task"], language), {}).setdefault(arm, []).append(frame)
    samples: list[dict[str, Any]] = []
    mistaken: list[dict[str, Any]] = []
    for (task, language), arms in texts.items():
        key = {"task": task, "language": language}
        for item, why in _chosen(next(iter(arms.values()))[0]).items():
            samples += [
                {**key, "why": why, "arm": arm, **row}
                for arm, frames in arms.items()
                for row in frames[0].filter(item=item).select(*_OF_ITEMS).to_dicts()
            ]
        for arm, frames in arms.items():
            counts: Counter[tuple[str, str]] = Counter()
            for frame in frames:
                for each in frame.select("reference", "hypothesis", "edits").iter_rows():
                    counts.update(confusions(*each))
            mistaken += [
                {**key, "arm": arm, "wanted": wanted, "written": written, "count": count / len(frames)}
                for (wanted, written), count in counts.most_common()
            ]
    shown = pl.DataFrame(samples, schema=SAMPLES)
    return shown, pl.DataFrame(mistaken, schema=CONFUSIONS), _clips(kind, shown)


def _texts(specification: Specification, runs: Runs, declared: Declaration) -> list[tuple[str, pl.DataFrame]]:
    """The items of a run with their texts, by language.

    Raises:
        FolderError: they are damaged.
    """
    path = runs.folder(specification) / ITEMS_FILE
    frame = read_table(path, _TEXTS, _REMEDY, nulls=True)
    own = frame.filter((pl.col("arm") == "") & (pl.col("pool") == declared.pools[0].name))
    columns = own.select("reference", "hypothesis", "edits")
    if any(None in row or not fits(*row) for row in columns.iter_rows()):
        raise FolderError(f"{path}: damaged, its edits do not lead from one text to the other; {_REMEDY}")
    return [(str(language), part) for (language,), part in own.group_by(["language"], maintain_order=True)]


def _chosen(frame: pl.DataFrame) -> dict[str, str]:
    """Items and why: about the median of value over weight, the best, the worst; of equals the first by name."""
    ordered = frame.sort(pl.col("value") / pl.col("weight"), "item")["item"].to_list()
    middle = max(0, (len(ordered) - _MEDIAN) // 2)
    found = dict.fromkeys(ordered[middle : middle + _MEDIAN], "median")
    return found | {ordered[0]: found.get(ordered[0], "least"), ordered[-1]: found.get(ordered[-1], "most")}


def _clips(kind: Telling, samples: pl.DataFrame) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    left = BYTES
    for task, language in samples.select("task", "language").unique(maintain_order=True).iter_rows():
        items = samples.filter(task=task, language=language)["item"].unique(maintain_order=True).to_list()
        for item, (media, data) in kind.clips(task, language, items).items():
            if len(data) <= left:
                left -= len(data)
                rows.append({"task": task, "language": language, "item": item, "media": media, "data": data})
    return pl.DataFrame(rows, schema=CLIPS)
