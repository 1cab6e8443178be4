"""Text to sentences, and sentences to words, in every script.

Sentences: ICU's rules (UAX #29) find the boundaries, for they know the terminators of every script, run in
linear time and treat quotation marks well. sentencex's lists of abbreviations then take some back, which ICU
lacks, and where ICU is too careful (a dash, digits or lower case after a full stop) a few are added. The two
together are better than either on gold sentences (``benchmarks/results/segmentation.md``).

Words: the rule that ``characters.py`` states, after ``folding.py`` has brought spellings that differ only in look to
one and ICU's dictionaries have parted the words of scripts that are written without spaces. :func:`words` is the
reference: plain Python, a code point at a time. Work on whole corpora goes through a kernel that follows the same table
and is tested against this one.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

import polars as pl
import regex
import sentencex
from icu4py.breakers import SentenceBreaker, WordBreaker

from sprachbund.corpus.characters import (
    APOSTROPHE,
    CAPITAL_SIGMA,
    DROPPED,
    FINAL_SIGMA,
    GERSHAYIM,
    HEBREW_LETTERS,
    JOINABLE,
    MIDDLE_DOT,
    PLAIN_APOSTROPHE,
    PLAIN_MIDDLE_DOT,
    PLAIN_QUOTE,
    PLAIN_S,
    SEPARATOR,
    SHARP_S,
    WORD,
    ZERO_WIDTH_SPACE,
    character_tables,
)
from sprachbund.corpus.folding import fold, fold_series
from sprachbund.corpus.punctuation import CLOSING, ends_beyond_icu
from sprachbund.normal_forms import normal_form

__all__ = [
    "needs_dictionary",
    "normalise",
    "prepared",
    "prepared_series",
    "sentences",
    "split_words_by_dictionary",
    "unwrapped",
    "words",
]

# Letters, marks and numbers of Thai, Lao, Burmese, Khmer, Kana and Han, without their punctuation.
_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59"
_LAO = "\u0e81-\u0edf"
_BURMESE = "\u1000-\u1049\u1050-\u109d\ua9e0-\ua9fe\uaa60-\uaa76\uaa7a-\uaa7f"
_KHMER = "\u1780-\u17d3\u17d7\u17dc-\u17e9"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f"
_HAN = "\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_DICTIONARY = _THAI + _LAO + _BURMESE + _KHMER + _KANA + _HAN
# Marks of any script and invisible points belong to the letter before them and do not end a run.
_ATTACHED = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef\u00ad\u200c-\u200f\u2060\ufeff"
_ANY = re.compile(f"[{_DICTIONARY}]")
_RUN = re.compile(f"[{_DICTIONARY}][{_DICTIONARY}{_ATTACHED}]*")

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile(r"(?<![\r\n])(?:\r\n|\r|\n)(?![\r\n])")
# Line breaks between two wide characters that are no Hangul, or between one and an ambiguous mark of punctuation.
_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_WIDE = r"[[\p{East_Asian_Width=Wide}\p{East_Asian_Width=Fullwidth}\p{East_Asian_Width=Halfwidth}]--\p{Hangul}]"
_AMBIGUOUS = r"[\p{East_Asian_Width=Ambiguous}&&[\p{P}\p{S}]]"
_BREAK = rf"[^\S{_BREAKS}]*+[{_BREAKS}]\s*+"
_UNSEEN_BREAK = regex.compile(
    rf"(?<={_WIDE}){_BREAK}(?={_WIDE}|{_AMBIGUOUS})|(?<={_AMBIGUOUS}){_BREAK}(?={_WIDE})", regex.V1
)

_LAST_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]+(?:\.[^\W\d_]+)*)\.\s*\Z")
_LONGEST_ABBREVIATION = 8
_TAIL = 24  # code points before a boundary that the rules look at
_QUOTED_END = regex.compile(rf"[{CLOSING}]\s*\Z")
_CLOSES_AFTER_SPACE = regex.compile(r"(?<=\s)[\p{Pe}\p{Pf}]+(?:\s+|\Z)")
_ORDINAL_END = re.compile(r"(?<!\S)\d{1,2}\.\s*\Z")
_NOUNS_IN_CAPITALS = frozenset({"als", "bar", "de", "lb", "nds"})
# Before a dash (dialogue), digits or lower case ICU sees no boundary; Armenian types : for its full stop.
_MISSED = re.compile(
    r"\.(?=\s+[\"'“„«(–—―-]*\s?[^\W_])|[!?](?=\s+[–—―-]\s?([^\W\d_]))|:(?=\s)",
)
_ARMENIAN_LETTERS = range(0x0561, 0x0588)
_SPACE_IN_THAI_OR_LAO = re.compile(f"(?<=[{_THAI}{_LAO}])[ \u00a0]+(?=[{_THAI}{_LAO}])")
_THAI_LENGTH = 80


def unwrapped(text: str) -> str:
    """The text without its line breaks where they part nothing; elsewhere they stay.

    A line break between two characters of Chinese, Japanese or Yi is nothing, for it parts no words there: where both
    sides are wide (East Asian Width W, F or H) and no Hangul, or one is and the other a mark of ambiguous width, such
    as a curly quotation mark. Thai, Lao, Khmer and Burmese are not wide: a line break there is a space, as it is on a
    page. Source: CSS Text 4, segment break transformation.
    """
    if text.isascii() or not any(mark in text for mark in _BREAKS):
        return text
    joined: str = _UNSEEN_BREAK.sub("", text)
    return joined


def normalise(text: str) -> str:
    """The text `unwrapped`, in NFC, stripped; a run of blanks, control characters, lone surrogates is one space.

    Of more than 30 marks in a row see `sprachbund.normal_forms`.
    """
    return normal_form("NFC", _BLANK.sub(" ", unwrapped(text))).strip()


def sentences(text: str, language: str) -> list[str]:
    """Part a paragraph into its sentences.

    Thai and Lao write no full stops: there a sentence is what stands between spaces, gathered until it has 80
    code points, so that a paragraph is not one sentence. No gold sentences were at hand to check this.

    Args:
        text: a paragraph. A line break in it counts as a space, an empty line ends a sentence.
        language: a Wikimedia or BCP 47 code; for one that is unknown the abbreviations are those of English.

    Returns:
        The sentences in their order, stripped and not empty. Nothing but whitespace between them is lost.
    """
    readable = _LINE_BREAK.sub(lambda found: " " * len(found.group()), _LONE_SURROGATE.sub("\ufffd", text))
    cuts = {0, len(text)}
    for end in accumulate(map(len, SentenceBreaker(readable, language))):
        end = _after_spaced_closing(readable, end)
        if end < len(text) and not _continues(readable, end, language):
            cuts.add(_before_opening_bracket(readable, end))
    cuts.update(_missed(readable, language))
    cuts.update(ends_beyond_icu(readable))
    edges = sorted(cuts | set(_thai_cuts(readable, cuts)))
    pieces = (text[start:end].strip() for start, end in pairwise(edges))
    return [piece for piece in pieces if piece]


def _continues(text: str, end: int, language: str) -> bool:
    """Whether the sentence goes on over the boundary that ICU sees at ``end``."""
    tail = text[max(0, end - _TAIL) : end]
    if text[end].islower() and _QUOTED_END.search(tail):
        return True  # "Where?" she asked.
    if _abbreviated(tail, language):
        return True
    return language in _NOUNS_IN_CAPITALS and _ORDINAL_END.search(tail) is not None


def _abbreviated(tail: str, language: str) -> bool:
    """Whether the text ends with an initial or with an abbreviation that sentencex knows."""
    last = _LAST_WORD.search(tail)
    if last is None or len(last[1]) > _LONGEST_ABBREVIATION:
        return False
    return (len(last[1]) == 1 and last[1].isupper()) or _is_abbreviation(last[1], language)


@lru_cache(maxsize=1 << 16)
def _is_abbreviation(word: str, language: str) -> bool:
    """Ask sentencex with a short text. In some languages (ca, oc) that takes 0.2 ms: answers are kept."""
    return len(sentencex.segment(language, f"Aa {word}. Aa")) == 1


def _before_opening_bracket(text: str, end: int) -> int:
    """Step back over an opening bracket that touches a full stop (。「), which ICU counts to what ends."""
    while end > 1 and unicodedata.category(text[end - 1]) == "Ps":
        end -= 1
    return end


def _after_spaced_closing(text: str, end: int) -> int:
    """Step over a closing quotation mark that a space parts from the full stop, as in French (« Oui. » Elle)."""
    closes = _CLOSES_AFTER_SPACE.match(text, end)
    return closes.end() if closes else end


def _missed(text: str, language: str) -> Iterator[int]:
    """Ends of sentences that ICU passes over."""
    for found in _MISSED.finditer(text):
        start, end = found.span()
        if found.group() == ":":
            ends = start > 0 and ord(text[start - 1]) in _ARMENIAN_LETTERS
        elif found.group() == ".":
            ends = start >= 4 and text[start - 4 : start].isalpha()
            ends = ends and not _abbreviated(text[max(0, end - _TAIL) : end], language)
        else:
            ends = not found[1].islower()
        if ends:
            yield end


def _thai_cuts(text: str, cuts: set[int]) -> Iterator[int]:
    """Spaces between Thai or Lao letters, each at least 80 code points after the cut before it."""
    edges, last = sorted(cuts), 0
    for space in _SPACE_IN_THAI_OR_LAO.finditer(text):
        last = max(last, edges[bisect(edges, space.start()) - 1])
        if space.start() - last >= _THAI_LENGTH:
            last = space.start()
            yield last


def needs_dictionary(text: str) -> bool:
    """Whether the text has Thai, Lao, Khmer, Burmese, Han or Kana, which write no spaces between words."""
    return not text.isascii() and _ANY.search(text) is not None


def split_words_by_dictionary(text: str, language: str) -> str:
    """Put U+200B between the words of the scripts that write no spaces, by ICU's dictionaries.

    A run of these scripts is also parted from what touches it and could join it to a word: a letter, a
    digit, a middle dot (2023年, iPhoneが, 约翰·史密斯). Without its U+200B the result is the text without its
    U+200B.

    Args:
        text: any text; runs of other scripts are not looked at.
        language: a language code; ICU's dictionaries go by script, so that an unknown one does no harm.
    """
    if not needs_dictionary(text):
        return text
    runs = list(_RUN.finditer(text))
    # One breaker for all runs: making one costs more than a run. A line feed always parts two runs.
    parted = _parted_words("\n".join(run.group() for run in runs), language).split("\n")
    result, end = [], 0
    for run, words_of_run in zip(runs, parted, strict=True):
        result.append(text[end : run.start()])
        if run.start() and _may_join(text[run.start() - 1]) and not _is_mark(words_of_run[0]):
            result.append(ZERO_WIDTH_SPACE)
        result.append(words_of_run)
        end = run.end()
        if end < len(text) and _may_join(text[end]) and not _is_mark(text[end]):
            result.append(ZERO_WIDTH_SPACE)
    result.append(text[end:])
    return "".join(result)


def _parted_words(runs: str, language: str) -> str:
    """The runs, one a line, with U+200B between the words of each, never before a mark."""
    result: list[str] = []
    for piece in WordBreaker(runs, language):
        touches = bool(result) and result[-1] != "\n" and piece[0] != "\n"
        if touches and not _is_mark(piece[0]):
            result.append(ZERO_WIDTH_SPACE)
        result.append(piece)
    return "".join(result)


def _may_join(character: str) -> bool:
    classes, _ = character_tables()
    return bool(classes[ord(character)] != SEPARATOR)


def _is_mark(character: str) -> bool:
    """Whether the character belongs to the one before it: a combining mark or a point that is dropped."""
    classes, _ = character_tables()
    return bool(classes[ord(character)] == DROPPED) or unicodedata.category(character)[0] == "M"


def prepared(text: str, language: str = "") -> str:
    """A text in NFC as the kernels read it: `folding.fold`, and U+200B between words of scripts without spaces."""
    return split_words_by_dictionary(fold(text, language), language)


def prepared_series(texts: pl.Series, language: str) -> pl.Series:
    """`prepared` for a column of texts in NFC; null stays null."""
    texts = fold_series(texts, language)
    unspaced = texts.str.contains(f"[{_DICTIONARY}]").fill_null(False)
    if not unspaced.any():
        return texts
    parted = [split_words_by_dictionary(text, language) for text in texts.filter(unspaced)]
    return texts.scatter(unspaced.arg_true(), pl.Series(texts.name, parted, pl.String))


def words(text: str, language: str) -> list[str]:
    """The words of a text by the rule of ``characters.py``, lower-cased: the reference for the kernel."""
    classes, _ = character_tables()
    parted = prepared(normal_form("NFC", text), language)
    points = [point for point in map(ord, parted) if classes[point] != DROPPED]
    found: list[str] = []
    word: list[int] = []
    for place in range(len(points)):
        kept = _kept(points, place)
        if kept is not None:
            word.append(kept)
        elif word:
            found.append(_lower(word))
            word = []
    if word:
        found.append(_lower(word))
    return found


def _kept(points: list[int], place: int) -> int | None:
    """The code point as it stands in its word, before case is folded; None where it parts words."""
    classes, _ = character_tables()
    point = points[place]
    kind = classes[point]
    if kind in (WORD, JOINABLE):
        return point
    if kind == SEPARATOR or place == 0 or place + 1 == len(points):
        return None
    before, after = points[place - 1], points[place + 1]
    both_joinable = classes[before] == JOINABLE and classes[after] == JOINABLE
    if kind == APOSTROPHE and both_joinable:
        return PLAIN_APOSTROPHE
    if kind == GERSHAYIM and both_joinable and before in HEBREW_LETTERS and after in HEBREW_LETTERS:
        return PLAIN_QUOTE
    if kind == MIDDLE_DOT and classes[before] in (WORD, JOINABLE) and classes[after] in (WORD, JOINABLE):
        return PLAIN_MIDDLE_DOT
    return None


def _lower(word: list[int]) -> str:
    """The word in lower case, code point by code point: never by str.lower, which looks at neighbours."""
    _, lower = character_tables()
    letters = [chr(lower[point]) if lower[point] != SHARP_S else 2 * chr(PLAIN_S) for point in word]
    if word[-1] == CAPITAL_SIGMA and len(word) > 1:
        letters[-1] = chr(FINAL_SIGMA)
    return "".join(letters)
