"""What was left out and why, in few lines: what is to be said of several measures alike is said once."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

__all__ = ["NAMED", "lacks", "left_out"]

Said = TypeVar("Said", bound=Hashable)

NAMED = 6
"""Languages of a line that are named; the others are counted."""


def left_out(reasons: Iterable[tuple[str, str]], start: str = "") -> list[str]:
    """A line a reason, after the measures that it holds for.

    Args:
        reasons: the title of a measure, and why it says nothing. start: of each line.
    """
    return [f"{start}{', '.join(titles)}: {reason}" for reason, titles in _together(reasons)]


def lacks(missing: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """A line a set of languages, after the measures that lack just these.

    Args:
        missing: the title of a measure, and the languages that it has no value of.
    """
    lines = []
    for languages, titles in _together((title, tuple(each)) for title, each in missing):
        said = ", ".join(languages[:NAMED])
        if len(languages) > NAMED:
            said += f" and {len(languages) - NAMED} more"
        lines.append(f"{', '.join(titles)} {'lack' if titles[1:] else 'lacks'} {said}")
    return lines


def _together(said: Iterable[tuple[str, Said]]) -> list[tuple[Said, list[str]]]:
    found: dict[Said, list[str]] = {}
    for title, each in said:
        found.setdefault(each, []).append(title)
    return list(found.items())
