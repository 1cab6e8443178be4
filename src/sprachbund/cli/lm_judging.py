"""``sprachbund lm pairs|parallel``: right and wrong sentences, and the same sentences in several languages."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.lm import Model, lm
from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, console, print_json, say, say_in_columns, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place

if TYPE_CHECKING:
    from sprachbund.lm.pairs import Judged, MinimalPair

__all__ = ["lm"]


@lm.command(short_help="Does it know right from wrong sentences?")
def pairs(
    model: Model,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A right and a wrong sentence a line, parted by a tab, as MultiBLiMP has them; or a treebank of "
            "Universal Dependencies (.conllu), of which pairs are made.",
            show_default=False,
        ),
    ],
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE.tsv", help="Write the pairs of a treebank as a table.", show_default=False),
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="Pairs of a treebank at most, drawn; 0 for all.")] = 5_000,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn, and of the order of shuffled words.")] = 0,
    as_json: Json = False,
) -> None:
    """Judge minimal pairs: the share in which the right sentence costs fewer bits; chance is a half."""
    from sprachbund.lm.model import LanguageModel
    from sprachbund.lm.pairs import judge_pairs, read_sentence_pairs, write_pairs
    from sprachbund.lm.treebank_pairs import ENDINGS, treebank_pairs

    is_treebank = file.name.lower().endswith(ENDINGS)
    if write is not None:
        if not is_treebank:
            raise SettingsError(f"--write is for the pairs of a treebank (.conllu), found {file}")
        require_place(write, folder=False)
    opened = LanguageModel.open(model)
    read = treebank_pairs(file, most, seed) if is_treebank else read_sentence_pairs(file)
    if write is not None:
        write_pairs(write, read)
    told = judge_pairs(opened, read, seed)
    if as_json:
        print_json({"model": str(model), **_pairs_as_json(read, told)})
        return
    _show_pairs(read, told)


def _pairs_as_json(read: "list[MinimalPair]", told: "Judged") -> dict[str, object]:
    from sprachbund.lm.pairs import shares

    each = [
        {"right": pair.right, "wrong": pair.wrong, "feature": pair.feature, "between": pair.between,
         "changed": pair.changed, "knows": knows}
        for pair, knows in zip(read, told.right.tolist(), strict=True)
    ]  # fmt: skip
    by = [
        {"by": x.by, "name": x.name, "pairs": x.pairs, "right": x.mean, "low": x.low, "high": x.high,
         "shuffled": x.shuffled}
        for x in shares(read, told)
    ]  # fmt: skip
    whole = {"right": told.mean, "low": told.low, "high": told.high, "shuffled": told.shuffled}
    return {"pairs": len(read), **whole, "by": by, "each": each}


def _show_pairs(read: "list[MinimalPair]", told: "Judged") -> None:
    from sprachbund.lm.pairs import shares

    between = _between(100 * told.low, 100 * told.high, ".1f")
    say(
        f"{100 * told.mean:.1f}% of {len(read):,} pairs right{between}; with the words of both shuffled alike "
        f"{100 * told.shuffled:.1f}%"
    )
    parts = shares(read, told)
    if parts:
        made = table("", ("by", "", "pairs", "% right", "95% interval", "% shuffled"), left=("by", ""))
        for x in parts:
            ends = _between(100 * x.low, 100 * x.high, ".1f").strip() or "-"
            add_row(made, [x.by, x.name, x.pairs, f"{100 * x.mean:.1f}", ends, f"{100 * x.shuffled:.1f}"])
        console().print(made)
    changed = [pair for pair in read if pair.changed]
    if changed:
        say(f"such as: {changed[0].wrong}")
        say(f"  {changed[0].changed}")


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
