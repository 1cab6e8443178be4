"""What neighbours that spell alike have in common on paper: n-grams of the romanised text, beside the exact ones.

    runs        four characters of the passage in plain letters (`cognates.romanising`), single blanks between words, so
                a run may cross words: *la cabeza* has " la ", "la c", "a ca", " cab" ...
    skeletons   three characters of the same without vowels, of which a word keeps one that it begins with:
                *l cbz*; what is left when neighbours differ in their vowels

They lie in a folder of their own beside the segment, written when an index has a second language, with postings like
those of the exact form (`postings`): reading them costs an index that is searched in one language nothing. A gram that
stands in a tenth of a segment's passages is left out: it tells little, and such lists are most of the bytes.

    INDEX/roman/NAME/roman.json     the manifest: the segment, counts, hashes, sizes
          keys.npy offsets.npy passages.npy counts.npy     as in a segment; a key is the characters as ASCII, the first
                                    in the highest byte, and 2^32 more for a skeleton
          lengths.npy               float32 [2, passages]: runs, and skeletons, surroundings counted
          reached.npy most.npy      int32 and float32 [n-grams], see `postings.reach`

Bytes: 6 a posting, some 3 kB a passage of five sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sprachbund.arrays import Bytes, Flags, Float32, Float64, Int32, Int64, Keys
from sprachbund.cognates.romanising import plain
from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, read_array, read_manifest, write_array, write_manifest
from sprachbund.kernels import njit
from sprachbund.search import postings as lists
from sprachbund.search.postings import Postings
from sprachbund.search.scoring import Collection
from sprachbund.search.segment import Segment, require_sizes

KIND, FORMAT, MANIFEST = "index of romanised text", 1, "roman.json"
FIELDS = {"files": dict, "segment": str, "passages": int, "bytes": dict}
RUN, SKELETON = 0, 1
"""Features: how counts saturate and what a length is."""
RUNS, SKELETONS = 4, 3
"""Characters of each."""
FREQUENT, FEW = 0.1, 300
"""A gram in more than this share of a segment's passages is left out, where it stands in more than a few of them."""
VOWELS = "aeiou"
BATCH = 5_000
"""Passages that are read at a time."""
_NAMES = (*(f"{name}.npy" for name in lists.NAMES), "lengths.npy", "reached.npy", "most.npy")
_VOWEL = np.zeros(128, np.bool_)
_VOWEL[list(VOWELS.encode())] = True


@dataclass(frozen=True)
class Grams:
    """The grams of some texts, in the order of the texts, those that repeat repeated.

    Attributes:
        keys: uint64 [n], see the module. owners: int64 [n], the number of the text. starts: int64 [n], where in the
            romanised text, a blank before it, a gram begins. stops: int64 [n], where it ends; a skeleton covers the
            vowels between its letters.
    """

    keys: Keys
    owners: Int64
    starts: Int64
    stops: Int64

    @property
    def features(self) -> Int64:
        """RUN or SKELETON: int64 [n]."""
        return (self.keys >> np.uint64(32)).astype(np.int64)


@njit(cache=True, nogil=True)
def _grams(data, offsets, vowel, keys, owners, starts, stops):  # type: ignore[no-untyped-def]
    """Fill the grams of texts that begin and end with a blank; how many there are."""
    made = 0
    for text in range(len(offsets) - 1):
        begin, end = offsets[text], offsets[text + 1]
        for at in range(begin, end - 3):
            key = np.uint64(0)
            for place in range(at, at + 4):
                key = key << np.uint64(8) | np.uint64(data[place])
            keys[made], owners[made], starts[made], stops[made] = key, text, at - begin, at - begin + 4
            made += 1
        first = second = -1
        for at in range(begin, end):
            if vowel[data[at]] and data[at - 1] != 32:
                continue
            if first >= 0:
                key = np.uint64(data[first]) << np.uint64(16) | np.uint64(data[second]) << np.uint64(8)
                keys[made] = key | np.uint64(data[at]) | np.uint64(1) << np.uint64(32)
                owners[made], starts[made], stops[made] = text, first - begin, at - begin + 1
                made += 1
            first, second = second, at
    return made


def grams_of(romanised: Sequence[str]) -> Grams:
    """The grams of texts in plain letters (`cognates.romanising.plain`)."""
    data: Bytes = np.frombuffer("".join(f" {text} " for text in romanised).encode("ascii"), np.uint8)
    offsets = np.zeros(len(romanised) + 1, np.int64)
    np.cumsum([len(text) + 2 for text in romanised], out=offsets[1:])
    most = 2 * len(data)
    keys = np.empty(most, np.uint64)
    owners, starts, stops = (np.empty(most, np.int64) for _ in range(3))
    made = _grams(data, offsets, _VOWEL, keys, owners, starts, stops)
    return Grams(keys[:made], owners[:made], starts[:made], stops[:made])


def skeleton(romanised: str) -> str:
    """A text in plain letters without its vowels, but for those that words begin with."""
    return "".join(
        letter
        for letter, before in zip(romanised, f" {romanised}", strict=False)
        if before == " " or letter not in VOWELS
    )


def spelt(key: int) -> str:
    """The characters of a gram."""
    size = SKELETONS if key >> 32 else RUNS
    return (key & 0xFFFFFFFF).to_bytes(4, "big")[4 - size :].decode("ascii")


