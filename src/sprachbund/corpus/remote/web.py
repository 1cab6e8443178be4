"""HTTP with the standard library: redirects that are looked at, time limits, tries, and no surprise in a body.

Only http and https are spoken; a redirect never leads from https to http, and a token goes to the origin that it
is meant for and nowhere else. A failure that may pass (`Busy`) is told apart from one that will not (SourceError).
A body is never decompressed here: checksums are of the bytes that the site publishes.
"""

import re
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import TypeVar
from urllib.error import URLError
from urllib.parse import quote, urljoin, urlsplit

from sprachbund.corpus.remote.settings import Remote
from sprachbund.errors import SettingsError, SourceError
from sprachbund.files import package_version
from sprachbund.progress import logger

PIECE = 1 << 18
LONGEST_TEXT = 32 << 20
REDIRECTS = 5
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b", re.I)
Result = TypeVar("Result")


class Busy(Exception):
    """A try that failed in a way that may pass; ``wait`` is the seconds that the server asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Refused(SourceError):
    """An answer that will be the same next time; ``status`` is its number."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Missing(Refused):
    """There is nothing at the address (404, 410)."""


def retry(
    work: Callable[[], Result], what: str, settings: Remote, position: Callable[[], int] = lambda: 0, kept: str = ""
) -> Result:
    """Do ``work`` until it succeeds or fails ``settings.tries`` times in a row.

    Args:
        position: how far the work has come; a try that came further than any before starts the count anew.
        kept: what stays after the last failure, for the message.

    Raises:
        SourceError: it failed too often; or what ``work`` raises, but for Busy.
    """
    failures, furthest = 0, position()
    while True:
        try:
            return work()
        except Busy as error:
            if position() > furthest:
                failures, furthest = 0, position()
            failures += 1
            if failures >= settings.tries:
                raise SourceError(
                    f"{what}: {error}, {settings.tries} times in a row; give the same command again later{kept}"
                ) from None
            pause = error.wait if error.wait is not None else settings.pause * 2.0 ** (failures - 1)
            pause = min(pause, settings.longest_pause)
            logger.info("%s: %s; once more in %.0f s", what, error, pause)
            time.sleep(pause)


def ask(url: str, settings: Remote, method: str = "GET", headers: dict[str, str] | None = None) -> HTTPResponse:
    """The answer to one request, 200, 206 or 416, its body unread; redirects are followed.

    Raises:
        Busy: no answer, or one of those that pass.
        Missing: 404 or 410.
        SourceError: any other answer, or a redirect that is not followed.
    """
    here = url
    for _ in range(REDIRECTS + 1):
        response = _ask_once(here, settings, method, headers or {})
        if response.status in (200, 206, 416):
            return response
        with closing(response):
            if response.status not in (301, 302, 303, 307, 308):
                raise _refusal(url, response, settings)
            here = _redirected(url, here, response.headers.get("Location", ""), settings.same_host)
    raise SourceError(f"{url}: redirected more than {REDIRECTS} times; check the base address")


def pieces(response: HTTPResponse) -> Iterator[bytes]:
    """The body as it comes.

    Raises:
        Busy: it stalls, or ends before the length that the server announced.
    """
    remaining = response.length
    while remaining is None or remaining > 0:
        try:
            piece = response.read1(PIECE if remaining is None else min(PIECE, remaining))
        except (OSError, HTTPException, ValueError) as error:  # ValueError: a chunk whose length is no number
            raise Busy(_reason(error)) from None
        if not piece:
            if remaining is None:
                return
            raise Busy(f"the connection was cut {remaining:,} bytes before the end")
        if remaining is not None:
            remaining -= len(piece)
        yield piece


def fetch_text(url: str, settings: Remote, html: bool = False) -> tuple[str, HTTPResponse]:
    """A small text, and the answer for its headers.

    Args:
        html: a page is what is asked for, and not what stands in its place.

    Raises:
        Missing: there is none.
        SourceError: it cannot be had, or is a page where none belongs.
    """

    def once() -> tuple[str, HTTPResponse]:
        response = ask(url, settings)
        with closing(response):
            if response.status != 200:
                raise SourceError(f"{url}: expected the answer 200, found {response.status}")
            body = bytearray()
            for piece in pieces(response):
                body += piece
                if len(body) > LONGEST_TEXT:
                    raise SourceError(f"{url}: expected a list of files, found more than {LONGEST_TEXT >> 20} MiB")
        if not html and is_page(response, bytes(body[:512])):
            raise SourceError(f"{url}: expected a list of files, found an HTML page; check the base address")
        return body.decode("utf-8", "replace"), response

    return retry(once, url, settings)


