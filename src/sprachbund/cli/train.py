"""``sprachbund train CORPUS --task ic --out MODEL``: one encoder."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import (
    Json,
    Languages,
    Preset,
    Set,
    SettingsFile,
    resolve,
    split_languages,
)
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.files import require_place
from sprachbund.machine import parse_size

HEADINGS = ("language", "pairs\ndrawn", "passes", "queries", "candi-\ndates", "MRR", "recall@1", "recall@10")


def train(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A folder that ingest wrote.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(help="The model's folder; unfinished work lies in OUT.partial.", show_default=False),
    ],
    task: Annotated[str, typer.Option(help="nsp (next sentence) or ic (inverse cloze).")] = "ic",
    languages: Languages = None,
    start: Annotated[
        Path | None,
        typer.Option(help="A model to go on from: a folder that train wrote.", show_default=False),
    ] = None,
    carry: Annotated[
        str,
        typer.Option(
            metavar="same|identical|near|FILE",
            help="How its rows are carried over: same keeps them all; identical gives them to the same n-grams of the "
            "new text alone, near also to those nearly alike in spelling; or a table of target, start and weight.",
        ),
    ] = "same",
    freeze: Annotated[
        float,
        typer.Option(
            min=0, max=1, metavar="SHARE", help="Share of the batches in which rows carried over are kept still."
        ),
    ] = 0.0,
    preset: Preset = "best",
    settings: SettingsFile = None,
    assignments: Set = None,
    dim: Annotated[int | None, typer.Option(min=1, help="Numbers in a vector. Default: the preset's (512).")] = None,
    epochs: Annotated[
        float | None, typer.Option(min=0, help="Passes over the pairs. Default: the preset's (4).")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate of Adagrad. Default: 0.03.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="Evens the languages out: 1 natural, larger more even.")
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(min=0, help="Stop after so many evaluations on dev without a better one; 0 for never."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the start rows and of the order of the pairs.")] = 0,
    memory: Annotated[
        str | None,
        typer.Option(
            help="Memory that counting n-grams, then the table may use, as 16G; what does not fit goes to disk. "
            "Default: half, then four fifths of what there is."
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="cuda|mps|cpu",
            show_default=False,
            help="A device of torch to train on (extra lm), the same to a tolerance. Default: the processor alone.",
        ),
    ] = None,
    checkpoint: Annotated[float, typer.Option(min=1, help="Seconds between checkpoints.")] = 60.0,
    as_json: Json = False,
) -> None:
    """Train one encoder on the training side of a corpus; dev is scored, test is never touched.

    Killed at any moment, the same command goes on from the last checkpoint and ends with the same bits.
    """
    from sprachbund.retrieval.encoder.card import told_of_start
    from sprachbund.retrieval.encoder.start import shaped
    from sprachbund.retrieval.starting import settings_in
    from sprachbund.retrieval.train import train

    require_place(out, folder=True)
    shape = None if start is None else partial(shaped, start=settings_in(start))
    options = {"dim": dim, "epochs": epochs, "rate": rate, "temperature": temperature, "patience": patience}
    encoder = train(
        corpus,
        out,
        task=task,
        settings=resolve(preset, settings, assignments, shape, **options),
        languages=split_languages(languages),
        seed=seed,
        start=start,
        carry=carry,
        freeze=freeze,
        memory=None if memory is None else parse_size(memory),
        device=device,
        checkpoint_every=checkpoint,
    )
    about = encoder.about
    if as_json:
        shown = {key: about[key] for key in ("task", "languages", "pairs", "passes", "curve", "seconds", "scores")}
        shown |= {"start": about["start"]} if "start" in about else {}
        print_json({"model": str(out), "rows": len(encoder.table), "dim": encoder.dim, **shown})
        return
    say(f"{out}: {len(encoder.table):,} n-grams, {encoder.dim} numbers each, {about['seconds']} s")
    if "start" in about:
        say(told_of_start(about["start"]))
    made = table("dev: candidates that the model has not seen", HEADINGS)
    scores = {row["language"]: row for row in about["scores"]}
    for language in about["languages"]:
        found = scores.get(language, {})
        measures = [found.get(name) for name in ("queries", "candidates", "mrr", "recall@1", "recall@10")]
        passes = f"{about['passes'].get(language, 0):.2f}"
        add_row(made, [language, about["pairs"].get(language, 0), passes, *measures])
    console().print(made)
