"""Raw clips and their texts to a corpus of speech: found, spelled, decoded, looked at, stored.

What becomes of a clip that was found is said in `keeping`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sprachbund.claims import scratch
from sprachbund.errors import LanguageError, SourceError
from sprachbund.languages import spoken
from sprachbund.progress import Progress
from sprachbund.progress import progress as show_progress
from sprachbund.speech import extra
from sprachbund.speech.keeping import Left, Shower, Spelled, keep, spelled
from sprachbund.speech.layouts.finding import Said, find
from sprachbund.speech.layouts.found import Found, Missed
from sprachbund.speech.layouts.ours import stored_sound
from sprachbund.speech.settings import SpeechSettings, SpeechSplit
from sprachbund.speech.sound import Sound, read_sound
from sprachbund.speech.spelling import OTHER_SCRIPT, own_scripts, script_share
from sprachbund.speech.store import SpeechCorpus

__all__ = ["ingest_speech"]

MOST = 5_000_000
"""Utterances of a corpus."""
NO_LANGUAGE, UNREADABLE, MISSING = "no language", "no sound that can be read", "missing sound"


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
        sources: folders, archives or tables, see `layouts`; corpora of speech are joined.
        language: of all of it, by code or name; "" where the sources say it.
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
    left: Left = []
    with scratch() as unpacked:
        kept: list[Spelled] = []
        with shower("looking for speech (utterances)", None) as bar:
            for number, source in enumerate(given):
                folder = unpacked / str(number)
                folder.mkdir()
                kept += _spelled(find(Path(source), said, folder), settings.shareable, left, bar)
        if not kept and {reason for _, _, reason, _ in left} >= {NO_LANGUAGE}:
            raise LanguageError(
                "nothing says in which language the speech is: give --lang, a column locale, or folders named by "
                "languages"
            )
        kept = _of_own_scripts(kept, left)
        decode = partial(_decoded, most=settings.longest + 1)
        with shower("decoding (utterances)", len(kept)) as bar:
            return keep(kept, Path(out), decode, settings, split, left, bar)


def _spelled(items: Iterator[Found | Missed], shareable: bool, left: Left, bar: Progress) -> list[Spelled]:
    kept: list[Spelled] = []
    for item in items:
        bar.advance()
        if len(kept) + len(left) >= MOST:
            raise SourceError(f"more than {MOST:,} utterances; ingest a part")
        if isinstance(item, Missed):
            left.append(("", item.name, item.reason, ""))
        elif not item.language:
            left.append(("", item.name, NO_LANGUAGE, ""))
        elif (made := spelled(item, shareable, left)) is not None:
            kept.append(made)
    return kept


def _of_own_scripts(every: list[Spelled], left: Left) -> list[Spelled]:
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


def _decoded(found: Found, most: float) -> tuple[Sound | None, str, str]:
    """The sound of a clip, at most so many seconds of it; or None, why, and what is known of it."""
    if not found.path.exists():
        return None, MISSING, ""
    try:
        if found.stored is not None:
            return stored_sound(found.path, found.stored), "", ""
        return read_sound(found.path, most, found.start, found.end), "", ""
    except SourceError as error:
        return None, UNREADABLE, str(error).removeprefix(f"{found.path}: ")
