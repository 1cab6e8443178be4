"""``sprachbund lm parallel``: models of several languages on the same sentences."""

import math
from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.lm import lm
from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, console, print_json, say_in_columns, table

__all__ = ["lm"]


@lm.command(short_help="Models of several languages on the same sentences.")
def parallel(
    models: Annotated[
        list[Path],
        typer.Argument(metavar="MODEL...", help="Folders that lm train wrote, one a language.", show_default=False),
    ],
    text: Annotated[
        Path,
        typer.Option(
            metavar="FILE-OR-FOLDER",
            help="The same sentences in their languages: a table parted by tabs whose first line names the languages, "
            "a folder with a file a language (pt.txt, el.txt) and a sentence a line, "
            "or a corpus whose documents have groups.",
            show_default=False,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Say how many bits a sentence takes in each language, on average over the sentences that all have."""
    from sprachbund.lm.model import LanguageModel
    from sprachbund.lm.parallel import NOTE, score_parallel
    from sprachbund.lm.parallel_text import read_parallel

    opened = [LanguageModel.open(model) for model in models]
    read = read_parallel(text, list(dict.fromkeys(model.language for model in opened)))
    told = score_parallel(opened, read)
    if as_json:
        rows = [
            {
                "model": str(model),
                "language": each.language,
                "bits_per_sentence": each.per_sentence,
                "low": each.low,
                "high": each.high,
                "percent_beside_first": {"value": each.beside, "low": each.beside_low, "high": each.beside_high},
                "bits_per_byte": each.per_byte,
                "bits_per_character": each.per_character,
                "bytes_per_sentence": each.bytes,
                "characters_per_sentence": each.characters,
            }
            for model, each in zip(models, told, strict=True)
        ]
        print_json({"sentences": len(read), "left_out": read.left_out, "note": NOTE, "models": rows})
        return
    headings = (
        "model", "language", "bits per sentence", "95% interval", "beside the first", "bits per byte",
        "bits per character", "bytes per sentence",
    )  # fmt: skip
    made = table("", headings, left=("model", "language"))
    for number, (model, each) in enumerate(zip(models, told, strict=True)):
        beside = f"{each.beside:+.1f}%{_between(each.beside_low, each.beside_high, '+.1f')}" if number else "-"
        add_row(
            made,
            [model.name, each.language, f"{each.per_sentence:.1f}", _between(each.low, each.high, ".1f").strip() or "-",
             beside, each.per_byte, each.per_character, f"{each.bytes:.1f}"],
        )  # fmt: skip
    console().print(made)
    left = f"; {read.left_out:,} that not all have are left out" if read.left_out else ""
    say_in_columns(f"{len(read):,} sentences{left}; {NOTE}")


def _between(low: float, high: float, form: str) -> str:
    return f" [{low:{form}}, {high:{form}}]" if math.isfinite(low) else ""
