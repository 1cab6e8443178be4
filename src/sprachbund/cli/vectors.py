"""``sprachbund vectors train|near|align|dictionary``: vectors of words, and two languages' laid over one another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, Memory
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place

if TYPE_CHECKING:
    from sprachbund.vectors.alignment import Alignment
    from sprachbund.vectors.dictionaries import Induced
    from sprachbund.vectors.space import Space

SHOWN = 12
"""Pairs of a dictionary that are listed."""

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
            f"{about['text']:,} words of text, in at most {about['memory'] / 2**30:.2f} GiB of memory"
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


Left = Annotated[Path, typer.Argument(metavar="A", help="Vectors of one language.", show_default=False)]
Right = Annotated[Path, typer.Argument(metavar="B", help="Vectors of another.", show_default=False)]
Dictionary = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A dictionary to begin from beside words that are spelled alike: Apertium's .dix, or two words on a line "
        "parted by a tab; compressed or not, either way round.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Go on where it is known to fail, with a warning.")]
MapFolder = Annotated[
    Path | None,
    typer.Option("--map", metavar="MAP", help="An alignment that align wrote. Default: made now.", show_default=False),
]


@vectors.command(short_help="Lay two languages' vectors over one another.")
def align(
    left: Left,
    right: Right,
    out: Annotated[Path, typer.Option(help="The folder of the alignment.", show_default=False)],
    dictionary: Dictionary = None,
    spelling: Annotated[
        bool,
        typer.Option(
            "--spelling/--no-spelling", help="Begin from identical strings and learned cognates, or not at all."
        ),
    ] = True,
    learning: Annotated[
        bool | None,
        typer.Option(
            "--learning/--no-learning",
            help="Self-learning always or never. Default: where it finds more of the pairs that are held back.",
            show_default=False,
        ),
    ] = None,
    words: Words = None,
    force: Force = False,
    seed: Annotated[int, typer.Option(help="Of what is held back and drawn.")] = 0,
    as_json: Json = False,
) -> None:
    """Lay two languages' vectors over one another: without a dictionary, with one, or by both.

    A fifth of the pairs is held back: how many of them find their partner first says how right it is.
    """
    from sprachbund.vectors.aligning import align as lay
    from sprachbund.vectors.aligning import for_json

    require_place(out, folder=True)
    one, other = open_two(left, right, words)
    found = lay(one, other, out, dictionary=dictionary, spelling=spelling, learning=learning, force=force, seed=seed)
    if as_json:
        print_json({"alignment": str(out), **for_json(found)})
    else:
        say(f"{out}: {_told(found)}")


def _told(found: "Alignment") -> str:
    """What an alignment was learned from, and how right it is."""
    pairs = ", ".join(f"{count:,} {name}" for name, count in found.about["pairs"].items() if count)
    held = found.about["held_out"]
    return (
        f"from {pairs} pairs, by {found.about['way']}; of {held['pairs']:,} held back {held['precision']:.1%} find "
        f"their partner first (control {held['control']:.1%})"
    )


@vectors.command(short_help="A dictionary of two languages from their vectors.")
def dictionary(
    left: Left,
    right: Right,
    map_folder: MapFolder = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write all as a table: start, target, weight, rank, mutual.", show_default=False
        ),
    ] = None,
    judge: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A dictionary that people made, to say how much is right.", show_default=False
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Words of A, the most frequent.")] = 10_000,
    k: Many = 5,
    words: Words = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say which words of B stand for those of A; with --judge how many are right, and with vectors dealt at random."""
    from sprachbund.vectors.alignment import Alignment
    from sprachbund.vectors.dictionaries import induced_and_judged, write_induced

    if out is not None:
        require_place(out, folder=False)
    one, other = open_two(left, right, words)
    alignment = None if map_folder is None else Alignment.open(map_folder)
    found = induced_and_judged(one, other, alignment, judge, most=most, k=k, force=force)
    if out is not None:
        write_induced(found.pairs, out)
    if as_json:
        print_json({"languages": [one.language, other.language], **found.for_json()})
        return
    _show_induced(found, one.language or "A", other.language or "B")


def _show_induced(found: "Induced", one: str, other: str) -> None:
    say(f"{one}-{other}: {_told(found.alignment)}")
    differ = [row for row in found.first() if row[0] != row[1]][:SHOWN]
    made = table(
        "the most frequent that are each other's first and spelt differently", (one, other, "score"), left=(one, other)
    )
    for row in differ:
        add_row(made, [row[0], row[1], f"{row[2]:.2f}"])
    console().print(made)
    if found.judged is None:
        return
    headings = ("words", "asked", "at 1", "interval", "at 5", "control at 1")
    made = table(
        f"{found.judged.covered:.0%} of {found.judged.entries:,} entries are covered", headings, left=("words",)
    )
    for name, own, control in found.rows():
        interval = f"{own.low:.1%} to {own.high:.1%}"
        add_row(made, [name, f"{own.words:,}", f"{own.at_1:.1%}", interval, f"{own.at_5:.1%}", f"{control.at_1:.1%}"])
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
