"""``sprachbund ingest SOURCE... --out CORPUS``: raw text of any supported format to a corpus."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.detected import detected_table
from sprachbund.cli.options import IdColumn, Json, LanguageColumn, LanguageFrom, On, TextColumn, TitleColumn
from sprachbund.cli.output import add_row, console, print_json, table
from sprachbund.corpus.sources.streams import DEFAULT_RATIO, DEFAULT_SECONDS, Limits
from sprachbund.errors import SourceError
from sprachbund.files import require_place
from sprachbund.machine import parse_size
from sprachbund.progress import progress

if TYPE_CHECKING:
    from sprachbund.corpus.ingest import IngestSummary

SOURCES = ("source", "format", "languages", "read", "kept", "dropped")
CORPUS = ("language", "documents", "sections", "sentences", "characters")


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Files, or folders of which all files are read: HTML, Markdown, Word, OpenDocument, PowerPoint, EPUB, "
            "PDF, RTF, mail, subtitles, notebooks, csv, tsv, JSON, Parquet, plain text, MediaWiki XML dumps, JSON "
            "Lines with sections, gensim's segment_wiki; each plain or as gz, bz2, xz or zst, or in zip and tar. "
            "The format is told by the content. "
            "Fetched from the network only when named: wikipedia:bn, wikipedia:bn/20240501, "
            "hf:wikimedia/wikipedia/20231101.bn.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="The corpus: a new folder, or a corpus to add to. What it has already is skipped."),
    ],
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "--lang",
            help="The language of everything read, as a code or a name (uk, no, simple, mul, und). Without it the "
            "sources say, and where they do not the text is looked at.",
        ),
    ] = None,
    language_from: LanguageFrom = None,
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
            help="Refuse a compressed file that grows more than so many times (from 4 MiB on). 0: no limit.",
        ),
    ] = DEFAULT_RATIO,
    max_size: Annotated[
        str, typer.Option(help="Refuse a compressed file that grows beyond this size. 0: no limit.")
    ] = "2T",
    max_record: Annotated[
        str,
        typer.Option(help="Drop a page, line or row, refuse a text, longer than this or than a sixteenth of --memory."),
    ] = "256M",
    record_seconds: Annotated[
        float,
        typer.Option(
            min=0,
            help="Drop a page, line or text that takes longer on the processor, for each MiB. 0: no limit.",
        ),
    ] = DEFAULT_SECONDS,
    downloads: Annotated[
        Path | None,
        typer.Option(help="The folder for what is fetched, which stays there. Default: CORPUS.downloads."),
    ] = None,
    wikipedia_base: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The dump site or a mirror of it. Default: SPRACHBUND_WIKIPEDIA_BASE, else https://dumps.wikimedia.org.",
        ),
    ] = None,
    hf_base: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The hub or a mirror of it. Default: SPRACHBUND_HF_BASE, HF_ENDPOINT, else https://huggingface.co.",
        ),
    ] = None,
    text: TextColumn = None,
    title: TitleColumn = None,
    identifier: IdColumn = None,
    language_column: LanguageColumn = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Read raw text into a corpus of sentences: a Parquet row a sentence.

    Killed at any moment, the same command goes on from the last complete source, and in the middle of a download.
    """
    from sprachbund.corpus.ingest import ingest as run
    from sprachbund.corpus.remote.found import find_files
    from sprachbund.corpus.remote.settings import from_environment
    from sprachbund.corpus.sources.columns import Columns

    require_place(out, folder=True)
    limits = Limits(max_expansion, parse_size(max_size), parse_size(max_record), record_seconds)
    columns = Columns(text or "", title or "", identifier or "", language_column or "")
    remote = from_environment(wikipedia_base, hf_base, downloads)
    size = None if memory is None else parse_size(memory)
    found = find_files(sources, out, remote)
    with progress("ingest (bytes)", sum(one.work for one in found)) as bar:
        summary = run(found, out, language, strict, workers, size, limits, bar, remote, columns, language_from, on=on)
    if as_json:
        print_json({**asdict(summary), "detected": summary.detected})
    else:
        _print(summary, out)
    require_something(summary)


def require_something(summary: "IngestSummary") -> None:
    """An ingest of which nothing is in the corpus has failed, and says what became of what it read.

    Raises:
        SourceError: no source gave a document, neither now nor before.
    """
    if any(source.kept for source in summary.sources):
        return
    dropped: Counter[str] = Counter()
    for source in summary.sources:
        dropped.update(source.dropped)
    reasons = [f"{count:,} {reason}" for reason, count in dropped.most_common()]
    reasons += [f"{count:,} {kind} passed over" for kind, count in summary.passed.items()]
    reasons += [f"{source.name}: {text}" for source in summary.sources if not source.read for text in source.warnings][
        :3
    ]
    raise SourceError(f"no document was kept ({'; '.join(reasons) or 'there was nothing to read'})")


def _print(summary: "IngestSummary", corpus: Path) -> None:
    read = table("sources", SOURCES, left=("source", "format", "languages", "dropped"))
    for source in summary.sources:
        languages = list(source.languages)
        named = " ".join(languages[:8]) + (f" and {len(languages) - 8} more" if len(languages) > 8 else "")
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in source.dropped.items())
        dropped = "skipped: the corpus has it already" if source.skipped else dropped
        add_row(read, [source.name, source.format, named, source.read, source.kept, dropped])
    have = table(f"{corpus} now", CORPUS)
    for language, counts in summary.counts.items():
        add_row(have, [language, *(counts[name] for name in CORPUS[1:])])
    out = console()
    out.print(read)
    if summary.detected:
        out.print(detected_table(summary.detected))
    out.print(have)
