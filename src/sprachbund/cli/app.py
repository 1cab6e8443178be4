"""The verbs together, and how errors leave the program."""

import sys
from typing import Annotated, Any

import typer

from sprachbund.cli.cognates import cognates
from sprachbund.cli.corpus import corpus
from sprachbund.cli.count import count
from sprachbund.cli.crosslingual import crosslingual
from sprachbund.cli.detect import detect
from sprachbund.cli.encode import encode
from sprachbund.cli.evaluate import evaluate
from sprachbund.cli.export import export
from sprachbund.cli.index import index
from sprachbund.cli.ingest import ingest
from sprachbund.cli.lm_judging import lm
from sprachbund.cli.mixture import mixture
from sprachbund.cli.neighbours import neighbours
from sprachbund.cli.output import complain, listen
from sprachbund.cli.overlap import overlap
from sprachbund.cli.plan import plan
from sprachbund.cli.report import report
from sprachbund.cli.run import run as run_studies
from sprachbund.cli.run import status
from sprachbund.cli.search import search
from sprachbund.cli.serve import serve
from sprachbund.cli.simulate import simulate
from sprachbund.cli.speech_synthesis import speech
from sprachbund.cli.train import train
from sprachbund.cli.transfer import transfer
from sprachbund.cli.vectors_rows import vectors
from sprachbund.cli.zoo import zoo
from sprachbund.errors import SprachbundError
from sprachbund.files import package_version

USAGE = 2
INTERRUPTED = 130
GOES_ON = {"count", "get", "index", "ingest", "run", "train", "transfer"}
"""Verbs whose work is kept when they are interrupted; the others begin anew."""
# Typer's own copy of click or click itself, by version: their classes are reached through what both export
UsageError: Any = typer.BadParameter.__base__

app = typer.Typer(
    name="sprachbund",
    help="Let languages help each other, and measure what one gains from another.",
    pretty_exceptions_enable=False,
    # plain help: Rich reads [4,5] and [lines, dim] as markup, and its frames leave half of 80 columns to the text
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(short_help="Read raw text of any supported format into a corpus.")(ingest)
app.command(short_help="Show what a corpus holds, twice holds, and would leak.")(corpus)
app.command(short_help="The main job: what each language gains from the others.")(transfer)
app.command("run", short_help="Many such studies, declared in one file.")(run_studies)
app.command(short_help="How the studies of a file stand.")(status)
app.command(short_help="Train one encoder.")(train)
app.command(short_help="Score an encoder on held-out text, BM25 beside it.")(evaluate)
app.command(short_help="Whether sentences find their translations.")(crosslingual)
app.command(short_help="Turn sentences into vectors.")(encode)
app.command(short_help="Count the n-grams of more text than memory holds.")(count)
app.command(short_help="Say in which language texts are.")(detect)
app.command(short_help="Answer searches over HTTP, with a page.")(serve)
app.command(short_help="Write an encoder in another library's format.")(export)
app.command(short_help="Text to an index that can be searched.")(index)
app.command(short_help="Search an index, and see why.")(search)
app.command(short_help="Say which languages are near one, and why.")(neighbours)
app.command(short_help="How much of each language one model of all should read.")(mixture)
app.command(short_help="How much of their vocabulary languages have in common.")(overlap)
app.command(short_help="Words of two languages that are one, and why.")(cognates)
app.add_typer(lm, short_help="Language models: train, score, complete.")
app.add_typer(speech, short_help="Recorded speech, and recognisers of it.")
app.add_typer(vectors, short_help="Vectors of words, and what is near across languages.")
app.command(short_help="Print a finished study; write its page again.")(report)
app.command(short_help="Say how much text and how many seeds an effect takes.")(plan)
app.command(short_help="Write a corpus whose truth is known, to test what is found.")(simulate)
app.add_typer(zoo, short_help="Share finished models, and get those of others.")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sprachbund {package_version()}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only: no warnings, no progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also say what is skipped, and why.")] = False,
) -> None:
    """Let languages help each other, and measure what one gains from another."""
    if quiet and verbose:
        raise typer.BadParameter("--quiet and --verbose exclude each other")
    listen(quiet, verbose)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(USAGE)


def run() -> int:
    """Run one command; the exit code."""
    try:
        code = app(standalone_mode=False, prog_name="sprachbund")
        sys.stdout.flush()
    except SprachbundError as error:
        return _fail(str(error))
    except UsageError as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "sprachbund"
        return _fail(f"{error.format_message().removesuffix('.')}; see {command} --help", USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        return 0  # the reader has gone, as in ``sprachbund ... | head``: nothing is wrong
    except MemoryError:
        return _fail("out of memory; take fewer languages, a smaller --dim or a higher min_count")
    except OSError as error:
        names = [str(name) for name in (error.filename, error.filename2) if name]
        return _fail(": ".join([*(names[-1:]), error.strerror or str(error)]))
    except SystemExit as leaving:
        # Typer and Rich leave with 1 where the reader of our output has gone
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    if code == INTERRUPTED:
        return _interrupted()
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int = 1) -> int:
    complain(f"error: {message}")
    return code


def _interrupted() -> int:
    going_on = GOES_ON & set(sys.argv[1:])
    complain("interrupted" + ("; the same command goes on from what is complete" if going_on else ""))
    return INTERRUPTED
