"""What the manifest of an index names, opened: encoder, segments, their romanised text, the map, what languages share.

Everything is compared with what the manifest says of it; what does not fit is named with its file, and nothing that is
damaged is searched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError, one_line
from sprachbund.files import sha256_file
from sprachbund.retrieval.encoder.encoder import MANIFEST as ENCODER
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.search.atlas import MANIFEST as ATLAS
from sprachbund.search.atlas import Atlas, open_atlas
from sprachbund.search.fusion import Fusion
from sprachbund.search.kin import MANIFEST as KIN
from sprachbund.search.kin import Kin, open_kin
from sprachbund.search.manifest import MANIFEST
from sprachbund.search.roman import MANIFEST as ROMAN
from sprachbund.search.roman import open_roman
from sprachbund.search.segment import MANIFEST as SEGMENT
from sprachbund.search.segment import Segment, open_segment

__all__ = ["Parts", "manifests", "open_parts"]


@dataclass(frozen=True)
class Parts:
    """What an index is made of; ``kin`` by the languages of the query and of the text."""

    encoder: Encoder
    fusion: Fusion
    segments: tuple[Segment, ...]
    atlas: Atlas | None
    kin: Mapping[tuple[str, str], Kin]


def open_parts(folder: Path, manifest: dict[str, Any], check: bool) -> Parts:
    """All that a sound manifest names.

    Args:
        check: also compare the hash of every file.

    Raises:
        FolderError: a file is damaged, or it is another than the manifest names. OSError: one cannot be read.
    """
    path = folder / MANIFEST
    try:
        fusion = Fusion.from_dict(manifest["fusion"])
        for name in manifests(manifest):
            if (folder / name).is_file() and sha256_file(folder / name) != manifest["hashes"][name]:
                raise FolderError(f"{folder / name}: damaged, its SHA-256 is not the one in {MANIFEST}; build it anew")
        for name, size in manifest.get("bytes", {}).items():
            if (folder / name).is_file() and (folder / name).stat().st_size != size:
                raise FolderError(f"{folder / name}: damaged, its size is not {size:,} bytes; build the index anew")
        encoder = Encoder.load(folder / manifest["model"], check=check, mapped=True)
        segments = [
            open_segment(folder / "segments" / entry["name"], fusion, encoder.dim, entry["deleted"], check=check)
            for entry in manifest["segments"]
        ]
        for place, entry in enumerate(manifest["segments"]):
            segment = segments[place]
            said = segment.manifest
            if (entry["language"], entry["documents"]) != (said["language"], said["documents"]):
                raise FolderError(
                    f"{segment.path / SEGMENT}: damaged, it is another than {MANIFEST} names; build it anew"
                )
            if entry["roman"]:
                roman = open_roman(folder / "roman" / entry["roman"], segment, check=check)
                segments[place] = replace(segment, roman=roman)
        kin: dict[tuple[str, str], Kin] = {}
        for entry in manifest["cognates"]:
            pair = entry["left"], entry["right"]
            kin[pair], kin[pair[::-1]] = open_kin(folder / "cognates" / entry["name"], *pair, check=check)
        atlas = open_atlas(folder / manifest["atlas"], encoder.dim, check=check) if manifest["atlas"] else None
    except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as error:
        raise FolderError(
            f"{path}: damaged, or a file that it names ({type(error).__name__}: {one_line(error)}); --check says "
            "which, build the index anew"
        ) from None
    return Parts(encoder, fusion, tuple(segments), atlas, kin)


def manifests(manifest: Mapping[str, Any]) -> list[str]:
    """The manifests that an index's names, relative to its folder."""
    segments = [f"segments/{entry['name']}/{SEGMENT}" for entry in manifest["segments"]]
    romans = [f"roman/{entry['roman']}/{ROMAN}" for entry in manifest["segments"] if entry["roman"]]
    cognates = [f"cognates/{entry['name']}/{KIN}" for entry in manifest["cognates"]]
    atlas = [f"{manifest['atlas']}/{ATLAS}"] if manifest["atlas"] else []
    return [f"{manifest['model']}/{ENCODER}", *segments, *romans, *cognates, *atlas]
