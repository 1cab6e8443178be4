"""All that is thrown at the program, and one table of it: ``make fuzz``.

    python tests/fuzz/fuzz.py --inputs 10000 --mutations 2000 --kills 1000 --examples 400
    python tests/fuzz/fuzz.py --only kills          ingest, folders, kills or service

Ends with 1 where something failed. Inputs that failed and the ledger of the kills are in build/fuzz; kills that are
in the ledger are not done again.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import fuzz_folders
import fuzz_ingest
import fuzz_kills
from fuzz_table import Ended, print_table

ROOT = Path(__file__).parents[2]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000, help="of ingest")
    parser.add_argument("--mutations", type=int, default=2_000, help="of folders")
    parser.add_argument("--kills", type=int, default=1_000, help="of all verbs")
    parser.add_argument("--examples", type=int, default=400, help="of each operation of the service")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--save", type=Path, default=Path("build/fuzz"))
    given = parser.parse_args()
    found: list[Ended] = []
    for name, part in PARTS.items():
        if given.only in (None, name):
            for one in part(given):
                found.append(one)
                if one.fault:
                    print(f"{one.ended} {one.kind} {one.name}: {one.fault.strip()[-600:]}", flush=True)
    print_table(found)
    return int(any(one.fault for one in found))


def ingest(given: argparse.Namespace) -> Iterable[Ended]:
    """Files of every format and of none; those that fail are saved."""
    for one in fuzz_ingest.run(given.inputs, given.seed):
        if one.fault:
            fuzz_ingest.save(given.seed, one, given.save)
        yield one


def folders(given: argparse.Namespace) -> Iterable[Ended]:
    """Damages of every kind of folder."""
    return fuzz_folders.run(given.mutations, given.seed)


def kills(given: argparse.Namespace) -> Iterable[Ended]:
    """A round is an input: some kills, then the command to its end."""
    verbs = list(fuzz_kills.VERB_SHARES)
    with tempfile.TemporaryDirectory(prefix="fuzz-kills-") as folder:
        for one in fuzz_kills.run(given.kills, given.seed, verbs, given.save / "kills.jsonl", Path(folder)):
            ended = "FAULT" if one.fault else f"{one.kills} kills"
            yield Ended(f"kills of {one.verb}", f"round {one.number}", ended, one.fault, one.seconds)


def service(given: argparse.Namespace) -> Iterable[Ended]:
    """The operations of the service as the description has them, by schemathesis."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/service/test_service_fuzz.py"]
    environment = {**os.environ, "SPRACHBUND_FUZZ_EXAMPLES": str(given.examples)}
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout.strip().splitlines()[-1:] or [done.stderr[-300:]]
    fault = done.stdout[-4_000:] + done.stderr[-1_000:] if done.returncode else ""
    yield Ended("service, operations", "schemathesis", said[0], fault, time.monotonic() - began)


PARTS: dict[str, Callable[[argparse.Namespace], Iterable[Ended]]] = {
    "ingest": ingest,
    "folders": folders,
    "kills": kills,
    "service": service,
}


if __name__ == "__main__":
    sys.exit(main())
