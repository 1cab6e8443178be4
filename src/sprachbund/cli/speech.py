"""``sprachbund speech ingest|show|train|transcribe``: recorded speech with its text, and recognisers of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, Set, named_settings, settled, split_languages
from sprachbund.cli.output import add_row, complain, console, print_json, say, table
from sprachbund.errors import SettingsError, SourceError
from sprachbund.files import require_place, write_text

if TYPE_CHECKING:
    from sprachbund.lab.recipe import Carry
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
Model = Annotated[
    Path,
    typer.Argument(
        metavar="RECOGNISER",
        help="A folder that speech train or export wrote, or a graph in it, as OUT/model.int8.onnx.",
        show_default=False,
    ),
]
ShowLeftOut = Annotated[bool, typer.Option("--show-left-out", help="Name every utterance that was left out, and why.")]
SIDES = ("language", "side", "utterances", "minutes", "speakers")
FORMS = ("text", "json", "srt", "vtt")
ENDINGS = {"text": "txt", "json": "json", "srt": "srt", "vtt": "vtt"}
LEFT = ("language", "utterance", "why", "detail")


@speech.command(short_help="Clips and their texts to a corpus of speech.")
def ingest(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER",
            help="Folders, archives (tar, zip) or tables: Common Voice (validated.tsv, clips), any table with a column "
            "for the sound and one for the text (tsv, csv, jsonl), Kaldi's (wav.scp, text), sound with .txt or .lab "
            "beside it; one language, or folders named by languages. Corpora of speech are joined.",
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
    shares: Annotated[
        str, typer.Option(metavar="TRAIN,DEV,TEST", help="Shares of the speakers that train, choose and judge.")
    ] = "0.6,0.15,0.25",
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
    from sprachbund.speech.kind_warnings import told_already
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
        split=SpeechSplit(_three(shares), split_seed, sources_that_judge),
    )
    with told_already():  # how it is parted
        shown(corpus, show_left_out, as_json)


def _three(shares: str) -> tuple[float, float, float]:
    """Shares of train, dev and test, as 0.6,0.15,0.25."""
    try:
        train, dev, test = (float(part) for part in shares.split(","))
    except ValueError:
        raise SettingsError(f"--shares {shares}: expected three numbers, as 0.6,0.15,0.25") from None
    return train, dev, test


@speech.command(short_help="What a corpus of speech holds, and what it left out.")
def show(corpus: Corpus, show_left_out: ShowLeftOut = False, as_json: Json = False) -> None:
    """Show the languages of a corpus of speech, their sides, and what was left out."""
    from sprachbund.speech.store import SpeechCorpus

    shown(SpeechCorpus.open(corpus), show_left_out, as_json)


@speech.command(short_help="A recogniser of a language of a corpus of speech.")
def train(
    corpus: Corpus,
    language: Annotated[
        str,
        typer.Option(
            "--language",
            "--lang",
            help="The language, by code or name; several, parted by commas, are pooled.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="The recogniser's folder; unfinished work lies in OUT.partial.", show_default=False)
    ],
    start: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="RECOGNISER", help="A recogniser of a neighbour to begin from.", show_default=False
        ),
    ] = None,
    carry: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART=HOW",
            help="How a part of --from is carried over: rows=same|identical|near|separate, lower=same|separate, "
            "upper=same|separate; repeatable. Default: rows=near, all else the same.",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            "--lm",
            metavar="TEXT",
            help="What the language expects, beside the transcripts: a corpus of text, or a language model.",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Of training at most; 0 for no limit.")] = 20.0,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    assignments: Set = None,
    as_json: Json = False,
) -> None:
    """Train a recogniser; dev chooses, test judges.

    Killed at any moment, the same command goes on from the last checkpoint.
    """  # fmt: skip
    from sprachbund.lab.card import read_card
    from sprachbund.speech.recogniser.settings import RecogniserSettings
    from sprachbund.speech.train import train_speech

    require_place(out, folder=True)
    made = train_speech(
        corpus,
        split_languages(language) or "",
        out,
        start=start,
        carry=_carried(carry),
        text=text,
        settings={"minutes": minutes, **named_settings(RecogniserSettings(), None, assignments)},
        seed=seed,
    )
    card = read_card(out)
    if as_json:
        print_json({"model": str(out), **card.to_dict()})
        return
    say(f"{out}: {made!r}")
    if seconds := made.about.get("synthetic"):
        say(f"{seconds / 60:,.1f} minutes of what it, or what it was started from, learned from are synthetic")
    if made.carried:
        say("letters from the start: " + ", ".join(f"{count} {how}" for how, count in made.carried.items()))
    scores = table("", ("measure", "language", "on", "value", "95% interval"), left=("measure", "language", "on"))
    for each in card.scores:
        between = "-" if each.low is None else f"{each.low:.3f} to {each.high:.3f}"
        add_row(scores, [each.measure, each.language, each.on, each.value, between])
    console().print(scores)


def _carried(given: list[str] | None) -> "dict[str, Carry]":
    found: dict[str, Any] = {}
    for each in given or ():
        part, sign, how = each.partition("=")
        if not sign or not part.strip() or not how.strip():
            raise SettingsError(f"--carry {each}: expected PART=HOW, as rows=identical")
        found[part.strip()] = how.strip()
    return found


@speech.command(short_help="Files of sound to text.")
def transcribe(
    model: Model,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="wav, flac, ogg, opus, mp3, of any length.", show_default=False),
    ],
    beam: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=1000,
            help="Beginnings of a search by expected letters; 0 takes the likeliest letter each time. Default: 24 "
            "where the recogniser expects letters that helped on dev, else 0.",
        ),
    ] = None,
    hot: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="Words that are preferred, parted by commas.", show_default=False),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            "--lm", metavar="LM", help="A language model, for the letters that it expects.", show_default=False
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text, json, srt or vtt.")] = "text",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write each transcript into a folder, as the sound is called.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write down what is said in files, with times and confidence as JSON, or as subtitles."""
    from sprachbund.speech.transcribing import Hearing, expecting, opened, usual_beam, written

    form = "json" if as_json else form
    if form not in FORMS:
        raise SettingsError(f"--format {form}: expected {', '.join(FORMS)}")
    recogniser, graph = opened(model)
    if text is not None:
        recogniser = expecting(recogniser, text)
    words = tuple(part.strip() for part in (hot or "").split(",") if part.strip())
    hearing = Hearing(recogniser, usual_beam(recogniser, words) if beam is None else beam, words, graph=graph)
    if out is not None:
        require_place(out, folder=True)
        out.mkdir(parents=True, exist_ok=True)
    heard: list[dict[str, Any]] = []
    failed: list[str] = []
    for path in files:
        try:
            transcript = hearing.transcribe(path)
        except SourceError as error:
            if len(files) == 1:
                raise
            complain(f"error: {error}")
            failed.append(str(path))
            continue
        if out is not None:
            write_text(out / f"{path.stem}.{ENDINGS[form]}", written(transcript, form))
        elif form == "json":
            heard.append({"file": str(path), **transcript.to_dict()})
        elif form == "text":
            say(f"{path}: {transcript.text}" if len(files) > 1 else transcript.text)
        else:
            for line in written(transcript, form).splitlines():
                say(line)
    if form == "json" and out is None:
        print_json({"model": str(model), "files": heard})
    if failed:
        raise SourceError(f"{len(failed)} of {len(files)} files could not be heard")


