"""Which held-out sentences stand in the training text in template form, found part by part.

A part leaves 128 bits of each sentence's `template_form`; those of all parts meet in ranges of them, so that memory
holds one range. That two forms of a corpus had the same 128 bits has a chance of 1 in 10**20 for a billion sentences.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.arrays import Flags
from sprachbund.corpus.duplicates import template_form
from sprachbund.retrieval.encoder.encoding.disk import bounds_of, edges_for, piece, read, save

__all__ = ["found_forms", "write_forms"]

_COLUMNS = ["first", "second"]


def write_forms(folder: Path, texts: pl.Series, train: Flags) -> None:
    """Leave the forms of a part's sentences: each of the training side once, the others with their rows."""
    forms = texts.to_frame("text").select(form=template_form(pl.col("text")))["form"]
    hashed = pl.DataFrame({"first": forms.hash(1), "second": forms.hash(2)})
    known = hashed.filter(pl.Series(train)).unique().sort(_COLUMNS)
    asked = hashed.with_row_index("row").filter(pl.Series(~train & (forms != "").to_numpy())).sort(_COLUMNS)
    for name in _COLUMNS:
        save(folder, f"known_{name}", known[name].to_numpy())
        save(folder, f"asked_{name}", asked[name].to_numpy())
    save(folder, "asked_rows", asked["row"].to_numpy().astype(np.int64))


def found_forms(folders: Sequence[Path], lengths: Sequence[int]) -> list[Flags]:
    """For each part of a language the held-out sentences whose form a training sentence of any part has.

    Args:
        lengths: sentences of each part.
    """
    flags = [np.zeros(length, bool) for length in lengths]
    edges = edges_for(sum(len(read(folder, "known_first")) for folder in folders))
    known = [bounds_of(read(folder, "known_first"), edges) for folder in folders]
    asked = [bounds_of(read(folder, "asked_first"), edges) for folder in folders]
    for number in range(len(edges) + 1):
        of_range = [_forms(folder, "known", *own[number]) for folder, own in zip(folders, known, strict=True)]
        there = pl.concat(of_range).unique()
        for folder, own, found in zip(folders, asked, flags, strict=True):
            wanted = _forms(folder, "asked", *own[number]).with_row_index("place")
            hits = wanted.join(there, on=_COLUMNS, how="semi")["place"].to_numpy()
            found[piece(folder, "asked_rows", *own[number])[hits]] = True
    return flags


def _forms(folder: Path, which: str, low: int, high: int) -> pl.DataFrame:
    return pl.DataFrame({name: piece(folder, f"{which}_{name}", low, high) for name in _COLUMNS})
