"""Sources that are read and wait to be in the corpus: moved in and listed many at a time, since of a folder of small
files each would cost the writing of the list of all, and a dozen waits for the disk.
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sprachbund import files
from sprachbund.corpus import moving, store
from sprachbund.corpus.summaries import SourceSummary

__all__ = ["Coming"]

TOGETHER, TOGETHER_SECONDS = 400, 2.0
"""Files that are moved in and listed at one time at most, and how long they may wait: what a kill may cost."""


class Coming:
    """Complete sources whose files wait in the hidden folder to be moved in and listed, many at a time.

    Attributes:
        manifest: what it will say when all are listed. names: of the files that wait.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        self.names: list[str] = []
        self.whole, self.changed, self.since = True, False, time.monotonic()

    def add(self, staging: store.Staging, summary: SourceSummary, number: int) -> None:
        """Take a complete source; it is listed in its place in the manifest."""
        staged = self.folder / moving.STAGING
        names = staging.finish()
        about = {name: (files.sha256_file(staged / name), (staged / name).stat().st_size) for name in names}
        # interrupted from here on, the manifest in memory is of no more use
        self.whole = False
        for name, (digest, size) in about.items():
            self.manifest["files"][name], self.manifest["bytes"][name] = digest, size
        _list(self.manifest, staging, summary, number)
        self.names += names
        self.whole = self.changed = True
        if len(self.names) >= TOGETHER or time.monotonic() - self.since > TOGETHER_SECONDS:
            self.list_all()

    def list_all(self) -> None:
        """Move in what waits, then write the manifest."""
        if not self.whole or not self.changed:
            return
        self.whole = False
        if self.names:
            moving.move_in(self.folder, self.names)
        files.write_json(self.folder / store.MANIFEST, files.sealed(self.manifest))
        self.names, self.whole, self.changed, self.since = [], True, False, time.monotonic()


def _list(manifest: dict[str, Any], staging: store.Staging, summary: SourceSummary, number: int) -> None:
    for lang, counts in staging.counts.items():
        total = manifest["counts"].setdefault(lang, dict.fromkeys(store.COUNTED, 0))
        for what, count in counts.items():
            total[what] += count
    entry = asdict(summary)
    del entry["skipped"]
    usual = {"url": None, "checksum": None, "root": "", "twin": None}
    entry = {name: value for name, value in entry.items() if name not in usual or value != usual[name]}
    manifest["sources"][number : number + 1] = [entry]
    manifest["written_by"] = files.package_version()
