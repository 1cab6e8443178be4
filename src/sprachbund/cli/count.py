"""``sprachbund count CORPUS --out COUNTS``: every n-gram of a corpus with its count, however much text there is."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json, Languages, Memory, On, Workers, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.machine import parse_size

COLUMNS = ("n-grams", "types", "tokens")


def count(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="The counts: a new folder, or an earlier count, which is replaced.", show_default=False)
    ],
    languages: Languages = None,
    bigrams: Annotated[bool, typer.Option(help="Count adjacent words too.")] = True,
    characters: Annotated[
        str, typer.Option(metavar="ORDERS", help="Orders of character n-grams inside words, as 4,5; none if empty.")
    ] = "",
    workers: Workers = None,
    memory: Memory = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Count the words, bigrams and character n-grams of a corpus, exactly, in partitions on disk.

    Memory holds a partition, so less of it makes more of them. Killed, the same command goes on.
    """
    from sprachbund.ngrams.of_corpus import count_corpus

    require_place(out, folder=True)
    counts = count_corpus(
        corpus,
        out,
        languages=split_languages(languages),
        bigrams=bigrams,
        characters=_orders(characters),
        workers=workers,
        memory=None if memory is None else parse_size(memory),
        on=on,
    )
    if as_json:
        print_json({**asdict(counts), "path": str(counts.path)})
        return
    made = table(f"{out}: {counts.partitions:,} partition{'s' * (counts.partitions != 1)}", COLUMNS, left=COLUMNS[:1])
    for kind, sums in counts.sums.items():
        add_row(made, [kind, sums["types"], sums["tokens"]])
    console().print(made)
    say(f"{counts.tokens:,} words counted")


def _orders(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(order) for order in text.split(",") if order.strip())
    except ValueError:
        raise SettingsError(f"--characters {text}: expected whole numbers parted by commas, as 4,5") from None
