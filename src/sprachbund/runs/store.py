"""Runs: pieces of work named by the hash of all that goes into them, complete or absent.

A run's specification is a JSON value: settings, data by their hashes, the version of the algorithm; never paths,
commits or times. The same specification is never worked on twice, and a study that was killed goes on where it was.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.claims import set_aside
from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, content_hash, read_manifest, write_manifest
from sprachbund.progress import logger

KIND, FORMAT, MANIFEST = "run", 3, "run.json"
Specification = dict[str, Any]


@dataclass(frozen=True)
class Runs:
    """A folder of runs."""

    path: Path

    def folder(self, specification: Specification) -> Path:
        """Where a run is or will be; 20 hexadecimal digits of its hash."""
        return self.path / content_hash(specification)[:20]

    def complete(self, specification: Specification) -> bool:
        """Whether the run is there and whole; a damaged one counts as absent and is made again."""
        try:
            manifest = read_manifest(self.folder(specification), MANIFEST, KIND, FORMAT, check=True)
        except FolderError:
            return False
        return bool(manifest.get("specification") == json.loads(json.dumps(specification)))

    def perform(self, specification: Specification, work: Callable[[Specification, Path], dict[str, Any]]) -> None:
        """Do the work unless it is done: ``work`` writes files into a folder and returns a JSON result."""
        if self.complete(specification):
            return
        place = self.folder(specification)
        if place.exists():
            logger.warning("%s: damaged, set aside as %s and made again", place, set_aside(place).name)
        with atomic_folder(place) as folder:
            result = work(specification, folder)
            write_manifest(folder, MANIFEST, KIND, FORMAT, specification=specification, result=result)

    def result(self, specification: Specification) -> dict[str, Any]:
        """The result of a complete run.

        Raises:
            FolderError: it is absent or damaged.
        """
        result: dict[str, Any] = read_manifest(self.folder(specification), MANIFEST, KIND, FORMAT)["result"]
        return result
