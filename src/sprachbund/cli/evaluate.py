"""``sprachbund evaluate MODEL CORPUS``: an encoder on held-out text, or on a user's own judgements."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from sprachbund.cli.options import Json, Languages, check_task, split_languages
from sprachbund.errors import SettingsError
from sprachbund.progress import progress


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A folder that train wrote.", show_default=False)
    ],
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)
    ],
    task: Annotated[str | None, typer.Option(help="nsp or ic. Default: the model's own.")] = None,
    split: Annotated[str, typer.Option(help="The held-out side: test or dev.")] = "test",
    languages: Languages = None,
    pools: Annotated[
        str, typer.Option(help="Pools, parted by commas: unseen (decides), paper, paper-equal, mixed, own.")
    ] = "unseen",
    baselines: Annotated[bool, typer.Option(help="Also BM25, tuned on dev, and the two together.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the queries and pools.")] = 0,
    trec: Annotated[
        Path | None, typer.Option(help="A folder for TREC runs and qrels.", show_default=False)
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(
            help="Your own queries: JSON Lines with _id and text (BEIR), or id<TAB>text.", show_default=False
        ),
    ] = None,
    qrels: Annotated[
        Path | None,
        typer.Option(
            help="Your own judgements, TREC or BEIR; documents by their id in CORPUS.", show_default=False
        ),
    ] = None,
    lang: Annotated[str, typer.Option(help="The language of --queries, for scripts without spaces.")] = "",
    as_json: Json = False,
) -> None:
    """Score an encoder: MRR and recall@k (TREC's Success@k) with 95% intervals, BM25 beside it, and the null test."""
    if (queries is None) != (qrels is None):
        raise SettingsError("--queries and --qrels belong together: name both")
    if queries is not None and qrels is not None:
        from sprachbund.retrieval.own import evaluate_judgements

        scores = evaluate_judgements(model, corpus, queries, qrels, lang)
        if as_json:
            typer.echo(orjson.dumps(scores, option=orjson.OPT_INDENT_2).decode())
        else:
            for name, value in scores.items():
                typer.echo(f"{name:12} {value:.4f}")
        return
    from sprachbund.retrieval.judging import evaluate as run

    names: Any = [name.strip() for name in pools.split(",") if name.strip()]
    with progress("evaluating") as bar:
        found = run(
            model,
            corpus,
            task=None if task is None else check_task(task),
            languages=split_languages(languages),
            split=split,
            pools=names,
            baselines=baselines,
            seed=seed,
            trec=trec,
            progress=bar,
        )
    if as_json:
        result = {"results": found.results.to_dicts(), "pools": found.manifests}
        typer.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
        return
    Console().print(_table(found.results, split))


def _table(results: pl.DataFrame, split: str) -> Table:
    table = Table(title=f"{split}; intervals over documents, 95%")
    headings = (
        "language",
        "pool",
        "arm",
        "queries",
        "candidates",
        "MRR",
        "",
        "recall@1",
        "recall@10",
        "null test",
    )
    for name in headings:
        table.add_column(name, justify="left" if name in ("language", "pool", "arm", "") else "right")
    keys = ["language", "pool", "arm"]
    for (language, pool, arm), part in results.group_by(keys, maintain_order=True):
        rows = {(row["measure"], row["k"]): row for row in part.iter_rows(named=True)}
        first = rows["mrr", None]
        null = "-" if first["null_recall"] is None else f"{first['null_recall']:.3f}"
        table.add_row(
            str(language),
            str(pool),
            str(arm),
            f"{first['queries']:,}",
            f"{first['candidates']:,}",
            f"{first['value']:.3f}",
            f"[{first['low']:.3f}, {first['high']:.3f}]".replace("[", "\\["),
            f"{rows['recall', 1]['value']:.3f}",
            f"{rows['recall', 10]['value']:.3f}",
            f"{null} leaks" if first["leaks"] else null,
        )
    return table
