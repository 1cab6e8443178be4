"""``sprachbund speech ingest|show``: recorded speech with its text; a corpus of it, and what is in one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, Set, settled
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place

if TYPE_CHECKING:
    from sprachbund.speech.store import SpeechCorpus

speech = typer.Typer(
    name="speech",
    help="Recorded speech, and recognisers that write down what they hear.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Corpus = Annotated[
    Path, typer.Argument(metavar="SPEECH", help="A folder that speech ingest wrote.", show_default=False)
]
ShowLeftOut = Annotated[bool, typer.Option("--show-left-out", help="Name every utterance that was left out, and why.")]
SIDES = ("language", "side", "utterances", "minutes", "speakers")
LEFT = ("language", "utterance", "why", "detail")


@speech.command(short_help="Clips and their texts to a corpus of speech.")
def ingest(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER",
            help="Folders, archives (tar, zip) or tables: Common Voice (validated.tsv, clips), any table with a column "
            "for the sound and one for the text (tsv, csv, jsonl), Kaldi's (wav.scp, text), sound with .txt or .lab "
            "beside it; one language, or folders named by languages.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="The corpus of speech; one that is there is replaced.", show_default=False)],
    language: Annotated[
        str | None,
        typer.Option("--language", "--lang", help="The language of all of it. Default: what tables and folders say."),
    ] = None,
    judged: Annotated[
        str | None,
        typer.Option(
            "--test-source",
            metavar="SOURCES",
            help="Sources, parted by commas, whose speakers alone may be on dev and test, as cv6.1. Default: all.",
        ),
    ] = None,
    split_seed: Annotated[int, typer.Option(min=0, help="Of which speakers are on dev and test.")] = 0,
    speaker_from: Annotated[
        str | None,
        typer.Option(metavar="folder", help="Take speakers from the names of the folders that the sound lies in."),
    ] = None,
    assignments: Set = None,
    show_left_out: ShowLeftOut = False,
    as_json: Json = False,
) -> None:
    """Read recorded speech with its text: decoded once, looked at, and parted by speaker and by sentence.

    What cannot serve is left out and counted.
    """
    from sprachbund.speech.ingest import ingest_speech
    from sprachbund.speech.settings import SpeechSettings, SpeechSplit

    if speaker_from not in (None, "folder"):
        raise SettingsError(f"--speaker-from {speaker_from}: expected folder")
    require_place(out, folder=True)
    sources_that_judge = tuple(part.strip() for part in (judged or "").split(",") if part.strip())
    corpus = ingest_speech(
        sources,
        out,
        language=language or "",
        speakers_from_folder=speaker_from == "folder",
        settings=settled(SpeechSettings(), None, assignments),
        split=SpeechSplit(seed=split_seed, judged=sources_that_judge),
    )
    _print(corpus, show_left_out, as_json)


@speech.command(short_help="What a corpus of speech holds, and what it left out.")
def show(corpus: Corpus, show_left_out: ShowLeftOut = False, as_json: Json = False) -> None:
    """Show the languages of a corpus of speech, their sides, and what was left out."""
    from sprachbund.speech.store import SpeechCorpus

    _print(SpeechCorpus.open(corpus), show_left_out, as_json)


def _print(corpus: "SpeechCorpus", show_left_out: bool, as_json: bool) -> None:
    rows = [row for code in corpus.languages for row in _sides(corpus, code)]
    left = corpus.left_out.sort("language", "reason", "item", maintain_order=True) if show_left_out else None
    if as_json:
        whole = {"corpus": str(corpus.path), "rate": corpus.settings.rate, "languages": corpus.manifest["languages"],
                 "sides": rows, "left_out": corpus.manifest["left_out"]}  # fmt: skip
        print_json(whole | ({} if left is None else {"named": left.to_dicts()}))
        return
    have = table(str(corpus.path), SIDES, left=("language", "side"))
    for row in rows:
        add_row(have, [row[name] for name in SIDES])
    console().print(have)
    counts = corpus.manifest["left_out"]
    if counts:
        said = ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]))
        say(f"left out: {said}")
    if left is not None:
        named = table("left out", LEFT, left=LEFT)
        for cells in left.iter_rows():
            add_row(named, [each[:100] for each in cells])
        console().print(named)


def _sides(corpus: "SpeechCorpus", code: str) -> list[dict[str, object]]:
    """The sides of a language: utterances, minutes, speakers."""
    from sprachbund.speech.sides import HELD_BACK

    found: list[dict[str, object]] = []
    for side, own in corpus.sides(code).items():
        speakers = {speaker for speaker in own.table["speaker"] if speaker}
        found.append({"language": code, "side": side, "utterances": len(own), "minutes": round(own.seconds / 60, 1),
                      "speakers": len(speakers)})  # fmt: skip
    held = corpus.placed(code).sides == HELD_BACK
    if held.any():
        own = corpus.utterances(code).take(held.nonzero()[0])
        found.append({"language": code, "side": "none: its sentence is another side's", "utterances": len(own),
                      "minutes": round(own.seconds / 60, 1), "speakers": None})  # fmt: skip
    return found
