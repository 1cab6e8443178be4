"""Two spaces in a common one: what turns them, how it was found, how right it is; in a folder, sealed and checked.

In the folder are::

    alignment.json        languages, about, spaces: the hash of the words and vectors of either, the hash of every file
    turns.safetensors     left [dim, k], right [dim, k], left_mean [dim], right_mean [dim]; float32
    pairs.parquet         left, right, origin (identical, cognate, dictionary): the words that it was learned from
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.retrieval.encoder.tensors import is_sound, read_tensors
from sprachbund.tables import read_table, write_parquet
from sprachbund.vectors.space import Space, of_length_one
from sprachbund.vectors.turning import levelled

__all__ = ["ORIGINS", "Alignment", "print_of"]

KIND, FORMAT, MANIFEST = "alignment", 1, "alignment.json"
TURNS, PAIRS = "turns.safetensors", "pairs.parquet"
REMEDY = "align the vectors anew"
ORIGINS = ("identical", "cognate", "dictionary")
SCHEMA = {"left": pl.String, "right": pl.String, "origin": pl.String}


@dataclass(frozen=True, eq=False)
class Alignment:
    """What brings two spaces into a common one; made by `aligning.align`, or opened.

    Attributes:
        languages: (left, right).
        left, right: float32 [dim of the side, k]. left_mean, right_mean: float32 [dim of the side].
        pairs: left, right, origin: the words that it was learned from.
        spaces: the hash of the words and vectors of either.
        about: way, how many pairs of which origin, held_out: precision at 1 on pairs that were held back, control.
    """

    languages: tuple[str, str]
    left: Float32
    right: Float32
    left_mean: Float32
    right_mean: Float32
    pairs: pl.DataFrame
    spaces: tuple[str, str]
    about: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Alignment({self.languages[0]}-{self.languages[1]}: from {len(self.pairs):,} pairs)"

    def bring(self, left: Space, right: Space) -> tuple[Float32, Float32]:
        """All vectors of both in the common space, at length 1: float32 [words of left, k] and [words of right, k].

        Raises:
            SettingsError: it was learned on other vectors.
        """
        for side, space, known in (("left", left, self.spaces[0]), ("right", right, self.spaces[1])):
            if print_of(space) != known:
                raise SettingsError(
                    f"the alignment was learned on other vectors than those given on the {side}; align these"
                )
        ours = of_length_one(levelled(left.vectors, self.left_mean) @ self.left)
        return ours, of_length_one(levelled(right.vectors, self.right_mean) @ self.right)

    def save(self, folder: Path | str) -> None:
        """Write the alignment to a folder, atomically; see docs/formats.md.

        Raises:
            FolderError: something else is there.
        """
        with atomic_folder(Path(folder), MANIFEST) as temporary:
            names = ("left", "right", "left_mean", "right_mean")
            save_file({name: np.ascontiguousarray(getattr(self, name)) for name in names}, temporary / TURNS)
            write_parquet(self.pairs.select(list(SCHEMA)), temporary / PAIRS, compression="zstd")
            write_manifest(
                temporary, MANIFEST, KIND, FORMAT, languages=list(self.languages), spaces=list(self.spaces),
                about=dict(self.about),
            )  # fmt: skip

    @staticmethod
    def open(folder: Path | str) -> "Alignment":
        """The alignment in a folder, every file of it checked.

        Raises:
            FolderError: there is none, or it is damaged or of another format version.
        """
        return _load(Path(folder))


def print_of(space: Space) -> str:
    """The SHA-256 of a space's words and vectors."""
    found = hashlib.sha256("\n".join(space.words).encode("utf-8", "surrogatepass"))
    found.update(np.ascontiguousarray(space.vectors, "<f4").tobytes())
    return found.hexdigest()


def _load(folder: Path) -> Alignment:
    manifest = read_manifest(
        folder, MANIFEST, KIND, FORMAT, check=True, fields={"languages": list, "spaces": list, "about": dict},
        listed=(TURNS, PAIRS),
    )  # fmt: skip
    languages, spaces = manifest["languages"], manifest["spaces"]
    if any(len(each) != 2 or not all(isinstance(one, str) for one in each) for each in (languages, spaces)):
        raise FolderError(f"{folder / MANIFEST}: damaged, expected two languages and two spaces; {REMEDY}")
    turns = read_tensors(folder / TURNS, REMEDY)
    if set(turns) != {"left", "right", "left_mean", "right_mean"} or not _fit(turns):
        raise FolderError(f"{folder / TURNS}: damaged, expected what turns two spaces into one; {REMEDY}")
    pairs = read_table(folder / PAIRS, SCHEMA, REMEDY)
    if not pairs["origin"].is_in(ORIGINS).all():
        raise FolderError(f"{folder / PAIRS}: damaged, a pair has an origin that there is not; {REMEDY}")
    return Alignment(
        (languages[0], languages[1]), turns["left"], turns["right"], turns["left_mean"], turns["right_mean"], pairs,
        (spaces[0], spaces[1]), manifest["about"],
    )  # fmt: skip


def _fit(turns: Mapping[str, Float32]) -> bool:
    left, right = turns["left"], turns["right"]
    shapes = left.ndim == right.ndim == 2 and left.shape[1] == right.shape[1] and left.size and right.size
    means = turns["left_mean"].shape == left.shape[:1] and turns["right_mean"].shape == right.shape[:1]
    return bool(shapes) and means and all(is_sound(turn) for turn in turns.values())
