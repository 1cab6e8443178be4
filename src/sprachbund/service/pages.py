"""The page's files: read once, sent from memory, under a policy that forbids every other host.

No line of script or style stands in the HTML, and nothing is loaded from elsewhere: it works without a network, and
text of the index that looks like markup can do nothing.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
HEARD = "; media-src 'self' blob:"
"""Beside it where there is a recogniser: what was recorded is played from the page's own memory."""
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
NAMED = {"/": "index.html", "/docs": "docs.html"}
"""Paths of files that are asked for by another name."""


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    kind: str
    tag: str


def safety(listens: bool) -> dict[str, str]:
    """The headers of the page.

    Args:
        listens: whether there is a recogniser; the microphone is for the page alone then, and for nobody else.
    """
    microphone = "(self)" if listens else "()"
    return {
        "content-security-policy": POLICY + (HEARD if listens else ""),
        "permissions-policy": f"camera=(), geolocation=(), microphone={microphone}",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }


def load_pages() -> dict[str, File]:
    """The page's files by the path under which they are served."""
    found = {}
    for entry in files("sprachbund.service").joinpath("page").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in KINDS:
            content = entry.read_bytes()
            found[f"/page/{entry.name}"] = File(content, KINDS[suffix], f'"{hashlib.sha256(content).hexdigest()[:24]}"')
    return found | {path: found[f"/page/{name}"] for path, name in NAMED.items()}
