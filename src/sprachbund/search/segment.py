"""A segment: some documents of one language, written once and never changed.

    SEGMENT/segment.json        the manifest: language, counts, fusion, the dense index and its recall, hashes, sizes
            passages.sqlite     texts, documents, sections, see `records`
            keys.npy offsets.npy passages.npy counts.npy      see `postings`
            lengths.npy         float32 [2, passages]: words, and character n-grams, surroundings counted
            reached.npy most.npy    int32 and float32 [n-grams], see `postings.reach`
            low.npy high.npy sections.npy     int32 [passages]
            dense.faiss         the vectors, see `dense`
            rounded.npy rounding.npy    int8 [passages, dim], float32 [2, passages]: of many flat vectors, see `rounded`

Bytes a passage of five sentences, about: 220 postings of 6, a vector of twice its numbers, its text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Flags, Float32, Int32, Int64
from sprachbund.errors import FolderError
from sprachbund.files import read_array, read_manifest
from sprachbund.search import postings as lists
from sprachbund.search.catalogue import Catalogue, read_catalogue
from sprachbund.search.dense import DenseChoice, DenseIndex
from sprachbund.search.fusion import Fusion
from sprachbund.search.passages import fading
from sprachbund.search.records import Records
from sprachbund.search.rounded import FILES, Rounded
from sprachbund.search.scoring import Collection, Scratch

if TYPE_CHECKING:
    from sprachbund.search.roman import Roman

KIND, FORMAT, MANIFEST = "index segment", 5, "segment.json"
FIELDS = {
    "files": dict,
    "language": str,
    "documents": int,
    "passages": int,
    "size": int,
    "dense": dict,
    "bytes": dict,
    "columns": list,
    "letters": str,
    "folds": list,
}
_MOST = 1 << 31


@dataclass(frozen=True)
class Segment:
    """A segment, opened.

    Attributes:
        path: the folder. name, language: of it. manifest: the content of segment.json.
        records, dense, collection: its three parts.
        reached: int32 [n-grams]. most: float32 [n-grams]; see `postings.reach`.
        shortest: float32 [2], of the lengths. sums: float [2], of the lengths of what is not deleted.
        alive: passages that are not deleted. deleted: documents that are, by number.
        closed: whether a filter leaves out all of it. roman: its romanised text, None in an index of one language.
    """

    path: Path
    name: str
    language: str
    manifest: dict[str, Any]
    records: Records
    dense: DenseIndex
    collection: Collection
    reached: Int32
    most: Float32
    shortest: Float32
    sums: tuple[float, float]
    alive: int
    deleted: frozenset[int]
    closed: bool = False
    roman: "Roman | None" = None
    _free: list[Scratch] = field(default_factory=list, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.collection.low)

    def lines(self, first: int, last: int) -> list[tuple[str, list[str]]]:
        """What each of the passages [first, last) is found by.

        Returns:
            The title of its document, empty but for the first passage of one; its sentences.
        """
        heads = np.flatnonzero(self.collection.low[first:last] == np.arange(first, last)) + first
        titles = {record.number: record.document.title for record in self.records.passages(heads.tolist())}
        texts = self.records.texts(first, last)
        return [(titles.get(number, ""), text.split("\n")) for number, text in enumerate(texts, first)]

    def require_sound(self, places: Int64) -> None:
        """See that the kernels can walk the postings of some n-grams; each is looked at on its first use.

        Raises:
            FolderError: they cannot.
        """
        new = places[~self._looked_at[places]]
        if not len(new):
            return
        reached, most, count = self.reached[new], self.most[new], len(self)
        sound = (reached >= 0).all() and (reached <= count).all() and (most >= 0).all() and np.isfinite(most).all()
        if not sound or not lists.are_sound(self.collection.postings, new, count):
            raise FolderError(
                f"{self.path}: damaged, its postings lead out of the segment; --check says which file, build it anew"
            )
        self._looked_at[new] = True

    @property
    def folds(self) -> tuple[str, ...]:
        """What is found without, see `forms`."""
        return tuple(self.manifest["folds"])

    @cached_property
    def catalogue(self) -> Catalogue:
        """Titles, dates and metadata of the documents; read when first it is asked for.

        Raises:
            FolderError: the records are damaged.
        """
        return read_catalogue(self.records, self.language, self.folds)

    def barring(self, passages: Flags) -> "Segment":
        """The same, in which some passages are not found: bool [passages], the deleted among them."""
        collection = replace(self.collection, barred=passages)
        made = replace(self, collection=collection, dense=self.dense.without(passages), closed=bool(passages.all()))
        made.__dict__["_looked_at"] = self._looked_at
        return made

    @cached_property
    def _looked_at(self) -> Flags:
        return np.zeros(len(self.reached), np.bool_)

    def borrow(self) -> Scratch:
        """Scratch memory for one query; give it back."""
        try:
            return self._free.pop()
        except IndexError:
            return Scratch.of(len(self))

    def give_back(self, scratch: Scratch) -> None:
        """Take scratch memory back, all zero."""
        self._free.append(scratch)


def require_sizes(path: Path, sizes: Mapping[str, int], names: Iterable[str]) -> None:
    """See that the files of a folder have the sizes that its manifest says, and that it says one for each.

    Raises:
        FolderError: names the first that has not.
    """
    for name in sorted(names):
        size = (path / name).stat().st_size
        if sizes.get(name) != size:
            raise FolderError(
                f"{path / name}: damaged, its size is {size:,} bytes and not {sizes.get(name)}; build the index anew"
            )


def _array(path: Path, name: str, kind: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
    array = read_array(path / f"{name}.npy", dtype=kind, dimensions=1)
    if len(array) != count:
        raise FolderError(
            f"{path / name}.npy: damaged, expected {count:,} numbers, found {len(array):,}; build the index anew"
        )
    return array


def open_segment(path: Path, fusion: Fusion, dim: int, deleted: Sequence[int] = (), *, check: bool = False) -> Segment:
    """Open a segment; its arrays stay on disk.

    Args:
        deleted: numbers of documents. check: also compare the hash of every file.

    Raises:
        FolderError: a file is missing or damaged.
    """
    manifest = read_manifest(path, MANIFEST, KIND, FORMAT, check=check, fields=FIELDS)
    choice = DenseChoice.from_dict(path / MANIFEST, manifest["dense"])
    documents, count = manifest["documents"], manifest["passages"]
    if any(type(name) is not str for name in (*manifest["columns"], *manifest["folds"])):
        raise FolderError(f"{path / MANIFEST}: damaged, a name in it is none; build the index anew")
    if not 1 <= documents <= count < _MOST or not 1 <= manifest["size"] < _MOST:
        raise FolderError(f"{path / MANIFEST}: damaged, its numbers cannot be; build the index anew")
    require_sizes(path, manifest["bytes"], manifest["files"])
    low, high, sections = (_array(path, name, np.int32, count) for name in ("low", "high", "sections"))
    lengths = read_array(path / "lengths.npy", dtype=np.float32, dimensions=2)
    postings = lists.read_postings(path)
    reached = _array(path, "reached", np.int32, len(postings.keys))
    most = _array(path, "most", np.float32, len(postings.keys))
    if lengths.shape != (2, count):
        raise FolderError(f"{path / 'lengths.npy'}: damaged, it does not fit the segment; build the index anew")
    places = np.arange(count, dtype=np.int32)
    if low.min() < 0 or high.max() > count or (low > places).any() or (high <= places).any():
        raise FolderError(f"{path}: damaged, low.npy or high.npy lead out of the segment; build the index anew")
    records = Records.open(path / "passages.sqlite", documents, count)
    dead = np.zeros(count, np.bool_)
    gone = 0
    for number in deleted:
        found = records.documents(int(number), 1)
        if not found or found[0].number != number or dead[found[0].first : found[0].last].any():
            raise FolderError(f"{path}: damaged, or its index: document {number} cannot be deleted; build it anew")
        dead[found[0].first : found[0].last] = True
        gone += found[0].last - found[0].first
    around = fusion.surroundings
    collection = Collection(
        postings, lengths, low, high, sections, fading(around, manifest["size"]), np.float32(around.across), dead
    )
    dense = DenseIndex.open(path / "dense.faiss", choice, count, dim)
    if choice.kind == "flat" and set(FILES) <= set(manifest["files"]):  # small ones have none, and those written before
        dense = replace(dense, rounded=Rounded.open(path, count, dim))
    if gone:
        dense = dense.without(dead)
    live = lengths[:, ~dead] if gone else lengths
    sums = live.sum(axis=1, dtype=np.float64)
    shortest = np.asarray(lengths.min(axis=1))
    if not (shortest >= 0).all() or not np.isfinite(sums).all():  # not a number is neither
        raise FolderError(f"{path / 'lengths.npy'}: damaged, a length is none; build the index anew")
    return Segment(
        path, path.name, manifest["language"], manifest, records, dense, collection, reached, most,
        shortest, (float(sums[0]), float(sums[1])), count - gone, frozenset(map(int, deleted)),
    )  # fmt: skip
