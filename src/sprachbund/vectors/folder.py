"""Vectors in a folder: sealed by a manifest, written whole or not at all, checked when they are read.

In the folder are::

    vectors.json          language, about, dim, words, subwords ([shortest, longest] or null), the hash of every file
    vectors.safetensors   vectors [words, dim]; runs [buckets, dim] where there are subwords; float32
    words.parquet         word, count: the most frequent first
"""

from pathlib import Path

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.retrieval.encoder.tensors import is_sound, read_tensors
from sprachbund.tables import read_table, write_parquet
from sprachbund.vectors.space import Space
from sprachbund.vectors.subwords import Subwords

__all__ = ["FORMAT", "KIND", "MANIFEST", "load", "save"]

KIND, FORMAT, MANIFEST = "vectors", 1, "vectors.json"
TENSORS, WORDS = "vectors.safetensors", "words.parquet"
REMEDY = "train the vectors anew"


def save(space: Space, folder: Path) -> None:
    """Write vectors; see `Space.save`."""
    with atomic_folder(folder, MANIFEST) as temporary:
        tensors = {"vectors": np.ascontiguousarray(space.vectors, np.float32)}
        if space.subwords is not None:
            tensors["runs"] = np.ascontiguousarray(space.subwords.table, np.float32)
        save_file(tensors, temporary / TENSORS)
        frame = pl.DataFrame({"word": pl.Series(space.words, dtype=pl.String), "count": space.counts.astype(np.int64)})
        write_parquet(frame, temporary / WORDS, compression="zstd")
        write_manifest(
            temporary, MANIFEST, KIND, FORMAT, language=space.language, about=dict(space.about), dim=space.dim,
            words=len(space), subwords=[space.subwords.shortest, space.subwords.longest] if space.subwords else None,
        )  # fmt: skip


def load(folder: Path) -> Space:
    """Read vectors; see `Space.open`."""
    manifest = read_manifest(
        folder, MANIFEST, KIND, FORMAT, check=True,
        fields={"language": str, "about": dict, "dim": int, "words": int, "subwords": (list, type(None))},
        listed=(TENSORS, WORDS),
    )  # fmt: skip
    count, dim, lengths = manifest["words"], manifest["dim"], manifest["subwords"]
    frame = read_table(folder / WORDS, {"word": pl.String, "count": pl.Int64}, REMEDY, rows=count)
    tensors = read_tensors(folder / TENSORS, REMEDY)
    expected = {"vectors", "runs"} if lengths else {"vectors"}
    if set(tensors) != expected or tensors["vectors"].shape != (count, dim) or count < 1 or dim < 1:
        raise FolderError(f"{folder / TENSORS}: damaged, expected {count:,} vectors of {dim} numbers; {REMEDY}")
    if not all(map(is_sound, tensors.values())):
        raise FolderError(f"{folder / TENSORS}: damaged, a vector has what is no number, or one too large; {REMEDY}")
    if frame["word"].n_unique() != count:
        raise FolderError(f"{folder / WORDS}: damaged, a word stands there twice; {REMEDY}")
    subwords = None
    if lengths:
        numbers = len(lengths) == 2 and all(type(number) is int for number in lengths)
        runs = tensors["runs"]
        if not numbers or not 1 <= lengths[0] <= lengths[1] or runs.ndim != 2 or runs.shape[1] != dim or not len(runs):
            raise FolderError(f"{folder / MANIFEST}: damaged, its subwords are none; {REMEDY}")
        subwords = Subwords(lengths[0], lengths[1], runs)
    return Space(
        manifest["language"], tuple(frame["word"].to_list()), frame["count"].to_numpy(), tensors["vectors"],
        manifest["about"], subwords,
    )  # fmt: skip
