"""Bare connections and requests as bytes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from talking import PATIENCE


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """A bare connection."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as opened:
        yield opened


def post(body: bytes, path: str = "/search", length: int | None = None) -> bytes:
    """A request as bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    found = b""
    while chunk := connection.recv(65536):
        found += chunk
    return found
