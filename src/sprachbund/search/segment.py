"""A segment: some documents of one language, written once and never changed.

    SEGMENT/segment.json        the manifest: language, counts, fusion, the dense index and its recall, hashes, sizes
            passages.sqlite     texts, documents, sections, see `records`
            keys.npy offsets.npy passages.npy counts.npy      see `postings`
            lengths.npy         float32 [2, passages]: words, and character n-grams, surroundings counted
            reached.npy most.npy    int32 and float32 [n-grams], see `postings.reach`
            low.npy high.npy sections.npy     int32 [passages]
            dense.faiss         the vectors, see `dense`

Bytes a passage of five sentences, about: 220 postings of 6, a vector of twice its numbers, its text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.errors import FolderError
from sprachbund.files import read_array, read_manifest
from sprachbund.retrieval.bags import Float32, Int32
from sprachbund.search import postings as lists
from sprachbund.search.dense import DenseChoice, DenseIndex
from sprachbund.search.fusion import Fusion
from sprachbund.search.passages import fading
from sprachbund.search.records import Records
from sprachbund.search.scoring import Collection, Scratch

KIND, FORMAT, MANIFEST = "index segment", 4, "segment.json"


@dataclass(frozen=True)
class Segment:
    """A segment, opened.

    Attributes:
        path: the folder. name, language: of it. manifest: the content of segment.json.
        records, dense, collection: its three parts.
        reached: int32 [n-grams]. most: float32 [n-grams]; see `postings.reach`.
        shortest: float32 [2], of the lengths. sums: float [2], of the lengths of what is not deleted.
        alive: passages that are not deleted. deleted: documents that are, by number.
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

    def borrow(self) -> Scratch:
        """Scratch memory for one query; give it back."""
        try:
            return self._free.pop()
        except IndexError:
            return Scratch.of(len(self))

    def give_back(self, scratch: Scratch) -> None:
        """Take scratch memory back, all zero."""
        self._free.append(scratch)


def open_segment(path: Path, fusion: Fusion, dim: int, deleted: Sequence[int] = (), *, check: bool = False) -> Segment:
    """Open a segment; its arrays stay on disk.

    Args:
        deleted: numbers of documents. check: also compare the hash of every file.

    Raises:
        FolderError: a file is missing or damaged.
    """
    manifest = read_manifest(path, MANIFEST, KIND, FORMAT, check=check)
    for name, size in manifest["bytes"].items():
        if (path / name).stat().st_size != size:
            raise FolderError(f"{path / name}: damaged, its size is not {size:,} bytes; build the index anew")
    low, high, sections = (read_array(path / f"{name}.npy") for name in ("low", "high", "sections"))
    lengths, reached, most = (read_array(path / f"{name}.npy") for name in ("lengths", "reached", "most"))
    postings = lists.read_postings(path)
    count = manifest["passages"]
    if {len(low), len(high), len(sections), lengths.shape[1]} != {count} or len(reached) != len(postings.keys):
        raise FolderError(f"{path}: damaged, its arrays do not fit together; build the index anew")
    records = Records.open(path / "passages.sqlite")
    dead = np.zeros(count, np.bool_)
    gone = 0
    for number in deleted:
        document = records.documents(int(number), 1)[0]
        dead[document.first : document.last] = True
        gone += document.last - document.first
    around = fusion.surroundings
    collection = Collection(
        postings, lengths, low, high, sections, fading(around, manifest["size"]), np.float32(around.across), dead
    )
    dense = DenseIndex.open(path / "dense.faiss", DenseChoice(**manifest["dense"]), count, dim)
    if gone:
        dense = dense.without(dead)
    live = lengths[:, ~dead] if gone else lengths
    sums = live.sum(axis=1, dtype=np.float64)
    return Segment(
        path, path.name, manifest["language"], manifest, records, dense, collection, reached, most,
        np.asarray(lengths.min(axis=1)), (float(sums[0]), float(sums[1])), count - gone, frozenset(map(int, deleted)),
    )  # fmt: skip
