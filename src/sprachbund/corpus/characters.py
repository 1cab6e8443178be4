"""What a word is, code point by code point: the table that the reference and the kernels share.

The rule, after Unicode's word boundaries (UAX #29) with the changes that search wants:

1. Text is in NFC. A word is a maximal run of letters, marks and numbers (general categories L*, M*, N*),
   so combining marks never split a word, digits are kept, and ZWNJ and ZWJ stay inside (Persian, Indic).
2. Soft hyphens and direction marks are dropped first, as if they were not there.
3. An apostrophe (' or ’, and the Hebrew geresh) directly between two JOINABLE letters (Cyrillic, Hebrew,
   Armenian) joins them and is written ': Ukrainian п'ять is one word, French l'homme is two. The gershayim, and the
   quotation mark that stands for it, directly between two Hebrew letters joins them and is written " (צה"ל).
4. A middle dot directly between two code points of class WORD or JOINABLE joins them: Catalan col·legi.
5. Case is folded by Unicode lower case, code point by code point (U+0130 gives two); a capital sigma
   that ends its word becomes ς.
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
_DROPPED = (0x00AD, 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
CAPITAL_SIGMA, SIGMA, FINAL_SIGMA, CAPITAL_DOTTED_I = 0x03A3, 0x03C3, 0x03C2, 0x0130
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
    classes[[0x200C, 0x200D]] = WORD
    classes[[0x27, 0x2019, 0x05F3]] = APOSTROPHE
    classes[[0x22, 0x05F4]] = GERSHAYIM
    classes[0xB7] = MIDDLE_DOT
    classes[list(_DROPPED)] = DROPPED
    return classes, lower
