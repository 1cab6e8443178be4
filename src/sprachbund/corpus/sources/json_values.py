"""JSON that is one value: an array of records, one record, or an object that holds such an array.

It is held whole, so that it may have half of what a record may; JSON Lines have no such end.
"""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.documents import Dropped, Line, Note, RawDocument, Record, Source, Tally
from sprachbund.corpus.sources.plain import cut_whole
from sprachbund.corpus.sources.sections import parse_sections
from sprachbund.corpus.sources.values import load_json
from sprachbund.corpus.sources.wikipedia import parse_wikipedia
from sprachbund.errors import SourceError

EXPECTED = "expected an array of objects, an object a line (JSON Lines), or one object"


def cut_values(source: Source) -> Iterator[Line | Dropped | Note | Tally]:
    """The records of a value of JSON, an object each.

    Raises:
        SourceError: it is too long, broken, or holds no objects.
    """
    for item in cut_whole(source):
        if isinstance(item, Dropped | Note | Tally):
            yield item
            continue
        if item.size > source.limits.record // 2:
            raise SourceError(
                f"{source.path}: one value of JSON of more than {source.limits.record // 2:,} bytes; write it as JSON "
                "Lines, an object a line (jq -c '.[]' makes them)"
            )
        try:
            value = load_json(decode(item.data).text.encode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise SourceError(f"{source.path}: broken JSON ({error}); {EXPECTED}") from None
        records = _records(value)
        if not records:
            raise SourceError(f"{source.path}: JSON without records; {EXPECTED}")
        for number, record in enumerate(records, 1):
            yield Line(number, _dumped(record), source.plain, source.columns)


def _dumped(record: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(record)
    except TypeError:  # a whole number beyond 64 bits, half an emoji
        return json.dumps(record).encode()


def _records(value: Any) -> list[dict[str, Any]]:
    """The objects of an array; of an object the longest array of objects that it has, else itself."""
    if isinstance(value, list):
        return [record for record in value if isinstance(record, dict)]
    if not isinstance(value, dict):
        return []
    inside = [_records(part) for name, part in value.items() if isinstance(part, list) and name != "sections"]
    return max(inside, key=len, default=[]) or [value]


def parse_value(record: Record) -> RawDocument | Dropped:
    """A document from one of the records, in the layout that it has."""
    assert isinstance(record, Line)
    try:
        has_sections = isinstance(load_json(record.data).get("sections"), list)
    except ValueError:
        has_sections = False
    return parse_sections(record) if has_sections else parse_wikipedia(record)
