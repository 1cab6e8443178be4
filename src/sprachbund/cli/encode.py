"""``sprachbund encode MODEL [FILE] --out vectors.npy``: sentences, one a line, to vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json, known_language
from sprachbund.cli.output import print_json, say
from sprachbund.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

    from sprachbund.arrays import Float32

NUMPY, PARQUET, CSV, TSV, JSON_LINES = ".npy", ".parquet", ".csv", ".tsv", ".jsonl"
FORMATS = (NUMPY, PARQUET, CSV, TSV, JSON_LINES)


def encode(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that train wrote.", show_default=False)],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Sentences, one a line. Default: standard input.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            help="The vectors, float32 of length 1, in the format of the name: .npy an array [lines, dim] in numpy's "
            "format; .parquet and .jsonl text and vector; .csv and .tsv the text and a column a number."
        ),
    ] = Path("vectors.npy"),
    language: Annotated[
        str,
        typer.Option(
            "--language", "--lang", help="The language, for scripts without spaces, as ja.", show_default=False
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Encode sentences, one a line; the file may be compressed (gz, bz2, xz, zst), or UTF-16 with its mark.

    An empty line, or one without words, gives the zero vector; how many there were is said on standard error.
    """
    import numpy as np

    from sprachbund.corpus.sources.textfile import read_standard_input, read_text
    from sprachbund.files import require_place
    from sprachbund.progress import logger
    from sprachbund.retrieval.encoder.encoder import Encoder

    form = _format(out)
    require_place(out, folder=False)
    language = known_language(language)
    if file is not None and not file.exists():
        raise SettingsError(f"{file}: no such file; leave it out to read from standard input")
    encoder = Encoder.load(model)
    text, broken = read_standard_input() if file is None else read_text(file)
    if broken:
        logger.warning("%s broken UTF-8 bytes were replaced by U+FFFD", f"{broken:,}")
    lines = text.removesuffix("\n").split("\n") if text else []
    vectors = encoder.encode(lines, language)
    empty = int(np.count_nonzero(~vectors.any(axis=1)))
    if empty:
        logger.warning("%s of %s lines have no words: their vectors are zero", f"{empty:,}", f"{len(lines):,}")
    _write(out, form, lines, vectors)
    if as_json:
        print_json({"vectors": str(out), "lines": len(lines), "dim": encoder.dim, "without_words": empty})
    else:
        say(f"{out}: {len(lines):,} vectors of {encoder.dim} numbers")


def _format(out: Path) -> str:
    """The format that a name asks for, numpy's where it says nothing.

    Raises:
        SettingsError: it asks for another.
    """
    form = out.suffix.lower() or NUMPY
    if form not in FORMATS:
        raise SettingsError(f"{out}: no format of vectors is called {out.suffix}; there are {', '.join(FORMATS)}")
    return form


def _write(out: Path, form: str, lines: Sequence[str], vectors: "Float32") -> None:
    from sprachbund.claims import writing
    from sprachbund.files import write_array

    out.parent.mkdir(parents=True, exist_ok=True)
    with writing(out):
        if form == NUMPY:
            write_array(out, vectors)
        else:
            _write_table(out, form, [line.removesuffix("\r") for line in lines], vectors)


def _write_table(out: Path, form: str, lines: Sequence[str], vectors: "Float32") -> None:
    from sprachbund.files import atomic_path
    from sprachbund.tables import write_parquet

    frame = _table(form, lines, vectors)
    with atomic_path(out) as temporary:
        if form == PARQUET:
            write_parquet(frame, temporary)
            return
        with temporary.open("wb") as handle:  # Polars reads a path as a pattern
            if form == JSON_LINES:
                frame.write_ndjson(handle)
            else:
                frame.write_csv(handle, separator="," if form == CSV else "\t")


def _table(form: str, lines: Sequence[str], vectors: "Float32") -> "pl.DataFrame":
    import polars as pl

    text = pl.Series("text", lines, pl.String)
    if form in (PARQUET, JSON_LINES):
        # lists of a fixed size are what vector stores read as vectors
        return pl.DataFrame([text, pl.Series("vector", vectors, pl.Array(pl.Float32, vectors.shape[1]))])
    return pl.DataFrame([text, *(pl.Series(f"v{i}", column, pl.Float32) for i, column in enumerate(vectors.T))])
