"""``sprachbund corpus CORPUS``: what is in a corpus, what of it is duplicate, what would leak."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, Languages, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table

if TYPE_CHECKING:
    import polars as pl

    from sprachbund.corpus.enough import Standing
    from sprachbund.corpus.store import Corpus

SIZES = ("language", "documents", "sections", "sentences", "words", "train", "dev", "test")
LEAKAGE = {
    "language": "language",
    "duplicates": "duplicate\nsentences",
    "sentences_across": "sentences\nacross",
    "documents_across": "documents\nacross",
    "template_sentences": "template\nsentences",
    "template_share": "share of\nheld-out",
    "template_documents": "template\ndocuments",
}
ENOUGH = ("language", "training\nsentences", "the encoder\nbrings about", "measured at", "twice that\nfrom")
SOURCES = ("source", "format", "read", "kept", "dropped", "warnings")


def corpus(
    path: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    languages: Languages = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the split into train, dev and test documents.")] = 0,
    as_json: Json = False,
) -> None:
    """Show what is in a corpus: a row a language, with duplicates and leakage over an 80/10/10 split.

    Across: dev and test sentences (documents) whose very text also stands on another side. Template: dev and
    test sentences that stand in train once numbers are masked, and documents where more than one in ten do.
    """
    from sprachbund.corpus.duplicates import duplicate_report
    from sprachbund.corpus.store import Corpus

    opened = Corpus.open(path)
    report = duplicate_report(opened, split_languages(languages), seed=seed)
    if as_json:
        print_json(
            {
                "path": str(path),
                "content_hash": opened.content_hash(),
                "languages": report.to_dicts(),
                "sources": opened.sources,
                "enough": {code: asdict(place) for code, place in _standings(report).items()},
            }
        )
    else:
        _print(opened, report)


def _standings(report: "pl.DataFrame") -> "dict[str, Standing]":
    from sprachbund.corpus.enough import standing

    return {row["language"]: standing(row["sentences"]) for row in report.iter_rows(named=True)}


def _print(opened: "Corpus", report: "pl.DataFrame") -> None:
    sizes = table(f"{opened.path}: words are about; train, dev and test are documents", SIZES)
    leakage = table("duplicates and leakage", tuple(LEAKAGE.values()))
    for row in report.iter_rows(named=True):
        add_row(sizes, [row[name] for name in SIZES])
        shown = row | {"template_share": None if row["template_share"] is None else f"{row['template_share']:.1%}"}
        add_row(leakage, [shown[name] for name in LEAKAGE])
    from sprachbund.corpus.enough import thresholds

    enough = table("how much text, measured on Wikipedias", ENOUGH)
    for language, place in _standings(report).items():
        later = place.later.sentences if place.later else None
        add_row(enough, [language, place.sentences, f"{place.here.gain:+.1%}", place.here.sentences, later])
    sources = table("sources", SOURCES, left=("source", "format", "dropped", "warnings"))
    for source in opened.sources:
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in source["dropped"].items())
        warnings = "; ".join(source["warnings"])
        add_row(sources, [source["name"], source["format"], source["read"], source["kept"], dropped, warnings])
    out = console()
    for made in (sizes, leakage, enough):
        out.print(made)
    little, plenty = thresholds()
    say(f"Beside BM25 an encoder brings next to nothing up to {little:,} training sentences,")
    say(f"and pays from {plenty:,} on; in the table what it adds where BM25 has the same")
    say("surroundings (docs/model.md).")
    say("")
    out.print(sources)
