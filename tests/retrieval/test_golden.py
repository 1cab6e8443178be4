"""A study of three languages of the sample corpus gives the numbers that it gave before studies knew other kinds.

golden.json was written by the version before recipes and strategies (format 1 of studies). Where the arithmetic is the
same (numpy, and the kernels that its matrix products choose) every number is the same to the last digit; elsewhere
trained arms may differ a little, since a training carries its roundings on, and baselines by roundings alone.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_info

from sprachbund import change, ingest, preset, transfer

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "examples" / "sample"
GOLDEN: Mapping[str, Any] = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
ELSEWHERE = 0.05
"""How far an MRR may be off on another machine."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inverse cloze, the four arms that there were, one trial, one seed."""
    folder = tmp_path_factory.mktemp("golden")
    ingest([SAMPLE / f"{language}.jsonl" for language in ("es", "gl", "pt")], folder / "corpus")
    settings = change(preset("best"), dim=64)
    pools = ("unseen", "paper-equal")
    made = transfer(
        folder / "corpus", folder / "study", tasks=("ic",), settings=settings, seeds=1, trials=1, pools=pools, workers=1
    )  # fmt: skip
    return made.path


def is_the_same_arithmetic() -> bool:
    """Whether numpy multiplies as it did."""
    kernels = [
        [pool["internal_api"], pool.get("architecture")] for pool in threadpool_info() if pool["user_api"] == "blas"
    ]
    return bool(GOLDEN["arithmetic"] == [np.__version__, *kernels])


def by_key(frame: pl.DataFrame, key: tuple[str, ...], columns: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    """The columns of each row, by its key as one text."""
    rows = frame.select(*key, *columns).iter_rows()
    return {"|".join(map(str, row[: len(key)])): row[len(key) :] for row in rows}


def same(found: tuple[Any, ...], expected: list[Any], within: float) -> bool:
    """Numbers that are equal (NaN is NaN) or near, words that are equal."""
    return all(
        one == other
        or (isinstance(one, float) and ((math.isnan(one) and math.isnan(other)) or abs(one - other) <= within))
        for one, other in zip(found, expected, strict=True)
    )


def test_the_numbers_are_those_of_before(study: Path) -> None:
    """Every value with its interval; of MRR every comparison with its verdict."""
    results = by_key(
        pl.read_parquet(study / "results.parquet"), ("language", "arm", "pool", "measure", "k"),
        ("value", "low", "high"),
    )  # fmt: skip
    compared = by_key(
        pl.read_parquet(study / "comparisons.parquet"), ("language", "arm", "against", "pool", "measure", "k"),
        ("absolute", "relative", "p", "verdict"),
    )  # fmt: skip
    exact = is_the_same_arithmetic()
    for key, expected in GOLDEN["results"].items():
        trained = not key.split("|")[1].startswith("bm25")
        assert same(results[key], expected, 0.0 if exact else ELSEWHERE if trained else 1e-6), key
    for key, expected in GOLDEN["comparisons"].items():
        assert key in compared
        assert not exact or same(compared[key], expected, 0.0), key
