"""Wikimedia's language codes, what BCP 47 calls the same language, and English names.

A corpus keeps Wikimedia's codes as they are, since that is what its sources say: `no` is Bokmål, `als` is
Alemannic (BCP 47 means Tosk Albanian by it), `simple` is English. `find` knows the subdomains of Wikipedia
and, besides them, every language that BCP 47 has.
"""

import difflib
from dataclasses import dataclass
from functools import cache, lru_cache

import langcodes

from sprachbund.errors import LanguageError

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

NAMES = {
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


@lru_cache(maxsize=4096)  # callers of the service name codes too: private tags have no end
def find(code: str) -> Language:
    """The language of a Wikimedia code, or of a BCP 47 tag that Wikimedia does not use.

    Case and underscores do not matter; a three-letter code of a Wikipedia's language is its Wikipedia's code
    (``ukr`` is ``uk``).

    Raises:
        LanguageError: nobody knows the code; the message has the nearest that are known.
    """
    wanted = code.strip().lower().replace("_", "-")
    if wanted not in WIKIPEDIAS:
        wanted = _known_tag(wanted) or ""
    if not wanted:
        raise LanguageError(
            f"{code!r} is no language code that Wikimedia or BCP 47 knows; the nearest are {', '.join(nearest(code))}"
        )
    bcp47 = BCP47.get(wanted, wanted)
    return Language(wanted, bcp47, NAMES.get(wanted) or langcodes.Language.get(bcp47).display_name())


def _known_tag(code: str) -> str | None:
    """The code for a BCP 47 tag that is registered and has a name, or None."""
    if not code.isascii() or not langcodes.tag_is_valid(code):
        return None
    tag = langcodes.standardize_tag(code)
    language = langcodes.Language.get(tag)
    if language.language in (None, "und", "mul", "mis", "zxx") or "unknown" in language.display_name().lower():
        return None
    return tag.lower() if tag.lower() in WIKIPEDIAS else code


def nearest(code: str, count: int = 5) -> list[str]:
    """The Wikipedias' codes most like ``code``, by spelling and by the English name, the most like first."""
    wanted = code.strip().lower().replace("_", "-")
    names = {NAMES.get(known) or _name(known): known for known in sorted(WIKIPEDIAS)}
    lowered = {name.lower(): known for name, known in names.items()}
    by_name = [lowered[name] for name in difflib.get_close_matches(wanted, lowered, count, cutoff=0.75)]
    by_code = difflib.get_close_matches(wanted, sorted(WIKIPEDIAS), count, cutoff=0.0)
    return list(dict.fromkeys(by_name + by_code))[:count]


@cache
def _name(code: str) -> str:
    return langcodes.Language.get(BCP47.get(code, code)).display_name()
