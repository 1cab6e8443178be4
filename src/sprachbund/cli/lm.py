"""``sprachbund lm train|score|complete|sample``: language models from raw text; `lm_judging` has the others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place

if TYPE_CHECKING:
    from sprachbund.lm.model import LanguageModel

lm = typer.Typer(
    name="lm",
    help="Language models from raw text: n-grams and neural ones, helped by neighbours.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that lm train wrote.", show_default=False)]
SHOWN = 60
"""Characters of a line that a table shows."""


@lm.command(short_help="A model of a language of a corpus.")
def train(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    language: Annotated[
        str, typer.Option("--language", "--lang", help="The language, by code or name.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option(help="The model's folder; unfinished work lies in OUT.partial.", show_default=False)
    ],
    start: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="MODEL", help="A language model of a neighbour to begin from.", show_default=False
        ),
    ] = None,
    neighbours: Annotated[
        str | None,
        typer.Option(
            "--from-language",
            metavar="LANGUAGES",
            help="Neighbours in the corpus whose text helps, parted by commas, as es,gl.",
            show_default=False,
        ),
    ] = None,
    tried: Annotated[
        str | None,
        typer.Option(
            "--try-language",
            metavar="LANGUAGES",
            help="Neighbours in the corpus whose text is not read, only tried: the card says what it would bring.",
            show_default=False,
        ),
    ] = None,
    dictionary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE=FILE",
            help="A dictionary of a neighbour and the language, either way round: "
            "the neighbour's text is read in the language's words; repeatable.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        str, typer.Option(help="Of the neural part: small, medium; none for n-grams alone, without torch.")
    ] = "small",
    minutes: Annotated[float, typer.Option(min=0, help="Of neural training at most; 0 for no limit.")] = 10.0,
    order: Annotated[int, typer.Option(min=0, help="Characters of the longest n-gram; 0 for what is best on dev.")] = 0,
    characters: Annotated[int, typer.Option(min=0, help="Of each language's training text at most; 0 for all.")] = 0,
    cognates: Annotated[
        bool, typer.Option(help="Read neighbours' text in the language's words, by learned cognates.")
    ] = True,
    words: Annotated[bool, typer.Option(help="N-grams of its words too, beside those of its characters.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    as_json: Json = False,
) -> None:
    """Train a language model; dev chooses, test judges.

    Killed at any moment, the same command goes on from the last checkpoint.
    """  # fmt: skip
    from sprachbund.lab.card import read_card
    from sprachbund.lm.settings import LmSettings
    from sprachbund.lm.train import train_language_model

    settings = LmSettings(order=order, size=size, minutes=minutes, characters=characters, cognates=cognates)
    require_place(out, folder=True)
    model = train_language_model(
        corpus, language, out, start=start, neighbours=split_languages(neighbours) or (),
        tried=split_languages(tried) or (), dictionaries=_dictionaries(dictionary), settings=settings, words=words,
        seed=seed,
    )  # fmt: skip
    card = read_card(out)
    if as_json:
        print_json({"model": str(out), **card.to_dict()})
        return
    say(f"{out}: {model!r}")
    made = table("", ("measure", "on", "value", "95% interval"), left=("measure", "on"))
    for each in card.scores:
        between = "-" if each.low is None else f"{each.low:.3f} to {each.high:.3f}"
        add_row(made, [each.measure, each.on, f"{each.value:.3f}{'%' if each.unit == '%' else ''}", between])
    console().print(made)
    if model.parts > 1 and model.gate is None:
        say("the other parts bring nothing on dev: its own n-grams are asked alone")
    for lent in model.about.get("lent", ()):
        if lent["known"]:
            say(f"{lent['language']}: {100 * lent['known']:.0f}% of its words are read as {model.language}'s")


def _dictionaries(given: list[str] | None) -> dict[str, Path]:
    found = {}
    for each in given or ():
        language, sign, path = each.partition("=")
        if not sign or not path or not language.strip():
            raise SettingsError(f"--dictionary {each}: expected LANGUAGE=FILE, as es=es-pt.dix")
        found[language.strip()] = Path(path)
    return found


@lm.command(short_help="Bits per byte of texts; a filter.")
def score(
    model: Model,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="Texts. Default: standard input.", show_default=False),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each line is a text, and not each file.")] = False,
    below: Annotated[
        str | None,
        typer.Option(
            metavar="BITS",
            help="Print the lines alone that cost at most so many bits per byte; auto: what "
            "98 of 100 lines of the model's own dev text do not pass. Implies --lines and --fast.",
            show_default=False,
        ),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Ask the language's own n-grams alone.")] = False,
    adapt: Annotated[bool, typer.Option("--adapt", help="Learn from each text while reading it.")] = False,
    as_json: Json = False,
) -> None:
    """Say how many bits a byte of each text takes: the fewer, the more it is like what the model has read."""
    from sprachbund.corpus.sources.textfile import read_standard_input, read_text
    from sprachbund.lm.model import LanguageModel
    from sprachbund.lm.scoring import keep
    from sprachbund.lm.scoring import score as scored

    if adapt and (fast or below is not None):
        raise SettingsError("--adapt asks all parts, --fast and --below the n-grams alone: give one of them")
    found = LanguageModel.open(model)
    read = [(str(path), read_text(path)[0]) for path in files] if files else [("-", read_standard_input()[0])]
    if below is not None:
        limit = _limit(found, below)
        for _, whole in read:
            every = whole.splitlines()
            for text, kept in zip(every, keep(scored(found, every, ngrams_only=True), limit), strict=True):
                if kept:
                    say(text)
        return
    rows = [(name, text) for name, whole in read for text in (whole.splitlines() if lines else [whole])]
    told = scored(found, [text for _, text in rows], ngrams_only=fast, adapt=adapt)
    if as_json:
        numbers = zip(told.bits.tolist(), told.bytes.tolist(), told.each.tolist(), strict=True)
        each = [
            {
                "source": name,
                **({"text": text} if lines else {}),
                "bits": bits,
                "bytes": int(size),
                "bits_per_byte": ratio,
            }
            for (name, text), (bits, size, ratio) in zip(rows, numbers, strict=True)
        ]
        print_json({"model": str(model), "language": found.language, "bits_per_byte": told.mean, "texts": each})
        return
    last = "text" if lines else "source"
    made = table("", ("bits per byte", "bytes", last), left=(last,))
    for (name, text), rate, size in zip(rows, told.each.tolist(), told.bytes.tolist(), strict=True):
        add_row(made, [rate, int(size), text.strip()[:SHOWN] if lines else name])
    if len(rows) > 1:
        add_row(made, [told.mean, int(told.bytes.sum()), "(all together)"])
    console().print(made)


def _limit(model: "LanguageModel", below: str) -> float:
    if below == "auto":
        return float(model.about.get("typical", float("inf")))
    try:
        return float(below)
    except ValueError:
        raise SettingsError(f"--below {below}: expected bits per byte, as 3.5, or auto") from None


Temperature = Annotated[
    float, typer.Option(min=0, help="1 draws as the model has it; lower is more predictable, 0 always the likeliest.")
]


@lm.command(short_help="The words that may come next.")
def complete(
    model: Model,
    prompt: Annotated[str, typer.Argument(metavar="TEXT", help="What is typed so far.", show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many words are shown.")] = 5,
    as_json: Json = False,
) -> None:
    """Suggest words as a keyboard does: the next one after a blank, else the one that is being typed."""
    from sprachbund.lm.completing import complete as completed
    from sprachbund.lm.model import LanguageModel

    found = completed(LanguageModel.open(model), prompt, k)
    if as_json:
        print_json({"model": str(model), "text": prompt, "words": [{"word": w, "probability": p} for w, p in found]})
        return
    made = table("", ("word", "probability"), left=("word",))
    for word, probability in found:
        add_row(made, [word, probability])
    console().print(made)


@lm.command(short_help="Text that the model writes.")
def sample(
    model: Model,
    prompt: Annotated[str, typer.Argument(metavar="TEXT", help="What it begins with.")] = "",
    characters: Annotated[int, typer.Option(min=1, max=100_000, help="Of the text that is written.")] = 200,
    temperature: Temperature = 0.8,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    as_json: Json = False,
) -> None:
    """Let the model go on with a text."""
    from sprachbund.lm.completing import sample as written
    from sprachbund.lm.model import LanguageModel

    text = written(LanguageModel.open(model), prompt, characters, temperature, seed)
    if as_json:
        print_json({"model": str(model), "text": prompt, "written": text})
        return
    say(prompt + text)
