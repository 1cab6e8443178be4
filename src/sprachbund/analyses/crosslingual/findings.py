"""The cross-lingual check as a finding of a study file: the pooled encoders on the user's sentence pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sprachbund.analyses.charts import intervals
from sprachbund.analyses.crosslingual.judging import CrossLingual, crosslingual
from sprachbund.analyses.crosslingual.scorers import BASELINES, COGNATES, ENCODER, WORDS
from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.engines.engine import Engine
from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import recipe_of
from sprachbund.progress import progress
from sprachbund.report.wording import known, percent, span
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
from sprachbund.retrieval.encoder.encoder import Encoder, from_model
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.runs.store import Runs
from sprachbund.runs.workers import perform_all
from sprachbund.statistics.comparison import BETTER, WORSE
from sprachbund.studies.jobs import MODEL, Jobs, Work
from sprachbund.studies.outlook import outlook
from sprachbund.studies.prepared import Prepared

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["TABLE", "PairSettings", "crosslingual_findings"]

TABLE = "crosslingual"
POOLED = "pooled"


@dataclass(frozen=True)
class PairSettings:
    """What the cross-lingual check is told.

    Attributes:
        pairs: by two languages, ``no-en``, a file of their sentences from the place of the study file: a table with a
            column a language, a folder with a file a language, or a corpus with groups.
    """

    pairs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what names no two languages."""
        for name, path in self.pairs.items():
            one, _, other = name.partition("-")
            if not (one and other and path):
                raise SettingsError(f'pairs must be a table of LANGUAGE-LANGUAGE = "FILE", found {name!r:.60}')


def crosslingual_findings(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """Whether sentences find their translations by the pooled encoders of every finished study of retrieval.

    Raises:
        SettingsError: no pairs are named, or no study has the arm pooled. SourceError: pairs cannot be read.
    """
    from sprachbund.analyses.laboratory.benches import prepared_studies, workers

    pairs = laboratory.file.crosslingual.pairs
    if not pairs:
        raise SettingsError(f'name sentences that are translations: [{TABLE}] with pairs = {{no-en = "pairs.tsv"}}')
    asked = [
        (study.name, task, prepared, runs)
        for study, prepared, runs in prepared_studies(laboratory, RETRIEVAL.name)
        if POOLED in prepared.plan.arms
        for task in prepared.plan.tasks
    ]
    if not asked:
        raise SettingsError("no study of retrieval has the strategy pooled, whose encoder is looked at")
    found = []
    for number, (name, task, prepared, runs) in enumerate(asked, 1):
        encoders = _encoders(prepared, runs, task, workers(laboratory), laboratory.engine)
        judged = {
            tuple(pair.split("-", 1)): crosslingual(
                encoders, laboratory.file.path.parent / path, pair.split("-", 1), corpus=laboratory.text
            )
            for pair, path in pairs.items()
        }
        ending = f"-{number}" if len(asked) > 1 else ""
        title = "Translations found that nobody showed" + (f" ({name}, {task})" if ending else "")
        found.append(_finding(f"{TABLE}{ending}", title, list(judged.values()), len(encoders)))
    return tuple(found)


def _encoders(prepared: Prepared, runs: Runs, task: str, workers: int, engine: Engine | None) -> list[Encoder]:
    """The pooled model of each seed, saved as those are that others begin from."""
    kind = prepared.kind
    assert isinstance(kind, RetrievalKind)
    recipes = [
        recipe_of(piece.specification["recipe"])
        for piece in outlook(prepared, runs)
        if (piece.job, piece.arm, piece.task) == ("judge", POOLED, task) and piece.done
    ]
    jobs = Jobs(kind)
    asked = [jobs.train(recipe) for recipe in recipes]
    with progress("pooled encoders", len(asked)) as bar:
        work = Work(jobs, runs)
        perform_all(runs, asked, work, needs=jobs.needs, workers=workers, progress=bar, engine=engine)
    return [from_model(kind.load(runs.folder(each) / MODEL), kind.encoded, {}) for each in asked]


def _finding(name: str, title: str, judged: list[CrossLingual], seeds: int) -> Finding:
    rows: list[dict[str, Any]] = []
    said, ours = [], []
    for each in judged:
        for (one, other), part in each.results.filter(measure="mrr").group_by(["from", "to"], maintain_order=True):
            values = {row["arm"]: row for row in part.to_dicts()}
            best = max(BASELINES, key=lambda arm: values[arm]["value"])
            compared = {row["against"]: row for row in each.comparisons.filter(measure="mrr").to_dicts()
                        if (row["from"], row["to"]) == (one, other)}  # fmt: skip
            word = {BETTER: "more than", WORSE: "less than"}.get(compared[best]["verdict"], "not shown to differ from")
            own = values[ENCODER]
            said.append(f"{one}-{other} {own['value']:.3f}, {word} {best} ({values[best]['value']:.3f})")
            ours.append(f"{one}-{other}: {own['value']:.3f} ({own['low']:.3f} to {own['high']:.3f})")
            rows += [_mark(f"{one}-{other}", arm, compared[arm]) for arm in (WORDS, COGNATES)]
    count = judged[0].results["sentences"][0]
    sentence = (
        f"Of {count:,} sentences that are translations the pooled encoder, which was shown none, finds by MRR: "
        f"{'; '.join(said)}. ({seeds} seed{'s' if seeds > 1 else ''}; ties count against it.)"
    )
    rows = [row for row in rows if known(row["x"])]
    caption = "The encoder's MRR beside that of BM25 over words and over cognates, with 95% intervals."
    titles = {WORDS: "against words", COGNATES: "against cognates"}
    drawn = (Drawn(f"{name}-gains", caption, intervals(rows, titles, x="relative difference in MRR")),) if rows else ()
    tables = tuple(
        (f"{each.results['from'][0]} and {each.results['to'][0]}: {what}", frame)
        for each in judged
        for what, frame in (("what finds how many", each.results), ("the encoder against baselines", each.comparisons))
    )
    return Finding(name, title, sentence, "", "; ".join(ours), "", drawn, tables)


def _mark(way: str, arm: str, row: dict[str, Any]) -> dict[str, Any]:
    ends = {end: row[end] if known(row[end]) else None for end in ("low", "high")}
    note = f"{percent(row['relative'])} ({span(row['low'], row['high'])}), {row['verdict']}"
    return {"language": way, "series": arm, "x": row["relative"], **ends, "note": note}
