"""The learning curves of a study's models: what each training found on dev as it went on."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from sprachbund.runs.store import Runs, Specification
from sprachbund.studies.jobs import LEARNING

__all__ = ["COLUMNS", "learning_table"]

COLUMNS = {
    "task": pl.String, "language": pl.String, "arm": pl.String, "seed": pl.Int64, "step": pl.Int64,
    "passes": pl.Float64, "seen": pl.Float64, "value": pl.Float64, "seconds": pl.Float64,
}  # fmt: skip


def learning_table(judged: Sequence[tuple[str, Specification]], runs: Runs) -> pl.DataFrame:
    """A row a point, of every model that was trained on its language alone: dev of several is of other items."""
    rows: list[dict[str, Any]] = []
    for arm, specification in judged:
        recipe = specification.get("recipe", {})
        languages = list(recipe.get("text", {}))
        if len(languages) != 1:
            continue
        own = {"task": specification["task"], "language": languages[0], "arm": arm, "seed": recipe["seed"]}
        rows += [own | point for point in runs.result(specification).get(LEARNING, [])]
    return pl.DataFrame(rows, schema=COLUMNS)