def size_of(url: str, settings: Remote) -> int | None:
    """The length that the server announces for a file, None where it does not say.

    Raises:
        Missing: there is no such file.
        SourceError: the server does not answer.
    """

    def once() -> int | None:
        with closing(ask(url, settings, "HEAD")) as response:
            length = response.headers.get("Content-Length", "")
            known = response.status == 200 and length.isdecimal() and not is_page(response, b"")
            return int(length) if known else None

    try:
        return retry(once, url, settings)
    except Refused as error:
        if error.status in (405, 501):  # a server that knows no HEAD
            return None
        raise


def is_page(response: HTTPResponse, start: bytes) -> bool:
    """Whether a body is an HTML page, by what the server calls it or by how it begins."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or begins_page(start)


def begins_page(start: bytes) -> bool:
    """Whether bytes are the beginning of an HTML page."""
    return bool(_PAGE.match(start))


def _ask_once(url: str, settings: Remote, method: str, headers: dict[str, str]) -> HTTPResponse:
    sent = {"User-Agent": f"sprachbund/{package_version()}", "Accept": "*/*", **headers}
    if settings.token and _may_have_token(url, settings):
        if not settings.token.isascii() or not settings.token.isprintable():
            raise SettingsError("HF_TOKEN: expected printable ASCII characters, found others; set it anew")
        sent["Authorization"] = f"Bearer {settings.token}"
    request = urllib.request.Request(url, headers=sent, method=method)
    try:
        response = _opener().open(request, timeout=settings.timeout)
    except (OSError, HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise SourceError(f"{url}: its certificate cannot be verified ({cause.verify_message})") from None
        raise Busy(_reason(cause)) from None
    assert isinstance(response, HTTPResponse)
    return response


def _opener() -> urllib.request.OpenerDirector:
    """Only http and https, by the proxies of the environment; answers come back whatever their status is."""
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()):
        opener.add_handler(handler)
    return opener


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _refusal(url: str, response: HTTPResponse, settings: Remote) -> Exception:
    status = response.status
    if status in _TRANSIENT:
        return Busy(f"the server answers {status}", _retry_after(response.headers.get("Retry-After", "")))
    if status in (404, 410):
        return Missing(f"{url}: nothing there ({status})", status)
    if status in (401, 403):
        hint = "; not there, or it wants a token: set HF_TOKEN" if _may_have_token(url, settings) else ""
        return Refused(f"{url}: the server refuses it ({status}){hint}", status)
    return Refused(f"{url}: expected the answer 200, found {status}", status)


def _retry_after(text: str) -> float | None:
    """Seconds, from a number of them or from a date."""
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _redirected(asked: str, here: str, location: str, same_host: bool = False) -> str:
    """The address that a redirect names; the message holds the one that was asked, which has no secret in it."""
    # headers come as Latin-1, whatever the bytes were
    try:
        there = urljoin(here, quote(location.encode("latin-1", "replace"), safe="%/:=&?~#+!$,;'@()*[]"))
        parts = urlsplit(there)
        followed = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:  # brackets that enclose no address, a port that is no number
        raise SourceError(f"{asked}: redirected to what is no address, which is not followed") from None
    if not location or not followed or parts.username is not None:
        raise SourceError(f"{asked}: redirected to {parts.scheme or 'nowhere'}:, which is not followed")
    if urlsplit(here).scheme == "https" and parts.scheme == "http":
        raise SourceError(f"{asked}: redirected from https to http, which is not followed")
    if same_host and parts.hostname != urlsplit(asked).hostname:
        raise SourceError(f"{asked}: redirected to the host {parts.hostname}, which is not followed; name it yourself")
    return there


def _may_have_token(url: str, settings: Remote) -> bool:
    """Whether an address is of the origin that the token is for, and its way there is not open to others."""
    try:
        meant, parts = _origin(settings.hf_base), _origin(url)
    except ValueError:  # a base address that is none; who uses it is told
        return False
    return meant == parts and (parts[0] == "https" or parts[1] in ("localhost", "127.0.0.1", "::1"))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
