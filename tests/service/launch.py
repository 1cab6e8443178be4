"""A server process for tests: `launch.py INDEX [SECONDS [CONCURRENT [RECOGNISER ...]]]`.

INDEX may be `stand-in:DELAY`.
"""

import sys
from pathlib import Path
from typing import Any

from stand_in import StandIn
from talking import PATIENCE

import sprachbund.service.app as app
from sprachbund.service.limits import Limits
from sprachbund.service.live import Live
from sprachbund.service.serve import run

if __name__ == "__main__":
    name = sys.argv[1]
    limits = Limits(
        seconds=float(sys.argv[2]) if len(sys.argv) > 2 else PATIENCE,
        concurrent=int(sys.argv[3]) if len(sys.argv) > 3 else 512,
    )
    if name.startswith("stand-in:"):
        index = StandIn(delay=float(name.partition(":")[2]))

        def make_app(_: Any, limits: Limits, *, key: str, hosts: Any, recognisers: Any) -> Any:
            """The application over the stand-in."""
            heard = app.open_recognisers(recognisers)
            return app.assemble(Live(index, index.reopen), limits, app.Rules(key, tuple(hosts)), 1.0, heard)  # type: ignore[arg-type]

        app.make_app = make_app  # type: ignore[assignment]
    recognisers = list(map(Path, sys.argv[4:]))
    run(Path(name), port=0, limits=limits, recognisers=recognisers, announce=lambda address: print(address, flush=True))
    print("stopped", flush=True)
