"""Wikimedia's language codes, what BCP 47 calls the same language, and English names.

A corpus keeps Wikimedia's codes as they are, since that is what its sources say: `no` is Bokmål, `als` is
Alemannic (BCP 47 means Tosk Albanian by it), `simple` is English. `find` knows the subdomains of Wikipedia
and, besides them, every language that BCP 47 has. `spoken` and `among` read what people type: codes in any case, codes
of three letters, names in English or in any language that langcodes has names of; where there is a corpus or an index,
its own code is what comes out.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import langcodes
from language_data import names

from sprachbund.errors import LanguageError
from sprachbund.normal_forms import normal_form

_CODES = """
    aa ab ace ady af ak als alt am ami an ang ann anp ar arc ary arz as ast atj av avk awa ay az azb
    ba ban bar bat-smg bbc bcl bdr be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm bug bxr
    ca cbk-zam cdo ce ceb ch cho chr chy ckb co cr crh cs csb cu cv cy
    da dag de dga din diq dsb dtp dty dv dz
    ee el eml en eo es et eu ext
    fa fat ff fi fiu-vro fj fo fon fr frp frr fur fy
    ga gag gan gcr gd gl glk gn gom gor got gpe gsw gu guc gur guw gv
    ha hak haw he hi hif ho hr hsb ht hu hy hyw hz
    ia iba id ie ig igl ii ik ilo inh io is it iu
    ja jam jbo jv
    ka kaa kab kaj kbd kbp kcg kg kge ki kj kk kl km kn knc ko koi kr krc ks ksh ku kus kv kw ky
    la lad lb lbe lez lfn lg li lij lld lmo ln lo lrc lt ltg lv lzh
    mad mai map-bms mdf mg mh mhr mi min mk ml mn mni mnw mo mos mr mrj ms mt mui mus mwl my myv mzn
    na nah nan nap nb nds nds-nl ne new ng nia nl nn no nov nqo nr nrm nso nup nv ny
    oc olo om or os
    pa pag pam pap pcd pcm pdc pfl pi pih pl pms pnb pnt ps pt pwn
    qu rki rm rmy rn ro roa-rup roa-tara rsk ru rue rup rw
    sa sah sat sc scn sco sd se sg sgs sh shi shn shy si simple sk skr sl sm smn sn so sq sr srn ss st stq su
    sv sw syl szl szy
    ta tay tcy tdd te tet tg th ti tig tk tl tly tn to tok tpi tr trv ts tt tum tw ty tyv
    udm ug uk ur uz
    ve vec vep vi vls vo vro
    wa war wo wuu
    xal xh xmf
    yi yo yue
    za zea zgh zh zh-classical zh-min-nan zh-yue zu
