"""Runs carried out side by side, each once and after what it needs; where, an engine says (``engines/``)."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from sprachbund.engines.engine import ONE, Engine, Needs
from sprachbund.engines.processes import Processes
from sprachbund.patience import first_done
from sprachbund.progress import Progress, Silent
from sprachbund.runs.store import Runs, Specification

Work = Callable[[Specification, Path], dict[str, Any]]
Needed = Callable[[Specification], Iterable[Specification]]


def perform_all(
    runs: Runs,
    specifications: Sequence[Specification],
    work: Work,
    *,
    needs: Needed | None = None,
    workers: int,
    each: Needs = ONE,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> None:
    """Perform all runs that are not complete, ``workers`` at a time: in their order, each after what it needs.

    Args:
        work: a picklable callable (a module's function, or a dataclass with ``__call__``).
        needs: the runs that must be complete before one begins; they are performed too.
        each: what a run needs.
        engine: where; None for ``workers`` processes of this machine. What it has decides how many run side by side.

    Raises:
        CapacityError: a worker was killed, most likely for memory.
    """
    progress = progress or Silent()
    waiting = _missing(runs, specifications, needs or (lambda specification: ()))
    asked = {runs.folder(specification) for specification in specifications}
    progress.advance(len(specifications) - len(asked & set(waiting)))
    if not waiting:
        return
    place_of: dict[Future[None], Path] = {}
    pending: set[Future[None]] = set()
    with nullcontext(engine) if engine else closing(Processes(workers, each.processors)) as place:
        try:
            while waiting or pending:
                for folder in [folder for folder, (_, needed) in waiting.items() if not needed]:
                    specification, _ = waiting.pop(folder)
                    future = place.start(_perform, runs, specification, work, needs=each)
                    place_of[future] = folder
                    pending.add(future)
                done, pending = first_done(pending)
                for future in done:
                    future.result()
                    if place_of[future] in asked:
                        progress.advance()
                    for _, needed in waiting.values():
                        needed.discard(place_of[future])
        finally:
            for future in pending:
                future.cancel()


def _missing(
    runs: Runs, specifications: Sequence[Specification], needs: Needed
) -> dict[Path, tuple[Specification, set[Path]]]:
    """What is to be done, by its folder: the specification, and the folders that must be complete before."""
    found: dict[Path, tuple[Specification, set[Path]]] = {}

    def add(specification: Specification) -> bool:
        """Whether it is still to be done."""
        place = runs.folder(specification)
        if place not in found:
            if runs.complete(specification):
                return False
            needed = [other for other in needs(specification) if add(other)]
            found[place] = (specification, {runs.folder(other) for other in needed})
        return True

    for specification in specifications:
        add(specification)
    return found


def _perform(runs: Runs, specification: Specification, work: Work) -> None:
    runs.perform(specification, work)
