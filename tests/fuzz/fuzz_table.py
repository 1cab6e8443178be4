"""How the inputs of a fuzz ended, and the table of it."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Ended", "print_table"]


@dataclass(frozen=True)
class Ended:
    """How one input ended.

    Attributes:
        name: with which it can be made again.
        ended: a word: kept, the class of an error of ours, or FAULT, HANG, CRASH, MEMORY.
        fault: what was said of it; empty where all holds that has to.
        seconds: of a processor. memory: bytes that the process grew by.
    """

    kind: str
    name: str
    ended: str
    fault: str
    seconds: float
    memory: int = 0


def print_table(found: Iterable[Ended]) -> None:
    """In Markdown, as the log has it."""
    rows: dict[str, list[Ended]] = {}
    for one in found:
        rows.setdefault(one.kind, []).append(one)
    print("| kind | inputs | failures | slowest, s | most memory, MiB | how they ended |\n|---|--:|--:|--:|--:|---|")
    for kind, some in rows.items():
        ends = sorted({one.ended for one in some})
        told = ", ".join(f"{sum(one.ended == end for one in some):,} {end}" for end in ends)
        slowest, memory = max(one.seconds for one in some), max(one.memory for one in some) >> 20
        failures = sum(bool(one.fault) for one in some)
        print(f"| {kind} | {len(some):,} | {failures} | {slowest:.1f} | {memory or '-'} | {told} |")
