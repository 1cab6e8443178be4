"""The verbs together, and how errors leave the program."""

import sys
from typing import Annotated

import typer

from sprachbund.cli.corpus import corpus
from sprachbund.cli.encode import encode
from sprachbund.cli.evaluate import evaluate
from sprachbund.cli.ingest import ingest
from sprachbund.cli.report import report
from sprachbund.cli.train import train
from sprachbund.cli.transfer import transfer
from sprachbund.errors import SprachbundError
from sprachbund.files import package_version

INTERRUPTED = 130

app = typer.Typer(
    name="sprachbund",
    help="Let languages help each other, and measure what one gains from another.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (ingest, corpus, transfer, train, evaluate, encode, report):
    app.command()(verb)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sprachbund {package_version()}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Let languages help each other, and measure what one gains from another."""


def run() -> int:
    """Run one command; the exit code."""
    try:
        app()
    except SprachbundError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from what is complete", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output has gone (as in `sprachbund ... | head`): nothing is wrong
        sys.stderr.close()
        return 0
    except OSError as error:
        print(
            f"error: {error.filename or ''}: {error.strerror or error}".replace("error: : ", "error: "),
            file=sys.stderr,
        )
        return 1
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    return 0
