"""What the manifest of an index may say: it names folders, and numbers that everything else is read by."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError
from sprachbund.files import require_fields
from sprachbund.retrieval.encoder.short_rows import BITS
from sprachbund.search.forms import FOLDS

MANIFEST = "index.json"
SEGMENT_NAME = re.compile(r"([a-z][a-z0-9-]*)-([0-9]{5,18})-[0-9]+")
PAIR_NAME = re.compile(r"([a-z][a-z0-9-]*)\+([a-z][a-z0-9-]*)-([0-9]{5,18})")
ATLAS_NAME = re.compile(r"atlas-([0-9]{5,18})")
MODEL_NAME = re.compile(r"model-[0-9a-f]{16}")
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "generation": int,
    "model": str,
    "fusion": dict,
    "settings": dict,
    "segments": list,
    "counts": dict,
    "atlas": (str, type(None)),
    "cognates": list,
    "compared": dict,
    "bytes": dict,
    "hashes": dict,
    "deleted": list,
    "roots": list,
}
_ROOT = {"name": str, "path": str, "prefix": str, "owned": bool, "kind": str}


def require_sound(folder: Path, manifest: Mapping[str, Any]) -> None:
    """See that a manifest, which has `FIELDS`, says what one of ours can say.

    Raises:
        FolderError: names the first that it cannot.
    """
    path = folder / MANIFEST
    _require(path, 0 <= manifest["generation"] < 10**17, "generation", manifest["generation"])
    _require(path, MODEL_NAME.fullmatch(manifest["model"]), "model", manifest["model"])
    _require(path, manifest["atlas"] is None or ATLAS_NAME.fullmatch(manifest["atlas"]), "atlas", manifest["atlas"])
    require_fields(
        path,
        manifest["settings"],
        {"sentences": int, "dense": str, "map_points": int, "folds": list, "bits": int, "neighbours": bool},
    )
    folds = manifest["settings"]["folds"]
    _require(path, all(name in FOLDS for name in folds) and len(set(map(str, folds))) == len(folds), "folds", folds)
    _require(path, manifest["settings"]["bits"] in BITS, "bits", manifest["settings"]["bits"])
    names, romans = set(), set()
    for entry in manifest["segments"]:
        _require(path, isinstance(entry, dict), "a segment", entry)
        require_fields(path, entry, {"name": str, "language": str, "documents": int, "deleted": list})
        match = SEGMENT_NAME.fullmatch(entry["name"])
        own = match is not None and match[1] == entry["language"] and entry["name"] not in names
        _require(path, own, "a segment's name", entry["name"])
        names.add(entry["name"])
        roman = entry.get("roman", "")
        ours = roman is None or (type(roman) is str and (SEGMENT_NAME.fullmatch(roman) or [""])[1] == entry["language"])
        _require(path, ours and (roman is None or roman not in romans), "a romanised part", roman)
        romans.add(roman)
        gone = entry["deleted"]
        numbers = all(type(number) is int and 0 <= number < entry["documents"] for number in gone)
        _require(path, numbers and len(set(gone)) == len(gone), f"deleted documents of {entry['name']}", gone[:5])
    for code, counts in manifest["counts"].items():
        _require(path, isinstance(counts, dict), f"counts of {code}", counts)
        require_fields(path, counts, {"documents": int, "passages": int})
    for document in manifest["deleted"]:
        pair = isinstance(document, list) and [type(value) for value in document] == [str, str]
        _require(path, pair, "a deleted document", document)
    for root in manifest["roots"]:
        _require(path, isinstance(root, dict), "a root", root)
        require_fields(path, root, _ROOT)
        _require(path, set(root) == set(_ROOT) and root["path"].startswith("/"), "a root", root)
        _require(path, root["prefix"] in ("", f"{root['name']}/"), "the prefix of a root", root["prefix"])
    for what in ("name", "path"):
        found = [root[what] for root in manifest["roots"]]
        _require(path, len(set(found)) == len(found), f"the {what} of two roots", found[:5])
    languages = {entry["language"] for entry in manifest["segments"]}
    for entry in manifest["cognates"]:
        _require(path, isinstance(entry, dict), "cognates", entry)
        require_fields(path, entry, {"name": str, "left": str, "right": str})
        match = PAIR_NAME.fullmatch(entry["name"])
        own = match is not None and (match[1], match[2]) == (entry["left"], entry["right"])
        _require(path, own and entry["left"] < entry["right"], "the name of cognates", entry["name"])
    for code, passages in manifest["compared"].items():
        _require(path, type(passages) is int and passages >= 0, f"the passages of {code}", passages)
    pairs = [(entry["left"], entry["right"]) for entry in manifest["cognates"]]
    _require(path, len(set(pairs)) == len(pairs), "cognates", pairs[:5])
    _require(path, languages == set(manifest["counts"]), "counts", sorted(manifest["counts"])[:5])


def _require(path: Path, sound: object, what: str, found: object) -> None:
    if not sound:
        raise FolderError(f"{path}: damaged, {what} cannot be {found!r:.100}; build the index anew")
