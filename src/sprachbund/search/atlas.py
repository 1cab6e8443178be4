"""Where to look around in an index: the words of each language with their vectors, and a map of words and passages.

    ATLAS/atlas.json       the manifest
          words.parquet    text, language, count (passages that have it), in the order of the vectors
          words.faiss      their vectors, of length 1
          points.npy       float32 [points, 2], in -1 to 1
          points.parquet   kind (0 passage, 1 word), language, label, key of each point
          anchors.npy      float16 [points, dim]: what a passage off the map is placed by

The map is t-SNE (van der Maaten & Hinton 2008; openTSNE) of the commonest words that say something and of passages
drawn evenly over languages. Only n-grams that training gave a vector of their own have neighbours worth looking at.
"""

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, UInt8
from sprachbund.errors import FolderError, one_line
from sprachbund.files import atomic_folder, read_array, read_manifest, write_array, write_manifest
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.search.dense import DenseChoice, DenseIndex, build
from sprachbund.search.passages import shown
from sprachbund.search.segment import Segment, require_sizes
from sprachbund.tables import write_parquet
from sprachbund.vectors.projecting import project

KIND, FORMAT, MANIFEST = "index atlas", 3, "atlas.json"
WORDS = 5_000
"""Words of a language at most that are neighbours."""
COMMON = 0.1
"""A word that more than this share of the passages has says too little to stand on a map."""
NEAREST = 5
_EDGE = 1 + 1e-5
_WORDS = {"text": pl.String, "language": pl.String, "count": pl.Int64}
_POINTS = {"kind": pl.UInt8, "language": pl.String, "label": pl.String, "key": pl.String}
LABEL = 80


@dataclass(frozen=True)
class Neighbour:
    """A word near another: its cosine and how many passages have it."""

    text: str
    language: str
    score: float
    count: int


@dataclass(frozen=True)
class Map:
    """Points on a plane; neighbours there are neighbours in the vectors, distances far apart mean nothing.

    Attributes:
        x, y: float32 [points], in -1 to 1. kinds: uint8 [points], 0 a passage and 1 a word.
        languages, labels: of each point. keys: of passages, "" for words.
    """

    x: Float32
    y: Float32
    kinds: UInt8
    languages: list[str]
    labels: list[str]
    keys: list[str]


