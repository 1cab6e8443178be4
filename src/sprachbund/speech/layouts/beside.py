"""Sound with its text in a file beside it: ``a.wav`` and ``a.txt``, ``a.lab`` or ``a.normalized.txt``."""

from collections.abc import Iterator
from pathlib import Path

from sprachbund.corpus.sources.textfile import read_text
from sprachbund.errors import SourceError
from sprachbund.speech.layouts.found import SOUNDS, Found, Missed

__all__ = ["is_beside", "of_beside"]

ENDINGS = (".txt", ".lab", ".normalized.txt")
_MOST = 1 << 20


def is_beside(files: list[Path]) -> bool:
    """Whether sound lies in a folder with a text beside any of it."""
    names = {path.name for path in files}
    return any(_text_of(path, names) for path in files if path.suffix.lower() in SOUNDS)


def of_beside(files: list[Path], speaker: str) -> Iterator[Found | Missed]:
    """What lies there.

    Args:
        speaker: of all of it, "" for unknown.
    """
    names = {path.name for path in files}
    for path in files:
        if path.suffix.lower() not in SOUNDS:
            continue
        beside = _text_of(path, names)
        try:
            text = read_text(path.with_name(beside), _MOST)[0] if beside else ""
        except SourceError:
            yield Missed("a text that cannot be read", beside)
            continue
        yield Found(path, path.name, " ".join(text.split()), speaker)


def _text_of(path: Path, names: set[str]) -> str:
    return next((path.stem + ending for ending in ENDINGS if path.stem + ending in names), "")
