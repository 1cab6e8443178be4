"""N-grams of more text than a memory holds, counted exactly by partitions of their hashes.

Every share of the texts is counted by itself and written out in order of keys; then every partition, a range of the
keys, is merged from what all shares have of it. Both are runs (`runs/store.py`): done side by side wherever an engine
has room, complete or absent, done again where they are lost, and not done twice where the same command goes on. Memory
holds one share, within its budget, or one partition; disk, meanwhile, the records of all shares, some 24 bytes each.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from sprachbund.disk import room_for
from sprachbund.engines.engine import Engine, Needs
from sprachbund.engines.processes import Processes
from sprachbund.errors import CapacityError, CorpusError, FolderError
from sprachbund.files import atomic_folder, content_hash, write_manifest
from sprachbund.machine import cpu_count, memory_limit
from sprachbund.ngrams.counts import BIGRAMS, CHARACTERS, FORMAT, KIND, MANIFEST, SCHEMAS, WORDS, Counts, name_of
from sprachbund.ngrams.filling import Batch, fill, stores_in
from sprachbund.ngrams.slices import PairSlice, WordSlice
from sprachbund.ngrams.spill import merge_pairs, merge_words, parted, parts_for, rows_of
from sprachbund.ngrams.strings import join_strings
from sprachbund.ngrams.vocabulary import LEAST_MEMORY, check_counting
from sprachbund.progress import Progress, Silent
from sprachbund.runs import unfinished
from sprachbund.runs.store import MANIFEST as RUN
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.tables import write_parquet

__all__ = ["Texts", "count_texts"]

_FOLDERS = {WORDS: "words", BIGRAMS: "pairs", CHARACTERS: "characters"}
"""Where the stores of a share keep the runs of each kind."""
_LARGEST_SHARE = 1 << 30
"""Bytes of memory for a share or a partition: with more there is nothing to gain."""


class Texts(Protocol):
    """Texts in shares that are read one by one, wherever that is; picklable and small."""

    def identity(self) -> Any:
        """All that decides what they are, as JSON."""

    def shares(self) -> Sequence[Any]:
        """The name of each share, as JSON."""

    def read(self, share: Any) -> Iterable[Batch]:
        """The texts of a share."""


@dataclass(frozen=True)
class _Work:
    """Counts a share, or merges a partition.

    Attributes:
        memory: bytes for either.
    """

    texts: Texts
    runs: Runs
    memory: int

    def shares(self, specification: Specification) -> list[Specification]:
        """The runs that a partition is merged from."""
        about = {name: specification[name] for name in ("counts", "texts", "bigrams", "characters")}
        return [{**about, "share": share} for share in self.texts.shares()]

    def __call__(self, specification: Specification, folder: Path) -> dict[str, Any]:
        """See `perform_all`."""
        if "share" in specification:
            stores = stores_in(folder)
            batches = self.texts.read(specification["share"])
            bigrams, characters = specification["bigrams"], specification["characters"]
            tokens = fill(stores, batches, bigrams, characters, self.memory, Silent())
            for store in stores:
                store.spill()
            return {"tokens": tokens}
        return self._merge(specification, folder)

    def _merge(self, specification: Specification, folder: Path) -> dict[str, Any]:
        sums, number = {}, specification["partition"]
        for kind in _kinds(specification):
            found = _runs_of(self.runs, self.shares(specification), kind)
            table = pl.DataFrame(schema=SCHEMAS[kind])
            if found:
                merge = merge_pairs if kind == BIGRAMS else merge_words
                table = _table(merge(found, parted(found, specification["partitions"])[number]))
            path = folder / name_of(kind, number)
            path.parent.mkdir()
            with room_for(path):
                write_parquet(table, path, compression="zstd", compression_level=1)
            sums[kind] = {"types": table.height, "tokens": int(table["count"].sum())}
        return sums


def count_texts(
    texts: Texts,
    out: Path,
    *,
    bigrams: bool = True,
    characters: Sequence[int] = (),
    memory: int | None = None,
    partitions: int | None = None,
    workers: int | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Count the n-grams of texts into a folder of partitions, whole or not at all.

    While it works, all lies in ``out`` with ``.partial`` at the end; killed, the same call goes on from there.

    Args:
        bigrams: count adjacent words too. characters: orders of character n-grams inside words.
        memory: bytes that all processes side by side may use; None for half of what there is.
        partitions: of each kind; None for as many as the memory asks.
        workers: processes side by side that share it, one a processor if None.
        engine: where it is done; None for processes of this machine. Each job has the share of an engine's memory.
        progress: told the shares that are counted, and then the partitions.

    Raises:
        CorpusError: the texts have no words. CapacityError: the memory is too little, or the disk is full.
        FolderError: ``out`` holds something else, or a count of other texts is unfinished there.
    """
    workers = workers or cpu_count()
    each = _memory_of_one(memory, workers, engine)
    check_counting(characters, 1, None, each)
    progress = progress or Silent()
    about = {"counts": FORMAT, "texts": texts.identity(), "bigrams": bigrams, "characters": list(characters)}
    working = out.with_name(f"{out.name}.partial")
    if (done := _done(out, about)) is not None:
        if unfinished.note_of(working) in (None, json.loads(json.dumps(about))):
            unfinished.clear(working, RUN)
        return done
    _require_counts(out)
    with unfinished.claimed(working, about, "a count of n-grams", "counting"), ExitStack() as stack:
        runs = Runs(working)
        work = _Work(texts, runs, each)
        shares, kinds = work.shares(about), _kinds(about)
        place = stack.enter_context(nullcontext(engine) if engine else closing(Processes(workers)))
        doing: dict[str, Any] = {"workers": workers, "engine": place, "each": Needs(memory=each), "progress": progress}
        progress.describe("counting n-grams")
        perform_all(runs, shares, work, **doing)
        tokens = sum(int(runs.result(share)["tokens"]) for share in shares)
        if not tokens:
            raise CorpusError("there are no words to count; give more text")
        rows = max(rows_of(_runs_of(runs, shares, kind)) for kind in kinds)
        partitions = partitions or parts_for(rows, each)
        merges = [{**about, "partitions": partitions, "partition": number} for number in range(partitions)]
        progress.describe("merging partitions")
        perform_all(runs, merges, work, needs=lambda _: shares, **doing)
        sums = _sums([runs.result(merge) for merge in merges], kinds)
        if sums[WORDS]["tokens"] != tokens:
            raise FolderError(
                f"{working}: {tokens:,} words were counted, and its partitions have {sums[WORDS]['tokens']:,}; remove "
                "it and count anew"
            )
        _gather(out, runs, merges, kinds, tokens=tokens, sums=sums, texts=content_hash(about))
        unfinished.withdraw(working, {runs.folder(each).name: RUN for each in (*shares, *merges)})
    return Counts.open(out)


