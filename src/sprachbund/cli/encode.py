"""``sprachbund encode MODEL [FILE] --out vectors.npy``: sentences, one a line, to vectors."""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import orjson
import typer

from sprachbund.cli.options import Json
from sprachbund.errors import SourceError
from sprachbund.files import write_array
from sprachbund.progress import logger


def encode(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A folder that train wrote.", show_default=False)
    ],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Sentences, one a line. Default: standard input.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            help="The vectors: float32 [lines, dim], of length 1, in numpy's format.", show_default=False
        ),
    ] = Path("vectors.npy"),
    lang: Annotated[str, typer.Option(help="The language, for scripts without spaces.")] = "",
    as_json: Json = False,
) -> None:
    """Encode sentences, one a line; an empty line or one without words gives a zero vector, and the count is said."""
    from sprachbund.retrieval.encoder import Encoder

    encoder = Encoder.load(model)
    try:
        raw = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{file}: no such file") from None
    text = raw.decode("utf-8", errors="replace").removesuffix("\n")
    lines = text.split("\n") if text else []
    vectors = encoder.encode(lines, lang)
    empty = int(np.count_nonzero(~vectors.any(axis=1)))
    if empty:
        logger.warning("%d of %d lines have no words: their vectors are zero", empty, len(lines))
    write_array(out, vectors)
    result = {"vectors": str(out), "lines": len(lines), "dim": encoder.dim, "without_words": empty}
    if as_json:
        typer.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(f"{out}: {len(lines):,} vectors of {encoder.dim} numbers")
