"""The table of three transfers: one joint model, fine-tuning, rows carried over; what each brings and costs.

The paper argues for one joint model: there is one to keep and to serve, whatever the number of languages. Whether that
is also what brings most, and for how much training, is seen here side by side, for any kind of model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl

from sprachbund.analyses.charts import NUMBER, scatter
from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.analyses.transfers.costs import Cost, costs_of, recipes_of
from sprachbund.errors import SettingsError
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report import StudyFrames
from sprachbund.report.wording import known, percent, span
from sprachbund.statistics.comparison import LEAKS, TOO_FEW

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["WAYS", "transfers", "transfers_table"]

ALONE, JOINT, TUNED, ROWS, TIME = "alone", "one joint model", "fine-tuning", "rows carried over", "more time alone"
WAYS: Mapping[str, str] = {
    "alone": ALONE, "pooled": JOINT, "mixed": JOINT, "joined": JOINT, "pivoted": JOINT, "continued": TUNED,
    "frozen": TUNED, "dropped": TUNED, "begun": TUNED, "begun_joined": TUNED,
    "respelled": TUNED, "rows": ROWS, "longer": TIME,
}  # fmt: skip
"""What an arm is an example of, by its strategy; controls that share nothing or wrongly are no transfer."""
PAPER = "one joint model of 35 languages beats each language's own: one model to keep in place of 35"
_UNSURE = {TOO_FEW: "too few items for a claim", LEAKS: "the null test of this pool failed"}


def transfers(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """What one joint model, fine-tuning and rows carried over bring and cost, of each study and task that has them.

    Raises:
        SettingsError: no finished study has the arm alone and another of `WAYS`.
    """
    from sprachbund.analyses.laboratory.benches import prepared_studies

    asked = [
        (study, prepared, runs, task)
        for study, prepared, runs in prepared_studies(laboratory)
        for task in prepared.plan.tasks
        if _compares(laboratory.studies[study.name], task)
    ]
    if not asked:
        raise SettingsError(
            "no study compares transfers: name the strategies alone and pooled, continued, rows, or some of them"
        )
    found = []
    for number, (study, prepared, runs, task) in enumerate(asked, 1):
        frames = laboratory.studies[study.name]
        recipes = {arm: own for arm, own in recipes_of(prepared, runs, task).items() if way_of(arm)}
        table = transfers_table(frames, task, costs_of(prepared.kind, recipes, runs))
        ending = f"-{number}" if len(asked) > 1 else ""
        title = "Three transfers: what they bring and cost" + (f" ({study.name}, {task})" if ending else "")
        found.append(_finding(f"transfers{ending}", title, frames, task, table))
    return tuple(found)


def way_of(arm: str) -> str:
    """What an arm is an example of; "" for none."""
    return WAYS.get(arm.partition(":")[0], "")


def _compares(frames: StudyFrames, task: str) -> bool:
    arms = frames.comparisons.filter(task=task, against=ALONE)["arm"].unique().to_list()
    return any(way_of(arm) not in ("", ALONE, TIME) for arm in arms)


def transfers_table(frames: StudyFrames, task: str, costs: Mapping[str, Cost]) -> pl.DataFrame:
    """A row an arm: the way, models, bytes, seconds, how much training that is beside alone, and the gain over alone.

    Args:
        costs: by arm, alone among them.
    """
    measure = frames.measure
    rows = frames.comparisons.filter(task=task, pool=frames.pool, measure=measure.name, against=ALONE)
    rows = rows.filter(pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k)
    sign = 1.0 if measure.direction == "higher" else -1.0
    made = []
    for arm, cost in costs.items():
        own = rows.filter(arm=arm)
        whole = own.filter(language=EVERYONE)
        found = (whole if whole.height else own).to_dicts()
        row = found[0] if found else None
        languages = own.filter(pl.col("language") != EVERYONE).height or _languages(frames, task, arm)
        low, high = (None, None) if row is None else sorted((sign * row["low"], sign * row["high"]))
        made.append(
            {
                "arm": arm, "way": way_of(arm), "languages": languages,
                **{name: value for name, value in asdict(cost).items() if name != "examples"},
                "all_seconds": cost.all_seconds, "examples": cost.examples,
                "gain": None if row is None else sign * row["relative"],
                "low": low, "high": high, "verdict": None if row is None else row["verdict"],
            }
        )  # fmt: skip
    numbers = ("gain", "low", "high")
    table = pl.DataFrame(made, schema_overrides={**dict.fromkeys(numbers, pl.Float64), "verdict": pl.String})
    # arms may be of fewer languages, as a source is no target of its own: what is compared is a language's training
    own = table.filter(arm=ALONE)
    by_language = own["all_seconds"][0] / max(1, own["languages"][0])
    return table.with_columns(times=pl.col("all_seconds") / (pl.col("languages") * max(by_language, 1e-9)))


def _languages(frames: StudyFrames, task: str, arm: str) -> int:
    return int(frames.results.filter(task=task, arm=arm, pool=frames.pool)["language"].n_unique())


def _finding(name: str, title: str, frames: StudyFrames, task: str, table: pl.DataFrame) -> Finding:
    rows = table.to_dicts()
    own = next(row for row in rows if row["arm"] == ALONE)
    said = [f"Of {own['languages']} language{'s' if own['languages'] > 1 else ''} alone there are {_cost(own)}."]
    said += [f"{_capital(row)} {_brings(row)} over training alone: {_cost(row)}." for row in rows if row is not own]
    said.append(_verdict(rows))
    said.append(f"({frames.title(task)}, {frames.measure.title}; seconds of one processor, without tuning.)")
    ours = "; ".join(f"{row['arm']}: {_brings(row, short=True)}" for row in rows if row is not own)
    points = [
        {
            "language": row["arm"],
            "x": row["times"],
            "y": row["gain"],
            "low": _end(row["low"]),
            "high": _end(row["high"]),
        }
        for row in rows
        if row is not own and known(row["gain"])
    ]
    drawn = [
        Drawn(
            f"{name}-costs",
            "What each way brings over training alone, and how long the training of all its models and their starts "
            "takes beside that of the models alone; bars are 95% intervals.",
            scatter(points, (), x="training, times that of alone", y="gain over training alone", x_form=NUMBER),
        )
    ]  # fmt: skip
    paper = PAPER if frames.declaration.name == "retrieval" else ""
    return Finding(
        name, title, " ".join(said), paper, ours, "", tuple(drawn) if points else (), (("Gain and cost", table),)
    )


def _capital(row: Mapping[str, Any]) -> str:
    way: str = row["way"]
    return f"{way[:1].upper()}{way[1:]} ({row['arm']})"


def _brings(row: Mapping[str, Any], short: bool = False) -> str:
    if not known(row["gain"]):
        return "nothing that can be said" if short else "brings nothing that can be said"
    why = f", {_UNSURE[row['verdict']]}" if row["verdict"] in _UNSURE else ""
    found = f"{percent(row['gain'])} ({span(row['low'], row['high'])}{why})"
    return found if short else f"brings {found}"


def _cost(row: Mapping[str, Any]) -> str:
    """``3 models of 12.0 MB together, trained in 40 s, 10 s of it for what they begin from``."""
    many = row["models"] > 1
    size = f"{row['size'] / 1e6:,.1f} MB{' together' if many else ''}"
    begun = f", {row['of_starts']:,.1f} s of it for what {'they begin' if many else 'it begins'} from" if (
        row["of_starts"]) else ""  # fmt: skip
    times = "" if row["arm"] == ALONE else f", {row['times']:.1f} times the training of alone"
    models = f"{row['models']} model{'s' if many else ''} to keep"
    return f"{models}, {size}, trained in {row['all_seconds']:,.1f} s{begun}{times}"


def _verdict(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which brings most, which is cheapest to keep and to train; intervals that overlap are said to."""
    ways = [row for row in rows if row["way"] not in (ALONE, TIME) and known(row["gain"])]
    if len(ways) < 2:
        return ""
    best = max(ways, key=lambda row: row["gain"])
    near = [row["arm"] for row in ways if row is not best and row["high"] >= best["low"]]
    small = min(ways, key=lambda row: row["size"] / row["languages"])
    fast = min(ways, key=lambda row: row["times"])
    doubt = f", though its interval meets that of {', '.join(near)}" if near else ""
    least = f"fewest bytes a language has {small['arm']}, the least training {fast['arm']}"
    return f"{best['arm']} brings most{doubt}; {least}."


def _end(value: float | None) -> float | None:
    return value if known(value) else None
