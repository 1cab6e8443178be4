"""A corpus of speech that `speech ingest` or `speech synthesise` wrote, so that several become one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, SourceError, one_line
from sprachbund.speech.layouts.found import Found, Missed, Stored
from sprachbund.speech.sound import FULL, Sound
from sprachbund.speech.store import MANIFEST, SpeechCorpus, samples_file

__all__ = ["is_ours", "of_ours", "stored_sound"]


def is_ours(files: list[Path]) -> bool:
    """Whether a folder with these files is one."""
    return any(path.name == MANIFEST for path in files)


def of_ours(folder: Path) -> Iterator[Found | Missed]:
    """Its utterances, each with the very samples that it has there; what it left out stays out."""
    try:
        corpus = SpeechCorpus.open(folder)
        rows = corpus.table.to_dicts()
    except FolderError as error:
        yield Missed("a corpus of speech that cannot be read", one_line(error))
        return
    rate = corpus.settings.sampling_rate
    for row in rows:
        yield Found(
            samples_file(folder, row["language"]), row["item"], row["text"], row["speaker"], row["source"],
            row["licence"], row["language"], synthetic=row["synthetic"],
            stored=Stored(rate, row["first"], row["samples"]),
        )  # fmt: skip


def stored_sound(path: Path, stored: Stored) -> Sound:
    """The samples of an utterance, to the bit.

    Raises:
        SourceError: there are none.
    """
    try:
        found = np.fromfile(path, "<i2", stored.samples, offset=2 * stored.first)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: {one_line(error)}") from None
    samples: Float32 = found.astype(np.float32) / np.float32(FULL)
    return Sound(samples, stored.rate)
