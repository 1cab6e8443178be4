"""Whether some bytes are just one whole request for one of our routes: asked before they are parsed, to refuse cheaply.

Where anything is unusual the answer is no, and the parser decides. So what is taken here is what every parser would
read alike: one request, all of it, and nothing behind it.
"""

import re
from collections.abc import Set

from sprachbund.service.gate import UNCOUNTED

_LINE = re.compile(rb"(?:GET|POST) (/[!-~]*) HTTP/1\.1\r\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t\x80-\xff]*)")
_LENGTH = re.compile(rb"[0-9]{1,9}")
UNUSUAL = frozenset((b"transfer-encoding", b"expect", b"upgrade", b"connection"))
"""Fields that change how an answer is to be sent, or where the request ends."""


def whole_request(data: bytes, routes: Set[str]) -> str | None:
    """The path of a request that is plain and complete; None for anything else, and for what is always answered."""
    line = _LINE.match(data)
    end = data.find(b"\r\n\r\n")
    if line is None or end < 0:
        return None
    path = line[1].partition(b"?")[0].decode()
    if path not in routes or path in UNCOUNTED:
        return None
    length = 0
    names = set()
    for row in data[line.end() : end].split(b"\r\n"):
        field = _FIELD.fullmatch(row)
        if field is None:
            return None
        name = field[1].lower()
        if name in UNUSUAL or (name in names and name in (b"content-length", b"host")):
            return None
        names.add(name)
        if name == b"content-length":
            if not _LENGTH.fullmatch(field[2].strip()):
                return None
            length = int(field[2])
    return path if b"host" in names and len(data) == end + 4 + length else None
