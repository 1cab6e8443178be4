"""The languages that a caller names: by code or name, in any case, against those of the index."""

from collections.abc import Sequence
from functools import lru_cache

import langcodes

from sprachbund.errors import LanguageError
from sprachbund.languages import find
from sprachbund.service.problems import Problem

SHOWN = 5
"""Unknown languages that a message lists."""


def among(asked: Sequence[str], have: tuple[str, ...], param: str) -> tuple[str, ...]:
    """The codes of languages of an index.

    Args:
        asked: codes or English names. have: codes of the index. param: the field that they came in.

    Raises:
        Problem: the index lacks one.
    """
    known = _names(have)
    missing = [each for each in dict.fromkeys(asked) if _plain(each) not in known]
    if missing:
        more = f" and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else ""
        lacks = ", ".join(missing[:SHOWN]) + more
        raise Problem(422, f"this index has no {lacks}; it has {', '.join(have) or 'none'}", param)
    return tuple(dict.fromkeys(known[_plain(each)] for each in asked))


def known(code: str) -> str:
    """The code of any language; empty for an empty one.

    Raises:
        Problem: nobody knows it.
    """
    try:
        return find(code).code if code else ""
    except LanguageError as error:  # about the code alone: it knows nothing of this machine
        raise Problem(422, f"language: {error}", "language") from None


@lru_cache(maxsize=8)
def _names(have: tuple[str, ...]) -> dict[str, str]:
    """Codes by what they may be called; a code itself before another's name."""
    called: dict[str, str] = {}
    for code in have:
        try:
            language = find(code)
        except LanguageError:  # an index of another version may have it
            continue
        called |= {_plain(name): code for name in (language.name, language.bcp47, _three_letters(language.bcp47))}
    return {**called, **{_plain(code): code for code in have}}


def _three_letters(tag: str) -> str:
    try:
        return langcodes.Language.get(tag).to_alpha3() if "-" not in tag else tag
    except LookupError:
        return tag


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
