"""``sprachbund ingest SOURCE... --out CORPUS``: raw text of any supported format to a corpus."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from sprachbund.corpus.ingest import IngestSummary, find_files
from sprachbund.corpus.ingest import ingest as run
from sprachbund.corpus.sources.streams import DEFAULT_RATIO, Limits
from sprachbund.files import parse_size
from sprachbund.progress import progress


def ingest(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...",
            help="Files, or folders of which all files are read. MediaWiki XML dumps, Wikipedia as Parquet "
            "or JSON Lines (id, url, title, text), JSON Lines with sections, gensim's segment_wiki, plain "
            "text; each plain or as gz, bz2, xz or zst. The format is told by the content.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="The corpus: a new folder, or a corpus to add to. What it has already is skipped."),
    ],
    lang: Annotated[
        str | None,
        typer.Option(
            help="The language of everything read, as Wikimedia's code (uk, no, simple). Without it the "
            "sources say; plain text and segment_wiki do not."
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="A truncated, damaged, empty or unreadable source is an error, not a warning."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that clean and segment. Default: one a processor, for small sources 1."),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory to use, about, as 2G or 500M. Default: a quarter of what there is, at most 2G."),
    ] = None,
    max_expansion: Annotated[
        float,
        typer.Option(
            min=0,
            help="Refuse a compressed file that grows more than so many times (from 64 MiB on). 0: no limit.",
        ),
    ] = DEFAULT_RATIO,
    max_size: Annotated[
        str, typer.Option(help="Refuse a compressed file that grows beyond this size. 0: no limit.")
    ] = "2T",
    max_record: Annotated[
        str, typer.Option(help="Drop a page or line, and refuse a plain text, that is longer than this.")
    ] = "256M",
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Read raw text into a corpus of sentences: a Parquet row a sentence.

    Killed at any moment, the same command goes on from the last complete source.
    """
    limits = Limits(max_expansion, parse_size(max_size), parse_size(max_record))
    total = sum(path.stat().st_size for path, _, _ in find_files(sources, out))
    with progress("ingest (bytes)", total) as bar:
        summary = run(sources, out, lang, strict, workers, None if memory is None else parse_size(memory), limits, bar)
    if as_json:
        typer.echo(orjson.dumps(asdict(summary), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(summary)


def _print(summary: IngestSummary) -> None:
    console = Console()
    read = Table(title="sources")
    for name in ("source", "format", "languages", "read", "kept", "dropped"):
        read.add_column(name, justify="right" if name in ("read", "kept") else "left", overflow="fold")
    for source in summary.sources:
        languages = list(source.languages)
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in source.dropped.items())
        read.add_row(
            source.name,
            source.format,
            " ".join(languages[:8]) + (f" and {len(languages) - 8} more" if len(languages) > 8 else ""),
            f"{source.read:,}",
            f"{source.kept:,}",
            "skipped: the corpus has it already" if source.skipped else dropped,
        )
    console.print(read)
    have = Table(title="the corpus now")
    have.add_column("language")
    shown = ("documents", "sections", "sentences", "characters")
    for name in shown:
        have.add_column(name, justify="right")
    for language, counts in summary.counts.items():
        have.add_row(language, *(f"{counts[name]:,}" for name in shown))
    console.print(have)
