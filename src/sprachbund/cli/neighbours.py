"""``sprachbund neighbours TARGET [OTHER]``: which languages are near one, why, and where measures disagree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import add_row, cell, complain, console, print_json, say, say_in_columns, table
from sprachbund.errors import SettingsError
from sprachbund.progress import progress

if TYPE_CHECKING:
    from sprachbund.neighbours.asking import Candidate, Neighbours
    from sprachbund.neighbours.measures import Measure, Value

FAMILIES = {
    "phonetic": "sounds",
    "vocabulary": "words",
    "syntactic": "syntax",
    "typological": "handbooks",
    "models": "models",
}
"""What the table calls a family of measures."""
REASONED = 3
"""Candidates whose values are listed below the table."""


def neighbours(
    target: Annotated[
        str | None, typer.Argument(metavar="LANGUAGE", help="A code or a name, as pt.", show_default=False)
    ] = None,
    other: Annotated[
        str | None, typer.Argument(metavar="OTHER", help="One language to compare with.", show_default=False)
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages",
            help="Candidates, parted by commas. Default: all that word lists, treebanks and the corpus have.",
        ),
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Your own text, a folder that ingest wrote.", show_default=False)
    ] = None,
    encoder: Annotated[
        Path | None,
        typer.Option(help="An encoder of several languages, a folder that train wrote.", show_default=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="The folder of published tables. Default: that of SPRACHBUND_DATA.", show_default=False),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where features are kept. Default: beside the data.", show_default=False)
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="With OTHER: sounds, words and sentences with examples.")] = False,
    values: Annotated[bool, typer.Option("--values", help="Every value of every measure, a table a family.")] = False,
    trees: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.svg", help="With OTHER: draw the trees of two sentences side by side.", show_default=False
        ),
    ] = None,
    sentences: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="With --trees: for each language the id of a sentence of its treebank, a CoNLL-U file, or a text. "
            "Default: translations, where treebanks are parallel.",
            show_default=False,
        ),
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also measures that take seconds a pair: learned cognates.")
    ] = False,
    studies: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="STUDY",
            help="A finished study of yours, whose measured gains decide what to add; repeatable.",
            show_default=False,
        ),
    ] = None,
    matrix: Annotated[
        bool, typer.Option("--matrix", help="All pairs of --languages: a heat map, a tree and a map, into --out.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="MAP.html",
            help="With --matrix: the page to write; its numbers stand beside it as .parquet.",
            show_default=False,
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=1_000, help="Candidates to show.")] = 15,
    as_json: Json = False,
) -> None:
    """Say which languages are near one, measure by measure: sounds, words, sentences, handbooks."""
    from sprachbund.neighbours.asking import ask
    from sprachbund.neighbours.listed import MEASURES
    from sprachbund.neighbours.sources import open_sources

    if matrix or out is not None:
        from sprachbund.cli.neighbours_drawn import draw_matrix

        _require_matrix(matrix, out, target, why or values or trees is not None or bool(studies))
        draw_matrix(open_sources(data, cache, corpus, encoder), split_languages(languages), out, thorough, as_json)
        return
    if target is None:
        raise SettingsError("name a language, as sprachbund neighbours pt; or --matrix, for all pairs")
    if other is not None and languages is not None:
        raise SettingsError("name one other language or --languages, not both")
    if why and other is None:
        raise SettingsError("--why is of one pair; name the other language too, as sprachbund neighbours pt es --why")
    if sentences is not None and trees is None:
        raise SettingsError("--sentences are what --trees draws; name a file too, as --trees out.svg")
    if studies and other is not None:
        raise SettingsError("--studies say what to add, out of many; leave the other language out")
    sources = open_sources(data, cache, corpus, encoder)
    if trees is not None:
        from sprachbund.cli.neighbours_drawn import draw_trees

        draw_trees(sources, target, other, trees, sentences)
        return
    with progress("measuring", total=len(MEASURES)) as bar:
        chosen = [other] if other is not None else split_languages(languages)
        found = ask(sources, target, chosen, thorough=thorough, progress=bar)
    from sprachbund.cli.neighbours_advised import advice_for, show_advice

    advice = advice_for(found, sources, studies or ()) if other is None else None
    if as_json:
        print_json(found.to_dict() | ({"advice": advice.to_dict()} if advice is not None else {}))
        for note in found.notes:
            complain(note)
        return
    if other is not None:
        from sprachbund.cli.neighbours_pair import show_pair

        show_pair(found, sources, why)
        return
    _ranked(found, k)
    if values:
        _values(found, k)
    _reasons(found)
    _disagreements(found)
    if advice is not None:
        show_advice(advice)
    show_notes(found.notes)


def _require_matrix(matrix: bool, out: Path | None, target: str | None, more: bool) -> None:
    """Refuse options that do not go together with all pairs."""
    if not matrix:
        raise SettingsError(f"--out is where --matrix writes; add --matrix, or leave out --out {out}")
    if target is not None:
        raise SettingsError(f"--matrix is of all pairs; put {target} among --languages, as --languages {target},es,it")
    if more:
        raise SettingsError(
            "--matrix goes without --why, --values, --trees and --studies, which are of one language or a pair"
        )


def named(code: str) -> str:
    """A code with the language's English name."""
    from sprachbund.languages import find

    return f"{code} {find(code).name}"


