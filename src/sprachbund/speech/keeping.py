"""From utterances that were found to the folder of a corpus of speech: spelled, decoded, looked at, parted, kept.

An utterance that cannot serve costs itself: it is counted with its reason, and listed in the corpus. The folder is
written whole or not at all.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from sprachbund import settings as tree
from sprachbund.errors import CorpusError
from sprachbund.files import atomic_folder, write_manifest
from sprachbund.progress import Progress, logger
from sprachbund.speech.checking import wrong_length, wrong_sound
from sprachbund.speech.layouts.found import Found
from sprachbund.speech.licences import UNKNOWN, free
from sprachbund.speech.settings import SpeechSettings, SpeechSplit
from sprachbund.speech.sides import HELD_BACK, place
from sprachbund.speech.sound import Sound, resampled, to_int16
from sprachbund.speech.spelling import ALGORITHM as SPELLING
from sprachbund.speech.spelling import spell
from sprachbund.speech.store import (
    COLUMNS,
    FORMAT,
    KIND,
    LEFT_COLUMNS,
    LEFT_OUT,
    MANIFEST,
    TABLE,
    SpeechCorpus,
    samples_file,
)
from sprachbund.tables import write_parquet

__all__ = ["TWICE", "Decode", "Left", "Shower", "Spelled", "keep", "spelled"]

TWICE, OTHER_LICENCE = "twice", "another licence"
_MANY_HELD = 0.1
Left = list[tuple[str, str, str, str]]
"""What is left out: language, name, reason, detail."""
Decode = Callable[[Found], tuple[Sound | None, str, str]]
"""From an utterance to its sound; or None, why, and what is known of it."""
Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class Spelled:
    """An utterance with its letters."""

    found: Found
    letters: str


def spelled(found: Found, shareable: bool, left: Left) -> Spelled | None:
    """An utterance of a known language with its letters; None where it is left out.

    Args:
        shareable: whether its licence must allow to give away what learns from it.
    """
    if shareable and not free([found.licence]):
        left.append((found.language, found.name, OTHER_LICENCE, found.licence or UNKNOWN))
        return None
    letters, reason = spell(found.text, found.language)
    if reason:
        left.append((found.language, found.name, reason, found.text))
        return None
    return Spelled(found, letters)


def keep(
    every: Sequence[Spelled],
    out: Path,
    decode: Decode,
    settings: SpeechSettings,
    split: SpeechSplit,
    left: Left,
    bar: Progress,
    most: float = float("inf"),
) -> SpeechCorpus:
    """Write a corpus of speech; one that is there is replaced.

    Args:
        left: what is left out already; more is added. bar: advanced by one an utterance.
        most: seconds after which no more are taken.

    Raises:
        CorpusError: no utterance is left, or none is of the sources that are to judge.
        FolderError: ``out`` holds something else. CapacityError: the disk is full.
    """
    with atomic_folder(out, MANIFEST) as made:
        rows = _store(sorted(every, key=lambda one: one.found.language), made, decode, settings, left, bar, most)
        if not rows:
            raise CorpusError(f"no utterance is left of {len(left):,}: {_told(left)}")
        table = pl.DataFrame(rows, schema=COLUMNS, orient="row")
        _try(table, split)
        _write(made, table, left, settings, split)
    return SpeechCorpus.open(out, check=False)


def _store(
    every: Iterable[Spelled],
    folder: Path,
    decode: Decode,
    settings: SpeechSettings,
    left: Left,
    bar: Progress,
    most: float,
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    seen: set[tuple[str, str]] = set()
    firsts: Counter[str] = Counter()
    for each in every:
        found = each.found
        if sum(firsts.values()) >= most * settings.sampling_rate:
            break
        bar.advance()
        sound, reason, detail = _looked_at(each, decode, settings)
        if sound is None:
            left.append((found.language, found.name, reason, detail))
            continue
        data = to_int16(sound.samples).astype("<i2").tobytes()
        digest = hashlib.sha256(data).hexdigest()
        if (found.language, digest) in seen:
            left.append((found.language, found.name, TWICE, ""))
            continue
        seen.add((found.language, digest))
        with samples_file(folder, found.language).open("ab") as handle:
            handle.write(data)
        size = len(data) // 2
        rows.append(
            (found.language, found.name, " ".join(found.text.split()), each.letters, found.speaker, found.source,
             found.licence, size / settings.sampling_rate, firsts[found.language], size, digest, found.synthetic)
        )  # fmt: skip
        firsts[found.language] += size
    return rows


def _looked_at(each: Spelled, decode: Decode, settings: SpeechSettings) -> tuple[Sound | None, str, str]:
    """The sound of an utterance at the corpus's rate, or None, why, and what is known of it."""
    sound, reason, detail = decode(each.found)
    if sound is None:
        return None, reason, detail
    if reason := wrong_sound(sound, settings):
        return None, reason, f"{sound.seconds:.1f} s"
    if reason := wrong_length(sound.seconds, len(each.letters), settings):
        return None, reason, f"{sound.seconds:.1f} s, {len(each.letters)} letters"
    samples = resampled(sound.samples, sound.rate, settings.sampling_rate)
    return replace(sound, samples=samples, rate=settings.sampling_rate), "", ""


def _write(folder: Path, table: pl.DataFrame, left: Left, settings: SpeechSettings, split: SpeechSplit) -> None:
    write_parquet(table, folder / TABLE, compression="zstd")
    write_parquet(pl.DataFrame(left, schema=LEFT_COLUMNS, orient="row"), folder / LEFT_OUT, compression="zstd")
    counts = table.group_by("language").agg(
        pl.len().alias("utterances"), pl.col("seconds").sum().round(2),
        pl.col("speaker").filter(pl.col("speaker") != "").n_unique().alias("speakers"),
        pl.col("seconds").filter("synthetic").sum().round(2).alias("synthetic"),
    )  # fmt: skip
    write_manifest(
        folder, MANIFEST, KIND, FORMAT, settings=tree.to_dict(settings), split=tree.to_dict(split), spelling=SPELLING,
        languages={row.pop("language"): row for row in counts.sort("language").to_dicts()},
        left_out=dict(sorted(Counter(reason for _, _, reason, _ in left).items())),
        bytes={path.name: path.stat().st_size for path in sorted(folder.iterdir())},
    )  # fmt: skip


def _told(left: Left) -> str:
    counts = Counter(reason for _, _, reason, _ in left)
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common()) or "none was found"


def _try(table: pl.DataFrame, split: SpeechSplit) -> None:
    """Part every language before anything is kept: what cannot be kept apart is said now.

    Raises:
        CorpusError: no utterance is of the sources that are to judge.
    """
    sources = sorted(set(table["source"]))
    if split.judged and not set(split.judged) & set(sources):
        raise CorpusError(
            f"no utterance is of {', '.join(split.judged)}, whose speakers are to judge; the sources are: "
            f"{', '.join(filter(None, sources)) or 'none'}"
        )
    for code in table["language"].unique().sort():
        placed = place(table.filter(pl.col("language") == code), split)
        held = placed.count(HELD_BACK)
        if held > _MANY_HELD * len(placed.sides):
            logger.warning(
                "%s: %d of %d utterances say a sentence that another side has, and are not trained on", code, held,
                len(placed.sides),
            )  # fmt: skip