def _memory_of_one(memory: int | None, workers: int, engine: Engine | None) -> int:
    """Bytes that one of the processes side by side may use.

    Raises:
        CapacityError: it is too little.
    """
    side_by_side = engine.resources().processors if engine else workers
    room = memory_limit() // 2 if memory is None else memory
    each = engine.resources().share // 2 if engine and memory is None else room // max(1, side_by_side)
    if memory is not None and each < LEAST_MEMORY:
        mebibytes = -(-LEAST_MEMORY * side_by_side >> 20)
        raise CapacityError(
            f"counting takes {LEAST_MEMORY >> 20} MiB for each of the {side_by_side} processes side by side: give "
            f"{mebibytes} MiB of memory, found {memory / 2**20:,.1f} MiB, or fewer processes"
        )
    return min(_LARGEST_SHARE, each)


def _require_counts(out: Path) -> None:
    """Refuse a folder that holds something else before anything is counted.

    Raises:
        FolderError: it does.
    """
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).exists():
        raise FolderError(f"{out}: expected an earlier count or nothing, found something else; name another folder")


def _done(out: Path, about: Specification) -> Counts | None:
    """The counts that are asked for, where they are there and whole."""
    try:
        counts = Counts.open(out, check=True)
    except FolderError:
        return None
    return counts if counts.texts == content_hash(about) else None


def _kinds(about: Specification) -> list[str]:
    asked = {WORDS: True, BIGRAMS: about["bigrams"], CHARACTERS: about["characters"]}
    return [kind for kind, wanted in asked.items() if wanted]


def _runs_of(runs: Runs, shares: Iterable[Specification], kind: str) -> list[Path]:
    """The sorted runs of a kind that the shares wrote; a share without words has none."""
    return [path for share in shares for path in sorted((runs.folder(share) / _FOLDERS[kind]).glob("run-*"))]


def _table(part: WordSlice | PairSlice) -> pl.DataFrame:
    """A partition as it is written."""
    columns: dict[str, Any] = {"key": part.keys, "count": part.counts}
    if isinstance(part, PairSlice):
        return pl.DataFrame({**columns, "first": part.firsts})
    rows = np.arange(len(part.keys), dtype=np.int32)
    lines = pl.Series([join_strings(part.data, part.offsets, rows, np.full(len(rows), -1, np.int32))], dtype=pl.Binary)
    names = lines.cast(pl.String).str.split("\n").explode()
    return pl.DataFrame({**columns, "ngram": names if len(rows) else pl.Series([], dtype=pl.String)})


def _sums(results: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> dict[str, dict[str, int]]:
    """Types and tokens of each kind over all partitions."""
    return {
        kind: {name: sum(int(result[kind][name]) for result in results) for name in ("types", "tokens")}
        for kind in kinds
    }


def _gather(out: Path, runs: Runs, merges: Sequence[Specification], kinds: Sequence[str], **fields: Any) -> None:
    """Put the partitions into one folder."""
    with atomic_folder(out, MANIFEST) as folder:
        for kind in kinds:
            (folder / kind).mkdir()
        for number, merge in enumerate(merges):
            for kind in kinds:
                name = name_of(kind, number)
                shutil.copyfile(runs.folder(merge) / name, folder / name)
        write_manifest(folder, MANIFEST, KIND, FORMAT, partitions=len(merges), **fields)
