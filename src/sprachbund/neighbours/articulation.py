"""How unlike two sounds are to make: PanPhon's 22 articulatory features, weighed as its authors weigh them.

Source: Mortensen et al. 2016, PanPhon: a resource for mapping IPA segments to articulatory feature vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import MissingDataError
from sprachbund.neighbours.sources import Sources
from sprachbund.normal_forms import normal_form

__all__ = ["Articulation", "articulation", "nearest_distances", "to_sampa"]

_VALUES = {"+": 1.0, "-": -1.0, "0": 0.0}


@dataclass(frozen=True, eq=False)
class Articulation:
    """Features of sounds: by IPA (NFD) float64 [features] of -1, 0, 1; weights float64 [features] that sum to 1."""

    sounds: dict[str, Float64]
    weights: Float64

    def features(self, phone: str) -> Float64 | None:
        """Of a phone; of a diphthong or an unknown mark those of the longest beginning that is known; None without."""
        text = normal_form("NFD", phone)
        for end in range(len(text), 0, -1):
            if (found := self.sounds.get(text[:end])) is not None:
                return found
        return None

    def distances(self, one: Sequence[str], other: Sequence[str]) -> Float64:
        """The weighted share of features that differ, 0 to 1, float64 [one, other]; NaN for unknown sounds."""
        first, second = (self._rows(each) for each in (one, other))
        apart: Float64 = np.abs(first[:, None, :] - second[None, :, :]) @ self.weights / 2
        return apart

    def _rows(self, phones: Sequence[str]) -> Float64:
        unknown = np.full(len(self.weights), np.nan)
        found = [unknown if (row := self.features(phone)) is None else row for phone in phones]
        return np.array(found).reshape(len(phones), len(self.weights))


def nearest_distances(table: Float64) -> tuple[Float64, Float64]:
    """From each row to the nearest column, and from each column to the nearest row; NaN where nothing is known."""
    filled = np.where(np.isnan(table), np.inf, table)
    return tuple(
        np.where(np.isinf(least), np.nan, least)
        for least in (filled.min(axis=1, initial=np.inf), filled.min(axis=0, initial=np.inf))
    )  # type: ignore[return-value]


def articulation(sources: Sources) -> Articulation:
    """PanPhon's table: that of the folder of data, else of the installed package, whose code is not run.

    Raises:
        MissingDataError: neither is there.
    """
    return sources.once("panphon", lambda: _read(sources))


def to_sampa(phone: str) -> str | None:
    """A sound in X-SAMPA by PanPhon's table; None where the package is not installed or has no sign for it."""
    table = _sampa()
    text, found = normal_form("NFD", phone), ""
    while text:
        length = next((size for size in range(min(len(text), 4), 0, -1) if text[:size] in table), 0)
        if not length:
            return None
        found += table[text[:length]]
        text = text[length:]
    return found or None


@lru_cache(maxsize=1)
def _sampa() -> dict[str, str]:
    import csv

    folder = _package()
    if folder is None or not (folder / "ipa-xsampa.csv").is_file():
        return {}
    with (folder / "ipa-xsampa.csv").open(encoding="utf-8", newline="") as read:
        rows = [row for row in csv.reader(read) if len(row) >= 2 and row[0] and row[0] != "IPA"]
    # the table writes marks alone behind a circle that stands for any letter
    return {normal_form("NFD", row[0]).replace("\u25cc", ""): row[1] for row in reversed(rows)}


def _package() -> Path | None:
    spec = find_spec("panphon")
    return Path(spec.origin).parent / "data" if spec is not None and spec.origin is not None else None


def _read(sources: Sources) -> Articulation:
    import polars as pl

    for folder in (sources.find("panphon"), _package()):
        if folder is None:
            continue
        paths = [
            next((path for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if path.is_file()), None)
            for name in ("ipa_all", "feature_weights")
        ]
        if paths[0] is None or paths[1] is None:
            continue
        table, weights = (pl.read_csv(path, infer_schema=False) for path in paths if path is not None)
        names = [name for name in table.columns[1:] if name in weights.columns]
        heavy = np.array([float(weights[name][0]) for name in names])
        coded = table.select(pl.col(names).replace_strict(_VALUES, default=0.0, return_dtype=pl.Float64)).to_numpy()
        sounds = {normal_form("NFD", ipa): row for ipa, row in zip(table[table.columns[0]], coded, strict=True)}
        return Articulation(sounds, heavy / heavy.sum())
    raise MissingDataError(f"{sources.absent('panphon')}, or pip install 'sprachbund[neighbours]'")
