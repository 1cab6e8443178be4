"""What a word is, code point by code point: the table that the reference and the kernels share.

The rule, after Unicode's word boundaries (UAX #29) with the changes that search wants:

1. Text is in NFC, and what differs only in look was brought to one by ``folding.py``. A word is a maximal run of
   letters, marks and numbers (general categories L*, M*, N*), so combining marks never split a word, digits are kept.
2. What is not shown, what only stretches and what is left out when people write is dropped first, as if it were not
   there. By Unicode's properties: Default_Ignorable_Code_Point (soft hyphen, ZWJ and ZWNJ, direction marks, variation
   selectors, U+034F, Hangul fillers) but U+200B; enclosing marks; the code points that only join letters
   (Joining_Type=Join_Causing: tatweel, its siblings in N'Ko and Mongolian); the points of abjads, which name vowels,
   doubling and chant (marks of Hebrew, Syriac, Samaritan and Mandaic; in Arabic those of the fixed combining classes
   27 to 35, harakat and the superscript alef, and the marks of Quranic annotation). Kept are the hamza and madda of
   Arabic, the vowel signs U+0656 to U+065F of Kashmiri and African languages, and the marks of all other scripts.
   Yiddish and Kashmiri write points as parts of letters; dropped there too, for many write without, they make a few
   words one. NFC is not applied again.
3. An apostrophe (' or ’, the Armenian ՚, the Hebrew geresh) directly between two JOINABLE letters (Cyrillic,
   Hebrew, Armenian) joins them and is written ': Ukrainian п'ять is one word, French l'homme is two. The
   gershayim, and the quotation mark that stands for it, directly between two JOINABLE letters that are
   HEBREW_LETTERS joins them and is written " (צה"ל). The letter ʼ (U+02BC), which is of class WORD, is also written '
   by the table of lower case.
4. A middle dot directly between two code points of class WORD or JOINABLE joins them: Catalan col·legi.
5. Case is folded by Unicode lower case, code point by code point, of which İ keeps its i alone; ß is written ss, as
   its capitals are (full case folding: STRASSE, Strasse and Straße are one word); a capital sigma that is the last code
   point of its word, and not the only one, becomes ς.
6. Thai, Lao, Khmer, Burmese, Chinese and Japanese write no spaces: ``segment.split_words_by_dictionary`` puts
   U+200B between their words before this rule is applied. U+200B always separates.
"""

import sys
import unicodedata
from functools import cache

import numpy as np
import regex

from sprachbund.arrays import UInt8, UInt32

SEPARATOR, WORD, JOINABLE, APOSTROPHE, GERSHAYIM, MIDDLE_DOT, DROPPED = range(7)
HEBREW_LETTERS = range(0x05D0, 0x05F3)
_JOINABLE_RANGES = ((0x0400, 0x0530), (0x1C80, 0x1C90), (0x2DE0, 0x2E00), (0xA640, 0xA6A0), (0x0531, 0x0588))
_ENCLOSING_MARKS = (*range(0x20DD, 0x20E1), *range(0x20E2, 0x20E5))
_UNSEEN = r"[\p{Default_Ignorable_Code_Point}--\u200b]"
_STRETCHING = r"[\p{Joining_Type=Join_Causing}--\p{Lo}]"
_ABJADS = r"\p{Hebrew}\p{Syriac}\p{Samaritan}\p{Mandaic}\p{Arabic}"
_POINTS = rf"[\p{{Mn}}&&[[{_ABJADS}]--[\u0653-\u0655\u0656-\u065f]]]"
_HARAKAT = range(27, 36)  # canonical combining classes
CAPITAL_SIGMA, SIGMA, FINAL_SIGMA = 0x03A3, 0x03C3, 0x03C2
SHARP_S, PLAIN_S = 0xDF, 0x73
LETTER_APOSTROPHE = 0x02BC
PLAIN_APOSTROPHE, PLAIN_QUOTE, PLAIN_MIDDLE_DOT = 0x27, 0x22, 0xB7
ZERO_WIDTH_SPACE = "\u200b"


@cache
def character_tables() -> tuple[UInt8, UInt32]:
    """The class and the lower case of every code point.

    Returns:
        classes: uint8 [0x110000], one of the constants above; Hebrew letters are JOINABLE.
        lower: uint32 [0x110000], the lower case; ß stands for two s, which who reads the table must write.
    """
    size = sys.maxunicode + 1
    classes = np.zeros(size, np.uint8)
    lower = np.arange(size, dtype=np.uint32)
    for point in range(size):
        character = chr(point)
        if unicodedata.category(character)[0] in "LMN":
            classes[point] = WORD
        lowered = character.lower()
        if lowered != character:
            lower[point] = ord(lowered[0])
    for first, last in (*_JOINABLE_RANGES, (HEBREW_LETTERS.start, HEBREW_LETTERS.stop)):
        for point in range(first, last):
            if classes[point] == WORD and unicodedata.category(chr(point))[0] == "L":
                classes[point] = JOINABLE
    classes[[0x27, 0x2019, 0x055A, 0x05F3]] = APOSTROPHE
    classes[[0x22, 0x05F4]] = GERSHAYIM
    classes[0xB7] = MIDDLE_DOT
    classes[[*_ENCLOSING_MARKS, *_dropped()]] = DROPPED
    lower[LETTER_APOSTROPHE] = PLAIN_APOSTROPHE
    return classes, lower


def _dropped() -> list[int]:
    """What is not shown, only stretches, or is left out when people write."""
    every = "".join(chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000)
    found = regex.findall(rf"{_UNSEEN}|{_STRETCHING}|{_POINTS}", every, regex.V1)
    harakat = [chr(point) for point in range(0x600, 0x900) if unicodedata.combining(chr(point)) in _HARAKAT]
    return sorted({ord(character) for character in (*found, *harakat)})