"""
WIKIPEDIAS = frozenset(_CODES.split())
"""The codes of all Wikipedias, open and closed, and the aliases that old dumps have."""

# Where Wikimedia's code is not the BCP 47 tag of what is written there.
BCP47 = {
    "als": "gsw",
    "bat-smg": "sgs",
    "be-tarask": "be-tarask",
    "be-x-old": "be-tarask",
    "bh": "bho",
    "cbk-zam": "cbk",
    "eml": "egl",
    "fiu-vro": "vro",
    "map-bms": "jv-x-bms",
    "mo": "ro-Cyrl-MD",
    "nah": "nah",
    "no": "nb",
    "nrm": "nrf",
    "roa-rup": "rup",
    "roa-tara": "nap-x-tara",
    "sh": "sh",
    "simple": "en",
    "zh-classical": "lzh",
    "zh-min-nan": "nan",
    "zh-yue": "yue",
}

UNDETERMINED = "und"
SPECIAL = {"mul": "Multiple languages", UNDETERMINED: "Unknown language"}
"""The codes of ISO 639 for texts in several languages, and for those of which nobody knows the language: they stand
wherever a code does."""

NAMES = {
    **SPECIAL,
    "als": "Alemannic",
    "bat-smg": "Samogitian",
    "be-tarask": "Belarusian (Taraškievica)",
    "be-x-old": "Belarusian (Taraškievica)",
    "bh": "Bhojpuri",
    "cbk-zam": "Zamboanga Chavacano",
    "eml": "Emiliano-Romagnolo",
    "fiu-vro": "Võro",
    "map-bms": "Banyumasan",
    "mo": "Moldovan",
    "nah": "Nahuatl",
    "no": "Norwegian Bokmål",
    "nrm": "Norman",
    "roa-rup": "Aromanian",
    "roa-tara": "Tarantino",
    "rsk": "Pannonian Rusyn",
    "sh": "Serbo-Croatian",
    "simple": "Simple English",
    "zh-classical": "Classical Chinese",
    "zh-min-nan": "Southern Min",
    "zh-yue": "Cantonese",
}


@dataclass(frozen=True, slots=True)
class Language:
    """A language: the code that the corpora use, its BCP 47 tag, its English name."""

    code: str
    bcp47: str
    name: str


LONGEST = 100
"""Characters of a name that anything is looked up for: the time of a comparison grows with its square."""
_LEAST_NAME = 4
_SHOWN = 5  # unknown languages that a message lists


@lru_cache(maxsize=4096)  # callers of the service name codes too: private tags have no end
def find(code: str) -> Language:
    """The language of a Wikimedia code, or of a BCP 47 tag that Wikimedia does not use.

    Case and underscores do not matter; a three-letter code of a Wikipedia's language is its Wikipedia's code
    (``ukr`` is ``uk``).

    Raises:
        LanguageError: nobody knows the code; the message has the nearest that are known.
    """
    wanted = _plain(code)
    if wanted not in WIKIPEDIAS and wanted not in SPECIAL:
        wanted = _known_tag(wanted) or ""
    if not wanted:
        raise LanguageError(
            f"{_shown(code)} is no language code that Wikimedia or BCP 47 knows; the nearest are "
            f"{', '.join(nearest(code))}"
        )
    bcp47 = BCP47.get(wanted, wanted)
    return Language(wanted, bcp47, NAMES.get(wanted) or _name(wanted))


def spoken(asked: str) -> str:
    """The code of the language that a person means by a code or a name.

    Codes go before names; names are English ones (Ukrainian, Simple English) or of any language (galego, Türkçe).

    Raises:
        LanguageError: nobody knows it; the message has the nearest codes.
    """
    code = _spoken(asked[: LONGEST + 1])  # what is longer is nobody's name, and no cache need keep it
    if code is None:
        raise LanguageError(
            f"{_shown(asked)} is no language code or name that Wikimedia or BCP 47 knows; the nearest are "
            f"{', '.join(nearest(asked))}"
        )
    return code


@lru_cache(maxsize=4096)
def _spoken(asked: str) -> str | None:
    """`spoken`, and None where nobody knows it: what is nearest takes longer than all else."""
    wanted = _plain(asked)
    if not wanted or len(wanted) > LONGEST:
        return None
    if wanted in WIKIPEDIAS or wanted in SPECIAL or _known_tag(wanted):
        return find(asked).code
    if wanted in _codes_by_name():
        return _codes_by_name()[wanted]
    tag = _tag_of_name(wanted)
    try:
        return find(tag).code if tag else None
    except LanguageError:
        return None


def _tag_of_name(name: str) -> str | None:
    """The tag of a language by its name in any language; no name is taken for another that it begins with.

    Short names of Latin letters are left out: in some language nearly all of them mean something.
    """
    if not name.isprintable() or (name.isascii() and len(name) < _LEAST_NAME):  # the library fails at U+0000
        return None
    try:
        tag = str(langcodes.find(name).to_tag())
    except LookupError:
        return None
    return tag if names.normalize_name(name) in names.TRIES["und/name_to_language"] else None


def among(asked: Sequence[str], have: Sequence[str], where: str) -> list[str]:
    """The codes of the languages that a person means, as a corpus or an index has them; each once, in their order.

    What is asked for is one of ``have``: by its very code; else by the same language in another code (``ukr`` and
    ``uk``, ``nb`` and ``no``, ``arb`` and ``ar``) or by a name; else without its script and region (``en-US``).

    Args:
        where: the beginning of the message: ``this index``, or the path of a corpus with a colon.

    Raises:
        LanguageError: one is not there; the message has what is there.
    """
    if isinstance(asked, str):
        raise LanguageError(f"expected a list of languages, found {_shown(asked)}; write [{asked[:LONGEST]!r}]")
    found = {each: one_of(each[: LONGEST + 1], tuple(have)) for each in dict.fromkeys(asked)}
    if missing := sorted(each for each, code in found.items() if code is None):
        more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
        named = ", ".join(
            each if each.isprintable() and len(each) <= LONGEST else _shown(each) for each in missing[:_SHOWN]
        )
        near = dict.fromkeys(code for each in missing[:_SHOWN] for code in _near(each, tuple(have)))
        hint = f" (nearest: {', '.join(near)})" if near else ""
        raise LanguageError(f"{where} has no {named}{more}; it has {', '.join(have) or 'none'}{hint}")
    return list(dict.fromkeys(code for code in found.values() if code is not None))


def _near(asked: str, have: tuple[str, ...]) -> list[str]:
    """The languages of a corpus with a code or a name much like what was asked for."""
    known = {_plain(name): code for code in have if _bcp47(code) for name in (find(code).name, code)}
    return [known[name] for name in difflib.get_close_matches(_plain(asked)[:LONGEST], known, 2, cutoff=0.75)]


@lru_cache(maxsize=4096)
def one_of(asked: str, have: tuple[str, ...]) -> str | None:
    """The language of ``have`` that a person means, see `among`; None where it is not there."""
    wanted = _plain(asked)
    by_code = {_plain(code): code for code in have}
    if wanted in by_code:
        return by_code[wanted]
    meant = _spoken(asked)
    if meant is None:
        return None
    if meant in by_code:
        return by_code[meant]
    for same in (_bcp47, _macro):
        if equal := [code for code in have if same(code) is not None and same(code) == same(meant)]:
            return equal[0]
    bare = _without_region(meant)
    return next((code for code in have if bare is not None and _bcp47(code) == bare), None)


@cache
def _bcp47(code: str) -> str | None:
    if code == "simple":
        return "en-x-simple"  # who asks for English does not mean it
    try:
        return str(langcodes.standardize_tag(find(code).bcp47)).lower()
    except (LanguageError, ValueError):
        return None  # a corpus of another version may have it


@cache
def _macro(code: str) -> str | None:
    """The tag of the macrolanguage, or of the language where it has none: Norwegian for Bokmål."""
    tag = _bcp47(code)
    if tag is None:
        return None
    return _BOKMAL.get(tag) or str(langcodes.standardize_tag(tag, macro=True)).lower()


_BOKMAL = {"nb": "no"}
"""CLDR keeps nb; who writes Norwegian, without saying which, writes Bokmål."""


def _without_region(code: str) -> str | None:
    """The tag of a language without script and region; None where a variant says that it is written otherwise."""
    tag = langcodes.Language.get(_bcp47(code) or "und")
    if tag.variants or tag.private or tag.extensions or not tag.language:
        return None
    return str(tag.language)


@cache
def _codes_by_name() -> dict[str, str]:
    """Wikimedia's codes by English name; of two with one name the one that is also its BCP 47 tag."""
    known = sorted(WIKIPEDIAS | set(SPECIAL), key=lambda code: (BCP47.get(code, code) == code, code))
    return {_plain(NAMES.get(code) or _name(code)): code for code in known}


