"""Which codes a language has in the tables of others: ISO 639-3, with macrolanguages both ways.

Corpora keep Wikimedia's codes (``no``, ``sh``, ``zh``). Linguists' tables have ISO 639-3, some under the macrolanguage
(``hbs`` for Serbo-Croatian), some under the one language that is meant by it in practice (``cmn`` for Chinese, ``arb``
for Arabic). So a language has several codes to be looked up in turn, the nearest to what was asked for first.
"""

from functools import cache

import langcodes
from langcodes import data_dicts

from sprachbund.languages import find

__all__ = ["alpha3", "explained", "same_language"]


@cache
def alpha3(code: str) -> tuple[str, ...]:
    """The ISO 639-3 codes of a language, to be tried in this order: its own, what is meant by it, the wider one.

    ``zh``: cmn, zho; ``no``: nob, nor; ``ar``: arb, ara; ``sr``: srp, hbs and its other standards.

    Raises:
        LanguageError: nobody knows the code.
    """
    tag = str(langcodes.Language.get(find(code).bcp47, normalize=False).language)
    macro = data_dicts.MACROLANGUAGES.get(tag)
    # Cantonese is no part of what tables call Chinese, nor Indonesian of Malay; Croatian and Bokmål are of theirs
    stands_for_it = macro is not None and (_three(tag) in _meant_by(macro) or tag in _IN_WIDER)
    wider = [_three(macro)] if macro is not None and stands_for_it else []
    wider += _STANDARDS if "sh" in (tag, macro) else ()
    return tuple(dict.fromkeys([*_meant_by(tag), _three(tag), *wider]))


_STANDARDS = ("hrv", "srp", "bos")
"""Of Serbo-Croatian: a table that has one of them means all, and its words and sounds are those of all."""
_IN_WIDER = ("nb", "hr", "sr", "bs", "cnr")
"""Languages that tables have under the macrolanguage, though CLDR keeps their own code."""


def _meant_by(macro: str) -> list[str]:
    """The languages that CLDR writes as the macrolanguage, because that is what they are called: cmn is zh."""
    return sorted(_three(one) for one, wide in data_dicts.NORMALIZED_MACROLANGUAGES.items() if wide == macro)


def _three(tag: str) -> str:
    return tag if len(tag) == 3 else str(data_dicts.LANGUAGE_ALPHA3.get(tag, tag))


def same_language(one: str, other: str) -> bool:
    """Whether two codes mean one language, in whatever script: ``nb`` and ``no``, ``simple`` and ``en``."""
    return alpha3(one)[0] == alpha3(other)[0]


def explained(code: str) -> str:
    """What a code is taken to mean where people mean different things by it; "" where all mean the same."""
    return _EXPLAINED.get(code, "")


_EXPLAINED = {
    "no": "no (Norwegian) is read as Bokmål, as Wikimedia does; Nynorsk is nn",
    "zh": "zh (Chinese) is read as Mandarin; Cantonese is yue, Southern Min nan",
    "sr": "sr (Serbian): a table with a single standard of Serbo-Croatian gives the same for sr, hr, bs and sh",
    "hr": "hr (Croatian): a table with a single standard of Serbo-Croatian gives the same for sr, hr, bs and sh",
    "bs": "bs (Bosnian): a table with a single standard of Serbo-Croatian gives the same for sr, hr, bs and sh",
    "sh": "sh is Serbo-Croatian as one language (hbs); sr, hr and bs are its standards",
    "ar": "ar (Arabic) is read as the written standard (arb), not as a spoken variety",
    "fa": "fa (Persian) is read as the Persian of Iran (pes)",
    "ms": "ms (Malay) is read as Standard Malay (zsm); Indonesian is id",
}
