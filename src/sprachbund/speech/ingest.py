"""Raw clips and their texts to a corpus of speech: found, spelled, decoded, looked at, stored.

A clip that cannot serve costs itself: it is counted with its reason, and listed in the corpus. The folder is written
whole or not at all.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from sprachbund import settings as tree
from sprachbund.claims import scratch
from sprachbund.errors import CorpusError, LanguageError, SourceError
from sprachbund.files import atomic_folder, write_manifest
from sprachbund.languages import spoken
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.speech import extra
from sprachbund.speech.checking import wrong_length, wrong_sound
from sprachbund.speech.layouts.finding import Said, find
from sprachbund.speech.layouts.found import Found, Missed
from sprachbund.speech.settings import SpeechSettings, SpeechSplit
from sprachbund.speech.sides import HELD_BACK, place
from sprachbund.speech.sound import Sound, read_sound, resampled, to_int16
from sprachbund.speech.spelling import ALGORITHM as SPELLING
from sprachbund.speech.spelling import own_scripts, script_share, spell
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

__all__ = ["ingest_speech"]

MOST = 5_000_000
"""Utterances of a corpus."""
NO_LANGUAGE, OTHER_SCRIPT, TWICE, UNREADABLE, MISSING = (
    "no language", "another script", "twice", "no sound that can be read", "missing sound",
)  # fmt: skip
_MANY_HELD = 0.1
Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class _Spelled:
    """An utterance with its letters."""

    found: Found
    letters: str


def ingest_speech(
    sources: Sequence[Path | str] | Path | str,
    out: Path | str,
    *,
    language: str = "",
    speakers_from_folder: bool = False,
    settings: SpeechSettings | None = None,
    split: SpeechSplit | None = None,
    shower: Shower = show_progress,
) -> SpeechCorpus:
    """Read recorded speech in any known layout into a folder; one that is there is replaced.

    Args:
        sources: folders, archives or tables, see `layouts`. language: of all of it, by code or name; "" where the
            sources say it.
        speakers_from_folder: whether each folder with sound is named by its speaker.
        split: which speakers train, tune and judge; kept with the corpus.

    Raises:
        SourceError: a source holds no speech that is known. LanguageError: nothing says which language it is.
        CorpusError: no utterance is left. FolderError: ``out`` holds something else.
        MissingExtraError: the extra is not installed.
    """
    settings, split = settings or SpeechSettings(), split or SpeechSplit()
    for library in (extra.soundfile, extra.soxr):
        library()
    given = [sources] if isinstance(sources, Path | str) else list(sources)
    said = Said(spoken(language) if language else "", speakers_from_folder)
    left: list[tuple[str, str, str, str]] = []
    with scratch() as unpacked:
        kept: list[_Spelled] = []
        with shower("looking for speech (utterances)", None) as bar:
            for number, source in enumerate(given):
                folder = unpacked / str(number)
                folder.mkdir()
                kept += _spelled(find(Path(source), said, folder), left, bar)
        if not kept and {reason for _, _, reason, _ in left} >= {NO_LANGUAGE}:
            raise LanguageError(
                "nothing says in which language the speech is: give --lang, a column locale, or folders named by "
                "languages"
            )
        kept = _of_own_scripts(kept, left)
        target = Path(out)
        with atomic_folder(target, MANIFEST) as made:
            with shower("decoding (utterances)", len(kept)) as bar:
                rows = _store(kept, made, settings, left, bar)
            if not rows:
                raise CorpusError(f"no utterance is left of {len(left):,}: {_told(left)}")
            table = pl.DataFrame(rows, schema=COLUMNS, orient="row")
            _try(table, split)
            _write(made, table, left, settings, split)
    return SpeechCorpus.open(target, check=False)


def _spelled(items: Iterator[Found | Missed], left: list[tuple[str, str, str, str]], bar: Progress) -> list[_Spelled]:
    kept: list[_Spelled] = []
    for item in items:
        bar.advance()
        if len(kept) + len(left) >= MOST:
            raise SourceError(f"more than {MOST:,} utterances; ingest a part")
        if isinstance(item, Missed):
            left.append(("", item.name, item.reason, ""))
        elif not item.language:
            left.append(("", item.name, NO_LANGUAGE, ""))
        else:
            letters, reason = spell(item.text, item.language)
            if reason:
                left.append((item.language, item.name, reason, item.text))
            else:
                kept.append(_Spelled(item, letters))
    return kept


def _of_own_scripts(every: list[_Spelled], left: list[tuple[str, str, str, str]]) -> list[_Spelled]:
    """Those that are written as most of their language are."""
    by_language = defaultdict(list)
    for each in every:
        by_language[each.found.language].append(each.letters)
    scripts = {code: own_scripts(texts) for code, texts in by_language.items()}
    kept = []
    for each in every:
        if script_share(each.letters, scripts[each.found.language]) < 0.5:
            left.append((each.found.language, each.found.name, OTHER_SCRIPT, each.found.text))
        else:
            kept.append(each)
    return kept


def _store(
    kept: Sequence[_Spelled],
    folder: Path,
    settings: SpeechSettings,
    left: list[tuple[str, str, str, str]],
    bar: Progress,
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    seen: set[tuple[str, str]] = set()
    firsts: Counter[str] = Counter()
    for each in sorted(kept, key=lambda one: one.found.language):
        found = each.found
        bar.advance()
        sound, reason, detail = _sound(each, settings)
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
             found.licence, size / settings.sampling_rate, firsts[found.language], size, digest)
        )  # fmt: skip
        firsts[found.language] += size
    return rows


def _sound(each: _Spelled, settings: SpeechSettings) -> tuple[Sound | None, str, str]:
    """The sound of an utterance at the corpus's rate, or None, why, and what is known of it."""
    found = each.found
    if not found.path.exists():
        return None, MISSING, ""
    try:
        sound = read_sound(found.path, settings.longest + 1, found.start, found.end)
    except SourceError as error:
        return None, UNREADABLE, str(error).removeprefix(f"{found.path}: ")
    if reason := wrong_sound(sound, settings):
        return None, reason, f"{sound.seconds:.1f} s"
    if reason := wrong_length(sound.seconds, len(each.letters), settings):
        return None, reason, f"{sound.seconds:.1f} s, {len(each.letters)} letters"
    return (
        replace(
            sound, samples=resampled(sound.samples, sound.rate, settings.sampling_rate), rate=settings.sampling_rate
        ),
        "",
        "",
    )


def _write(
    folder: Path,
    table: pl.DataFrame,
    left: list[tuple[str, str, str, str]],
    settings: SpeechSettings,
    split: SpeechSplit,
) -> None:
    write_parquet(table, folder / TABLE, compression="zstd")
    write_parquet(pl.DataFrame(left, schema=LEFT_COLUMNS, orient="row"), folder / LEFT_OUT, compression="zstd")
    counts = table.group_by("language").agg(
        pl.len().alias("utterances"), pl.col("seconds").sum().round(2),
        pl.col("speaker").filter(pl.col("speaker") != "").n_unique().alias("speakers"),
    )  # fmt: skip
    write_manifest(
        folder, MANIFEST, KIND, FORMAT, settings=tree.to_dict(settings), split=tree.to_dict(split), spelling=SPELLING,
        languages={row.pop("language"): row for row in counts.sort("language").to_dicts()},
        left_out=dict(sorted(Counter(reason for _, _, reason, _ in left).items())),
        bytes={path.name: path.stat().st_size for path in sorted(folder.iterdir())},
    )  # fmt: skip


def _told(left: list[tuple[str, str, str, str]]) -> str:
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
