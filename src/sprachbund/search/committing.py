"""The end of a change: counts, what a query needs to find text across languages, the map, and then the manifest."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sprachbund.files import package_version
from sprachbund.progress import Progress
from sprachbund.search.atlas import write_atlas
from sprachbund.search.folder import ROMAN, SEGMENTS, sweep, write_manifest
from sprachbund.search.index import Index
from sprachbund.search.kindred import learn_pairs
from sprachbund.search.roman import write_roman
from sprachbund.search.segment import Segment, open_segment

__all__ = ["NEW", "commit"]

NEW = 0.1
"""The share of passages that may be added before words and map are drawn anew."""


def commit(index: Index, manifest: dict[str, Any], progress: Progress, deleted: Sequence[tuple[str, str]] = ()) -> None:
    """Make a change visible: everything it names is on disk before the manifest is.

    Args:
        deleted: documents that were asked to go, so that the same command can be given again.
    """
    folder = index.path
    manifest["segments"] = [entry for entry in manifest["segments"] if len(entry["deleted"]) < entry["documents"]]
    opened = [
        open_segment(folder / SEGMENTS / entry["name"], index.fusion, index.encoder.dim, entry["deleted"])
        for entry in manifest["segments"]
    ]
    counts: dict[str, dict[str, int]] = {}
    for segment in opened:
        own = counts.setdefault(segment.language, {"documents": 0, "passages": 0})
        own["documents"] += segment.manifest["documents"] - len(segment.deleted)
        own["passages"] += segment.alive
    manifest["counts"] = dict(sorted(counts.items()))
    manifest["generation"] += 1
    if manifest["settings"]["neighbours"]:
        _look_across(folder, manifest, opened, progress)
    manifest["written_by"] = package_version()
    manifest["deleted"] = [list(document) for document in deleted]
    if not _atlas_holds(index, manifest):
        progress.describe("(map)")
        name, points = f"atlas-{manifest['generation']:05d}", manifest["settings"]["map_points"]
        manifest["atlas"] = write_atlas(folder, name, opened, index.encoder, points)
    write_manifest(folder, manifest)
    sweep(folder, manifest)


def _look_across(folder: Path, manifest: dict[str, Any], opened: Sequence[Segment], progress: Progress) -> None:
    """Write what a query needs to find text in another language: one language by itself needs nothing."""
    if len(manifest["counts"]) > 1:
        for entry, segment in zip(manifest["segments"], opened, strict=True):
            if entry["roman"] is None:
                progress.describe(f"(romanising {segment.language})")
                number = sum(
                    (other["roman"] or "").startswith(f"{segment.language}-") for other in manifest["segments"]
                )
                name = f"{segment.language}-{manifest['generation']:05d}-{number + 1}"
                write_roman(folder / ROMAN / name, segment)
                entry["roman"] = name
    learn_pairs(folder, manifest, opened, manifest["generation"], progress)


def _atlas_holds(index: Index, manifest: Mapping[str, Any]) -> bool:
    """Whether the atlas that is there may stay: nothing that it shows is gone, and little has come since."""
    if index.atlas is None or set(manifest["counts"]) != set(index.manifest["counts"]):
        return False
    entries = {entry["name"]: entry for entry in manifest["segments"]}
    # romanised or not, the segment is the same
    if any(
        {**entries.get(entry["name"], {}), "roman": None} != {**entry, "roman": None}
        for entry in index.manifest["segments"]
    ):
        return False
    passages = sum(count["passages"] for count in manifest["counts"].values())
    return bool(passages <= (1 + NEW) * index.atlas.passages)
