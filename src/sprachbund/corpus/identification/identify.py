"""The language of a text, or `und` where nobody could be sure.

What is not language is taken out first: addresses, names of files, words with digits, marks of markup and code. Text in
a script that one language has is that language. Everything else is told by `guess`. A language is named when its
probability is `SURE`, chosen on development text so that of 100 texts that get a name 95 have the right one; where only
the macrolanguage is as probable, that is named: `sh` for a short text that may be Croatian or Bosnian.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import langcodes
import regex

from sprachbund import arguments
from sprachbund.corpus.identification.guess import NOT_A_LANGUAGE, guesses
from sprachbund.errors import SettingsError
from sprachbund.languages import UNDETERMINED, one_of, spoken
from sprachbund.normal_forms import normal_form

SURE = 0.7
ENOUGH = 4_000
"""Characters that are read of a text: more changes no answer. Of a longer one four pieces, evenly apart."""
PIECES = 4
SHOWN = 5
_FEWEST = 2

MACROLANGUAGES = {
    **dict.fromkeys(("bs", "hr", "sr"), "sh"),
    **dict.fromkeys(("yue", "wuu"), "zh"),
    **dict.fromkeys(("arz", "ary", "arq"), "ar"),
    **dict.fromkeys(("id",), "ms"),
    **dict.fromkeys(("nn",), "no"),
    **dict.fromkeys(("azb",), "az"),
    **dict.fromkeys(("ckb", "sdh"), "ku"),
}
"""What a language counts as where it cannot be told from its nearest; the codes are Wikimedia's."""

# living scripts of which no text is at hand: each is the script of a language, or of one before all others (CLDR's
# likely subtags). Scripts that are not here are left to the letters.
_CODES = """
    Adlm Bali Batk Bugi Buhd Cakm Cham Cher Copt Goth Hano Hmng Hmnp Java Kali Lana Lepc Limb Lisu Mand Mong Mroo Mtei
    Nkoo Olck Osge Phag Plrd Rjng Rohg Samr Saur Sund Sylo Tagb Tale Talu Tavt Tfng Wara Wcho
"""
_SCRIPTS = _CODES.split()
_IN_SCRIPT = regex.compile("|".join(rf"(?P<{name}>\p{{Script={name}}})" for name in _SCRIPTS))
# a run of ASCII that holds a digit or a mark of addresses, markup and code, a capital within a word, a full stop or a
# bracket between letters. Looked for where a run begins and nowhere else, so that the time grows with the text; words
# of scripts without spaces are no ASCII, and lose their digits alone
_NO_WORDS = regex.compile(r"(?<![!-~])(?=[!-~]*?(?:[0-9_/\\=<>{}|~^`$@#&]|[a-z][A-Z]|[A-Za-z][.(][A-Za-z]))[!-~]++")


@dataclass(frozen=True, slots=True)
class Detected:
    """The language of a text.

    Attributes:
        code: the corpora's code, Wikimedia's; `und` where no language is probable enough.
        confidence: the probability of ``code``; where that is `und`, of the best candidate.
        candidates: at most five codes with their probabilities, the most probable first.
    """

    code: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]


NOTHING = Detected(UNDETERMINED, 0.0, ())


def detect_language(text: str, languages: Sequence[str] | str | None = None, sure: float = SURE) -> Detected:
    """In which language a text is.

    Args:
        languages: among which to choose, codes or names; None: all that are known. Their probabilities are relative
            to each other.
        sure: the probability from which on a language is named; below it the answer is `und`.

    Raises:
        LanguageError: ``languages`` has one that nobody knows.
        SettingsError: ``text`` is no text, or ``sure`` is not from 0 to 1.
    """
    arguments.text(text, "text")
    if languages is not None:
        languages = arguments.several([languages] if isinstance(languages, str) else languages, "languages", str)
    if not 0 <= sure <= 1:
        raise SettingsError(f"sure must be a probability from 0 to 1, found {sure}")
    return identify(text, None if languages is None else tuple(map(spoken, languages)), sure)


def identify(text: str, among: tuple[str, ...] | None = None, sure: float = SURE) -> Detected:
    """`detect_language` for codes that are known to be right."""
    plain = language_alone(normal_form("NFC", sample(text)))
    letters = [letter for letter in plain if letter.isalpha()]
    if len(letters) < _FEWEST and not _whole_words(letters):
        return NOTHING
    found = _by_script(plain, len(letters)) or guesses(plain)
    if among is not None:
        found = _restricted(found, among)
        if not found:
            return NOTHING
    ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    candidates = tuple((code, probability) for code, probability in ranked if code != NOT_A_LANGUAGE)[:SHOWN]
    best, probability = ranked[0]
    if best == NOT_A_LANGUAGE:
        return Detected(UNDETERMINED, candidates[0][1] if candidates else 0.0, candidates)
    if probability >= sure:
        return Detected(best, probability, candidates)
    wider = _macrolanguage(found, best)
    if among is None and wider[1] >= sure:
        return Detected(*wider, candidates)
    return Detected(UNDETERMINED, probability, candidates)


def sample(text: str) -> str:
    """A text, or four pieces of a long one, evenly apart: the same ones each time."""
    if len(text) <= ENOUGH:
        return text
    size, last = ENOUGH // PIECES, len(text) - ENOUGH // PIECES
    return " ".join(text[start : start + size] for start in (last * place // (PIECES - 1) for place in range(PIECES)))


def language_alone(text: str) -> str:
    """A text without what is no language: addresses, markup, code, numbers, and words that hold any of these."""
    return str(_NO_WORDS.sub(" ", text))


def _whole_words(letters: list[str]) -> bool:
    """Whether the letters are of a script that writes words with one character."""
    return any(ord(letter) > 0x2E7F for letter in letters)


def _by_script(text: str, letters: int) -> dict[str, float] | None:
    """The language of the script that most letters are of, with its share, where it is one that `_SCRIPTS` lists."""
    counts: dict[str, int] = {}
    for match in _IN_SCRIPT.finditer(text):
        counts[str(match.lastgroup)] = counts.get(str(match.lastgroup), 0) + 1
    if not counts or max(counts.values()) * 2 < letters:
        return None
    best = max(sorted(counts), key=counts.__getitem__)
    return {_language_of(best): min(counts[best] / max(letters, 1), 1.0)}


@cache
def _language_of(script: str) -> str:
    likely = langcodes.Language.get(f"und-{script}").maximize()
    return str(likely.language or UNDETERMINED)


def _restricted(found: dict[str, float], among: tuple[str, ...]) -> dict[str, float]:
    """The probabilities of some languages, relative to each other; none where none of them is possible at all."""
    kept: dict[str, float] = {}
    for code, probability in found.items():
        if (meant := one_of(code, among)) is not None:
            kept[meant] = kept.get(meant, 0.0) + probability
    total = sum(kept.values())
    return {code: probability / total for code, probability in kept.items()} if total > 0 else {}


def _macrolanguage(found: dict[str, float], best: str) -> tuple[str, float]:
    """The macrolanguage of a code, and its probability: the sum of what belongs to it."""
    wider = MACROLANGUAGES.get(best, best)
    return wider, sum(probability for code, probability in found.items() if MACROLANGUAGES.get(code, code) == wider)