def shown(measure: "Measure", value: "Value") -> str:
    """A value with its interval, its coverage where it is not whole, and its floor, in one line."""
    if value.value is None:
        return f"{measure.title} - ({value.parts.get('lacking', 'no value')})"
    text = f"{measure.title} {number(value.value)}"
    if value.low is not None and value.high is not None:
        text += f" [{number(value.low)}, {number(value.high)}]"
    if value.coverage is not None and value.coverage < 0.995:
        text += f" on {value.coverage:.0%}"
    return text + (f", unrelated {number(value.floor)}" if value.floor is not None else "")


def number(value: float | None) -> str:
    """Three digits; kilometres without any."""
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 100 else cell(float(value))


def show_notes(notes: "tuple[str, ...]") -> None:
    """What was left out and why, a line each."""
    if notes:
        say("")
        say("Mind:")
    for note in notes:
        say_in_columns(f"  {note}")


def _ranked(found: "Neighbours", k: int) -> None:
    """A row a candidate: its score, and its mean standing in every family."""
    from sprachbund.neighbours.fusing import standing

    families = [each for each in FAMILIES if any(measure.family == each for measure in found.measures)]
    stands = {
        measure.name: standing(measure, {each.language: each.values[measure.name].value for each in found.candidates})
        for measure in found.measures
    }
    made = table(
        f"The languages nearest to {named(found.target)}",
        ("", "language", "score", "of", *(FAMILIES[each] for each in families)),
    )
    for candidate in found.candidates[:k]:
        means = []
        for family in families:
            known = [
                stands[measure.name][candidate.language]
                for measure in found.measures
                if measure.family == family and candidate.language in stands[measure.name]
            ]
            means.append(f"{sum(known) / len(known):.2f}" if known else "-")
        score = "-" if candidate.score is None else f"{candidate.score:.2f}"
        place = "-" if candidate.rank is None else candidate.rank
        add_row(made, [place, named(candidate.language), score, candidate.measured, *means])
    console().print(made)
    more = len(found.candidates) - k
    say(f"1 is nearest of {len(found.candidates)}, 0 farthest" + (f"; {more} more with -k" if more > 0 else ""))
    say_in_columns("score: the mean over measures of text (how many: of); a language is ranked by those that know it")


def _values(found: "Neighbours", k: int) -> None:
    """Every value, a table a family."""
    for family, heading in FAMILIES.items():
        measures = [measure for measure in found.measures if measure.family == family]
        if not measures:
            continue
        made = table(heading, ("language", *(measure.title for measure in measures)))
        for candidate in found.candidates[:k]:
            add_row(made, [candidate.language, *(number(candidate.values[each.name].value) for each in measures)])
        add_row(made, ["unrelated", *(number(_floor(found.candidates, each)) for each in measures)])
        console().print(made)


def _floor(candidates: "tuple[Candidate, ...]", measure: "Measure") -> float | None:
    floors = [each.values[measure.name].floor for each in candidates]
    return next((each for each in floors if each is not None), None)


def _reasons(found: "Neighbours") -> None:
    """What the first candidates' values are."""
    say("")
    for candidate in found.candidates[:REASONED]:
        say(f"{named(candidate.language)}:")
        for family, heading in FAMILIES.items():
            lines = [
                shown(measure, candidate.values[measure.name])
                for measure in found.measures
                if measure.family == family and candidate.values[measure.name].value is not None
            ]
            if lines:
                say(f"  {heading}")
                for line in lines:
                    say(f"    {line}")


def _disagreements(found: "Neighbours") -> None:
    titles = {measure.name: measure.title for measure in found.measures}
    if not found.disagreements:
        return
    say("")
    say("Where measures disagree:")
    for each in found.disagreements:
        sure = {True: "", False: ", intervals overlap", None: ""}[each.sure]
        say_in_columns(
            f"  {titles[each.measure]}: {each.nearest} {number(each.value)} is nearer than {each.instead} "
            f"{number(each.other)}, its number {each.place}{sure}"
        )
