"""The vectors of passages in FAISS: exact below a size, inverted lists or a graph above, opened memory-mapped.

flat    every vector, 16 bits a number: exact to a thousandth; above a size all are first read in 8 bits, see `rounded`
ivf     inverted lists, 8 bits a number: lists enough are searched for the recall that was asked for
hnsw    a graph over 16-bit vectors: faster than lists at the same recall, many times as long to build

How many lists or how wide a search, is measured when the index is built, on sentences of the text against exact search,
and the recall that was reached is written into the segment.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np

from sprachbund.arrays import Flags, Float32, Int64, UInt16
from sprachbund.errors import FolderError, MissingExtraError, SettingsError
from sprachbund.files import atomic_path, require_fields
from sprachbund.search.faiss_files import require_sound
from sprachbund.search.halves import map_halves, products
from sprachbund.search.rounded import Rounded

DenseKind = Literal["flat", "ivf", "hnsw"]
KINDS: tuple[DenseKind, ...] = ("flat", "ivf", "hnsw")
FLAT_MOST = 50_000
"""Passages of a segment up to which every vector is looked at: some five milliseconds a query."""
FEW = 4_096
"""Passages that a filter leaves up to which each is compared."""
SHARE = 8
"""Rounded vectors are read first where at most one passage in so many is wanted: else too many are compared anyway."""
RECALL = 0.95
AT = 10
WIDEST = 1 << 20
WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
_POINTS = 40  # training points a list: what FAISS asks for at least
_DEGREE = 32


@dataclass(frozen=True)
class DenseChoice:
    """What was chosen for a segment.

    Attributes:
        kind: see the module. width: lists searched, or how wide the graph is searched; 0 for flat.
        recall: of the best 10 of exact search, measured; 1 for flat. queries: that it was measured on.
    """

    kind: DenseKind
    width: int = 0
    recall: float = 1.0
    queries: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(path: Path, values: Mapping[str, Any]) -> "DenseChoice":
        """What `to_dict` wrote.

        Args:
            path: the file that it was read from, for the message.

        Raises:
            FolderError: it is something else.
        """
        require_fields(path, values, {"kind": str, "width": int, "recall": float, "queries": int})
        kind, width = values["kind"], values["width"]
        if kind not in KINDS or not 0 <= width <= WIDEST or (kind != "flat" and not width):
            raise FolderError(f"{path}: damaged, no vectors are {kind!r} of width {width}; build the index anew")
        return DenseChoice(kind, width, float(values["recall"]), values["queries"])


def load_faiss() -> Any:
    """The module.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import faiss
    except ImportError:
        raise MissingExtraError("an index needs FAISS: pip install 'sprachbund[search]'") from None
    return faiss


def choose(passages: int, asked: str = "auto") -> DenseKind:
    """The kind for so many passages, or the one that was asked for.

    Raises:
        SettingsError: there is no such kind.
    """
    if asked == "auto":
        return "flat" if passages <= FLAT_MOST else "ivf"
    if asked not in KINDS:
        raise SettingsError(f"the dense index is one of auto, {', '.join(KINDS)}; found {asked!r}")
    return asked


def build(vectors: Any, kind: DenseKind, queries: Float32, path: Path) -> DenseChoice:
    """Index vectors and write the index.

    Args:
        vectors: float16 [passages, dim]. queries: float32 [n, dim], for measuring the recall.
        path: of the file.
    """
    faiss = load_faiss()
    passages, dim = vectors.shape
    product = faiss.METRIC_INNER_PRODUCT
    if kind == "ivf":
        lists = int(max(1, min(2 * np.sqrt(passages), passages / _POINTS)))
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit, product
        )
        draw = np.random.default_rng(0).permutation(passages)[: max(_POINTS * lists, 10_000)]
        index.train(vectors[np.sort(draw)].astype(np.float32))
    elif kind == "hnsw":
        index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_fp16, _DEGREE, product)
        index.train(np.zeros((1, dim), np.float32))
    else:
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, product)
    for low in range(0, passages, 16_384):
        index.add(np.ascontiguousarray(vectors[low : low + 16_384], np.float32))
    choice = DenseChoice(kind) if kind == "flat" else _widen(faiss, index, kind, vectors, queries)
    with atomic_path(path) as temporary:
        try:
            with temporary.open("wb") as handle:
                faiss.write_index(index, _for_faiss(temporary, handle))
        except RuntimeError as error:
            raise OSError(28, f"could not be written: {str(error).splitlines()[-1]}", str(path)) from None
    return choice


