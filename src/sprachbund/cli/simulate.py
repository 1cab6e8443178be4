"""``sprachbund simulate [WORLD.toml] --out CORPUS``: a corpus of a world whose truth is known."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, console, print_json, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.progress import progress
from sprachbund.simulation.declaring import chain, cut_off, family, read_world
from sprachbund.simulation.world import Meanings, World

if TYPE_CHECKING:
    from sprachbund.simulation.simulating import Simulated

LANGUAGES = "qaa=8000,qab=2000"


def simulate(
    declared: Annotated[
        Path | None,
        typer.Argument(
            metavar="[WORLD.toml]",
            help="A file that declares the world; without it the options do, for simple ones.",
            show_default=False,
        ),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="The corpus: a new folder, or one that simulate wrote, which is replaced.")],
    languages: Annotated[
        str | None,
        typer.Option(
            help=f"Languages with their sentences, parted by commas. Default: {LANGUAGES}.", show_default=False
        ),
    ] = None,
    kept: Annotated[
        float | None,
        typer.Option(
            help="Share of a common ancestor's words that each has kept; 0 for strangers. Default: 0.8.",
            show_default=False,
        ),
    ] = None,
    sound_changes: Annotated[
        int | None,
        typer.Option(help="Letters that became others in all but the first language. Default: 0.", show_default=False),
    ] = None,
    borrowed: Annotated[
        float | None,
        typer.Option(
            help="Share of words that the others took from the first language. Default: 0.", show_default=False
        ),
    ] = None,
    alike: Annotated[
        float | None,
        typer.Option(
            help="The exact share of words that the others write as the first language does; with --pivot, that "
            "neighbours in the chain write alike. Default: as it comes; with --pivot 0.5.",
            show_default=False,
        ),
    ] = None,
    false_friends: Annotated[
        float | None,
        typer.Option(
            help="Share of words that the others have from the first language with another meaning. Default: 0.",
            show_default=False,
        ),
    ] = None,
    pivot: Annotated[
        bool,
        typer.Option(
            "--pivot",
            help="A chain of three languages, auxiliary, pivot, target: the ends share no word, both share words with "
            "the pivot.",
        ),
    ] = False,
    cut: Annotated[
        str | None,
        typer.Option(
            metavar="LANGUAGE",
            help="Rename all words of this language, which says the same as before.",
            show_default=False,
        ),
    ] = None,
    concepts: Annotated[
        int | None,
        typer.Option(min=1, help="Meanings, each a word in every language. Default: 3000.", show_default=False),
    ] = None,
    topics: Annotated[
        int | None, typer.Option(min=1, help="Topics of documents. Default: 12.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Another seed, another world of the same kind. Default: 0.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a corpus of languages whose kinship, loans, overlap and topics are put in, to see whether they are found.

    What is true of it lies beside it, in CORPUS.truth: every word with its meaning and origin, overlaps, the tree.
    """
    from sprachbund.simulation.simulating import simulate as run

    require_place(out, folder=True)
    relations = {
        "--kept": kept, "--sound-changes": sound_changes, "--borrowed": borrowed, "--false-friends": false_friends,
    }  # fmt: skip
    if declared is not None:
        simple = {
            **relations, "--languages": languages, "--alike": alike, "--pivot": pivot or None, "--concepts": concepts,
            "--topics": topics,
        }  # fmt: skip
        if given := [name for name, value in simple.items() if value is not None]:
            raise SettingsError(f"{', '.join(given)}: {declared} declares the world; say it there")
        world = read_world(declared)
        world = world if seed is None else replace(world, seed=seed)
    else:
        world = _simple(languages or LANGUAGES, relations, alike, pivot, concepts, topics, seed or 0)
    if cut is not None:
        world = cut_off(world, cut)
    total = sum(world.languages[code].sentences for code in world.written)
    with progress("simulate (sentences)", total) as bar:
        made = run(world, out, progress=bar)
    _show(made, as_json)


def _simple(
    languages: str,
    relations: dict[str, Any],
    alike: float | None,
    pivot: bool,
    concepts: int | None,
    topics: int | None,
    seed: int,
) -> World:
    """A world of the options."""
    usual = Meanings()
    meanings = replace(usual, concepts=concepts or usual.concepts, topics=topics or usual.topics)
    sizes = {}
    for part in languages.split(","):
        code, sign, count = part.partition("=")
        if not (sign and count.strip().isdecimal()):
            raise SettingsError(f"--languages {part.strip()}: expected languages with sentences, as {LANGUAGES}")
        sizes[code.strip()] = int(count)
    given = {name.strip("-").replace("-", "_"): value for name, value in relations.items() if value is not None}
    if not pivot:
        return family(sizes, alike=alike, seed=seed, meanings=meanings, **given)
    if given:
        raise SettingsError(f"--{', --'.join(given).replace('_', '-')}: not with --pivot, which takes --alike alone")
    return chain(sizes, 0.5 if alike is None else alike, seed=seed, meanings=meanings)


def _show(made: "Simulated", as_json: bool) -> None:
    truth = made.truth
    if as_json:
        overlaps = {what: truth.said[what] for what in ("overlap", "same", "cognate")}
        print_json({"corpus": str(made.corpus), "counts": made.counts, **overlaps, "letters": truth.said["letters"]})
        return
    names = ("documents", "sections", "sentences", "characters")
    have = table(f"{made.corpus}", ("language", *names))
    for code in truth.languages:
        add_row(have, [code, *(made.counts[code][name] for name in names)])
    pairs = table(
        "shares of words", ("language", "other", "one string", "one meaning too", "one root"), ("language", "other")
    )
    for one, other in [(a, b) for number, a in enumerate(truth.languages) for b in truth.languages[number + 1 :]]:
        found = [f"{truth.share(what, one, other):.1%}" for what in ("overlap", "same", "cognate")]
        add_row(pairs, [one, other, *found])
    out = console()
    out.print(have)
    if len(truth.languages) > 1:
        out.print(pairs)
