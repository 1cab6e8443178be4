"""``sprachbund vectors compare|senses|intrusion``: two spaces compared, senses, dimensions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, complain, console, print_json, say, table
from sprachbund.cli.vectors import Force, Left, MapFolder, Right, Words, open_two, vectors
from sprachbund.files import require_place, write_text

if TYPE_CHECKING:
    from sprachbund.vectors.compare_page import Compared
    from sprachbund.vectors.running import Running
    from sprachbund.vectors.senses import Senses
    from sprachbund.vectors.space import Space

__all__ = ["vectors"]

Space_ = Annotated[
    Path, typer.Argument(metavar="VECTORS", help="A folder of vectors, or a file of them.", show_default=False)
]
Corpus_ = Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)]
Language_ = Annotated[
    str,
    typer.Option(
        "--language", "--lang", help="The language, by code or name. Default: that of the vectors.", show_default=False
    ),
]


@vectors.command(short_help="Compare two languages in one space.")
def compare(
    left: Left,
    right: Right,
    map_folder: MapFolder = None,
    word: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Show what is near a word in both; repeatable.", show_default=False),
    ] = None,
    directions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Pairs whose directions are compared: good, bad, and both in the other language, parted by tabs; or "
            "the first two alone.",
            show_default=False,
        ),
    ] = None,
    relations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Two words and synonym or antonym on a line, parted by tabs; a fourth cell names the language.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with a picture of both languages' words.", show_default=False),
    ] = None,
    points: Annotated[int, typer.Option(min=2, max=5_000, help="Words of each language in the picture.")] = 300,
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="How many neighbours are shown.")] = 10,
    words: Words = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compare two languages: neighbours of a word in both, directions, synonyms and antonyms, a picture."""
    from sprachbund.vectors.alignment import Alignment
    from sprachbund.vectors.compare_page import render
    from sprachbund.vectors.comparing_all import compare_vectors
    from sprachbund.vectors.relations import read_directions, read_relations

    if out is not None:
        require_place(out, folder=False)
    given = None if directions is None else read_directions(directions)
    related = None if relations is None else read_relations(relations)
    one, other = open_two(left, right, words)
    alignment = None if map_folder is None else Alignment.open(map_folder)
    found = compare_vectors(
        one, other, alignment, words=word or (), directions=given, relations=related, k=k, force=force
    )
    if out is not None:
        write_text(out, render(found, points))
    if as_json:
        print_json({"page": None if out is None else str(out), **found.for_json()})
        return
    _show(found)
    if out is not None:
        say(f"{out}: a page with {points} words of each language")


def _show(found: "Compared") -> None:
    from sprachbund.vectors.compare_page import names

    left, right = names(found.both)
    for one in found.words:
        made = table(f"{one.word} ({(left, right)[one.side]})", (left, "cosine", right, "cosine "), left=(left, right))
        for (a, x), (b, y) in zip(one.left, one.right, strict=False):
            add_row(made, [a, f"{x:.3f}", b, f"{y:.3f}"])
        console().print(made)
    if found.directions is not None:
        made = table("directions", (left, right, "cosine", "with others"), left=(left, right))
        for pair in found.directions.pairs:
            a, b, c, d = pair.words
            add_row(made, [f"{a} - {b}", f"{c} - {d}", f"{pair.cosine:.2f}", f"{pair.with_others:.2f}"])
        console().print(made)
        mean, others = found.directions.cosine, found.directions.with_others
        say(f"mean {mean:.2f}, with other pairs {others:.2f}; as parallel by chance: {found.directions.chance:.2%}")
        if found.directions.lost:
            complain(f"warning: not in the vectors: {', '.join(found.directions.lost)}")
    if found.opposites:
        headings = ("language", "synonyms", "antonyms", "random", "syn. above ant.", "interval", "ant. above random")
        made = table("mean cosines, and how often one kind is above the other", headings, left=("language",))
        for each in found.opposites:
            interval = f"{each.low:.2f} to {each.high:.2f}"
            means = [f"{value:.2f}" for value in (each.of_synonyms, each.of_antonyms, each.of_random)]
            add_row(made, [each.language, *means, f"{each.apart:.2f}", interval, f"{each.from_random:.2f}"])
        console().print(made)


@vectors.command(short_help="How many senses a word's contexts split into.")
def senses(
    space: Space_,
    corpus: Corpus_,
    word: Annotated[list[str], typer.Argument(metavar="WORD...", help="One word or several.", show_default=False)],
    language: Language_ = "",
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    as_json: Json = False,
) -> None:
    """Show the senses of a word: groups of its contexts that return in another half of the text.

    The same contexts with their words dealt anew must have one sense; that is told too.
    """
    from sprachbund.vectors.senses import find_senses

    opened, text = _space_and_text(space, corpus, language)
    found = [find_senses(opened, text, one, seed=seed) for one in word]
    if as_json:
        print_json({"vectors": str(space), "words": [_senses_json(one) for one in found]})
        return
    for one in found:
        _show_senses(one)


def _senses_json(found: "Senses") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(found)


def _show_senses(found: "Senses") -> None:
    count = len(found.senses)
    counted = f"{count} sense{'s' if count > 1 else ''} in {found.occurrences:,} contexts"
    say(f"{found.word}: {counted}; with the words dealt anew {found.dealt}")
    made = table(found.word, ("share", "words around it", "for example"), left=("words around it", "for example"))
    for sense in found.senses:
        add_row(made, [f"{sense.share:.0%}", ", ".join(sense.words), sense.contexts[0] if sense.contexts else ""])
    console().print(made)


@vectors.command(short_help="How well dimensions can be read.")
def intrusion(
    space: Space_,
    corpus: Corpus_,
    language: Language_ = "",
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="How many dimensions are shown.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the intruders and of the control.")] = 0,
    as_json: Json = False,
) -> None:
    """Say how often a word that does not belong is told from a dimension's first words; beside it turned at random.

    Best on a corpus that the vectors were not trained on.
    """
    from dataclasses import asdict

    from sprachbund.vectors.intrusion import intrusion as ask
    from sprachbund.vectors.intrusion import rotated

    opened, text = _space_and_text(space, corpus, language)
    found, control = ask(opened, text, seed=seed), ask(rotated(opened, seed), text, seed=seed)
    if as_json:
        print_json({"vectors": str(space), **asdict(found), "control": control.score, "chance": 1 / 6})
        return
    asked = len(found.dimensions)
    said = f"{found.score:.1%} of intruders found; turned at random {control.score:.1%}, by chance 16.7%"
    say(f"{asked} dimensions: {said}")
    made = table("the most coherent", ("first words", "intruder", "found"), left=("first words", "intruder"))
    for one in sorted(found.dimensions, key=lambda one: (-one.coherence, one.number))[:k]:
        add_row(made, [", ".join(one.words), one.intruder, "yes" if one.found == 1 else "no"])
    console().print(made)


def _space_and_text(path: Path, corpus: Path, language: str) -> tuple["Space", "Running"]:
    """Vectors, and the running words of their language in a corpus."""
    from sprachbund import Corpus
    from sprachbund.errors import SettingsError
    from sprachbund.languages import among
    from sprachbund.vectors.running import running_words
    from sprachbund.vectors.settings import VectorSettings
    from sprachbund.vectors.space import Space

    opened = Space.open(path, language)
    text = Corpus.open(corpus, check=False)
    asked = language or opened.language
    if not asked:
        raise SettingsError(f"{path}: does not say its language; give --language")
    code = among([asked], text.languages, f"{text.path}:")[0]
    return opened, running_words(text, code, VectorSettings(min_count=2, words=200_000))
