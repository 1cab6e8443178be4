"""``sprachbund evaluate MODEL CORPUS``: an encoder on held-out text, or on a user's own judgements."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, known_language, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.progress import progress

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

HEADINGS = (
    "language",
    "arm",
    "quer-\nies",
    "candi-\ndates",
    "MRR",
    "95%",
    "re-\ncall\n@1",
    "re-\ncall\n@10",
    "null\ntest",
)


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL|INDEX",
            help="A folder that train wrote; or, with --queries, one that index wrote.",
            show_default=False,
        ),
    ],
    corpus: Annotated[
        Path | None,
        typer.Argument(metavar="CORPUS", help="A folder that ingest wrote; none with an INDEX.", show_default=False),
    ] = None,
    task: Annotated[str | None, typer.Option(help="nsp or ic. Default: the model's own.")] = None,
    split: Annotated[str, typer.Option(help="The held-out side: test or dev.")] = "test",
    languages: Annotated[
        str | None,
        typer.Option(help="Languages, parted by commas, as tr,uk. Default: those of the model that the corpus has."),
    ] = None,
    pools: Annotated[
        str, typer.Option(help="Pools, parted by commas: unseen (decides), paper, paper-equal, mixed, own.")
    ] = "unseen",
    baselines: Annotated[
        bool, typer.Option(help="Also BM25, tuned on dev, with and without what surrounds a candidate, and fused.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the queries and pools.")] = 0,
    trec: Annotated[Path | None, typer.Option(help="A folder for TREC runs and qrels.", show_default=False)] = None,
    queries: Annotated[
        Path | None,
        typer.Option(help="Your own queries: JSON Lines with _id and text (BEIR), or id<TAB>text.", show_default=False),
    ] = None,
    qrels: Annotated[
        Path | None,
        typer.Option(help="Your own judgements, TREC or BEIR; documents by their id.", show_default=False),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", "--lang", help="The language of --queries, for scripts without spaces.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Score an encoder: MRR and recall@k (TREC's Success@k) with 95% intervals, BM25 beside it, and the null test.

    With --queries and --qrels your own judgements score an encoder on a corpus, or an index in all its modes.
    """
    if (queries is None) != (qrels is None):
        raise SettingsError("--queries and --qrels belong together: name both")
    if trec is not None:
        require_place(trec, folder=True)
    language = known_language(language)
    if (model / "index.json").is_file():
        _engine(model, corpus, queries, qrels, language, trec, as_json)
        return
    if corpus is None:
        raise SettingsError("name the corpus too: sprachbund evaluate MODEL CORPUS; an INDEX alone wants --queries")
    if queries is not None and qrels is not None:
        from sprachbund.retrieval.ranking.own import evaluate_judgements

        scores = evaluate_judgements(model, corpus, queries, qrels, language, trec)
        if as_json:
            print_json(scores)
        else:
            for name, value in scores.items():
                say(f"{name:12} {value:.4f}")
        return
    from sprachbund.retrieval.evaluation import evaluate as run

    names: Any = [name.strip() for name in pools.split(",") if name.strip()]
    with progress("evaluating") as bar:
        found = run(
            model,
            corpus,
            task=task,
            languages=split_languages(languages),
            split=split,
            pools=names,
            baselines=baselines,
            seed=seed,
            trec=trec,
            progress=bar,
        )
    if as_json:
        print_json({"results": found.results.to_dicts(), "pools": found.manifests})
        return
    out = console()
    for (pool,), part in found.results.group_by(["pool"], maintain_order=True):
        out.print(_table(part, f"{split}, pool {pool}"))


def _engine(
    index: Path,
    corpus: Path | None,
    queries: Path | None,
    qrels: Path | None,
    language: str,
    trec: Path | None,
    as_json: bool,
) -> None:
    """An index as a search engine."""
    from sprachbund.search.judging import evaluate_index

    if queries is None or qrels is None:
        raise SettingsError(f"{index}: is an index; score it with --queries and --qrels")
    if corpus is not None:
        raise SettingsError(f"{index}: is an index, which has its documents; leave {corpus} out")
    with progress("evaluating") as bar:
        found = evaluate_index(index, queries, qrels, language=language, trec=trec, progress=bar)
    if as_json:
        print_json({"scores": found.scores.to_dicts(), "shares": found.shares.to_dicts()})
        return
    names = found.scores.columns
    made = table("searched: in the query's own language, or in all of the index", names, left=names[:3])
    for row in found.scores.iter_rows():
        add_row(made, row)
    out = console()
    out.print(made)
    over = found.favoured()
    shares = table("languages with more than twice their share of the first ten", found.shares.columns, left=names[:3])
    for row in over.iter_rows():
        add_row(shares, row)
    if over.height:
        out.print(shares)
    else:
        say("no language but the query's own has more than twice its share of the first ten")


def _table(results: "pl.DataFrame", title: str) -> "Table":
    made = table(f"{title}; intervals over documents", HEADINGS, left=("language", "arm", "95%"))
    for (language, arm), part in results.group_by(["language", "arm"], maintain_order=True):
        rows = {(row["measure"], row["k"]): row for row in part.iter_rows(named=True)}
        first = rows["mrr", None]
        null = "-" if first["null_recall"] is None else f"{first['null_recall']:.3f}"
        cells = [
            language,
            arm,
            first["queries"],
            first["candidates"],
            first["value"],
            f"{first['low']:.3f} {first['high']:.3f}",
            rows["recall", 1]["value"],
            rows["recall", 10]["value"],
            f"{null} leaks" if first["leaks"] else null,
        ]
        add_row(made, cells)
    return made