@dataclass(frozen=True)
class Atlas:
    """An atlas, opened: its files stay open, for a change removes their names.

    Attributes:
        passages: of the index when it was drawn. count, vectors: of the words.
        points: float32 [points, 2], None where no map was made.
        anchors: float16 [points, dim], None likewise.
    """

    path: Path
    passages: int
    count: int
    vectors: DenseIndex
    points: Any
    anchors: Any
    _words: BinaryIO = field(repr=False, compare=False)
    _points: BinaryIO | None = field(repr=False, compare=False)

    @cached_property
    def words(self) -> pl.DataFrame:
        """text, language, count."""
        return _read(self.path / "words.parquet", self._words, _WORDS, self.count)

    @cached_property
    def map(self) -> Map | None:
        """The map, None where none was made."""
        if self._points is None:
            return None
        points = _read(self.path / "points.parquet", self._points, _POINTS, len(self.points))
        return Map(
            np.asarray(self.points[:, 0]),
            np.asarray(self.points[:, 1]),
            points["kind"].to_numpy(),
            points["language"].to_list(),
            points["label"].to_list(),
            points["key"].to_list(),
        )

    @cached_property
    def _anchors(self) -> Float32:
        anchors = np.asarray(self.anchors, np.float32)
        if not np.isfinite(anchors).all():
            raise FolderError(f"{self.path / 'anchors.npy'}: damaged, a vector is none; build the index anew")
        return anchors

    def neighbours(self, vector: Float32, k: int, languages: Sequence[str]) -> list[Neighbour]:
        """The words nearest to a vector of length 1, in some languages or all."""
        vectors = self.vectors
        if languages:
            vectors = vectors.without(~self.words["language"].is_in(list(languages)).to_numpy())
        order, scores = vectors.search(vector, k)
        found = zip(self.words[order].rows() if len(order) else [], scores.tolist(), strict=True)
        return [Neighbour(text, language, score, count) for (text, language, count), score in found if score > 0]

    def place(self, vectors: Float32) -> Float32:
        """Where vectors lie on the map, between the points that they are nearest to: float32 [n, 2]."""
        places = np.asarray(self.points)
        scores = vectors @ self._anchors.T
        near = np.argsort(-scores, axis=1, kind="stable")[:, :NEAREST]
        weights = np.maximum(np.take_along_axis(scores, near, 1), 1e-6) ** 8
        result: Float32 = (places[near] * weights[:, :, None]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
        return result.astype(np.float32)


def open_atlas(path: Path, dim: int, *, check: bool = False) -> Atlas:
    """Open what `write_atlas` wrote.

    Args:
        dim: of the encoder. check: compare the hash of every file.

    Raises:
        FolderError: it is missing or damaged.
    """
    fields = {"files": dict, "bytes": dict, "words": int, "dim": int, "passages": int}
    manifest = read_manifest(path, MANIFEST, KIND, FORMAT, check=check, fields=fields)
    require_sizes(path, manifest["bytes"], manifest["files"])
    drawn = "points.npy" in manifest["files"]
    points = read_array(path / "points.npy", dtype=np.float32, dimensions=2) if drawn else None
    anchors = read_array(path / "anchors.npy", dtype=np.float16, dimensions=2) if drawn else None
    if points is not None and anchors is not None:
        fits = points.shape == (len(anchors), 2) and anchors.shape == (len(points), dim) and len(points)
        # not a number is not below 1 either
        if not fits or not (np.abs(points) <= _EDGE).all():
            raise FolderError(f"{path}: damaged, points.npy and anchors.npy are no map; build the index anew")
    return Atlas(
        path,
        manifest["passages"],
        manifest["words"],
        DenseIndex.open(path / "words.faiss", DenseChoice("flat"), manifest["words"], dim),
        points,
        anchors,
        (path / "words.parquet").open("rb"),
        (path / "points.parquet").open("rb") if drawn else None,
    )


def write_atlas(folder: Path, name: str, segments: Sequence[Segment], encoder: Encoder, points: int) -> str | None:
    """Write the atlas of some segments; its name, None where there is nothing to show.

    Args:
        points: of the map; 0 for none.
    """
    parts = [_words(code, [s for s in segments if s.language == code], encoder) for code in _codes(segments)]
    words = pl.concat(parts) if parts else pl.DataFrame()
    if not len(words):
        return None
    vectors = encoder.encode(words["text"].to_list())
    with atomic_folder(folder / name) as temporary:
        write_parquet(words.select("text", "language", "count"), temporary / "words.parquet")
        build(vectors, "flat", vectors[:0], temporary / "words.faiss")
        if points:
            _draw(temporary, words, vectors, segments, points)
        sizes = {path.name: path.stat().st_size for path in sorted(temporary.iterdir())}
        counts = {"words": len(words), "dim": encoder.dim, "passages": sum(segment.alive for segment in segments)}
        write_manifest(temporary, MANIFEST, KIND, FORMAT, bytes=sizes, **counts)
    return name


def _codes(segments: Sequence[Segment]) -> list[str]:
    return sorted({segment.language for segment in segments})


def _words(language: str, segments: Sequence[Segment], encoder: Encoder) -> pl.DataFrame:
    """The commonest words of a language that have a vector of their own: text, language, count, share."""
    keys = [segment.collection.postings.keys for segment in segments]
    counts = [np.diff(segment.collection.postings.offsets) for segment in segments]
    distinct, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    totals = np.bincount(inverse, np.concatenate(counts), len(distinct)).astype(np.int64)
    rows = encoder.vocabulary.lookup(distinct)
    known = np.flatnonzero((rows >= 0) & (totals > 1))
    known = known[encoder.vocabulary.orders[rows[known]] == 1]
    known = known[np.argsort(-totals[known], kind="stable")[:WORDS]]
    texts = encoder.vocabulary.strings[rows[known].astype(np.uint32)]
    passages = max(1, sum(segment.alive for segment in segments))
    return pl.DataFrame(
        {
            "text": texts,
            "language": pl.repeat(language, len(known), dtype=pl.String, eager=True),
            "count": totals[known],
            "share": totals[known] / passages,
        },
        schema={"text": pl.String, "language": pl.String, "count": pl.Int64, "share": pl.Float64},
    )


def _draw(folder: Path, words: pl.DataFrame, vectors: Float32, segments: Sequence[Segment], points: int) -> None:
    codes = _codes(segments)
    share = max(1, points // (2 * len(codes)))
    said = words.with_row_index().filter((pl.col("share") < COMMON) & (pl.col("text").str.len_chars() > 1))
    chosen = said.group_by("language", maintain_order=True).head(share).sort("index")
    named = zip(chosen["language"].to_list(), chosen["text"].to_list(), strict=True)
    rows = [{"kind": 1, "language": language, "label": text, "key": ""} for language, text in named]
    parts = [vectors[chosen["index"].to_numpy()]]
    for code in codes:
        own = [segment for segment in segments if segment.language == code]
        total = sum(segment.alive for segment in own)
        for segment in own:
            alive = np.flatnonzero(~segment.collection.dead)
            count = min(len(alive), max(1, share * segment.alive // max(1, total)))
            drawn = np.sort(np.random.default_rng(0).permutation(alive)[:count])
            found = segment.dense.vectors(drawn)
            parts.append(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9))
            rows += [_point(record, code) for record in segment.records.passages(drawn.tolist())]
    anchors = np.concatenate(parts).astype(np.float32)
    write_array(folder / "anchors.npy", anchors.astype(np.float16))
    write_array(folder / "points.npy", project(anchors, ", or --map 0"))
    write_parquet(pl.DataFrame(rows, schema=_POINTS), folder / "points.parquet")


def _point(record: Any, language: str) -> dict[str, Any]:
    document = record.document
    text = shown(record.text, language)
    label = f"{document.title}: {text}" if document.title else text
    key = f"{language}:{document.id}#{record.number - document.first}"
    return {"kind": 0, "language": language, "label": label[:LABEL], "key": key}


def _read(path: Path, handle: BinaryIO, schema: Mapping[str, Any], count: int) -> pl.DataFrame:
    """A table of so many rows, which has the columns that we write, and a value in every place."""
    try:
        data = io.BytesIO(os.pread(handle.fileno(), os.fstat(handle.fileno()).st_size, 0))
        if pl.read_parquet_schema(data) != schema:
            raise FolderError(f"{path}: damaged, it has other columns than ours; build the index anew")
        data.seek(0)
        table = pl.read_parquet(data, n_rows=count + 1, use_statistics=False)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException, MemoryError) as error:
        raise FolderError(f"{path}: damaged ({one_line(error)}); build the index anew") from None
    if len(table) != count or any(table.null_count().row(0)):
        raise FolderError(f"{path}: damaged, expected {count:,} whole rows; build the index anew")
    return table
