"""``sprachbund corpus CORPUS``: what is in a corpus, what of it is duplicate, what would leak."""

from pathlib import Path
from typing import Annotated

import orjson
import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.store import Corpus

HEADINGS = {
    "language": "language",
    "documents": "documents",
    "sections": "sections",
    "sentences": "sentences",
    "words": "words, about",
    "train": "train",
    "dev": "dev",
    "test": "test",
    "duplicates": "duplicate sentences",
    "sentences_across": "sentences across",
    "documents_across": "documents across",
    "template_sentences": "template sentences",
    "template_share": "of held-out",
    "template_documents": "template documents",
}


def corpus(
    path: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    languages: Annotated[str | None, typer.Option(help="Languages to report, parted by commas. Default: all.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the split into train, dev and test documents.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Show what is in a corpus: a row a language, with duplicates and leakage over an 80/10/10 split.

    Across: dev and test sentences (documents) whose very text also stands on another side. Template: dev and
    test sentences that stand in train once numbers are masked, and documents where more than one in ten do.
    """
    opened = Corpus.open(path)
    wanted = [code.strip() for code in languages.split(",") if code.strip()] if languages else None
    report = duplicate_report(opened, wanted, seed=seed)
    if as_json:
        value = {
            "path": str(path),
            "content_hash": opened.content_hash(),
            "languages": report.to_dicts(),
            "sources": opened.sources,
        }
        typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(opened, report)


def _print(opened: Corpus, report: pl.DataFrame) -> None:
    console = Console()
    table = Table(title=str(opened.path))
    for name, heading in HEADINGS.items():
        table.add_column(heading, justify="left" if name == "language" else "right", overflow="fold")
    for row in report.iter_rows(named=True):
        table.add_row(*(_cell(row[name]) for name in HEADINGS))
    console.print(table)
    sources = Table(title="sources")
    for name in ("source", "format", "read", "kept", "dropped", "warnings"):
        sources.add_column(name, justify="right" if name in ("read", "kept") else "left", overflow="fold")
    for source in opened.sources:
        sources.add_row(
            source["name"],
            source["format"],
            f"{source['read']:,}",
            f"{source['kept']:,}",
            ", ".join(f"{count:,} {reason}" for reason, count in source["dropped"].items()),
            "; ".join(source["warnings"]),
        )
    console.print(sources)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else str(value)
