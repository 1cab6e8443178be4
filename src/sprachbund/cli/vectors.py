"""``sprachbund vectors train|near``: vectors of words from raw text, or others' files, and what is near in them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, Memory
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place

if TYPE_CHECKING:
    from sprachbund.vectors.space import Space

vectors = typer.Typer(
    name="vectors",
    help="Vectors of words: trained, read from others' files, laid over one another, compared across languages.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Words = Annotated[
    int | None,
    typer.Option(min=1, help="Words of a file that are read, the first. Default: 200,000.", show_default=False),
]
Many = Annotated[int, typer.Option("-k", min=1, max=1_000, help="How many words are shown.")]


@vectors.command(short_help="Vectors of a language of a corpus.")
def train(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    language: Annotated[
        str, typer.Option("--language", "--lang", help="The language, by code or name.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="The folder of the vectors.", show_default=False)],
    method: Annotated[
        str,
        typer.Option(
            help="counts: mutual information and singular vectors; skip-gram: with negative samples; sparse: "
            "non-negative, most numbers 0; auto: what is better for so much text."
        ),
    ] = "auto",
    dim: Annotated[int, typer.Option(help="Numbers of a vector.")] = 200,
    words: Annotated[int, typer.Option(help="Words at most, the most frequent.")] = 50_000,
    min_count: Annotated[int, typer.Option(help="Occurrences that a word needs.")] = 3,
    window: Annotated[int, typer.Option(help="Words to either side that are a word's context.")] = 5,
    epochs: Annotated[int, typer.Option(help="Of skip-gram: passes over the text.")] = 10,
    subwords: Annotated[
        tuple[int, int] | None,
        typer.Option(
            metavar="SHORTEST LONGEST",
            help="Of skip-gram: letters of the runs inside words that have vectors too, as 3 6.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Train vectors of the words of a language; how much memory that takes is seen before it begins."""
    from sprachbund.machine import parse_size
    from sprachbund.vectors.settings import VectorSettings
    from sprachbund.vectors.training import train_vectors

    settings = VectorSettings(
        method=method, dim=dim, words=words, min_count=min_count, window=window, epochs=epochs,
        subwords=subwords or (0, 0), seed=seed,
    )  # fmt: skip
    settings.check()
    require_place(out, folder=True)
    space = train_vectors(
        corpus, language, out, settings=settings, memory=None if memory is None else parse_size(memory)
    )
    if as_json:
        print_json({"vectors": str(out), **summary(space)})
    else:
        about = space.about
        say(
            f"{out}: {len(space):,} words of {space.language}, {space.dim} numbers each, by {about['method']} from "
            f"{about['text']:,} words of text"
        )


def summary(space: "Space") -> dict[str, Any]:
    """What vectors are, for JSON."""
    return {"language": space.language, "words": len(space), "dim": space.dim, **space.about}


@vectors.command(short_help="The words nearest to a word.")
def near(
    space: Annotated[
        Path,
        typer.Argument(
            metavar="VECTORS",
            help="A folder of vectors, or a file of fastText's (.vec, .bin) or word2vec's (text, binary).",
            show_default=False,
        ),
    ],
    word: Annotated[list[str], typer.Argument(metavar="WORD...", help="One word or several.", show_default=False)],
    k: Many = 10,
    words: Words = None,
    as_json: Json = False,
) -> None:
    """Show the words whose vectors are nearest, by cosine. With subwords also a word that was never seen has some."""
    from sprachbund.vectors.space import Space

    found = Space.open(space, words=words)
    nearest = {asked: found.near(asked, k) for asked in word}
    if as_json:
        rows = {asked: [vars(one) for one in near] for asked, near in nearest.items()}
        print_json({"vectors": str(space), "language": found.language, "near": rows})
        return
    for asked, near in nearest.items():
        made = table(asked, ("word", "cosine", "count"), left=("word",))
        for one in near:
            add_row(made, [one.word, f"{one.score:.3f}", f"{one.count:,}" if one.count else ""])
        console().print(made)


def open_two(left: Path, right: Path, words: int | None) -> tuple["Space", "Space"]:
    """Two spaces, which are not one.

    Raises:
        SettingsError: they are.
    """
    from sprachbund.vectors.space import Space

    if left.resolve() == right.resolve():
        raise SettingsError(f"{left}: twice; expected vectors of two languages")
    return Space.open(left, words=words), Space.open(right, words=words)
