"""The language that the folder of a file says: ``docs/pt/x.txt`` is Portuguese, where somebody asks for that.

The nearest folder with a language's code or name counts, up to the folder that was named and no further. A few usual
names of folders are a language's code too (``src`` is Logudorese, ``new`` Newar) and are not meant so.
"""

from pathlib import Path, PurePosixPath

from sprachbund.errors import LanguageError
from sprachbund.languages import spoken

_NAMES = "bin doc img inc lib log mod new now old out raw res run set src sub sys tar tmp txt use var"
_USUAL = frozenset(_NAMES.split())
"""Names of folders that are also codes of languages."""


def language_of_folder(path: Path, name: str) -> str | None:
    """The code that the nearest folder of a file says, None where none does.

    Args:
        path: where the file is. name: its path below the folder that was named, which counts too.
    """
    depth = len(PurePosixPath(name).parts)
    return next((code for folder in path.absolute().parents[:depth] if (code := _code(folder.name))), None)


def _code(folder: str) -> str | None:
    plain = folder.strip().lower().replace("_", "-")
    try:
        code = spoken(folder)
    except LanguageError:
        return None
    if len(plain) < 3:  # in, iw and others are old codes, and seldom meant
        return code if code == plain else None
    if len(plain) == 3:
        return None if plain in _USUAL else code
    return code
