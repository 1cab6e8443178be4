"""A model on disk or at hand to go on from: opened, fitted to by the settings, and told of by its heir.

What an heir says of its start (`about["start"]`) holds what the start says of its own, so that a chain from English
over Spanish to Portuguese is told to its beginning.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import writable
from sprachbund.lab.carry import Table, table_hash
from sprachbund.progress import logger
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoder import MANIFEST, Encoder, read_settings
from sprachbund.retrieval.encoder.start import CARRIES, Start, other_split, require_shape, shaped
from sprachbund.retrieval.settings import Settings, settings_of

__all__ = ["Going", "going_on", "settings_in"]

Opened = TypeVar("Opened")


@dataclass(frozen=True)
class Going:
    """How a training goes on from an encoder.

    Attributes:
        encoder: the start. name: its folder's, "" where it is only in memory. hash: of its n-grams, rows and shape.
        carry, table, freeze: as in `start.Start`.
    """

    encoder: Encoder
    name: str
    hash: str
    carry: str
    table: Table | None
    freeze: float

    def settings(self, given: Settings | str) -> Settings:
        """The settings of the heir: those given, or those of a preset with the shape and split of the start.

        Raises:
            SettingsError: those given are of another shape.
        """
        if isinstance(given, str):
            return shaped(settings_of(given), self.encoder.settings)
        settings = settings_of(given)
        require_shape(settings, self.encoder.settings)
        if differing := other_split(settings, self.encoder.settings):
            logger.warning(
                "the start was trained with another split (%s): what is dev and test here it may have learned from",
                ", ".join(differing),
            )
        return settings

    def specification(self) -> dict[str, Any]:
        """What a piece of work is named by: JSON values."""
        named = {"hash": self.hash, "carry": self.carry, "freeze": self.freeze}
        return named if self.table is None else named | {"table": table_hash(self.table)}

    def in_corpus(self, encoded: EncodedCorpus) -> Start:
        """The start in the ids of an encoded corpus."""
        model = self.encoder.in_corpus(encoded)
        return Start(model, self.carry, self.table, self.freeze, self.encoder.vocabulary)  # type: ignore[arg-type]

    def about(self, carried: Mapping[str, int]) -> dict[str, Any]:
        """What the heir says of it: JSON values."""
        own = self.encoder.about
        told = {"name": self.name} | self.specification() | {"rows": dict(carried)}
        if isinstance(self.table, str | Path):
            told["table_name"] = writable(Path(self.table).name)
        return told | {key: own[key] for key in ("work", "task", "languages", "start") if key in own}


def going_on(start: Encoder | Path | str | None, carry: Table, freeze: float) -> Going | None:
    """What a caller gave as a start; None where there is none.

    Args:
        carry: ``same``, ``identical``, ``near``, ``permuted``, or a table.

    Raises:
        FolderError: it is no encoder, or damaged. SourceError: there is no such table.
        SettingsError: ``carry`` or ``freeze`` cannot be, or say something where there is no start.
    """
    if start is None:
        if carry != "same" or freeze:
            raise SettingsError("carry and freeze say how a model goes on from another; name it as the start")
        return None
    if not isinstance(carry, str | Path | Mapping):
        raise SettingsError(f"carry must be same, identical, near or a table, found {type(carry).__name__}")
    if not isinstance(freeze, int | float) or not 0 <= freeze <= 1:
        raise SettingsError(f"freeze must be a share of the batches from 0 to 1, found {freeze}")
    by_word = isinstance(carry, str) and carry in CARRIES and carry != "table"
    table = None if by_word else carry
    if table is not None:
        table_hash(table)  # sees that it is there before any work
    if isinstance(start, Encoder):
        encoder, name = start, ""
    else:
        path = Path(start)
        encoder, name = _of_start(path, Encoder.load), writable(path.resolve().name)
    return Going(encoder, name, _hash(encoder), str(carry) if by_word else "table", table, float(freeze))


def settings_in(start: Path) -> Settings:
    """The settings of a saved encoder, without its rows.

    Raises:
        FolderError: it is none.
    """
    return _of_start(start, read_settings)


def _of_start(path: Path, read: Callable[[Path], Opened]) -> Opened:
    try:
        return read(path)
    except FolderError as error:
        if (path / MANIFEST).exists():
            raise
        inside = sorted(found.parent.name for found in path.glob(f"*/{MANIFEST}"))
        hint = f"; there is an encoder in {path / inside[0]}" if inside else ""
        raise FolderError(f"{error}; a start is a folder that train wrote{hint}") from None


def _hash(encoder: Encoder) -> str:
    digest = hashlib.sha256(f"{encoder.unseen_length!r} {encoder.seed} {encoder.settings!r}".encode())
    for array in (encoder.vocabulary.keys, encoder.table):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
