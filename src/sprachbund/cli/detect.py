"""``sprachbund detect [FILE...]``: in which language texts are."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import add_row, console, print_json, table

SHOWN = 60
"""Characters of a line that a table shows."""


def detect(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="Texts. Default: standard input.", show_default=False),
    ] = None,
    languages: Annotated[
        str | None, typer.Option(help="Choose among these alone, parted by commas. Default: all that are known.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each line is a text, and not each file.")] = False,
    as_json: Json = False,
) -> None:
    """Say in which language texts are; `und` where that is not sure.

    A file may be compressed (gz, bz2, xz, zst), or UTF-16 with its mark.
    """
    from sprachbund.corpus.identification.identify import detect_language
    from sprachbund.corpus.sources.textfile import read_standard_input, read_text

    among = split_languages(languages)
    read = [(str(path), read_text(path)[0]) for path in files] if files else [("-", read_standard_input()[0])]
    texts = [(name, text) for name, whole in read for text in (whole.splitlines() if lines else [whole])]
    found = [(name, text, detect_language(text, among)) for name, text in texts]
    if as_json:
        answers = [
            {
                "source": name,
                **({"text": text} if lines else {}),
                "language": answer.code,
                "confidence": answer.confidence,
                "candidates": [{"language": code, "confidence": odds} for code, odds in answer.candidates],
            }
            for name, text, answer in found
        ]
        print_json(answers)
        return
    made = table(
        "",
        ("language", "confidence", "next", "text" if lines else "source"),
        left=("language", "next", "text", "source"),
    )
    for name, text, answer in found:
        others = [(code, odds) for code, odds in answer.candidates if code != answer.code and odds >= 0.005]
        nearest = ", ".join(f"{code} {odds:.2f}" for code, odds in others[:2])
        add_row(made, [answer.code, f"{answer.confidence:.2f}", nearest, text.strip()[:SHOWN] if lines else name])
    console().print(made)
