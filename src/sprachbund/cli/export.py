"""``sprachbund export MODEL --format ... --out DIR``: a model in the forms that other libraries read."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import add_row, console, print_json, say, table
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.progress import progress

HEADINGS = ("language", "side", "pool", "queries", "candidates", "MRR", "recall@1", "recall@10")


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that train wrote.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="The folder to write: a new one, or an earlier export.", show_default=False)
    ],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="Of an encoder: sentence-transformers, static, word2vec or onnx. Of a language model: transformers, "
            "gguf, onnx or arpa. Of a recogniser: onnx.",
        ),
    ] = "sentence-transformers",
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="A corpus to score on, for the card; for static also what it loses; of a recogniser a corpus "
            "of speech. Default: the training's scores."
        ),
    ] = None,
    license: Annotated[
        str, typer.Option(help="For the card: a licence as model hubs write it, as cc-by-sa-4.0.", show_default=False)
    ] = "",
    units: Annotated[str, typer.Option(help="Of arpa: what its n-grams are of, characters or words.")] = "characters",
    as_json: Json = False,
) -> None:
    """Write an encoder, a language model or a recogniser in the format of another library, with a model card.

    Of an encoder sentence-transformers is exact, unseen words included, and needs sprachbund where it is loaded; static
    loads anywhere and has words alone; word2vec is text; onnx is the arithmetic without the search for n-grams. Of a
    language model transformers and gguf take a transformer (lm train --size transformer), onnx a recurrent one, arpa
    the n-grams, of characters or of words: each gives the model's own numbers. Of a recogniser onnx is two graphs, with
    float32 and int8, in a folder that sherpa-onnx and speech transcribe read.
    """
    from sprachbund.export import write_export
    from sprachbund.export.language_models import is_language_model, write_language_model
    from sprachbund.export.recognisers import is_recogniser

    require_place(out, folder=True)
    if is_language_model(model):
        if corpus is not None:
            raise SettingsError("--corpus scores an encoder, found a language model; its card has its scores")
        told = write_language_model(model, out, form, license=license, units=units)
        if as_json:
            print_json({"out": str(out), **told})
        else:
            say(f"{out}: {told['form']}, {told['rows']:,} rows, {told['parameters']:,} parameters")
        return
    if units != "characters":
        raise SettingsError("--units says what n-grams of a language model are of, found another kind")
    if is_recogniser(model):
        _recogniser(model, out, form, corpus, license, as_json)
        return
    with progress("scoring", None) as bar:
        made = write_export(model, out, form, corpus=corpus, license=license, progress=bar)
    if as_json:
        print_json({"out": str(out), **made})
        return
    say(f"{out}: {made['form']}, {made['rows']:,} rows of {made['dim']} numbers")
    for title, rows in (("the encoder", made["scores"]), ("this export", made["plain"])):
        if corpus is not None and rows:
            _show(title, rows)


def _recogniser(model: Path, out: Path, form: str, corpus: Path | None, license: str, as_json: bool) -> None:
    from sprachbund.export.recognisers import write_recogniser_export

    told = write_recogniser_export(model, out, form, corpus=corpus, license=license)
    if as_json:
        print_json({"out": str(out), **told})
        return
    say(f"{out}: {told['form']}, {told['rows']:,} symbols, {told['parameters']:,} parameters")
    for graph, apart in told["differences"].items():
        say(f"{graph}: logarithms of probabilities are at most {apart:.2g} from the recogniser's")
    if told["scores"]:
        headings = ("graph", "measure", "language", "value")
        made = table("test, without expected letters", headings, left=headings[:3])
        for row in told["scores"]:
            add_row(made, [row[name] for name in headings])
        console().print(made)


def _show(title: str, rows: list[dict[str, Any]]) -> None:
    made = table(title, HEADINGS, left=("language", "side", "pool"))
    for row in rows:
        measures = [row[name] for name in ("queries", "candidates", "mrr", "recall@1", "recall@10")]
        add_row(made, [row["language"], row["side"], row["pool"], *measures])
    console().print(made)
