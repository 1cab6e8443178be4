"""From what a caller sent to a checked request; whatever is wrong with it is a problem in our own words.

JSON leaves open what a key given twice means, whether NaN is a number, and what half a surrogate pair is. Here the
first two are refused, and the last is read as ingest reads it: as a space. Values are of the type that is asked for:
no text is taken for a number, no number for yes or no; ``10.0`` is the whole number ten, as JSON Schema has it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from sprachbund.service.problems import Problem

Asked = TypeVar("Asked", bound=BaseModel)
JSON = "application/json"
BYTES = "application/octet-stream"
UTF8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,18}")
_KINDS = {list: "an array", str: "a text", bool: "true or false", int: "a number", float: "a number"}


def check_kind(headers: Mapping[str, str]) -> None:
    """See that a body is JSON in UTF-8, as it is.

    Raises:
        Problem: its headers say something else.
    """
    kind = headers.get("content-type", "")
    name, _, rest = kind.partition(";")
    if name.strip().lower() != JSON:
        raise Problem(415, f"expected the content type {JSON}, found {kind or 'none'}")
    for part in rest.split(";"):
        parameter, _, value = part.partition("=")
        if parameter.strip().lower() == "charset" and value.strip().strip('"').lower() not in UTF8:
            raise Problem(415, f"expected the charset utf-8, found {value.strip()}")
    _check_coding(headers)


def check_sound_kind(headers: Mapping[str, str]) -> None:
    """See that a body is said to be bytes or sound, which what it is must show; a form of another site cannot say so.

    Raises:
        Problem: its headers say something else.
    """
    kind = headers.get("content-type", "")
    name = kind.partition(";")[0].strip().lower()
    if name != BYTES and not name.startswith("audio/"):
        raise Problem(415, f"expected the content type {BYTES} or one of audio, found {kind or 'none'}")
    _check_coding(headers)


def _check_coding(headers: Mapping[str, str]) -> None:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise Problem(415, f"expected a body without content-encoding, found {coding}")


def read_body(raw: bytes, model: type[Asked]) -> Asked:
    """The request in a body.

    Raises:
        Problem: it is not JSON, or not what the model says.
    """
    value = read_json(raw)
    if not isinstance(value, dict):
        raise Problem(422, f"expected a JSON object, found {_KINDS.get(type(value), 'null')}")
    return _checked(value, model)


def read_query(items: Iterable[tuple[str, str]], model: type[Asked]) -> Asked:
    """The request in a query string, given as names and values.

    Raises:
        Problem: it is not what the model says, or a name that takes one value has several.
    """
    value: dict[str, Any] = {}
    fields = model.model_fields
    for name, text in items:
        annotation = fields[name].annotation if name in fields else None
        if get_origin(annotation) is list:
            value.setdefault(name, []).append(text)
        elif name in value:
            raise Problem(422, f"{name}: expected one value, found several", name)
        else:
            value[name] = int(text) if annotation is int and _DIGITS.fullmatch(text) else text
    return _checked(value, model)


def read_json(raw: bytes) -> Any:
    """The value of some JSON, without lone surrogates.

    Raises:
        Problem: it is not UTF-8, not JSON, nested too deeply, or gives a key twice.
    """
    if not raw.strip():
        raise Problem(422, "expected a JSON object, found an empty body")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(422, f"the body is no UTF-8 at byte {error.start:,}") from None
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        return _whole(value) if _HALF.search(text) else value
    except json.JSONDecodeError as error:
        raise Problem(422, f"the body is no JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError:  # Python reads no whole number of more than 4,300 digits
        raise Problem(422, "the body has a number that is too long to be read") from None
    except RecursionError:
        raise Problem(422, "the body is nested too deeply") from None


def explained(error: ValidationError) -> Problem:
    """The first of pydantic's errors in one line."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    first = errors[0]
    # the members of a union have names of pydantic's in the place: they say nothing to a caller
    place = ".".join(str(part) for n, part in enumerate(first["loc"]) if not n or isinstance(part, int))
    message = str(first["msg"]).removeprefix("Value error, ")
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem(422, f"{place}: {message}{more}" if place else f"{message}{more}", place or None)


def _checked(value: Mapping[str, Any], model: type[Asked]) -> Asked:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise explained(error) from None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise Problem(422, f"the key {_whole(twice)[:100]!r} is given more than once")
    return found


def _no_number(name: str) -> NoReturn:
    raise Problem(422, f"the body is no JSON: {name} is no number there")


def _whole(value: Any) -> Any:
    """The same without lone surrogates, keys included."""
    if isinstance(value, str):
        return _SURROGATE.sub(" ", value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(each) for name, each in value.items()}
    return value