def roman_postings(texts: Sequence[str]) -> tuple[Postings, Float32]:
    """The grams of passages, and how many each has: float32 [passages, 2].

    Args:
        texts: of the passages, as they are written.
    """
    grams = grams_of([plain(text) for text in texts])
    order = np.argsort(grams.keys, kind="stable")
    keys, owners = grams.keys[order], grams.owners[order]
    new = np.ones(len(keys), np.bool_)
    new[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    heads = np.flatnonzero(new)
    counts = np.minimum(np.diff(np.append(heads, len(keys))), lists.MOST).astype(np.uint16)
    kept, first = np.unique(keys[heads], return_index=True)
    offsets = np.append(first, len(heads)).astype(np.int64)
    lengths = np.zeros((len(texts), 2), np.float32)
    np.add.at(lengths, (grams.owners, grams.features), np.float32(1))
    return Postings(kept, offsets, owners[heads].astype(np.int32), counts), lengths


def without_frequent(postings: Postings, passages: int) -> Postings:
    """The postings without those of grams that stand in too many passages to tell one from another."""
    sizes = np.diff(postings.offsets)
    kept = sizes <= max(FEW, FREQUENT * passages)
    if kept.all():
        return postings
    each = np.repeat(kept, sizes)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes[kept])))
    return Postings(postings.keys[kept], offsets, postings.passages[each], postings.counts[each])


def write_roman(target: Path, segment: Segment) -> None:
    """Write the romanised part of a segment, what is deleted in it too.

    Memory: some 6 kB a passage at most.
    """
    parts, lengths, sizes = [], [], []
    for first in range(0, len(segment), BATCH):
        last = min(first + BATCH, len(segment))
        # the title of a document is searched with its first passage
        texts = [" ".join((title, *sentences)) for title, sentences in segment.lines(first, last)]
        found, counted = roman_postings(texts)
        parts.append(found)
        lengths.append(counted)
        sizes.append(last - first)
    postings = without_frequent(lists.merge(parts, sizes), len(segment))
    parts.clear()
    c = segment.collection
    around = c.low, c.high, c.sections, c.fading, float(c.across)
    reached, most = lists.reach(postings, *around)
    own = np.concatenate(lengths)
    wide = np.empty_like(own)
    lists.sum_around(own, *around, wide)
    with atomic_folder(target) as folder:
        lists.write_postings(folder, postings)
        for name, array in (("reached", reached), ("most", most), ("lengths", np.ascontiguousarray(wide.T))):
            write_array(folder / f"{name}.npy", array)
        written = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
        about = {"segment": segment.name, "passages": len(segment), "bytes": written}
        write_manifest(folder, MANIFEST, KIND, FORMAT, **about)


@dataclass(frozen=True)
class Roman:
    """The romanised part of a segment, opened.

    Attributes:
        path: the folder. postings: of both kinds of grams. lengths: float32 [2, passages], surroundings counted.
        reached: int32 [n-grams]. most: float32 [n-grams]; see `postings.reach`.
        shortest: float32 [2], of the lengths. sums: float64 [2], of them, what is deleted counted.
    """

    path: Path
    postings: Postings
    lengths: Float32
    reached: Int32
    most: Float32
    shortest: Float32
    sums: Float64

    def collection(self, segment: Segment) -> Collection:
        """The passages of the segment by their romanised text: deleted, filtered and surrounded as they are there."""
        return replace(segment.collection, postings=self.postings, lengths=self.lengths)

    def require_sound(self, places: Int64, count: int) -> None:
        """See that the kernels can walk the postings of some grams; each is looked at on its first use.

        Raises:
            FolderError: they cannot.
        """
        new = places[~self._looked_at[places]]
        if not len(new):
            return
        reached, most = self.reached[new], self.most[new]
        sound = (reached >= 0).all() and (reached <= count).all() and (most >= 0).all() and np.isfinite(most).all()
        if not sound or not lists.are_sound(self.postings, new, count):
            raise FolderError(
                f"{self.path}: damaged, its postings lead out of the segment; --check says which file, build it anew"
            )
        self._looked_at[new] = True

    @cached_property
    def _looked_at(self) -> Flags:
        return np.zeros(len(self.reached), np.bool_)


def open_roman(path: Path, segment: Segment, *, check: bool = False) -> Roman:
    """Open the romanised part of a segment; its arrays stay on disk.

    Args:
        check: also compare the hash of every file.

    Raises:
        FolderError: a file is missing or damaged, or it is of another segment.
    """
    manifest = read_manifest(path, MANIFEST, KIND, FORMAT, check=check, fields=FIELDS, listed=_NAMES)
    if (manifest["segment"], manifest["passages"]) != (segment.name, len(segment)):
        raise FolderError(f"{path / MANIFEST}: damaged, it is of another segment; build the index anew")
    require_sizes(path, manifest["bytes"], manifest["files"])
    postings = lists.read_postings(path)
    reached, most = (
        read_array(path / f"{name}.npy", dtype=kind, dimensions=1)
        for name, kind in (("reached", np.int32), ("most", np.float32))
    )
    lengths = read_array(path / "lengths.npy", dtype=np.float32, dimensions=2)
    shape = (len(reached), len(most), *lengths.shape)
    if shape != (len(postings.keys), len(postings.keys), 2, len(segment)):
        raise FolderError(f"{path}: damaged, its arrays do not fit together; build the index anew")
    shortest = np.asarray(lengths.min(axis=1))
    sums = lengths.sum(axis=1, dtype=np.float64)
    if not (shortest >= 0).all() or not np.isfinite(sums).all():
        raise FolderError(f"{path / 'lengths.npy'}: damaged, a length is none; build the index anew")
    return Roman(path, postings, lengths, reached, most, shortest, sums)
