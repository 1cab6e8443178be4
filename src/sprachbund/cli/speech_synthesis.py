"""``sprachbund speech synthesise``: synthetic speech from raw text, which only trains."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json, Set, settled
from sprachbund.cli.speech import ShowLeftOut, shown
from sprachbund.cli.speech_bench import speech
from sprachbund.files import require_place

__all__ = ["speech"]


@speech.command(short_help="Raw text to synthetic speech, to train on.")
def synthesise(
    texts: Annotated[
        list[Path],
        typer.Argument(
            metavar="TEXT",
            help="Corpora of text that ingest wrote, or files with a sentence a line.",
            show_default=False,
        ),
    ],
    language: Annotated[
        str, typer.Option("--language", "--lang", help="The language, by code or name.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="The corpus of speech; one that is there is replaced.", show_default=False)],
    voices: Annotated[
        list[str] | None,
        typer.Option(
            "--voice",
            help="A voice of eSpeak NG, in any of its variants, as pt-br, or in one, as pt-br+f2; repeatable. "
            "Default: all of the language.",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Of speech at most; 0 for all of the text.")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the sentences, voices, pitches and speeds that are drawn.")] = 0,
    licence: Annotated[
        str, typer.Option(help="Of the text, as CC0 or CC BY-SA 4.0; without it what learns from it is not shareable.")
    ] = "",
    assignments: Set = None,
    show_left_out: ShowLeftOut = False,
    as_json: Json = False,
) -> None:
    """Say raw text by eSpeak NG, each sentence by a voice, a pitch and a speed that are drawn.

    It is marked as synthetic wherever it goes: it trains, and never chooses or judges. Join it to recordings with
    speech ingest RECORDINGS SPEECH.
    """
    from sprachbund.speech.kind_warnings import told_already
    from sprachbund.speech.settings import SynthesisSettings
    from sprachbund.speech.synthesis import synthesise_speech

    require_place(out, folder=True)
    corpus = synthesise_speech(
        texts,
        out,
        language=language,
        voices=voices or (),
        minutes=minutes,
        seed=seed,
        licence=licence,
        settings=settled(SynthesisSettings(), None, assignments),
    )
    with told_already():  # that it only trains
        shown(corpus, show_left_out, as_json)
