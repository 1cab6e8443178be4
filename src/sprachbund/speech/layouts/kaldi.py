"""Kaldi's data folders: ``wav.scp`` and ``text``, with ``utt2spk`` and ``segments`` where they are there.

A line of ``wav.scp`` that is a command (it ends with a bar) is never run: it is counted.
"""

from collections.abc import Iterator
from pathlib import Path

from sprachbund.corpus.sources.textfile import read_text
from sprachbund.speech.layouts.found import Found, Missed

__all__ = ["is_kaldi", "of_kaldi"]

_MOST = 1 << 30


def is_kaldi(files: list[Path]) -> bool:
    """Whether a folder with these files is one."""
    return {"wav.scp", "text"} <= {path.name for path in files}


def of_kaldi(folder: Path) -> Iterator[Found | Missed]:
    """What it names.

    Raises:
        SourceError: a file of it cannot be read as text.
    """
    sounds, texts = _pairs(folder / "wav.scp"), _pairs(folder / "text")
    speakers = _pairs(folder / "utt2spk")
    parts = _pairs(folder / "segments")
    for name in parts or sounds:
        recording, start, end = name, 0.0, None
        if parts:
            cells = parts[name].split()
            try:
                recording, start, end = cells[0], float(cells[1]), float(cells[2])
                if not (0 <= start < 1e9 and (end == -1 or start < end < 1e9)):
                    raise ValueError
                end = None if end == -1 else end
            except (IndexError, ValueError):
                yield Missed("a line that cannot be read", f"segments, {name}")
                continue
        sound = sounds.get(recording, "")
        if not sound or "\0" in sound:
            yield Missed("no path", f"wav.scp, {recording}")
        elif sound.endswith("|"):
            yield Missed("a command, which is not run", f"wav.scp, {recording}")
        else:
            yield Found(_placed(folder, sound), name, texts.get(name, ""), speakers.get(name, ""), start=start, end=end)


def _placed(folder: Path, sound: str) -> Path:
    """Paths are absolute, or relative to the folder, or to the one where Kaldi was run, two or one above."""
    for place in (folder, folder.parent, folder.parent.parent):
        if (place / sound).is_file():
            return place / sound
    return folder / sound


def _pairs(path: Path) -> dict[str, str]:
    """The lines of a file as its first word and the rest; {} where there is none."""
    if not path.is_file():
        return {}
    found = {}
    for line in read_text(path, _MOST)[0].split("\n"):
        name, _, rest = line.strip().partition(" ") if "\t" not in line else line.strip().partition("\t")
        if name:
            found[name] = rest.strip()
    return found
