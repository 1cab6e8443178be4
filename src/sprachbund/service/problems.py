"""Errors as callers see them: JSON of one shape, under whatever path.

``{"error": {"type", "message"}}``; under ``/v1/`` with ``param`` and ``code`` beside them, as clients of OpenAI
expect.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TYPES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
OPENAI = {401: "authentication_error", 429: "rate_limit_error", 500: "server_error", 503: "server_error"}


class Problem(Exception):
    """A request that is answered with an error.

    Attributes:
        status: of HTTP.
        message: what was expected, what was found, what to do.
        param: the field of the request that it is about, or None.
        headers: to send beside it.
    """

    def __init__(
        self, status: int, message: str, param: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.headers = status, message, param, headers or {}


def body(problem: Problem, path: str) -> bytes:
    """The JSON of a problem under ``path``."""
    error: dict[str, Any] = {"type": TYPES.get(problem.status, "error"), "message": problem.message}
    if path.startswith("/v1/"):
        kind = OPENAI.get(problem.status, "invalid_request_error")
        error = {"message": problem.message, "type": kind, "param": problem.param, "code": error["type"]}
    return orjson.dumps({"error": error})


async def send_problem(send: Send, problem: Problem, path: str) -> None:
    """Answer with a problem, where no framework stands between us and the server."""
    content = body(problem, path)
    headers = {"content-type": "application/json", "content-length": str(len(content)), **problem.headers}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": encoded})
    await send({"type": "http.response.body", "body": content})
