"""``sprachbund serve INDEX``: the service and its page, until it is told to stop."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.output import say
from sprachbund.errors import SettingsError


def serve(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="A folder that index wrote.")] = Path("index"),
    recogniser: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RECOGNISER",
            help="A folder that speech train or export wrote, or a graph in it: the page gets a microphone, and POST "
            "/transcribe answers; one of each language, repeatable.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 8080,
    concurrent: Annotated[int, typer.Option(min=1, help="Requests in flight; more are answered with 429.")] = 512,
    seconds: Annotated[float, typer.Option(help="For one request, waiting included; then it is answered with 503.")] = (
        10.0
    ),
    workers: Annotated[int, typer.Option(min=0, help="Threads that search; 0 for one a processor.")] = 0,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name besides the loopback ones that callers may use; repeatable.", show_default=False),
    ] = None,
) -> None:
    """Answer searches over HTTP, and serve a page to search with.

    SIGTERM or Ctrl-C stops it: what is in flight is finished first. The environment variable SPRACHBUND_API_KEY,
    where it is set, holds the key that callers must send.
    """
    from sprachbund.service.limits import Limits
    from sprachbund.service.serve import run

    if recogniser and not index.exists():
        raise SettingsError(
            f"{index}: no such folder; recognisers are served beside an index: write one with sprachbund index, or use "
            "sprachbund speech transcribe, which needs none"
        )
    limits = Limits(concurrent=concurrent, seconds=seconds, workers=workers)
    run(
        index, host, port, limits, allow_hosts=allow_host or (), recognisers=recogniser or (), announce=_say
    )  # fmt: skip


def _say(address: str) -> None:
    say(f"serving at {address}; Ctrl-C stops it")
