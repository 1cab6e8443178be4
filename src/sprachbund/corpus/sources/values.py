"""JSON as the world writes it, and what in a record is a name.

orjson is fast and strict: half an emoji, ``NaN``, a bare tab in a string and a number beyond 64 bits are no JSON to it,
or lose their digits. What it refuses goes to Python's parser, which takes them all and costs ten times as much.
"""

import json
import math
import re
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import orjson

from sprachbund.corpus.segment import normalise

ID_FIELDS = ("id", "_id", "docid", "doc_id", "document_id", "docno", "pid", "key", "uuid")
"""The fields that may hold a document's id; the first that has one counts. BEIR writes ``_id``."""
LANG_FIELDS = ("lang", "language")
# whole numbers beyond this are no longer told apart by a double
_EXACT = 1 << 53
_ISO = re.compile(r"\d{4}(?:-\d\d|$)")
_BEYOND_64_BITS = re.compile(rb"-[0-9]{19}|[0-9]{20}")


def load_json(data: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is none, or is nested deeper than the parser goes.
    """
    try:
        # orjson makes a double of a whole number beyond 64 bits, and two ids become one
        if not _BEYOND_64_BITS.search(data):
            return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data.decode("utf-8", "replace"), parse_int=_whole, strict=False)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _whole(text: str) -> int | str:
    """A whole number; one of more digits than Python turns into a number stays text, since it can only be a name."""
    return int(text) if len(text) <= 4000 else text


def identifier(value: object) -> str:
    """A value as a document's id, in NFC; empty where it is none (null, blank, NaN).

    0 and false are ids. A whole number is written without a fraction, since a column of ids with a gap in it is made of
    doubles by pandas. MongoDB's ``{"$oid": "..."}`` is what it holds; 16 bytes that are no text are a UUID.

    Raises:
        TypeError: it is a list or an object.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) <= _EXACT else repr(value)
    if isinstance(value, bytes):
        try:
            return normalise(value.decode())
        except UnicodeDecodeError:
            return str(UUID(bytes=value)) if len(value) == 16 else value.hex()
    if isinstance(value, dict) and set(value) == {"$oid"}:
        value = value["$oid"]
    if isinstance(value, list | dict):
        raise TypeError
    return normalise(str(value))


def first_identifier(fields: dict[str, Any]) -> str:
    """The id of a record by the first of `ID_FIELDS` that has one; empty where none has.

    Raises:
        TypeError: as `identifier`.
    """
    return next(filter(None, (identifier(fields[name]) for name in ID_FIELDS if name in fields)), "")


def iso_date(said: str) -> str:
    """A date as ISO 8601 has it, where it is one as mail and feeds write it; any other as it is."""
    if _ISO.match(said):
        return said
    try:
        return parsedate_to_datetime(said).date().isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return said


def plain_text(value: object) -> str:
    """A title, address or language as text; empty where it is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None or isinstance(value, list | dict) else str(value)
