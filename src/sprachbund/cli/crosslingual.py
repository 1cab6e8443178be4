"""``sprachbund crosslingual MODEL PAIRS --languages no,en``: do sentences find their translations?"""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table


def crosslingual(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A folder that train wrote, of several languages.", show_default=False),
    ],
    pairs: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAIRS...",
            help="Sentences that are translations: a table with a column a language, its first line naming them; a "
            "folder with a file a language; a corpus with groups; or a file for each of --languages.",
            show_default=False,
        ),
    ],
    languages: Annotated[
        str,
        typer.Option(help="Of the sentences, parted by commas, as no,en; of files in their order.", show_default=False),
    ],
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Learn cognates from the words of this corpus. Default: from the sentences, each side by itself.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals.")] = 0,
    as_json: Json = False,
) -> None:
    """Search for each sentence's translation among all sentences of the other language, in both directions.

    Accuracy@1 and MRR with 95% intervals of the encoder, of BM25 over words, over characters and over cognates, and of
    chance. The encoder was never shown which sentences are translations.
    """
    from sprachbund.analyses.crosslingual.judging import crosslingual as judge

    found = judge(model, pairs, split_languages(languages) or (), corpus=corpus, seed=seed)
    if as_json:
        print_json(
            {
                "results": found.results.to_dicts(),
                "comparisons": found.comparisons.to_dicts(),
                "cognates": [{"languages": list(pair), "pairs": count} for pair, count in found.cognates.items()],
                "left_out": found.left_out,
            }
        )
        return
    made = table(
        "a sentence finds its translation; intervals over sentences",
        ("from", "to", "arm", "accuracy@1", "95%", "MRR", "95% "),
        left=("from", "to", "arm", "95%", "95% "),
    )
    for (one, other, arm), part in found.results.group_by(["from", "to", "arm"], maintain_order=True):
        rows = {row["measure"]: row for row in part.iter_rows(named=True)}
        cells = [one, other, arm]
        for row in (rows["accuracy@1"], rows["mrr"]):
            cells += [row["value"], "" if row["low"] is None else f"{row['low']:.3f} {row['high']:.3f}"]
        add_row(made, cells)
    console().print(made)
    count = found.results["sentences"][0]
    left = f"; {found.left_out:,} left out, which a language lacks" if found.left_out else ""
    cognates = ", ".join(f"{one}-{other} {size:,}" for (one, other), size in found.cognates.items())
    say(f"{count:,} sentences{left}; pairs of cognates learned: {cognates}")
