"""Text to phones and to sound by eSpeak NG, where the extra ``espeak`` is installed (GPL-3.0-or-later: never required).

Its rules are one person's broad transcription of one variety (``pt`` is read as Brazilian, as most recordings of it
are), and voices differ in how narrow they write. What it says of a pair is therefore to be held against what it says
of strangers. What it sounds like depends on what the process said before: a fresh one gives the same bits.
"""

import ctypes
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import langcodes
import numpy as np
from langcodes import data_dicts

from sprachbund.arrays import Int16
from sprachbund.errors import LanguageError, MissingExtraError
from sprachbund.languages import find
from sprachbund.normal_forms import normal_form

__all__ = [
    "RATE",
    "Manner",
    "Spoken",
    "is_there",
    "nearest_voice",
    "parsed",
    "require",
    "sound_of",
    "spoken_words",
    "variants",
    "voice_of",
    "voices",
    "voices_of",
]

Spoken = list[list[str]]
"""Words, each a list of phones in IPA, without stress and tone."""
_VOICES = {"pt": "pt-br", "en": "en-us", "simple": "en-us", "no": "nb", "zh": "cmn", "hy": "hy", "sh": "hr", "fr": "fr"}
RATE = 22_050
"""Samples a second of what it says."""
_RETRIEVAL, _UTF8, _IPA, _PARTED = 2, 1, 0x02, ord("_") << 8
_SPEED, _PITCH, _SPREAD = 1, 3, 4
_VARIANT = re.compile(r"[fm]\d")
"""Of the variants those that are plain women and men; the others whisper, croak, or are robots."""
# another voice's words stand between the names of voices: (en)...(pt-br)
_FOREIGN = re.compile(r"\([a-z][a-z0-9-]*\)")
_UNSAID = re.compile("[ˈˌ0-9‿͡.|‖-]")


@dataclass(frozen=True)
class Manner:
    """How a text is said.

    Attributes:
        voice: a voice, or one with a variant, ``pt-br+f2``. speed: words a minute, from 80 to 450.
        pitch: from 0 to 99, 50 is usual. spread: of the pitch within a sentence, the same.
    """

    voice: str
    speed: int = 175
    pitch: int = 50
    spread: int = 50


def is_there() -> bool:
    """Whether eSpeak NG is installed and can be loaded."""
    return _library() is not None


def require(doing: str) -> None:
    """See that it can be used here.

    Raises:
        MissingExtraError: it is not installed.
    """
    if not is_there():
        raise MissingExtraError(f"{doing} needs eSpeak NG: pip install 'sprachbund[espeak]' (GPL-3.0-or-later)")


def voice_of(code: str, others: Iterable[str] = ()) -> str | None:
    """The voice for a language; None where eSpeak NG is not installed or has none.

    Args:
        others: further codes of it, tried in their order.
    """
    library = _library()
    if library is None:
        return None
    names = dict.fromkeys([_VOICES.get(code, code), code, *others])
    return next((name for name in names if library.espeak_SetVoiceByName(name.encode()) == 0), None)


def voices_of(code: str) -> tuple[str, ...]:
    """All voices of a language in its own script: ``pt`` and ``pt-br`` for ``pt``; none where there is none."""
    wanted = {_primary(_VOICES.get(code, code)), _primary(code)}
    return tuple(name for name in _tags() if name.partition("-")[0] in wanted)


def variants() -> tuple[str, ...]:
    """Women and men that any voice can speak as: ``f1``, ``m3``."""
    import espeakng_loader

    folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
    return tuple(sorted(path.name for path in folder.glob("*") if _VARIANT.fullmatch(path.name)))


def nearest_voice(code: str) -> str:
    """The voice that speakers of a language most likely know: of what CLDR says they read, else of the language of
    where it is spoken, if that is written alike; "" where nothing is known of it."""
    near, _ = langcodes.closest_match(_primary(code), _tags(), max_distance=50)
    if near != "und" or _primary(code) not in data_dicts.LIKELY_SUBTAGS:
        return str(near).replace("und", "")
    own = langcodes.Language.get(_primary(code)).maximize()
    there = langcodes.Language.get(f"und-{own.territory}").maximize()
    found = voices_of(str(there.language)) if there.script == own.script else ()
    return found[0] if found else ""