def shown(corpus: "SpeechCorpus", show_left_out: bool, as_json: bool) -> None:
    """Print what a corpus of speech holds, side by side, and what it left out."""
    rows = [row for code in corpus.languages for row in _sides(corpus, code)]
    left = corpus.left_out.sort("language", "reason", "item", maintain_order=True) if show_left_out else None
    if as_json:
        whole = {
            "corpus": str(corpus.path), "rate": corpus.settings.sampling_rate,
            "languages": corpus.manifest["languages"], "sides": rows, "left_out": corpus.manifest["left_out"],
        }  # fmt: skip
        print_json(whole | ({} if left is None else {"named": left.to_dicts()}))
        return
    have = table(str(corpus.path), SIDES, left=("language", "side"))
    for row in rows:
        add_row(have, [f"{row[name]:,.1f}" if name == "minutes" else row[name] for name in SIDES])
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
    from sprachbund.speech.kind_warnings import told_already
    from sprachbund.speech.sides import HELD_BACK

    found: list[dict[str, object]] = []
    for side, own in corpus.sides(code).items():
        if side == "synthetic" and not len(own):
            continue
        speakers = {speaker for speaker in own.table["speaker"] if speaker}
        found.append({"language": code, "side": side, "utterances": len(own), "minutes": round(own.seconds / 60, 1),
                      "speakers": len(speakers)})  # fmt: skip
    with told_already():
        held = corpus.placed(code).sides == HELD_BACK
    if held.any():
        own = corpus.utterances(code).take(held.nonzero()[0])
        found.append({"language": code, "side": "none: its sentence is another side's", "utterances": len(own),
                      "minutes": round(own.seconds / 60, 1), "speakers": None})  # fmt: skip
    return found
