"""``sprachbund encode MODEL [FILE] --out vectors.npy``: sentences, one a line, to vectors."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sprachbund.cli.options import Json
from sprachbund.cli.output import print_json, say
from sprachbund.errors import SourceError

if TYPE_CHECKING:
    from sprachbund.retrieval.bags import Float32

PARQUET = ".parquet"


def encode(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that train wrote.", show_default=False)],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Sentences, one a line. Default: standard input.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            help="The vectors, float32 of length 1: a table with the columns text and vector where the name ends in "
            ".parquet, an array [lines, dim] in numpy's format otherwise."
        ),
    ] = Path("vectors.npy"),
    lang: Annotated[
        str, typer.Option(help="The language, for scripts without spaces, as ja.", show_default=False)
    ] = "",
    as_json: Json = False,
) -> None:
    """Encode sentences, one a line.

    An empty line, or one without words, gives the zero vector; how many there were is said on standard error.
    """
    import numpy as np

    from sprachbund.progress import logger
    from sprachbund.retrieval.encoder import Encoder

    if out.is_dir():
        raise SourceError(f"{out}: is a folder; name a file for the vectors, as --out {out / 'vectors.npy'}")
    encoder = Encoder.load(model)
    raw = sys.stdin.buffer.read() if file is None else _read(file)
    text = raw.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd") - raw.count("\ufffd".encode())
    if broken:
        logger.warning("%s broken UTF-8 bytes were replaced by U+FFFD", f"{broken:,}")
    lines = text.removesuffix("\n").split("\n") if text else []
    vectors = encoder.encode(lines, lang)
    empty = int(np.count_nonzero(~vectors.any(axis=1)))
    if empty:
        logger.warning("%s of %s lines have no words: their vectors are zero", f"{empty:,}", f"{len(lines):,}")
    _write(out, lines, vectors)
    if as_json:
        print_json({"vectors": str(out), "lines": len(lines), "dim": encoder.dim, "without_words": empty})
    else:
        say(f"{out}: {len(lines):,} vectors of {encoder.dim} numbers")


def _write(out: Path, lines: Sequence[str], vectors: "Float32") -> None:
    from sprachbund.claims import writing
    from sprachbund.files import write_array

    out.parent.mkdir(parents=True, exist_ok=True)
    with writing(out):
        if out.suffix.lower() == PARQUET:
            _write_table(out, lines, vectors)
        else:
            write_array(out, vectors)


def _write_table(out: Path, lines: Sequence[str], vectors: "Float32") -> None:
    import polars as pl

    from sprachbund.files import atomic_path
    from sprachbund.tables import write_parquet

    # lists of a fixed size are what vector stores read as vectors
    kind = pl.Array(pl.Float32, vectors.shape[1])
    frame = pl.DataFrame([pl.Series("text", lines, pl.String), pl.Series("vector", vectors, kind)])
    with atomic_path(out) as temporary:
        write_parquet(frame, temporary)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{file}: no such file; leave it out to read from standard input") from None
    except IsADirectoryError:
        raise SourceError(f"{file}: is a folder; name a file with a sentence a line") from None
