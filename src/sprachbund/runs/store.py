"""Runs: pieces of work named by the hash of all that goes into them, complete or absent.

A run's specification is a JSON value: settings, data by their hashes, the version of the algorithm; never paths,
commits or times. The same specification is never worked on twice, and a study that was killed goes on where it was.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.claims import set_aside
from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, content_hash, read_manifest, write_manifest
from sprachbund.machine import forget_peak, peak_memory
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

    def complete(self, specification: Specification, *, check: bool = True) -> bool:
        """Whether the run is there and whole; a damaged one counts as absent and is made again.

        Args:
            check: read every file and compare it with its hash; otherwise only see that each is there.
        """
        try:
            manifest = read_manifest(self.folder(specification), MANIFEST, KIND, FORMAT, check=check)
        except FolderError:
            return False
        return bool(manifest.get("specification") == json.loads(json.dumps(specification)))

    def perform(self, specification: Specification, work: Callable[[Specification, Path], dict[str, Any]]) -> None:
        """Do the work unless it is done: ``work`` writes files into a folder and returns a JSON result.

        What it took is written beside the result, for estimates; it is no part of the run's name.
        """
        if self.complete(specification):
            return
        place = self.folder(specification)
        if place.exists():
            logger.warning("%s: damaged, set aside as %s and made again", place, set_aside(place).name)
        with atomic_folder(place) as folder:
            forget_peak()
            begun = time.monotonic()
            result = work(specification, folder)
            took = {"seconds": round(time.monotonic() - begun, 3), "memory": peak_memory()}
            write_manifest(folder, MANIFEST, KIND, FORMAT, specification=specification, result=result, took=took)

    def result(self, specification: Specification) -> dict[str, Any]:
        """The result of a complete run.

        Raises:
            FolderError: it is absent or damaged.
        """
        result: dict[str, Any] = read_manifest(self.folder(specification), MANIFEST, KIND, FORMAT)["result"]
        return result

    def took(self, specification: Specification) -> tuple[float, int] | None:
        """What a complete run took: seconds, and bytes of memory at most; None where nothing says it."""
        try:
            took = read_manifest(self.folder(specification), MANIFEST, KIND, FORMAT).get("took")
        except FolderError:
            return None
        if not isinstance(took, dict):
            return None
        seconds, memory = took.get("seconds"), took.get("memory")
        if not isinstance(seconds, int | float) or not isinstance(memory, int) or seconds < 0:
            return None
        return float(seconds), memory
