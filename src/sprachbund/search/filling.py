"""Documents as segments of an index that no manifest names yet: as many at a time as there is memory for."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sprachbund.errors import SettingsError
from sprachbund.machine import memory_limit
from sprachbund.progress import Progress
from sprachbund.search.folder import SEGMENTS
from sprachbund.search.index import Index
from sprachbund.search.passages import Document
from sprachbund.search.writing import SegmentWriter

__all__ = ["BATCH", "LEAST_MEMORY", "batches", "passages_at_a_time", "write_segments"]

BATCH = 20_000
"""Sentences that are taken at a time."""
LEAST_MEMORY = 256 << 20
_PASSAGE = 6_000
"""Bytes of memory a passage takes while its segment is made, besides its vector."""


def write_segments(
    index: Index,
    manifest: dict[str, Any],
    language: str,
    documents: Iterable[Document],
    work: Path,
    memory: int,
    progress: Progress,
) -> None:
    """Write documents as new segments of a language and list them."""
    settings = manifest["settings"]
    most = passages_at_a_time(memory, index.encoder.dim)
    writer: SegmentWriter | None = None
    number = 1

    def finish(writer: SegmentWriter, number: int) -> None:
        # no name comes back: a reader of an old generation must not find a new segment under it
        name = f"{language}-{index.generation + 1:05d}-{number}"
        written = writer.write(index.path / SEGMENTS / name)
        entry = {"name": name, "language": language, "deleted": [], "documents": written["documents"], "roman": None}
        manifest["segments"].append(entry)

    for batch in batches(documents):
        progress.describe(f"({language})")
        if writer is None:
            folder = work / f"{language}-{number}"
            folder.mkdir()
            writer = SegmentWriter(
                folder, language, index.encoder, index.fusion, settings["sentences"], settings["dense"], index.folds
            )
        writer.add(batch)
        if writer.passages >= most:
            finish(writer, number)
            writer, number = None, number + 1
    if writer is not None:
        finish(writer, number)


def passages_at_a_time(memory: int, dim: int) -> int:
    """Passages that one segment has room for.

    Raises:
        SettingsError: the memory is too little.
    """
    memory = memory or min(memory_limit() // 4, 2 << 30)
    if memory < LEAST_MEMORY:
        raise SettingsError(f"an index needs at least {LEAST_MEMORY >> 20} MiB of memory, found {memory:,} bytes")
    return memory // (_PASSAGE + 4 * dim)


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents in batches of about `BATCH` sentences."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.texts)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
