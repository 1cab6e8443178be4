"""From what a user writes after ``--on`` to an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprachbund.engines.cluster import RAY, cluster, place_of
from sprachbund.engines.engine import Engine
from sprachbund.errors import SettingsError
from sprachbund.machine import cpu_count, memory_limit

__all__ = ["engine_on", "sharing"]


@contextmanager
def engine_on(
    on: str | None, workers: int | None, shared: Path, read: tuple[Path, ...] = ()
) -> Iterator[Engine | None]:
    """The engine of a name: None is None, for processes of this machine, which whoever has work for them starts.

    Args:
        on: ``ray``, ``ray://HOST:PORT``, ``HOST:PORT`` or ``auto``: see `cluster`, as for the rest.

    Raises:
        SettingsError: no engine is called so.
    """
    if on is None:
        yield None
        return
    if on not in (RAY, "auto") and not place_of(on):
        raise SettingsError(f"--on {on}: expected ray, auto, ray://HOST:PORT or HOST:PORT")
    with cluster(on, workers, shared, read) as engine:
        yield engine


def sharing(engine: Engine | None, workers: int | None) -> int:
    """How many jobs of one processor have this machine's memory together, so that each fits where it is done."""
    return -(-memory_limit() // max(1, engine.resources().share)) if engine else workers or cpu_count()
