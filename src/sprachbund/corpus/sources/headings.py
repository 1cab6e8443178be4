"""A line that is short and no sentence: a heading, a caption, an item of a list.

Sources that lost their markup still have such lines, and what they are for can be told by their look alone.
"""

import re

HEADING_WORDS, HEADING_CHARACTERS = 10, 80
UNSPACED_CHARACTERS = 25
_END = re.compile(r"[.!?…。！？．｡։؟۔।॥༎။៕।:：;；,，、][\"'”’»」』）)\]]*$")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def is_heading(line: str) -> bool:
    """Whether a line is short and no sentence: a heading, or an item of a list."""
    if _END.search(line):
        return False
    longest = UNSPACED_CHARACTERS if _UNSPACED.search(line) else HEADING_CHARACTERS
    return len(line) <= longest and len(line.split()) <= HEADING_WORDS
