"""``sprachbund overlap CORPUS``: how much of their vocabulary languages have in common."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, Languages, Memory, Preset, Set, SettingsFile, resolve, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.progress import progress

if TYPE_CHECKING:
    from sprachbund.analyses.overlap.vocabularies import Overlap

PAGE, PARQUET = (".html", ".htm"), (".parquet",)


def overlap(
    corpus: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS", help="A folder that ingest wrote, or the encoded folder of a study.", show_default=False
        ),
    ],
    languages: Languages = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Also write all of it: .html a page, .parquet a row a pair, kind of n-gram and script.",
            show_default=False,
        ),
    ] = None,
    preset: Preset = "best",
    settings: SettingsFile = None,
    assignments: Set = None,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Print how much of their vocabulary every two languages have in common, in the order of their clusters.

    Of words and bigrams of the training text, each counted once, after the cap (min_count, max_rows). The page and the
    table also have them by kind and script, and without template text.
    """
    from sprachbund.analyses.overlap.vocabularies import overlap as run
    from sprachbund.files import require_place
    from sprachbund.machine import parse_size

    if out is not None:
        if out.suffix.lower() not in (*PAGE, *PARQUET):
            raise SettingsError(f"{out}: expected a name that ends in .html or .parquet")
        require_place(out, folder=False)
    resolved = resolve(preset, settings, assignments)
    with progress("overlap") as bar:
        found = run(
            corpus,
            split_languages(languages),
            settings=resolved,
            memory=None if memory is None else parse_size(memory),
            progress=bar,
        )
    if out is not None:
        _write(found, out, corpus)
    if as_json:
        print_json(
            {"languages": found.languages, "pairs": found.pairs.to_dicts(), "coverage": found.coverage.to_dicts()}
        )
        return
    _show(found)
    if out is not None:
        say(f"written: {out}")


def _write(found: "Overlap", out: Path, corpus: Path) -> None:
    from sprachbund.analyses.overlap.page import render
    from sprachbund.files import atomic_path, write_text
    from sprachbund.tables import write_parquet

    if out.suffix.lower() in PAGE:
        name = corpus.resolve().name
        write_text(out, render(found, f"What the languages of {name} have in common"))
        return
    with atomic_path(out) as temporary:
        write_parquet(found.pairs, temporary)


def _show(found: "Overlap") -> None:
    out = console()
    titles = {"jaccard": "Jaccard index, %", "directed": "of the row's vocabulary the column has, %"}
    for value, title in titles.items():
        made = table(title, ("language", *found.languages))
        for code, row in zip(found.languages, found.matrix(value), strict=True):
            cells = [f"{100 * each:.1f}" if each == each else None for each in row]
            cells[found.languages.index(code)] = ""
            add_row(made, [code, *cells])
        out.print(made)
    names = ("types", "tokens", "template", "kept_types", "kept_tokens", "own_tokens", "pooled_tokens")
    heads = (
        "types",
        "tokens",
        "template\ntext",
        "types\nkept",
        "tokens\nkept",
        "held-out tokens\nin its own",
        "in all",
    )
    made = table("coverage", ("language", *heads))
    for line in found.coverage.iter_rows(named=True):
        add_row(
            made,
            [line["language"], *(f"{line[n]:.1%}" if isinstance(line[n], float) else line[n] for n in names)],
        )
    out.print(made)
