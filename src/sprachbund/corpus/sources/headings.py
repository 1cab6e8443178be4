"""A line that is short and no sentence: a heading, a caption, an item of a list.

Sources that lost their markup still have such lines, and what they are for can be told by their look alone.
"""

import regex

from sprachbund.corpus.punctuation import ends_as_sentence

HEADING_WORDS, HEADING_CHARACTERS = 10, 80
UNSPACED_CHARACTERS = 25
_UNSPACED = regex.compile(r"[\p{Line_Break=Complex_Context}\p{Han}\p{Hiragana}\p{Katakana}]")


def is_heading(line: str) -> bool:
    """Whether a line is short and no sentence: a heading, or an item of a list."""
    if ends_as_sentence(line):
        return False
    longest = UNSPACED_CHARACTERS if _UNSPACED.search(line) else HEADING_CHARACTERS
    return len(line) <= longest and len(line.split()) <= HEADING_WORDS