def _tags() -> list[str]:
    """The voices whose names are codes of languages, in the usual script of each."""
    known = (name for name in voices() if langcodes.tag_is_valid(name))
    return [name for name in known if langcodes.Language.get(name).script is None]


def _primary(code: str) -> str:
    """The language of a code, without region and script."""
    try:
        return find(code).bcp47.partition("-")[0]
    except LanguageError:
        return code


def spoken_words(texts: Iterable[str], voice: str) -> Iterable[tuple[Spoken, int]]:
    """Of each text its words in phones, and how many words were left out because the voice cannot read their script."""
    library = _library()
    assert library is not None, "a voice was found"
    library.espeak_SetVoiceByName(voice.encode())
    for text in texts:
        place = ctypes.c_char_p(normal_form("NFC", text).replace("\0", " ").encode("utf-8", "replace"))
        pointer, said = ctypes.pointer(place), []
        while place.value is not None:
            clause = library.espeak_TextToPhonemes(pointer, _UTF8, _PARTED | _IPA)
            said.append(clause.decode("utf-8", "replace") if clause else "")
        yield parsed(" ".join(said))


def parsed(said: str) -> tuple[Spoken, int]:
    """Words in phones out of what eSpeak NG writes: phones parted by ``_``, words by blanks.

    >>> parsed("k_ˈa_ʃ_o (en)d_ˈɒ_ɡ(pt)")
    ([['k', 'a', 'ʃ', 'o']], 1)
    """
    words, foreign, left_out = [], False, 0
    for word in said.split():
        switches = len(_FOREIGN.findall(word))
        if foreign or switches:
            left_out += 1
        else:
            phones = [plain for phone in word.split("_") if (plain := _UNSAID.sub("", phone))]
            if phones:
                words.append([normal_form("NFC", phone) for phone in phones])
        foreign ^= bool(switches % 2)
    return words, left_out


@cache
def _library() -> Any:
    """The shared library, made ready once; None where it is not installed or does not load."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        ready = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
    except (ImportError, OSError, AttributeError):
        return None
    return library if ready > 0 else None


def sound_of(text: str, manner: Manner) -> Int16 | None:
    """A text said: int16 at `RATE`, the same for the same texts in the same order in a fresh process; None where the
    voice fails."""
    library = _library()
    assert library is not None, "see `require`"
    if library.espeak_SetVoiceByName(manner.voice.encode()) != 0:
        return None
    for parameter, value in ((_SPEED, manner.speed), (_PITCH, manner.pitch), (_SPREAD, manner.spread)):
        library.espeak_SetParameter(parameter, value, 0)
    library.espeak_ng_SetRandSeed(0)
    pieces: list[bytes] = []

    def heard(samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    caller = _Callback(heard)
    library.espeak_SetSynthCallback(caller)
    data = normal_form("NFC", text).replace("\0", " ").encode("utf-8", "replace") + b"\0"
    failed = library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8, None, None) or library.espeak_Synchronize()
    library.espeak_SetSynthCallback(_Callback())
    return None if failed or not pieces else np.frombuffer(b"".join(pieces), np.int16)


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class _Voice(ctypes.Structure):
    """As eSpeak NG lists it; what comes after these fields is of no use here."""

    _fields_ = (("name", ctypes.c_char_p), ("languages", ctypes.c_void_p))


@cache
def voices() -> tuple[str, ...]:
    """The names of all voices, in any language; none where it is not installed."""
    library, found = _library(), set[str]()
    if library is None:
        return ()
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    listed, number = library.espeak_ListVoices(None), 0
    while listed[number]:
        # a byte of priority before each language that a voice is for; the first is its own
        found.add(ctypes.string_at(listed[number].contents.languages + 1).decode("utf-8", "replace"))
        number += 1
    return tuple(sorted(found))
