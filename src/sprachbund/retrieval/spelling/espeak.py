"""Text to sounds by eSpeak NG, where the extra ``espeak`` is installed (GPL-3.0-or-later, so it is never required).

Its rules are one person's broad transcription of one variety (``pt`` is read as Brazilian, as most recordings of it
are), and voices differ in how narrow they write. What it says of a pair is therefore to be held against what it says
of strangers.
"""

import ctypes
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sprachbund.normal_forms import normal_form

__all__ = ["Spoken", "is_there", "parsed", "spoken_words", "voice_of"]

Spoken = list[list[str]]
"""Words, each a list of phones in IPA, without stress and tone."""
_VOICES = {"pt": "pt-br", "en": "en-us", "simple": "en-us", "no": "nb", "zh": "cmn", "hy": "hy", "sh": "hr", "fr": "fr"}
_RETRIEVAL, _UTF8, _IPA, _PARTED = 2, 1, 0x02, ord("_") << 8
# another voice's words stand between the names of voices: (en)...(pt-br)
_FOREIGN = re.compile(r"\([a-z][a-z0-9-]*\)")
_UNSAID = re.compile("[ˈˌ0-9‿͡.|‖-]")


def is_there() -> bool:
    """Whether eSpeak NG is installed and can be loaded."""
    return _library() is not None


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
