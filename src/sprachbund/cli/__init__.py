"""The command line: one module a verb, each a thin layer over the Python call of the same name.

Exit codes: 0 done (also where the reader of the output has gone), 1 an error that one line explains, 2 wrong usage, 130
interrupted. Results go to standard output (``--json`` for machines), warnings, progress and errors to standard error.
"""

import os
import sys

__all__ = ["main"]

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    try:
        # kernels and matrix products take their threads from the machine's limit, not from the host's processors
        from sprachbund.cli.output import flush, log_warnings, prepare_streams
        from sprachbund.machine import cpu_count

        os.environ.setdefault("NUMBA_NUM_THREADS", str(cpu_count()))
        prepare_streams()
        log_warnings()
        from sprachbund.cli.app import run

        code = run()
        flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = INTERRUPTED
    sys.exit(code)