_PRIVATE = re.compile("(?!qqq)q[a-t][a-z]")
"""Codes that BCP 47 leaves to whoever has a language without one, as simulated languages are; MediaWiki files the notes
to its translators under qqq."""


def _known_tag(code: str) -> str | None:
    """The code for a BCP 47 tag that is registered and has a name, or None."""
    if not code.isascii() or len(code) > LONGEST or not langcodes.tag_is_valid(code):
        return None
    if _PRIVATE.fullmatch(code):
        return code
    tag = langcodes.standardize_tag(code)
    language = langcodes.Language.get(tag)
    if language.language in (None, "und", "mul", "mis", "zxx") or "unknown" in language.display_name().lower():
        return None
    return tag.lower() if tag.lower() in WIKIPEDIAS else code


def nearest(code: str, count: int = 5) -> list[str]:
    """The Wikipedias' codes most like ``code``, by spelling and by the English name, the most like first."""
    wanted = _plain(code)[:LONGEST]
    known = _codes_by_name()
    by_name = [known[name] for name in difflib.get_close_matches(wanted, known, count, cutoff=0.75)]
    by_code = difflib.get_close_matches(wanted, sorted(WIKIPEDIAS), count, cutoff=0.0)
    return list(dict.fromkeys(by_name + by_code))[:count]


def _plain(name: str) -> str:
    return normal_form("NFC", name.strip()).casefold().replace("_", "-")


def _shown(name: str) -> str:
    return repr(name) if len(name) <= LONGEST else f"{name[:LONGEST]!r}..."


@cache
def _name(code: str) -> str:
    if _PRIVATE.fullmatch(code):
        return f"private language {code}"
    return langcodes.Language.get(BCP47.get(code, code)).display_name()
