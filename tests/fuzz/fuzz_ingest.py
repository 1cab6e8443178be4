"""The fuzz of ingest: inputs by their numbers, through Python and through the command line.

python tests/fuzz/fuzz_ingest.py --inputs 10000 --seed 1     all of them, one in `COMMANDS` by the command line too
python tests/fuzz/fuzz_ingest.py --seed 1 --only 4711         one of them, with its traceback; the file is kept
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from unicodedata import bidirectional, category

from fuzz_table import Ended, print_table
from hostile_inputs import make
from lasting import Lasting, Lost
from nursery import Nursery

__all__ = ["by_command", "in_python", "run"]

SECONDS = 30.0
"""Of a processor for one input; more is a hang."""
MEMORY = 768 << 20
"""Bytes that an ingest of 256 MiB with records of 2 MiB may grow by, the libraries' own included."""
COMMANDS = 10
"""Every so manieth input is given to the command line too."""
OVERRIDES = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
"""What turns the direction of the rest of a line on a terminal."""
HERE = Path(__file__).parent


def in_python(numbers: Iterable[int], seed: int) -> Iterator[Ended]:
    """Ingest these inputs, one after the other, in a process that lasts."""
    worker = Lasting(str(HERE / "fuzz_worker.py"), str(seed), seconds=SECONDS + 20)  # making the input counts too
    try:
        for number in numbers:
            answer = worker.ask(str(number))
            if isinstance(answer, Lost):
                yield Ended(make(seed, number).kind, str(number), answer.ended, answer.words, answer.seconds)
                continue
            ended, fault = answer["ended"], answer["fault"]
            if not fault and answer["seconds"] > SECONDS:
                ended, fault = "HANG", f"{answer['seconds']:.0f} seconds of a processor"
            elif not fault and answer["grown"] > MEMORY:
                ended, fault = "MEMORY", f"{answer['grown'] >> 20:,} MiB"
            yield Ended(answer["kind"], str(number), ended, fault, answer["seconds"], answer["grown"])
    finally:
        worker.close()


def by_command(numbers: Iterable[int], seed: int) -> Iterator[Ended]:
    """The same by ``sprachbund ingest``: exit code 0, or 1 and a line; nothing that a terminal would obey."""
    nursery = Nursery()
    try:
        for number in numbers:
            code, seconds, said = nursery.ingest(seed, number)
            fault = _wrong(code, said)
            ended = "FAULT" if fault else "done" if code == 0 else "one line"
            yield Ended("command line", f"{number} by command", ended, fault, seconds)
    finally:
        nursery.close()


def _wrong(code: int, said: str) -> str:
    """What is wrong with the end of a command; empty where nothing is."""
    odd = {character for character in said if category(character) in ("Cc", "Cs", "Zl", "Zp")} - {"\n"}
    odd |= {character for character in said if bidirectional(character) in OVERRIDES}
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    if code not in (0, 1) or "Traceback" in said or odd or len(lines) != code:
        return f"exit code {code}, {len(lines)} lines of error, controls {sorted(odd)}\n{said}"
    return ""


def run(inputs: int, seed: int, first: int = 0) -> Iterator[Ended]:
    """So many inputs, a part of them by the command line too."""
    numbers = range(first, first + inputs)
    yield from in_python(numbers, seed)
    yield from by_command(numbers[::COMMANDS], seed)


def save(seed: int, one: Ended, folder: Path) -> Path:
    """Write an input that failed, and what was said about it."""
    folder.mkdir(parents=True, exist_ok=True)
    number = int(one.name.split()[0])
    path = folder / f"{seed}-{number}"
    given = make(seed, number)
    path.write_bytes(given.data)
    about = f"name={given.name!r} lang={given.lang} folder={given.folder} strict={given.strict}"
    path.with_suffix(".txt").write_text(f"{about}\n{one.ended}\n{one.fault}", encoding="utf-8", errors="replace")
    return path


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--save", type=Path, default=Path("build/fuzz"), help="the folder for inputs that fail")
    given = parser.parse_args()
    found = []
    chosen = run(given.inputs, given.seed, given.first) if given.only is None else run(1, given.seed, given.only)
    for one in chosen:
        found.append(one)
        if given.only is not None or one.fault:
            path = save(given.seed, one, given.save)
            again = f"python {sys.argv[0]} --seed {given.seed} --only {one.name.split()[0]}"
            print(f"{one.ended} ({one.kind}), {path}; again: {again}\n    {one.fault.strip()[-600:]}", flush=True)
        elif len(found) % 500 == 0:
            print(f"{len(found):,} inputs", file=sys.stderr, flush=True)
    print_table(found)
    return int(any(one.fault for one in found))


if __name__ == "__main__":
    sys.exit(main())
