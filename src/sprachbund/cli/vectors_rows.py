"""``sprachbund vectors rows``: where rows begin that a start model lacks, as a table for ``train --carry``."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import print_json, say
from sprachbund.cli.vectors import Words
from sprachbund.cli.vectors_compared import vectors
from sprachbund.errors import SettingsError
from sprachbund.files import require_place

__all__ = ["vectors"]


@vectors.command(short_help="Where the rows of new words begin.")
def rows(
    space: Annotated[
        Path, typer.Argument(metavar="VECTORS", help="Vectors of the target's own text.", show_default=False)
    ],
    start: Annotated[
        Path,
        typer.Option(help="An encoder that is begun from, or a file with a key a line.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The table, parted by tabs.", show_default=False)],
    way: Annotated[
        str,
        typer.Option(
            help="nearest: the mean of the nearest words, near ones weigh more; sum: words whose vectors together come "
            "nearest to the word's own."
        ),
    ] = "nearest",
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="Words that a mean has at most.")] = 10,
    words: Words = None,
    as_json: Json = False,
) -> None:
    """Say for each word that a start lacks of which words that it has its row is the weighted mean."""
    from sprachbund.vectors.row_weights import WAYS, row_weights, write_row_weights
    from sprachbund.vectors.space import Space

    if way not in WAYS:
        raise SettingsError(f"--way {way}: expected {' or '.join(WAYS)}")
    require_place(out, folder=False)
    opened = Space.open(space, words=words)
    made = row_weights(opened, _known(start), way=way, k=k)
    write_row_weights(made, out)
    targets = made["target"].n_unique()
    if as_json:
        print_json({"table": str(out), "words": len(opened), "targets": targets, "rows": len(made)})
    else:
        say(f"{out}: {targets:,} words that {start} lacks begin from {len(made) / max(1, targets):.1f} others each")


def _known(start: Path) -> list[str]:
    """The words of an encoder, or the lines of a file."""
    if start.is_dir():
        from sprachbund.retrieval.encoder.encoder import Encoder

        vocabulary = Encoder.load(start).vocabulary
        return list(vocabulary.strings.filter(vocabulary.orders == 1))
    from sprachbund.corpus.sources.textfile import read_text

    return read_text(start)[0].splitlines()
