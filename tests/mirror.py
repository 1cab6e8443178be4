"""A web server on the loopback address that serves dumps and data sets in their sites' layouts, and fails on demand."""

import bz2
import hashlib
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DAY = "20240501"
PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in to use the network.</body></html>"
)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one GET of a path.

    Attributes:
        status: answered instead of the file, with ``headers`` and ``body``.
        cut: bytes of the body after which the connection is closed.
        stall: bytes of the body after which nothing more comes.
        whole: Range is not understood.
        extra: bytes sent after the file, whose length is not announced.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    stall: int | None = None
    whole: bool = False
    extra: bytes | None = None


@dataclass
class Mirror:
    """The files by their paths, the faults that wait for them, and the requests that came.

    Attributes:
        etags: of paths; a path without one has that of its bytes.
        dates: Last-Modified of paths.
        types: Content-Type of paths.
        pause: seconds between pieces of 4 KiB.
    """

    base: str
    stopped: threading.Event
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    etags: dict[str, str | None] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    pause: float = 0

    def gets(self, path: str) -> list[dict[str, str]]:
        """The headers of the GETs of a path, their names in lower case."""
        return [headers for method, asked, headers in self.requests if (method, asked) == ("GET", path)]

    def ranges(self, path: str) -> list[str | None]:
        """The Range of each GET of a path."""
        return [headers.get("range") for headers in self.gets(path)]

    def publish_dump(self, lang: str, data: bytes, date: str = DAY, algorithm: str = "sha1") -> str:
        """A dump with its checksums, under its date and as the latest; the path of the file."""
        wiki = f"{lang.replace('-', '_')}wiki"
        name = f"{wiki}-{date}-pages-articles.xml.bz2"
        other = hashlib.new(algorithm, b"other").hexdigest()
        sums = f"{other}  {wiki}-{date}-site_stats.sql.gz\n{hashlib.new(algorithm, data).hexdigest()}  {name}\n"
        self.files[f"/{wiki}/{date}/{name}"] = data
        for folder in (date, "latest"):
            self.files[f"/{wiki}/{folder}/{wiki}-{folder}-{algorithm}sums.txt"] = sums.encode()
        self.files[f"/{wiki}/latest/{wiki}-latest-pages-articles.xml.bz2"] = data
        return f"/{wiki}/{date}/{name}"

    def publish_set(self, path: str, files: dict[str, bytes], small: tuple[str, ...] = ()) -> list[str]:
        """Files of a data set's folder ``OWNER/NAME/FOLDER``, those in ``small`` not in LFS; their paths."""
        owner, name, folder = path.split("/", 2)
        entries: list[dict[str, Any]] = [{"type": "directory", "path": f"{folder}/more", "oid": "0" * 40, "size": 0}]
        made = []
        for file, data in files.items():
            git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            entry: dict[str, Any] = {"type": "file", "path": f"{folder}/{file}", "oid": git, "size": len(data)}
            if file not in small:
                entry |= {"oid": "1" * 40, "lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}}
            entries.append(entry)
            made.append(f"/datasets/{owner}/{name}/resolve/main/{folder}/{file}")
            self.files[made[-1]] = data
        tree = f"/api/datasets/{owner}/{name}/tree/main/{folder}?recursive=true"
        self.files[tree], self.types[tree] = json.dumps(entries).encode(), "application/json"
        return made


@contextmanager
def mirror() -> Iterator[Mirror]:
    """A server that runs until the end of the block."""
    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.mirror = made = Mirror(f"http://127.0.0.1:{server.server_port}", stopped)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self._answer(body=True)

    def _answer(self, body: bool) -> None:
        mirror: Mirror = self.server.mirror  # type: ignore[attr-defined]
        given = {name.lower(): value for name, value in self.headers.items()}
        mirror.requests.append((self.command, self.path, given))
        waiting = mirror.faults.get(self.path, [])
        fault = waiting.pop(0) if waiting and body else Fault()
        data = mirror.files.get(self.path)
        if fault.status is not None or data is None:
            status = 404 if fault.status is None else fault.status
            self._head(status, len(fault.body), fault.headers)
            self.wfile.write(fault.body if body else b"")
            return
        etag = mirror.etags.get(self.path, f'"{hashlib.md5(data).hexdigest()}"')
        headers = {"Content-Type": mirror.types.get(self.path, "application/octet-stream"), "Accept-Ranges": "bytes"}
        headers |= {"ETag": etag} if etag else {}
        headers |= {"Last-Modified": mirror.dates[self.path]} if self.path in mirror.dates else {}
        headers |= {"Link": mirror.links[self.path]} if self.path in mirror.links else {}
        status, start = 200, 0
        asked = given.get("range")
        same = given.get("if-range") in (None, etag, mirror.dates.get(self.path))
        if asked and same and not fault.whole:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(data):
                self._head(416, 0, {"Content-Range": f"bytes */{len(data)}"})
                return
            status = 206
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        headers |= fault.headers
        rest = data[start:] + (fault.extra or b"")
        self._head(status, None if fault.extra is not None else len(rest), headers)
        if body:
            self._send(mirror, rest, fault)

    def _head(self, status: int, length: int | None, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def _send(self, mirror: Mirror, data: bytes, fault: Fault) -> None:
        end = fault.cut if fault.cut is not None else fault.stall if fault.stall is not None else len(data)
        if not mirror.pause:
            self.wfile.write(data[:end])
        for start in range(0, end if mirror.pause else 0, 4096):
            self.wfile.write(data[start : min(end, start + 4096)])
            time.sleep(mirror.pause)
        if fault.stall is not None:
            mirror.stopped.wait(60)
        if fault.cut is not None:
            self.connection.shutdown(socket.SHUT_RDWR)


def dump(lang: str, pages: int = 120, seed: int = 0) -> bytes:
    """A MediaWiki dump of made-up articles, of the wiki of ``lang``, as bzip2."""
    generator = random.Random(seed)
    words = ["".join(generator.choices("abdegiklmnoprstuvz", k=generator.randint(3, 9))) for _ in range(900)]
    lines = [
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="en">',
        f"<siteinfo><sitename>W</sitename><dbname>{lang.replace('-', '_')}wiki</dbname>",
        '<namespaces><namespace key="0" case="first-letter" /></namespaces></siteinfo>',
    ]
    for number in range(1, pages + 1):
        text = " ".join(" ".join(generator.choices(words, k=9)).capitalize() + "." for _ in range(12))
        lines.append(
            f"<page><title>Title {number}</title><ns>0</ns><id>{number}</id><revision><id>{number}</id>"
            f"<timestamp>2024-05-01T00:00:00Z</timestamp><model>wikitext</model><text>{text}</text></revision></page>"
        )
    return bz2.compress("\n".join([*lines, "</mediawiki>"]).encode())
