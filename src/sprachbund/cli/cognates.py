"""``sprachbund cognates es pt --corpus CORPUS``: words of two languages that are one, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, complain, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.visible import visible

if TYPE_CHECKING:
    from sprachbund.cognates.lexicon import Cognates, Reason

SHOWN = 12
"""Pairs of a lexicon that are listed: the most frequent of those that are spelt differently."""


def cognates(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="A language, by code or name.", show_default=False)],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="Its neighbour.", show_default=False)],
    corpus: Annotated[
        Path | None,
        typer.Option(help="Learn from the words of a corpus: a folder that ingest wrote.", show_default=False),
    ] = None,
    words: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="LEFT RIGHT",
            help="Learn from two lists, as word and count on a line, or words in order of frequency.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The lexicon's folder. Default: LEFT-RIGHT.cognates.", show_default=False)
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, max=50_000, help="Words of each language, the most frequent, that are compared.")
    ] = 10_000,
    dictionary: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A dictionary to put over what is learned: Apertium's .dix, or two words on a line parted by a tab; "
            "compressed or not; repeatable.",
            show_default=False,
        ),
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table that --tsv wrote and you changed: lines taken out, changed or put in win over all.",
            show_default=False,
        ),
    ] = None,
    tsv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write all pairs as a table, for hands or for train --carry.", show_default=False
        ),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="Show which letters made a word find its partner.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Learn which words of two languages are one, from their frequent words alone; show, export and correct them.

    Without --corpus and --words the lexicon in its folder is read.
    """
    from sprachbund.cognates.learning import LearningSettings
    from sprachbund.cognates.making import learn_cognates
    from sprachbund.cognates.tables import write_pairs

    folder = out or _default(left, right)
    if corpus is None and words is None and not folder.exists():
        raise SettingsError(f"{folder}: no such lexicon; learn one with --corpus CORPUS or --words LEFT RIGHT")
    require_place(folder, folder=True)
    if tsv is not None:
        require_place(tsv, folder=False)
    found = learn_cognates(
        left,
        right,
        corpus=corpus,
        words=words,
        dictionaries=dictionary or (),
        corrections=corrections,
        out=folder,
        settings=LearningSettings(words=most),
    )
    if tsv is not None:
        write_pairs(found, tsv)
    if why is not None:
        _show_why(found, why, as_json)
    elif as_json:
        print_json({"lexicon": str(folder), **_summary(found)})
    else:
        _show(found, folder)


def _default(left: str, right: str) -> Path:
    """The folder of two languages in the working folder, either way round."""
    folder, other = Path(f"{left}-{right}.cognates"), Path(f"{right}-{left}.cognates")
    return other if other.exists() and not folder.exists() else folder


def _summary(found: "Cognates") -> dict[str, Any]:
    origins = dict(found.pairs["origin"].value_counts(sort=True).iter_rows())
    return {
        "languages": list(found.languages),
        "pairs": len(found),
        "origins": origins,
        "grams": len(found.grams),
        **{name: found.about.get(name) for name in ("words", "mutual", "decoys", "threshold")},
        "corrections": {"kept": len(found.corrections.kept), "removed": len(found.corrections.removed)},
    }


def _show(found: "Cognates", folder: Path) -> None:
    if nothing := found.nothing():
        complain(f"warning: {nothing}")
    told = ", ".join(f"{count:,} {origin}" for origin, count in _summary(found)["origins"].items())
    say(f"{folder}: {len(found):,} pairs{f' ({told})' if told else ''}, {len(found.grams):,} letter runs")
    differ = found.pairs.filter(found.pairs["left"] != found.pairs["right"]).head(SHOWN)
    if len(differ):
        headings = (*found.languages, "score", "from")
        made = table("spelt differently", headings, left=(*found.languages, "from"))
        for row in differ.iter_rows():
            add_row(made, [row[0], row[1], f"{row[2]:.2f}", row[3]])
        console().print(made)


def _show_why(found: "Cognates", word: str, as_json: bool) -> None:
    reasons = found.why(word)
    if as_json:
        print_json({"word": word, "languages": list(found.languages), "pairs": [_said(reason) for reason in reasons]})
        return
    if not reasons:
        say(f"{word}: no pair of {' and '.join(found.languages)} has this word")
    for reason in reasons:
        _show_reason(reason)


def _said(reason: "Reason") -> dict[str, Any]:
    return {
        "left": reason.left,
        "right": reason.right,
        "score": round(reason.score, 4),
        "origin": reason.origin,
        "operations": [{"left": a, "right": b, "score": round(s, 4)} for a, b, s in reason.operations],
        "grams": [{"left": a, "right": b, "probability": round(p, 4)} for a, b, p in reason.grams],
    }


def _show_reason(reason: "Reason") -> None:
    """The two words letter under letter, what each operation scores under them; the letter runs below."""
    from rich.text import Text

    out = console()
    out.print(Text.assemble((visible(reason.left), "bold"), " - ", (visible(reason.right), "bold"),
                            f"   score {reason.score:.2f}, {reason.origin}"))  # fmt: skip
    rows = [Text("  "), Text("  "), Text("  ")]
    for left, right, score in reason.operations:
        cells = left.replace(" ", "_") or "-", right.replace(" ", "_") or "-", f"{score:+.1f}"
        width = max(map(len, cells)) + 2
        style = "green" if left == right else "bold yellow" if score > 0 else "red"
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell.center(width), style)
    for row in rows:
        row.rstrip()
        out.print(row)
    if reason.grams:
        runs = Text("  ")
        for left, right, probability in reason.grams:
            style = "green" if left == right else "bold yellow"
            runs.append(f"{left.replace(' ', '_')}>{right.replace(' ', '_')} {probability:.2f}  ", style)
        runs.rstrip()
        out.print(runs)
