"""Bytes as text, whatever they are encoded in.

A byte order mark decides, then what the document declares, then whether the bytes are UTF-8: text of another encoding
hardly ever is by chance. Of what is left charset-normalizer says which encoding makes sense of it, and that this was a
guess is told. UTF-8 of which a little is broken stays UTF-8.
"""

import codecs
import re
from dataclasses import dataclass

SAMPLE = 1 << 20
"""Bytes that a guess looks at."""
SOUND = 4
"""So many characters of several bytes for one broken byte are UTF-8 with a fault, and no other encoding."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ISO_2022 = re.compile(rb"\x1b\$[@B]|\x1b\([BJ]")
# what browsers read where a page says so: Windows' encodings hold the others and a few letters more
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
# encodings of names and of programs, which nobody's document is in
_NO_TEXTS = {
    "idna",
    "punycode",
    "raw-unicode-escape",
    "unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
    "utf-7",
}
_COMMON = ("cp1252", "cp1251", "shift_jis", "gb18030", "euc_kr", "euc_jp", "cp1250", "cp1254", "cp1256", "big5")
_UNLIKELY = ["iso8859_10", "iso8859_14", "iso8859_16", "hp_roman8", "cp037", "cp500", "cp1026", "cp1140", "utf_7"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text; the encoding where it was guessed, else empty; and how many sequences of bytes became U+FFFD."""

    text: str
    guess: str = ""
    replaced: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell a person about it."""
        return (f"read as {self.guess}, which is a guess",) if self.guess else ()


def decode(data: bytes, declared: str = "") -> Decoded:
    """The text of some bytes.

    Args:
        declared: the encoding that the document says it has, or empty.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _replacing(data, encoding)
    if declared and (text := _strictly(data, declared)) is not None:
        return Decoded(text)
    if _ISO_2022.search(data) and (text := _strictly(data, "iso2022_jp_2")) is not None:
        return Decoded(text, "iso2022_jp")
    try:
        return Decoded(data.decode())
    except UnicodeDecodeError:
        pass
    broken = _replacing(data, "utf-8")
    several = sum(character > "\x7f" for character in broken.text) - broken.replaced
    if broken.replaced * SOUND <= several:
        return broken
    return _guess(data) or broken


def encoding_of(sample: bytes) -> tuple[str, str]:
    """The encoding of a longer text by its beginning, which ends with a line, and its name where that is a guess."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, ""
    decoded = decode(sample)
    return decoded.guess or "utf-8", decoded.guess


def _guess(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    found = list(from_bytes(data[:SAMPLE], cp_exclusion=_UNLIKELY))
    if not found or found[0].encoding == "utf_8":
        return None
    # Portuguese makes as much sense in Windows' Czech: of several that do, the one that more people write
    equal = [one.encoding for one in found if (one.chaos, one.coherence) == (found[0].chaos, found[0].coherence)]
    best = next((encoding for encoding in _COMMON if encoding in equal), found[0].encoding)
    read = _replacing(data, best)
    return Decoded(read.text, codecs.lookup(best).name, read.replaced)


def _replacing(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    had = data.count("\ufffd".encode()) if encoding.startswith("utf-8") else 0
    return Decoded(text, "", max(0, text.count("\ufffd") - had))


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        name = codecs.lookup(encoding.strip()).name
        return None if name in _NO_TEXTS else data.decode(_WIDER.get(name, name))
    except (LookupError, ValueError):
        return None
