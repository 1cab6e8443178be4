"""Synthetic speech from raw text, by eSpeak NG: sentences drawn by a seed, each by a voice, a pitch and a speed.

It is one synthesiser: its voices are no speakers, and it is marked as synthetic wherever it goes, trains and never
judges. What it is good for is to be measured, beside recordings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprachbund import espeak
from sprachbund.corpus.sources.textfile import read_text
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, LanguageError, SettingsError
from sprachbund.files import writable
from sprachbund.languages import among, find, spoken
from sprachbund.progress import progress as show_progress
from sprachbund.speech import extra
from sprachbund.speech.keeping import TWICE, Left, Shower, Spelled, keep, spelled
from sprachbund.speech.kind_warnings import told_already
from sprachbund.speech.layouts.found import Found
from sprachbund.speech.settings import SpeechSplit, SynthesisSettings, VoiceSettings
from sprachbund.speech.sound import Sound
from sprachbund.speech.speaking import Speaker
from sprachbund.speech.spelling import OTHER_SCRIPT, clauses, script_share, scripts_of
from sprachbund.speech.store import SpeechCorpus

__all__ = ["SOURCE", "synthesise_speech"]

SOURCE = "eSpeak NG"
FAILED, TOO_LONG = "a voice that fails", "too long"
_MOST = 1 << 30
"""Bytes of a file of text."""
_FEWEST_LETTERS = 30
"""Letters that are drawn for a second, so that there are enough where a fifth of the sentences is left out: the fastest
voice says some 18."""


def synthesise_speech(
    texts: Sequence[Path | str] | Path | str,
    out: Path | str,
    *,
    language: str,
    voices: Sequence[str] = (),
    minutes: float = 60.0,
    seed: int = 0,
    licence: str = "",
    settings: SynthesisSettings | None = None,
    shower: Shower = show_progress,
) -> SpeechCorpus:
    """Say raw text by eSpeak NG into a corpus of speech that only trains; one that is there is replaced.

    The same text, settings and seed give the same bits.

    Args:
        texts: corpora of text that have the language, or files with a sentence a line.
        voices: of eSpeak NG, each with a variant or with any, ``pt-br+f2``, ``pt``; all of the language if empty.
        minutes: of speech at most; 0 for all of the text. licence: of the text, for the table.

    Raises:
        MissingExtraError: eSpeak NG is not installed. LanguageError: it has no voice for the language, and none is
            named; a corpus of text lacks it. SettingsError: it has no such voice.
        SourceError: a text cannot be read, or a voice ended its process.
        CorpusError: no sentence is left. FolderError: ``out`` holds something else. CapacityError: the disk is full.
    """
    espeak.require("synthetic speech")
    extra.soxr()
    settings, code = settings or SynthesisSettings(), spoken(language)
    if minutes < 0:
        raise SettingsError(f"minutes must be at least 0 (0 for all of the text), found {minutes:g}")
    drawn = _voices(voices, code)
    given = [texts] if isinstance(texts, Path | str) else list(texts)
    sentences = [each for path in given for each in _sentences(Path(path), code)]
    if not sentences:
        raise CorpusError(f"{', '.join(map(str, given))}: no text to say")
    generator, left, seen = np.random.default_rng(seed), Left(), set[str]()
    every: list[Spelled] = []
    manners: dict[str, espeak.Manner] = {}
    wanted = 60 * minutes * _FEWEST_LETTERS or float("inf")
    for number in generator.permutation(len(sentences)).tolist():
        place, text = sentences[number]
        found = Found(Path(), place, text, source=SOURCE, licence=licence, language=code, synthetic=True)
        made = _fit(found, settings, seen, left)
        if made is None:
            continue
        manner = _manner(generator, drawn, settings.voices)
        name = f"{place} ({manner.voice}, pitch {manner.pitch}, {manner.speed} words a minute)"
        every.append(replace(made, found=replace(found, name=name)))
        manners[name] = manner
        wanted -= len(made.letters)
        if wanted <= 0:
            break
    # that it never judges nobody need be warned of who makes it
    with Speaker() as speaker, shower("speaking (sentences)", None) as bar, told_already():

        def said(found: Found) -> tuple[Sound | None, str, str]:
            sound = speaker.say(_readable(found.text, code), manners[found.name])
            return (sound, "", "") if sound is not None else (None, FAILED, manners[found.name].voice)

        most = 60 * minutes or float("inf")
        return keep(every, Path(out), said, settings.speech, SpeechSplit(), left, bar, most)


def _voices(asked: Sequence[str], language: str) -> tuple[str, ...]:
    """The voices that are drawn from, each with its variant."""
    known, variants = espeak.voices(), ("", *espeak.variants())
    own = tuple(asked) or espeak.voices_of(language)
    if not own:
        near = espeak.nearest_voice(language)
        hint = f"the nearest that it has is {near}: --voice {near}" if near else "name another language's with --voice"
        raise LanguageError(f"eSpeak NG has no voice for {find(language).name} ({language}); {hint}")
    found: list[str] = []
    for voice in own:
        name, plus, variant = voice.partition("+")
        if name not in known or (plus and variant not in variants[1:]):
            raise SettingsError(
                f"eSpeak NG has no voice {voice[:60]!r}; for {language} it has "
                f"{', '.join(espeak.voices_of(language)) or 'none'}, each also as +{', +'.join(variants[1:])}"
            )
        found += [voice] if plus else [f"{name}+{each}".rstrip("+") for each in variants]
    return tuple(dict.fromkeys(found))


def _sentences(path: Path, language: str) -> Iterable[tuple[str, str]]:
    """The sentences of a corpus of text, or the lines of a file, each with what it is called."""
    name = writable(path.resolve().name)
    if path.is_dir():
        corpus = Corpus.open(path)
        (own,) = among([language], corpus.languages, f"{path}:")
        for number, text in enumerate(corpus.read(own, ["text"])["text"], 1):
            yield f"{name}, sentence {number}", text
        return
    for number, line in enumerate(read_text(path, _MOST)[0].splitlines(), 1):
        if line.strip():
            yield f"{name}, line {number}", line.strip()


def _manner(generator: np.random.Generator, voices: Sequence[str], settings: VoiceSettings) -> espeak.Manner:
    voice = voices[int(generator.integers(len(voices)))]
    speed = int(generator.integers(settings.slowest, settings.fastest + 1))
    pitch, spread = (int(each) for each in generator.integers(settings.lowest, settings.highest + 1, 2))
    return espeak.Manner(voice, speed, pitch, spread)


def _fit(found: Found, settings: SynthesisSettings, seen: set[str], left: Left) -> Spelled | None:
    """A sentence with its letters, by the rules for transcripts; None where it is left out."""
    own = settings.speech
    made = spelled(found, own.shareable, left)
    if made is None:
        return None
    scripts, reason = scripts_of(found.language), ""
    if scripts and script_share(made.letters, scripts) < 0.5:
        reason = OTHER_SCRIPT
    elif len(made.letters) > own.most_letters * own.longest:
        reason = TOO_LONG
    elif made.letters in seen:
        reason = TWICE
    if reason:
        left.append((found.language, found.name, reason, found.text[:200]))
        return None
    seen.add(made.letters)
    return made


def _readable(text: str, language: str) -> str:
    """What is said: the letters that stand in the corpus and nothing else, with pauses where the text has them."""
    return ", ".join(clauses(text, language)) + ("?" if text.rstrip().endswith(("?", "؟", "？")) else ".")
