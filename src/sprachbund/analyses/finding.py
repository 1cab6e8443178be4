"""A finding as data: a sentence, our value beside the paper's, charts, and the tables behind them.

    FOLDER/findings.json     the manifest: every finding but its tables
           F3-1.parquet      the first table of F3

An analysis makes findings and knows no page; the page reads them and knows no analysis.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import polars as pl

from sprachbund.errors import FolderError, one_line
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.lab.typed import typed
from sprachbund.tables import read_parquet, write_parquet

__all__ = ["Drawn", "Finding", "Replicated", "read_findings", "write_findings"]

KIND, FORMAT, MANIFEST = "findings", 1, "findings.json"
REMEDY = "make the findings anew"
Replicated = Literal["yes", "no", "in part", "not shown", ""]
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,60}", re.ASCII)


@dataclass(frozen=True)
class Drawn:
    """A figure.

    Attributes:
        name: of the file where it is saved; a word. caption: what it shows, a sentence.
        spec: in Vega-Lite, as `report.charts` makes it, and JSON: a number that is none or infinite is null, a gap.
    """

    name: str
    caption: str
    spec: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Make JSON of it."""
        object.__setattr__(self, "spec", _finite(self.spec))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Finding:
    """What an analysis found.

    Attributes:
        name: ``F3``; it names files. title: a few words. sentence: what it shows, in plain words.
        paper: the paper's value as it prints it, "" where it has none. ours: our value with its interval.
        replicated: whether ours says what the paper says; "" where the paper says nothing.
        charts: figures. tables: (heading, table), the numbers behind the figures.
    """

    name: str
    title: str
    sentence: str
    paper: str = ""
    ours: str = ""
    replicated: Replicated = ""
    charts: tuple[Drawn, ...] = ()
    tables: tuple[tuple[str, pl.DataFrame], ...] = ()


@dataclass(frozen=True)
class _Table:
    heading: str
    file: str


def write_findings(folder: Path, findings: Sequence[Finding]) -> None:
    """Write findings into a folder, whole or not at all; those that it held are replaced.

    Raises:
        FolderError: the folder holds what is not ours. ValueError: names are no words, or one stands twice.
    """
    names = [finding.name for finding in findings]
    figures = [chart.name for finding in findings for chart in finding.charts]
    if strange := [name for name in (*names, *figures) if not _NAME.fullmatch(name)]:
        raise ValueError(f"findings and figures are named by a word, as F3, found {strange[0]!r}")
    for what, given in (("finding", names), ("figure", figures)):
        if len(set(given)) < len(given):
            raise ValueError(f"a {what} stands twice: {', '.join(sorted(given))}")
    with atomic_folder(folder, MANIFEST) as temporary:
        said = [_plain(finding) for finding in findings]
        for finding, plain in zip(findings, said, strict=True):
            for (_, frame), table in zip(finding.tables, plain["tables"], strict=True):
                write_parquet(frame, temporary / table["file"])
        write_manifest(temporary, MANIFEST, KIND, FORMAT, findings=said)


def _plain(finding: Finding) -> dict[str, Any]:
    """As JSON, its tables by their files."""
    return {
        **{field.name: getattr(finding, field.name) for field in fields(Finding)},
        "charts": [vars(chart) for chart in finding.charts],
        "tables": [
            {"heading": heading, "file": f"{finding.name}-{number}.parquet"}
            for number, (heading, _) in enumerate(finding.tables, 1)
        ],
    }


def read_findings(folder: Path) -> tuple[Finding, ...]:
    """The findings that `write_findings` wrote, in their order.

    Raises:
        FolderError: there are none, or they are damaged or of another format.
    """
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=True, fields={"findings": list, "files": dict})
    return tuple(_read(folder, values, set(manifest["files"])) for values in manifest["findings"])


def _read(folder: Path, values: Any, listed: set[str]) -> Finding:
    where = str(folder / MANIFEST)
    if not isinstance(values, dict) or not all(isinstance(values.get(name), list) for name in ("charts", "tables")):
        raise FolderError(f"{where}: damaged, expected findings with charts and tables, found {values!r:.60}; {REMEDY}")
    plain = {name: value for name, value in values.items() if name not in ("charts", "tables")}
    found = typed(Finding, plain, where, REMEDY)
    tables = [typed(_Table, table, where, REMEDY) for table in values["tables"]]
    if strange := [table.file for table in tables if table.file not in listed]:
        raise FolderError(f"{where}: damaged, it does not list {strange[0][:60]!r}; {REMEDY}")
    return Finding(
        **plain,
        charts=tuple(_chart(chart, where, found.name) for chart in values["charts"]),
        tables=tuple((table.heading, _frame(folder / table.file)) for table in tables),
    )


def _chart(values: Any, where: str, name: str) -> Drawn:
    if not isinstance(values, dict) or not isinstance(values.get("spec"), dict):
        raise FolderError(f"{where}: damaged, a figure of {name[:60]} has no specification; {REMEDY}")
    said = typed(_Said, {key: value for key, value in values.items() if key != "spec"}, where, REMEDY)
    return Drawn(said.name, said.caption, values["spec"])


@dataclass(frozen=True)
class _Said:
    name: str
    caption: str


def _frame(path: Path) -> pl.DataFrame:
    try:
        return read_parquet(path)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FolderError(f"{path}: damaged, not readable as Parquet ({one_line(error)}); {REMEDY}") from None
