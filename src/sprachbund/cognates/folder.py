"""A lexicon in a folder: sealed by a manifest, written whole or not at all, checked when it is read.

In the folder are::

    cognates.json        languages, about, the hash of every file
    pairs.parquet        left, right, score, origin
    grams.parquet        direction (0: left to right), key, target, probability
    costs.parquet        left, right, score: the edit operations that may be
    corrections.parquet  left, right, kept: what hands have changed
"""

from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.arrays import Float32
from sprachbund.cognates.costs import NEVER
from sprachbund.cognates.grams import GramTable
from sprachbund.cognates.letters import STRINGS
from sprachbund.cognates.lexicon import ORIGINS, SCHEMA, Cognates, Corrections
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import atomic_folder, read_manifest, require_fields, write_manifest
from sprachbund.tables import read_table, write_parquet

__all__ = ["FORMAT", "KIND", "MANIFEST", "load", "save"]

KIND, FORMAT, MANIFEST = "cognates", 1, "cognates.json"
PAIRS, GRAMS, COSTS, HANDS = "pairs.parquet", "grams.parquet", "costs.parquet", "corrections.parquet"
REMEDY = "learn the cognates anew"
_GRAMS = {"direction": pl.UInt8, "key": pl.UInt32, "target": pl.UInt32, "probability": pl.Float32}
_COSTS = {"left": pl.UInt16, "right": pl.UInt16, "score": pl.Float32}
_HANDS = {"left": pl.String, "right": pl.String, "kept": pl.Boolean}
_MOST = 10_000_000
"""Rows of a table: more are no lexicon of words."""


def save(cognates: Cognates, folder: Path) -> None:
    """Write a lexicon; see `Cognates.save`."""
    with atomic_folder(folder, MANIFEST) as temporary:
        write_parquet(cognates.pairs.select(list(SCHEMA)), temporary / PAIRS, compression="zstd")
        both = pl.concat(
            table.frame().select(pl.lit(number, pl.UInt8).alias("direction"), "key", "target", "probability")
            for number, table in enumerate((cognates.grams, cognates.back))
        )
        write_parquet(both, temporary / GRAMS, compression="zstd")
        rows, columns = np.nonzero(cognates.costs > NEVER)
        written = {"left": rows, "right": columns, "score": cognates.costs[rows, columns]}
        write_parquet(pl.DataFrame(written, schema=_COSTS), temporary / COSTS, compression="zstd")
        hands = cognates.corrections
        said = [(*pair, kept) for pairs, kept in ((hands.kept, True), (hands.removed, False)) for pair in pairs]
        write_parquet(pl.DataFrame(said, schema=_HANDS, orient="row"), temporary / HANDS, compression="zstd")
        write_manifest(
            temporary, MANIFEST, KIND, FORMAT, languages=list(cognates.languages), about=dict(cognates.about)
        )


def load(folder: Path) -> Cognates:
    """Read a lexicon; see `Cognates.open`."""
    manifest = read_manifest(
        folder, MANIFEST, KIND, FORMAT, check=True, fields={"languages": list, "about": dict},
        listed=(PAIRS, GRAMS, COSTS, HANDS),
    )  # fmt: skip
    languages = manifest["languages"]
    if len(languages) != 2 or not all(isinstance(code, str) and code for code in languages):
        raise FolderError(f"{folder / MANIFEST}: damaged, expected two languages, found {languages!r}; {REMEDY}")
    pairs = read_table(folder / PAIRS, SCHEMA, REMEDY)
    if len(pairs) > _MOST or not pairs["origin"].is_in(ORIGINS).all() or not pairs["score"].is_finite().all():
        raise FolderError(f"{folder / PAIRS}: damaged, a pair has another origin or score than any that we write")
    if (pairs["left"] == "").any() or (pairs["right"] == "").any():
        raise FolderError(f"{folder / PAIRS}: damaged, a pair lacks a word; {REMEDY}")
    grams, back = (_grams(folder / GRAMS, number) for number in range(2))
    about = manifest["about"]
    numbers = {name: about[name] for name in ("mutual", "decoys", "threshold") if about.get(name) is not None}
    require_fields(folder / MANIFEST, numbers, dict.fromkeys(numbers, (int, float)))
    hands = read_table(folder / HANDS, _HANDS, REMEDY)
    kept, removed = (
        tuple(hands.filter(pl.col("kept") == value).select("left", "right").rows()) for value in (True, False)
    )
    return Cognates(
        (languages[0], languages[1]),
        pairs,
        grams,
        back,
        _costs(folder / COSTS),
        about,
        Corrections(kept, removed),
    )


def _grams(path: Path, direction: int) -> GramTable:
    frame = read_table(path, _GRAMS, REMEDY)
    try:
        return GramTable.of_frame(frame.filter(pl.col("direction") == direction))
    except SettingsError as error:
        raise FolderError(f"{path}: damaged ({error}); {REMEDY}") from None


def _costs(path: Path) -> Float32:
    frame = read_table(path, _COSTS, REMEDY)
    rows, columns = frame["left"].to_numpy(), frame["right"].to_numpy()
    if len(frame) and (max(rows.max(), columns.max()) >= STRINGS or not frame["score"].is_finite().all()):
        raise FolderError(f"{path}: damaged, it has an operation or a score that there is not; {REMEDY}")
    table = np.full((STRINGS, STRINGS), NEVER, np.float32)
    table[rows, columns] = frame["score"].to_numpy()
    return table
