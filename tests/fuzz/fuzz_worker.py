"""A process that ingests one input after another and says of each how it ended, what it took and what memory it had.

python fuzz_worker.py SEED       numbers come on standard input; a line of JSON a number goes out
"""

import faulthandler
import json
import logging
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from hostile_inputs import make
from ingested import judge

ADDRESS_SPACE = 16 << 30
"""Bytes above which the process gets no more, so that a fault does not take the machine down."""


def main() -> None:
    """Work until standard input ends."""
    seed = int(sys.argv[1])
    faulthandler.enable()
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for line in sys.stdin:
        print(json.dumps(one(seed, int(line))), flush=True)


def one(seed: int, number: int) -> dict[str, object]:
    """Ingest one input; what there is to say about it."""
    given = make(seed, number)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    before = forget_peak()
    began = time.process_time()
    fault = ""
    try:
        ended = judge(given, folder)
    except BaseException as error:  # a panic of a library is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        ended, fault = "FAULT", "".join(traceback.format_exception(error, limit=-6))[-3_000:]
    seconds = time.process_time() - began
    peak = memory("VmHWM")
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "number": number,
        "kind": given.kind,
        "bytes": len(given.data),
        "ended": ended,
        "fault": fault,
        "seconds": seconds,
        "peak": peak,
        "grown": max(0, peak - before),
    }


def forget_peak() -> int:
    """Let the kernel count the peak anew; bytes in memory now."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0
    return memory("VmRSS")


def memory(name: str) -> int:
    """Bytes, from /proc; 0 where there is none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(name)), 0)


if __name__ == "__main__":
    main()
