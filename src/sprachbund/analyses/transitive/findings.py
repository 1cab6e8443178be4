"""Transitive transfer (Arnold & Cohen 2021, 4.5; tables 2 and 4): does a language help one that it shares nothing with?

The auxiliary's text is censored of all that the target has too, so what it brings comes by way of the pivots; with that
link cut as well nothing must be left of the gain. The paper asks it of one model for all; here also of a model that
goes on from the others' (*begun*), which it leaves open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from sprachbund.analyses.charts import intervals
from sprachbund.analyses.finding import Drawn, Finding, Replicated
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import read_json
from sprachbund.report import StudyFrames
from sprachbund.report.wording import known, listed, percent, span

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["Triple", "proofs", "replicated_transitive", "transitive", "triples"]

PAPER = (
    "recall@1/10/20: te 17.0/23.9/26.3 to 17.6/25.0/27.7, ca 10.6/20.1/24.3 to 11.3/21.5/25.6; none with the link cut"
)
WAYS: Mapping[str, tuple[str, str, str]] = {
    "T2": ("censored", "pivoted", "severed"),
    "T2-begun": ("begun_censored", "begun", "begun_severed"),
}
"""By finding: the arm, what it is compared with, and the arm whose link is cut."""
_TITLES = {"T2": "Transitive transfer", "T2-begun": "Transitive transfer, one model after the other"}
_SERIES = {"linked": "by way of the pivots", "cut": "the link cut"}
_COLUMNS = ("measure", "k", "relative", "low", "high", "verdict", "items", "documents")


@dataclass(frozen=True)
class Triple:
    """A target, pivots and an auxiliary that were judged.

    Attributes:
        study, task, target: of it. detail: pivots and auxiliary, ``en+tr``.
        linked, cut: the rows of comparisons of the deciding measure in the deciding pool; None where there is none.
    """

    study: str
    task: str
    target: str
    detail: str
    linked: Mapping[str, Any]
    cut: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """``te < en < tr, IC``: from whom to whom."""
        return f"{self.target} < {self.detail.replace('+', ' < ')}, {self.task}"


def triples(studies: Mapping[str, StudyFrames], way: str = "T2") -> list[Triple]:
    """Every triple of some studies, in their order."""
    arm, against, severed = WAYS[way]
    found = []
    for study, frames in studies.items():
        decided = _decided(frames)
        for row in decided.iter_rows(named=True):
            strategy, _, detail = row["arm"].partition(":")
            if strategy != arm or row["against"] != f"{against}:{detail}":
                continue
            place = {"task": row["task"], "language": row["language"], "against": row["against"]}
            cut = decided.filter(arm=f"{severed}:{detail}", **place).to_dicts()
            title = frames.title(row["task"])
            found.append(Triple(study, title, row["language"], detail, row, cut[0] if cut else None))
    return found


def _decided(frames: StudyFrames) -> pl.DataFrame:
    """Comparisons of single languages in the measure and the pool that decide."""
    measure = frames.measure
    rows = frames.comparisons.filter(measure=measure.name, pool=frames.pool)
    rows = rows.filter(pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k)
    return rows.filter(~pl.col("language").str.starts_with("("))


def replicated_transitive(found: Sequence[Triple]) -> Replicated:
    """Whether triples say what the paper's tables 2 and 4 say.

    yes: every gain's interval lies above zero, and with the link cut every interval covers it. no: some interval lies
    below zero, or a gain stays with the link cut. in part: some gain lies above zero, but not every. not shown: none.
    """
    cut = [each.cut for each in found if each.cut is not None]
    if any(each.linked["high"] < 0 for each in found) or any(row["low"] > 0 for row in cut):
        return "no"
    above = [each.linked["low"] > 0 for each in found]
    if above and all(above):
        return "yes" if len(cut) == len(found) else "in part"
    return "in part" if any(above) else "not shown"


def proofs(runs: Iterable[Any]) -> pl.DataFrame:
    """What was taken out of each auxiliary, from the notes of runs, each once.

    Args:
        runs: folders of runs.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for folder in runs:
        try:
            result = read_json(folder / "run.json", "").get("result")
        except (FolderError, AttributeError):
            continue
        censored = result.get("censored", {}) if isinstance(result, dict) else {}
        for language, told in censored.items():
            without = "+".join(told["without"])
            rows[language, without] = {"auxiliary": language, **told, "without": without}
    return pl.DataFrame([rows[key] for key in sorted(rows)])


def transitive(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """T2 and T4, and the same for models that go on from others where the studies have such arms.

    Raises:
        SettingsError: no study has the arms.
    """
    made = [_finding(laboratory, way) for way in WAYS]
    found = tuple(each for each in made if each is not None)
    if not found:
        raise SettingsError(
            "no study has a censored auxiliary: name the strategies pivoted:en+tr, censored:en+tr and severed:en+tr, "
            "with your pivots and, last, the auxiliary"
        )
    return found


def _finding(laboratory: "Laboratory", way: str) -> Finding | None:
    found = triples(laboratory.studies, way)
    if not found:
        return None
    better = [each for each in found if each.linked["low"] > 0]
    worse = [each for each in found if each.linked["high"] < 0]
    left = [each for each in found if each.cut is not None and each.cut["low"] > 0]
    sentence = (
        f"Of {len(found)} target{'s' if len(found) > 1 else ''} asked, the censored auxiliary helps {len(better)} "
        f"beyond doubt and harms {len(worse)}; with the link to the pivots cut {len(left) or 'none'} "
        f"{'gains' if len(left) < 2 else 'gain'}."
    )
    ours = listed(
        [f"{e.name}: {percent(e.linked['relative'])} [{span(e.linked['low'], e.linked['high'])}]" for e in found]
    )
    tables = [("Gains, all measures and pools", _all(laboratory.studies, way))]
    told = proofs((laboratory.folder / "runs").iterdir())
    if not told.is_empty():
        tables.append(("What was taken out: n-grams left in common", told))
    return Finding(
        way, _TITLES[way], sentence,
        paper=PAPER if way == "T2" else "", ours=ours,
        replicated=replicated_transitive(found) if way == "T2" else "",
        charts=(Drawn(way, "What the auxiliary brings by way of the pivots, and with that link cut.", _chart(found)),),
        tables=tuple(tables),
    )  # fmt: skip


def _chart(found: Sequence[Triple]) -> Any:
    rows = [
        {"language": each.name, "series": series, "x": row["relative"], "note": row["verdict"],
         **{end: row[end] if known(row[end]) else None for end in ("low", "high")}}
        for each in found
        for series, row in (("linked", each.linked), ("cut", each.cut))
        if row is not None and known(row["relative"])
    ]  # fmt: skip
    return intervals(rows, _SERIES, x="relative difference to the model without the auxiliary")


def _all(studies: Mapping[str, StudyFrames], way: str) -> pl.DataFrame:
    """Every comparison among the arms of the triples."""
    names = {*WAYS[way], "repeated", "joined"} if way == "T2" else set(WAYS[way])
    frames = [
        each.comparisons.filter(
            pl.col("arm").str.split(":").list.first().is_in(list(names))
            & pl.col("against").str.split(":").list.first().is_in(list(names))
        ).select(pl.lit(study).alias("study"), "task", "language", "pool", "arm", "against", *_COLUMNS)
        for study, each in studies.items()
    ]
    return pl.concat(frames)