def _for_faiss(path: Path, handle: BinaryIO) -> str:
    """The name by which FAISS, which takes UTF-8 alone, opens a file that we have opened."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        return f"/dev/fd/{handle.fileno()}"
    return os.fspath(path)


def _widen(faiss: Any, index: Any, kind: DenseKind, vectors: Any, queries: Float32) -> DenseChoice:
    """The narrowest search that reaches the recall."""
    k = min(AT, len(vectors))
    best = np.full((len(queries), k), -1, np.int64)
    scores = np.full((len(queries), k), -np.inf, np.float32)
    for low in range(0, len(vectors), 65_536):
        block = queries @ vectors[low : low + 65_536].astype(np.float32).T
        both = np.concatenate((scores, block), axis=1)
        order = np.argsort(-both, axis=1, kind="stable")[:, :k]
        numbers = np.concatenate((best, np.broadcast_to(np.arange(low, low + block.shape[1]), block.shape)), axis=1)
        best, scores = np.take_along_axis(numbers, order, 1), np.take_along_axis(both, order, 1)
    reached = 0.0
    most = index.nlist if kind == "ivf" else max(WIDTHS)
    for width in (*(width for width in WIDTHS if width < most), most):
        _, found = index.search(queries, k, params=parameters(faiss, kind, width))
        reached = float(np.mean([len(set(a) & set(b)) / k for a, b in zip(found.tolist(), best.tolist(), strict=True)]))
        if reached >= RECALL:
            break
    return DenseChoice(kind, width, round(reached, 4), len(queries))


def parameters(faiss: Any, kind: DenseKind, width: int, selector: Any = None) -> Any:
    """What FAISS is told beside the query."""
    if kind == "ivf":
        return faiss.SearchParametersIVF(nprobe=width, sel=selector)
    if kind == "hnsw":
        return faiss.SearchParametersHNSW(efSearch=width, sel=selector)
    return faiss.SearchParameters(sel=selector)


@dataclass(frozen=True)
class DenseIndex:
    """The vectors of a segment.

    Attributes:
        path: of the file, for messages.
        index: of FAISS. choice: what it is. alive: a selector of FAISS that leaves out the deleted, or None.
    """

    path: Path
    index: Any
    choice: DenseChoice
    alive: Any = None
    kept: Any = None
    """What the selector points to: FAISS does not hold on to it."""
    few: Int64 | None = None
    """Where few are left: these, each of which is compared."""
    halves: UInt16 | None = None
    """Of a flat index, the bits of its vectors, float16 [vectors, dim]."""
    rounded: Rounded | None = None
    """The same vectors in 8 bits a number, of a flat index of many; None where every exact one is compared."""
    left_out: Flags | None = None
    """What the selector leaves out: bool [vectors]."""

    @staticmethod
    def open(path: Path, choice: DenseChoice, count: int, dim: int) -> "DenseIndex":
        """Open what `build` wrote, memory-mapped.

        Raises:
            FolderError: it is damaged, or has not ``count`` vectors of ``dim`` numbers.
        """
        faiss = load_faiss()
        require_sound(path, choice.kind, count, dim)
        try:
            with path.open("rb") as handle:
                index = faiss.read_index(_for_faiss(path, handle), faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, OSError) as error:
            why = str(error).strip().splitlines()[-1]
            raise FolderError(f"{path}: damaged, FAISS cannot read it ({why}); build the index anew") from None
        if choice.kind == "ivf":
            index.make_direct_map()
        return DenseIndex(path, index, choice, halves=map_halves(path, count, dim) if choice.kind == "flat" else None)

    def without(self, left_out: np.ndarray) -> "DenseIndex":
        """The same without some of the vectors: bool [vectors]."""
        left = np.flatnonzero(~left_out)
        if len(left) <= FEW:
            return replace(self, few=left)
        bits = np.packbits(~left_out, bitorder="little")
        # the best that are left lie farther away: look as much wider as fewer are left
        width = self.choice.width * len(left_out) // len(left)
        choice = replace(self.choice, width=min(width, len(left_out)))
        alive = load_faiss().IDSelectorBitmap(bits)
        return replace(self, choice=choice, alive=alive, kept=bits, few=None, left_out=left_out)

    def search(self, query: Float32, k: int, least: float = -np.inf) -> tuple[Int64, Float32]:
        """The best passages for a query, float32 [dim]: int64 and float32 [at most k].

        Args:
            least: what scores less need not be found.
        """
        if self.few is not None:
            return self._best_of(query, k, self.few)
        if self.rounded is not None and k * SHARE <= len(self.rounded.rows):
            return self._best_of(query, k, self.rounded.candidates(query, k, self.left_out, least))
        faiss = load_faiss()
        k = min(k, self.index.ntotal)
        width = max(self.choice.width, k) if self.choice.kind == "hnsw" else self.choice.width
        given = parameters(faiss, self.choice.kind, width, self.alive)
        faiss.omp_set_num_threads(1)  # of this thread: a query alone gains nothing from more, and they wait by spinning
        scores, found = self.index.search(query[None], k, params=given)
        kept = found[0] >= 0
        return found[0][kept], self._finite(scores[0][kept])

    def _best_of(self, query: Float32, k: int, passages: Int64) -> tuple[Int64, Float32]:
        """The best of some passages, which rise; of equals the first."""
        scores = self.scores(query, passages)
        order = np.argsort(-scores, kind="stable")[:k]
        return passages[order], scores[order]

    def scores(self, query: Float32, passages: Int64) -> Float32:
        """The scores of some passages: float32 [passages]."""
        if not len(passages):
            return np.empty(0, np.float32)
        exact = self.halves is not None
        result: Float32 = products(self.halves, passages, query) if exact else self.vectors(passages) @ query
        return self._finite(result)

    def _finite(self, scores: Float32) -> Float32:
        if not np.isfinite(scores).all():
            raise FolderError(f"{self.path}: damaged, a vector is none; build the index anew")
        return scores

    def vectors(self, passages: Int64) -> Float32:
        """The vectors of some passages: float32 [passages, dim]."""
        found: Float32 = self.index.reconstruct_batch(np.ascontiguousarray(passages, np.int64))
        return found
