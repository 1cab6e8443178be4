"""What the OpenAPI page says of a route: its request with bounds, its answer, its errors."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from sprachbund.service.parsing import BYTES, JSON
from sprachbund.service.schemas import ErrorAnswer

ERRORS = (401, 403, 413, 415, 422, 429, 503)


def documented(
    answer: type[BaseModel],
    request: type[BaseModel] | None = None,
    error: type[BaseModel] = ErrorAnswer,
    errors: Sequence[int] = ERRORS,
    query: type[BaseModel] | None = None,
    sound: bool = False,
) -> dict[str, Any]:
    """Arguments of a route: nothing of the request is read by the framework, so its description is made here.

    Args:
        request: what the body holds. query: what the query string holds. sound: whether the body is a file of sound.
    """
    responses: dict[int | str, Any] = {
        200: {"model": answer},
        **{status: {"model": error} for status in (400, *errors)},
    }
    if sound:
        responses[200]["content"] = {kind: {"schema": {"type": "string"}} for kind in ("text/plain", "text/vtt")}
    extra: dict[str, Any] = {}
    if request is not None:
        extra["requestBody"] = {"required": True, "content": {JSON: {"schema": body_of(request)}}}
    if sound:
        extra["requestBody"] = {
            "required": True,
            "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        }
    if query is not None:
        extra["parameters"] = parameters_of(query)
    return {"response_class": Response, "responses": responses, "openapi_extra": extra}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a body, in which null stands for a field that is absent."""
    schema = model.model_json_schema()
    for name, field in schema["properties"].items():
        if name not in schema.get("required", ()):
            if "type" in field:
                field["type"] = [field["type"], "null"]
            if "enum" in field:
                field["enum"] = [*field["enum"], None]
    return schema


def parameters_of(model: type[BaseModel]) -> list[dict[str, Any]]:
    """The parameters of a query string."""
    schema = model.model_json_schema()
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]
