"""XML that is not well-formed in ways that lose nothing: mended before the parser sees it.

Exporters that are not MediaWiki's write what XML forbids: control characters and U+FFFF, raw or as references
(``&#x0E;``), halves of a surrogate pair, entities of HTML (``&nbsp;``), and ``&``, ``<`` or ``]]>`` that nobody
escaped. One such character would end the dump. Controls become spaces, other forbidden characters U+FFFD, a pair
of references to surrogates the character that they mean; the rest is escaped, so that it is the text that it was
meant to be. One pass of one regular expression over pieces, in constant memory.
"""

import re
from collections.abc import Iterable, Iterator

_CONTROLS = bytes(32 if byte < 32 and byte not in (9, 10, 13) else byte for byte in range(256))
_REFERENCE = rb"&#(?:[0-9]{1,10}|[xX][0-9a-fA-F]{1,8});"
_FAULT = re.compile(
    rb"(?P<references>(?:" + _REFERENCE + rb")+)"
    rb"|&(?!(?:amp|lt|gt|quot|apos);)|<(?![A-Za-z_:/!?])|\]\]>|\xef\xbf[\xbe\xbf]"
)
_ONE_REFERENCE = re.compile(_REFERENCE)
_ENTITIES = (b"&lt;", b"&gt;", b"&quot;", b"&amp;", b"&apos;")
_STRAY = re.compile(rb"<(?![A-Za-z_:/!?])")
_MARK = re.compile(rb"[&<\]]")
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_ESCAPED = {b"&": b"&amp;", b"<": b"&lt;", b"]]>": b"]]&gt;"}
_REPLACEMENT = "\ufffd".encode()
_OPEN, _CLOSE = b"<![CDATA[", b"]]>"
_HELD = 32
"""Bytes at the end of a piece in which a mark may be cut in two."""


class Repair:
    """Pieces of UTF-8 as pieces of XML that a parser takes.

    Attributes:
        replaced: characters that XML forbids and that became a space or U+FFFD.
        escaped: marks that were escaped.
        grown: how many bytes longer what went out is than what came in.
    """

    def __init__(self) -> None:
        self.replaced = self.escaped = self.grown = 0
        self.cdata = False

    def __call__(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, mended; a mark that two of them share is mended too."""
        held = b""
        for piece in pieces:
            data = held + piece.translate(_CONTROLS)
            cut = _safe_cut(data)
            held = data[cut:]
            yield self._mend(data[:cut])
        yield self._mend(held)

    def _mend(self, data: bytes) -> bytes:
        """Text outside CDATA sections is escaped; inside them only forbidden characters are replaced."""
        if not self.cdata and _OPEN not in data:
            if _is_sound(data):
                return data
            mended = _FAULT.sub(self._outside, data)
        else:
            parts = []
            start = 0
            while start < len(data):
                found = data.find(_CLOSE if self.cdata else _OPEN, start)
                end = len(data) if found < 0 else found + len(_CLOSE if self.cdata else _OPEN)
                pattern, replace = (_NONCHARACTER, self._inside) if self.cdata else (_FAULT, self._outside)
                parts.append(pattern.sub(replace, data[start:end]))
                self.cdata ^= found >= 0
                start = end
            mended = b"".join(parts)
        self.grown += len(mended) - len(data)
        return mended

    def _inside(self, match: re.Match[bytes]) -> bytes:
        self.replaced += 1
        return _REPLACEMENT

    def _outside(self, match: re.Match[bytes]) -> bytes:
        if match["references"]:
            return self._references(match[0])
        if escaped := _ESCAPED.get(match[0]):
            self.escaped += 1
            return escaped
        return self._inside(match)

    def _references(self, run: bytes) -> bytes:
        """A run of character references, each allowed one as it is."""
        points = [_point(reference) for reference in _ONE_REFERENCE.findall(run)]
        mended = []
        place = 0
        while place < len(points):
            point = points[place]
            place += 1
            if _is_high(point) and place < len(points) and 0xDC00 <= points[place] < 0xE000:
                point = 0x10000 + ((point - 0xD800) << 10) + points[place] - 0xDC00
                place += 1
            if point < 32 and point not in (9, 10, 13):
                self.replaced += 1
                mended.append(b" ")
            elif 0xD800 <= point < 0xE000 or point in (0xFFFE, 0xFFFF) or point > 0x10FFFF:
                self.replaced += 1
                mended.append(_REPLACEMENT)
            else:
                mended.append(b"&#%d;" % point)
        return b"".join(mended)


def _is_sound(data: bytes) -> bool:
    """Whether there is nothing to mend: told by counts, 10 times as fast as the pattern, which is for the rest."""
    return (
        data.count(b"&") == sum(map(data.count, _ENTITIES))
        and b"\xef\xbf" not in data
        and b"]]>" not in data
        and _STRAY.search(data) is None
    )


def _point(reference: bytes) -> int:
    digits = reference[2:-1]
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)


def _is_high(point: int) -> bool:
    return 0xD800 <= point < 0xDC00


def _safe_cut(data: bytes) -> int:
    """Where to part a piece from the next: before the first mark at its end, and before the half ahead of it."""
    mark = _MARK.search(data, max(0, len(data) - _HELD))
    if mark is None:
        return len(data)
    cut = mark.start()
    if data[cut - 1 : cut + 1] == b"]]":
        return cut - 1
    before = data.rfind(b"&#", 0, cut)
    if before >= 0 and _ONE_REFERENCE.fullmatch(data, before, cut) and _is_high(_point(data[before:cut])):
        return before
    return cut
