"""Where a sentence may end, by Unicode's properties and not by a list: every script has its own full stop.

Two questions are answered here: whether a line ends as a sentence does (`ends_as_sentence`, by which a sentence is told
from a heading), and where a text of one of the scripts for which UAX #29 has no rule goes on with the next sentence
(`ends_beyond_icu`):

* Tibetan. A shad ends a clause or a sentence where white space or another shad follows it; after ka and ga, whose leg
  stands for it, the shad is left out and the white space alone ends. The shad after *dang* (and) ends nothing.
* Ethiopic. On keyboards without ። two word spaces ፡፡ or two colons :: are typed for it.
* The scripts that write the danda. On keyboards without । a bar | is typed for it.
"""

from collections.abc import Iterator

import regex

__all__ = ["CLOSING", "ends_as_sentence", "ends_beyond_icu"]

CLOSING = r"\p{Pe}\p{Pf}\p{Pi}\p{Quotation_Mark}"
"""What may close a quotation or a bracket, for `regex`: German closes with “ (Pi), Danish with « (Pi)."""
# Terminal_Punctuation has full stops, commas and colons; Inseparable are the dots that stand for words left out.
_STOP = r"\p{Terminal_Punctuation}\p{Sentence_Terminal}\p{Line_Break=Inseparable}"
_SHAD = r"[\p{Tibetan}&&\p{Line_Break=Exclamation}]"
_WITH_DANDA = r"[\p{Deva}\p{Beng}\p{Guru}\p{Gujr}\p{Orya}\p{Sylo}\p{Tirh}\p{Takr}\p{Dogr}]"
_TYPED_DANDA = rf"(?<={_WITH_DANDA}\s?)\|{{1,2}}"
_INVISIBLE = r"\s\p{Default_Ignorable_Code_Point}"
_END = regex.compile(rf"(?:[{_STOP}]|{_SHAD}|{_TYPED_DANDA})[{CLOSING}{_INVISIBLE}]*\Z", regex.V1)

_SYLLABLE = r"[\p{Tibetan}&&[\p{L}\p{M}\p{N}\u0f0b\u0f0c]]"
_AND = r"\u0f51\u0f44[\u0f0b\u0f0c]?"
_SHAD_LEFT_OUT = r"(?<=[\u0f40\u0f42][\u0f71-\u0f7e]?)(?=\s+\p{Tibetan})"
_CLOSED = r"[\p{Pe}\p{Pf}]*"
_TIBETAN_END = regex.compile(
    rf"(?<={_SYLLABLE})(?<!{_AND})(?:{_SHAD}+{_CLOSED}(?=\s)|{_SHAD}{{2,}}|{_SHAD_LEFT_OUT})(?:\s|{_SHAD})*+(?=\S)",
    regex.V1,
)
_ETHIOPIC_END = regex.compile(rf"(?:\u1361\s?\u1361|(?<=\p{{Ethiopic}}\s?)::){_CLOSED}\s*", regex.V1)
_DANDA_END = regex.compile(rf"{_TYPED_DANDA}(?=\s){_CLOSED}\s*", regex.V1)
_TSHEG = "\u0f0b"


def ends_as_sentence(line: str) -> bool:
    """Whether a line ends with a full stop, comma or colon of any script, brackets and quotes closed after it."""
    return _END.search(line) is not None


def ends_beyond_icu(text: str) -> Iterator[int]:
    """Where sentences begin that ICU does not see, as code points; the text is not parted before the first."""
    if _TSHEG in text:
        yield from (found.end() for found in _TIBETAN_END.finditer(text))
    if "\u1361" in text or "::" in text:
        yield from (found.end() for found in _ETHIOPIC_END.finditer(text))
    if "|" in text:
        yield from (found.end() for found in _DANDA_END.finditer(text))
