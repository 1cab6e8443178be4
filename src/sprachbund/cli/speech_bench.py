"""``sprachbund speech bench``: how fast a recogniser is, how much memory it takes, and how wrongly it hears."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.cli.speech import Model, speech
from sprachbund.errors import SettingsError
from sprachbund.progress import progress

if TYPE_CHECKING:
    from sprachbund.speech.speed import Speed
    from sprachbund.speech.store import Utterances

__all__ = ["speech"]


@speech.command(short_help="Speed and memory of a recogniser.")
def bench(
    model: Model,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="wav, flac, ogg, opus, mp3, of any length.", show_default=False),
    ] = None,
    clips: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="The same; what follows is heard too.", show_default=False)
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            "--speech",
            metavar="SPEECH",
            help="A corpus of speech instead of files: its test side, with error rates.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "--lang", help="Of --speech. Default: the only one that it has."),
    ] = None,
    beam: Annotated[
        int, typer.Option(min=0, max=1000, help="Beginnings of the search, where letters are expected; 0 for none.")
    ] = 24,
    as_json: Json = False,
) -> None:
    """Measure the real-time factor part by part on one thread, load time and peak memory; on a corpus also errors."""
    from sprachbund.speech.speed import bench as measured
    from sprachbund.speech.store import SpeechCorpus

    every = [*(clips or ()), *(files or ())]
    if bool(every) == (corpus is not None):
        raise SettingsError("expected files, or --speech with a corpus of speech, and not both")
    sounds: list[Path] | Utterances = every
    if corpus is not None:
        spoken = SpeechCorpus.open(corpus)
        if language is None and len(spoken.languages) > 1:
            raise SettingsError(f"{corpus}: has {', '.join(spoken.languages)}; say which with --language")
        sounds = spoken.sides(language or spoken.languages[0])["test"]
    with progress("hearing (sounds)", len(sounds)) as bar:
        found = measured(model, sounds, beam, bar)
    if as_json:
        print_json({"model": str(model), **found.to_dict()})
        return
    _print(found)


def _print(found: "Speed") -> None:
    from sprachbund.speech.speed import GREEDY, SEARCH

    say(f"{found.sounds:,} sounds, {found.seconds:,.1f} seconds; one thread")
    made = table("", ("part", "seconds of the processor", "real-time factor"), left=("part",))
    for part, seconds in found.parts.items():
        add_row(made, [_named(part, found.beam), f"{seconds:.3f}", f"{seconds / found.seconds:.4f}"])
    for search in (GREEDY, SEARCH) if found.beam else (GREEDY,):
        factor = found.factor(search)
        add_row(made, [f"all, {_named(search, found.beam)}", f"{factor * found.seconds:.3f}", f"{factor:.4f}"])
    console().print(made)
    say(f"loaded in {found.load:.2f} seconds of the processor; at most {found.memory / 2**20:,.0f} MB of memory")
    if found.rates:
        rates = table("", ("search", "measure", "value", "95% interval"), left=("search", "measure"))
        for each in found.rates:
            between = "-" if each.low is None else f"{each.low:.3f} to {each.high:.3f}"
            add_row(rates, [_named(each.search, found.beam), each.measure, each.value, between])
        console().print(rates)


def _named(part: str, beam: int) -> str:
    return f"beam of {beam}" if part == "beam" else part
