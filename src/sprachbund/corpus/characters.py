"""What a word is, code point by code point: the table that the reference and the kernels share.

The rule, after Unicode's word boundaries (UAX #29) with the changes that search wants:

1. Text is in NFC. A word is a maximal run of letters, marks and numbers (general categories L*, M*, N*),
   so combining marks never split a word, digits are kept, and ZWNJ stays inside (Persian).
2. Soft hyphens, direction marks, ZWJ, word joiners, variation selectors and enclosing marks are dropped
   first, as if they were not there: they change how a letter looks (of 212 words with ZWJ in Bengali
   Wikipedia 170 are also written without), and an emoji made with them is no word. NFC is not applied again.
3. An apostrophe (' or ’, the Armenian ՚, the Hebrew geresh) directly between two JOINABLE letters (Cyrillic,
   Hebrew, Armenian) joins them and is written ': Ukrainian п'ять is one word, French l'homme is two. The
   gershayim, and the quotation mark that stands for it, directly between two JOINABLE letters that are
   HEBREW_LETTERS joins them and is written " (צה"ל). A mark between letter and apostrophe (niqqud, stress)
   parts. The letter ʼ (U+02BC), which is of class WORD, is also written ' by the table of lower case.
4. A middle dot directly between two code points of class WORD or JOINABLE joins them: Catalan col·legi.
5. Case is folded by Unicode lower case, code point by code point (U+0130 gives i and U+0307); a capital sigma
   that is the last code point of its word, and not the only one, becomes ς.
6. Thai, Lao, Khmer, Burmese, Chinese and Japanese write no spaces: ``segment.split_words_by_dictionary`` puts
   U+200B between their words before this rule is applied. U+200B always separates.
"""

import sys
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

SEPARATOR, WORD, JOINABLE, APOSTROPHE, GERSHAYIM, MIDDLE_DOT, DROPPED = range(7)
HEBREW_LETTERS = range(0x05D0, 0x05F3)
_JOINABLE_RANGES = ((0x0400, 0x0530), (0x1C80, 0x1C90), (0x2DE0, 0x2E00), (0xA640, 0xA6A0), (0x0531, 0x0588))
_DIRECTION_MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_INVISIBLE = (0x00AD, 0x200D, 0x2060, 0xFEFF)
_VARIATION_SELECTORS = (*range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_ENCLOSING_MARKS = (*range(0x20DD, 0x20E1), *range(0x20E2, 0x20E5))
CAPITAL_SIGMA, SIGMA, FINAL_SIGMA, CAPITAL_DOTTED_I = 0x03A3, 0x03C3, 0x03C2, 0x0130
LETTER_APOSTROPHE = 0x02BC
PLAIN_APOSTROPHE, PLAIN_QUOTE, PLAIN_MIDDLE_DOT = 0x27, 0x22, 0xB7
ZERO_WIDTH_SPACE = "\u200b"


@cache
def character_tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
    """The class and the lower case of every code point.

    Returns:
        classes: uint8 [0x110000], one of the constants above; Hebrew letters are JOINABLE.
        lower: uint32 [0x110000], the lower case; U+0130 gives i here and U+0307 must follow it.
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
    classes[0x200C] = WORD
    classes[[0x27, 0x2019, 0x055A, 0x05F3]] = APOSTROPHE
    classes[[0x22, 0x05F4]] = GERSHAYIM
    classes[0xB7] = MIDDLE_DOT
    classes[[*_INVISIBLE, *_DIRECTION_MARKS, *_VARIATION_SELECTORS, *_ENCLOSING_MARKS]] = DROPPED
    lower[LETTER_APOSTROPHE] = PLAIN_APOSTROPHE
    return classes, lower
