"""``sprachbund index SOURCE... --out INDEX``: text to an index that can be searched."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.detected import detected_table
from sprachbund.cli.options import (
    IdColumn,
    Json,
    LanguageColumn,
    LanguageFrom,
    TextColumn,
    TitleColumn,
    split_languages,
)
from sprachbund.cli.output import MUTE, add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.machine import parse_size
from sprachbund.progress import logger, progress
from sprachbund.visible import visible

CHANGES = ("added", "changed", "moved", "removed", "kept")
_JOINED = (" -> ", ": ")

if TYPE_CHECKING:
    from sprachbund.search.index import Index
    from sprachbund.search.tally import Change


def index(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...",
            help="A corpus, or anything that ingest reads: files, folders, wikipedia:pt.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The index: a new folder, or an index to add to.")] = Path("index"),
    model: Annotated[
        Path | None,
        typer.Option(help="A folder that train wrote. Default: `best` is trained on the sources.", show_default=False),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "--lang",
            help="The language of all raw sources. Without it they say, and where they do not the text is looked at.",
            show_default=False,
        ),
    ] = None,
    language_from: LanguageFrom = None,
    languages: Annotated[
        str | None, typer.Option(help="Languages, parted by commas, as tr,uk. Default: all of the sources.")
    ] = None,
    sentences: Annotated[int, typer.Option(min=1, help="Sentences of a passage at most; 1 indexes sentences.")] = 5,
    dense: Annotated[
        str,
        typer.Option(help="Of the vectors: flat (exact), ivf, hnsw, or auto: by the number of passages."),
    ] = "auto",
    map_points: Annotated[int, typer.Option("--map", min=0, help="Points of the map; 0 for none.")] = 4_000,
    fold: Annotated[
        str,
        typer.Option(
            help="Found without: marks (accents, and letters typed by others), or marks,chinese (traditional by "
            "simplified characters), or none. An index keeps its own.",
        ),
    ] = "marks",
    bits: Annotated[
        int,
        typer.Option(help="Of a number of the encoder's rows: 32, or 16 or 8: less on disk. An index keeps its own."),
    ] = 32,
    neighbours: Annotated[
        bool,
        typer.Option(
            help="Of several languages: what finds text in those that spell alike. An index keeps its own choice."
        ),
    ] = True,
    memory: Annotated[
        str, typer.Option(help="Memory to use, about, as 2G. 0: a quarter of what there is, at most 2G.")
    ] = "0",
    delete: Annotated[
        list[str] | None,
        typer.Option(metavar="LANG:ID", help="Take a document out; repeatable.", show_default=False),
    ] = None,
    sync: Annotated[
        bool, typer.Option("--sync", help="Also take out the documents of these sources that are not in them any more.")
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option(
            "--allow-empty",
            help="Under --sync a source may be gone or have nothing left; all of it goes then, otherwise nothing does.",
        ),
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="URL",
            help="Then write the index to a database: postgresql://user@host/db?table=passages, qdrant://host:6333.",
            show_default=False,
        ),
    ] = None,
    hnsw: Annotated[
        bool, typer.Option("--hnsw", help="With --to: also a graph, faster on many passages, that may miss some.")
    ] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Write the segments anew, without what was deleted.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare the hash of every file with the manifests.")] = False,
    text: TextColumn = None,
    title: TitleColumn = None,
    identifier: IdColumn = None,
    language_column: LanguageColumn = None,
    as_json: Json = False,
) -> None:
    """Make an index, add to one, delete from it.

    A document is its path below the folder that is named, or its own id, and takes its own place when it comes again.
    With -v before the verb every document that changes is named. Killed at any moment, the index is as it was, and
    the same command goes on.
    """
    from sprachbund.corpus.sources.columns import Columns
    from sprachbund.databases.writing import require_ready, write_index
    from sprachbund.search import building
    from sprachbund.search.index import Index
    from sprachbund.search.sources import index_sources
    from sprachbund.search.tally import Change

    done = [bool(sources), bool(delete), merge]
    if sync and not sources:
        raise SettingsError("--sync compares the index with its sources; name them, as sprachbund index texts/ --sync")
    if sum(done) > 1:
        raise SettingsError("sources, --delete and --merge are three commands; give one at a time")
    if hnsw and to is None:
        raise SettingsError("--hnsw is of a database; name one with --to URL")
    if to is not None and not sources:
        Index.open(out).close()  # what is not there is told before a database is asked
    address = require_ready(to) if to is not None else None
    if sources:
        require_place(out, folder=True)
        folds = () if fold == "none" else tuple(name.strip() for name in fold.split(","))
        settings = building.IndexSettings(sentences, dense, map_points, parse_size(memory), folds, bits, neighbours)
        chosen = split_languages(languages) or ()
        columns = Columns(text or "", title or "", identifier or "", language_column or "")
        change = index_sources(
            *(sources, out, model),
            settings=settings,
            languages=chosen,
            language=language,
            columns=columns,
            language_from=language_from,
            sync=sync,
            allow_empty=allow_empty,
        )
    elif delete:
        change = building.delete(out, [_document(name) for name in delete])
    elif merge:
        with progress("merging") as bar:
            change = building.merge(out, memory=parse_size(memory), progress=bar)
    elif check or to is not None:
        change = Change(Index.open(out, check=check).generation)
    else:
        raise SettingsError("name sources to index, or --delete, --merge, --check or --to; see sprachbund index --help")
    opened = Index.open(out, check=check)
    _name(change)
    written = write_index(opened, to, hnsw=hnsw) if to is not None else None
    if as_json:
        said = asdict(change)
        named = said.pop("names")
        held = {"counts": opened.counts, "segments": _segments(opened), "bytes": opened.sizes()}
        print_json({**said, "named": named, **held, **({"database": asdict(written)} if written else {})})
    else:
        _print(opened, change)
        if written is not None and address is not None:
            say(
                f"{address.shown}: {written.passages:,} passages; documents written {written.written:,}, "
                f"taken out {written.removed:,}, left {written.kept:,}"
            )


def _document(name: str) -> tuple[str, str]:
    language, colon, identifier = name.partition(":")
    if not colon or not identifier:
        raise SettingsError(f"--delete wants LANG:ID, as en:Sahara; found {name!r}")
    return language, identifier


def _segments(opened: "Index") -> list[dict[str, object]]:
    return [
        {
            "name": segment.name,
            "language": segment.language,
            "passages": len(segment),
            "deleted_documents": len(segment.deleted),
            "dense": segment.manifest["dense"],
            "bytes": sum(segment.manifest["bytes"].values()),
        }
        for segment in opened.segments
    ]


def _print(opened: "Index", change: "Change") -> None:
    made = table(
        f"{opened.path}, generation {opened.generation}",
        ("language", "documents", "passages", *CHANGES, "MB", "vectors"),
        left=("language", "vectors"),
    )
    for language in sorted({*opened.counts, *change.deleted, *change.moved}):
        own = [segment for segment in opened.segments if segment.language == language]
        size = sum(sum(segment.manifest["bytes"].values()) for segment in own) / 1e6
        kinds = sorted({_dense(segment.manifest["dense"]) for segment in own})
        counts = opened.counts.get(language, {"documents": 0, "passages": 0})
        changes = [getattr(change, name).get(language, 0) for name in CHANGES]
        add_row(made, [language, counts["documents"], counts["passages"], *changes, f"{size:.1f}", ", ".join(kinds)])
    out = console()
    out.print(made)
    sizes = opened.sizes()
    parts = [
        f"{name} {sizes[name] / 1e6:.1f}"
        for name in ("segments", "romanised", "cognates", "model", "map")
        if sizes[name]
    ]
    if sizes["linked"]:
        parts.append(f"{sizes['linked'] / 1e6:.1f} of it hard links to files that other folders have too")
    say(f"on disk: {sizes['total'] / 1e6:.1f} MB ({', '.join(parts)})")
    if opened.counts and not opened.fusion.dense:
        say(f"{MUTE}; the vectors are kept for the modes dense and rrf")
    if change.detected:
        out.print(detected_table(change.detected))
    if change.skipped:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in change.skipped.items())
        out.print(f"skipped: {visible(reasons)}", soft_wrap=True)


def _name(change: "Change") -> None:
    """Every document that changes and all that is skipped, a line each, where more is to be said."""
    for kind, named in change.names.items():
        for one in named:
            logger.info("%s %s", kind, one if isinstance(one, str) else _JOINED[kind == "skipped"].join(one))


def _dense(choice: dict[str, object]) -> str:
    if choice["kind"] == "flat":
        return "flat, exact"
    return f"{choice['kind']}, recall@10 {choice['recall']:.3f} at width {choice['width']}"
