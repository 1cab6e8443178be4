"""What is made on the way to an index, in ``INDEX.partial``, until the index has it.

    INDEX.partial/unfinished.json      the names of what is made here, each written down before it is made
                  corpus-<hash>/       of the raw sources
                  model-<hash>/        trained on them; model-<hash>.partial while it is

Killed at any moment, the same command goes on from it, and one with other sources makes others beside. What is removed
at the end is what is written down; where anything else lies here it stays, and the folder with it.
"""

from pathlib import Path

from sprachbund import claims
from sprachbund.corpus import moving, store
from sprachbund.errors import FolderError
from sprachbund.files import package_version, read_manifest, sealed, write_json
from sprachbund.progress import logger
from sprachbund.retrieval.encoder import encoder

KIND, FORMAT, MANIFEST = "unfinished index", 1, "unfinished.json"


def require_free(partial: Path) -> None:
    """Refuse a folder that somebody else has made, before anything is made in it.

    Raises:
        FolderError: names it, or what is in it.
    """
    if partial.is_symlink() or (partial.exists() and not partial.is_dir()):
        raise FolderError(
            f"{partial}: not written by sprachbund; what is made on the way lies there: move it elsewhere"
        )
    if not partial.exists() or (partial / MANIFEST).is_file():
        return
    found = sorted(path for path in partial.iterdir() if not claims.is_workspace(path))
    if found:
        raise FolderError(f"{found[0]}: not written by sprachbund; what is made on the way lies in {partial}: move it")


def place(partial: Path, name: str) -> Path:
    """Where something is made; its name is written down first.

    Raises:
        FolderError: as `require_free`; or what was written down cannot be read.
    """
    require_free(partial)
    names = _names(partial) if (partial / MANIFEST).exists() else []
    if name not in names:
        about = {"kind": KIND, "format": FORMAT, "written_by": package_version(), "makes": sorted({*names, name})}
        write_json(partial / MANIFEST, sealed(about))
    if (partial / name).is_symlink():
        raise FolderError(f"{partial / name}: is a link; move it elsewhere")
    return partial / name


def remove(partial: Path) -> None:
    """Remove what was written down, and the folder if nothing else is in it."""
    if partial.is_symlink() or not (partial / MANIFEST).is_file():
        return
    claims.sweep(partial)
    stays = []
    for name in _names(partial):
        for path in (partial / name, partial / f"{name}.partial"):
            if path.is_symlink() or (path.is_dir() and _foreign(path)):
                stays.append(path)
            elif path.is_dir():
                claims.discard(path)
    stays += [path for path in sorted(partial.iterdir()) if path.name != MANIFEST and path not in stays]
    if stays:
        logger.warning("%s: not, or not only, written by sprachbund; it is left alone", stays[0])
        return
    (partial / MANIFEST).unlink()
    partial.rmdir()


def _names(partial: Path) -> list[str]:
    said = read_manifest(partial, MANIFEST, KIND, FORMAT, fields={"makes": list})
    names = [str(name) for name in said["makes"]]
    if any("/" in name or name in ("", ".", "..") for name in names):
        raise FolderError(f"{partial / MANIFEST}: damaged, it lists names that are none; remove {partial}")
    return names


def _foreign(path: Path) -> list[Path]:
    """What is in a corpus or an encoder that is not its own; of a training under way all is its own."""
    for name, module in ((store.MANIFEST, store), (encoder.MANIFEST, encoder)):
        if (path / name).is_file():
            listed = set(read_manifest(path, name, module.KIND, module.FORMAT)["files"])
            found = claims.strangers(path, {name, *listed})
            # an ingest that was killed leaves parts that no manifest has yet
            own = [p for p in found if moving.STAGING in p.parts or moving.DATA_NAME.fullmatch(p.name)]
            return [p for p in found if p not in own]
    return []
