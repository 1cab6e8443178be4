"""Where sources on the network are, and how patiently they are asked for."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sprachbund.errors import SettingsError

WIKIPEDIA_BASE = "https://dumps.wikimedia.org"
HF_BASE = "https://huggingface.co"


@dataclass(frozen=True)
class Remote:
    """How to fetch.

    Attributes:
        wikipedia_base, hf_base: the addresses that stand before the paths of the two layouts.
        downloads: the folder for what is fetched; None is ``CORPUS.downloads``, beside the corpus.
        token: sent to ``hf_base`` alone, for data sets that want one.
        timeout: seconds without a byte before a try is given up.
        tries: how often in a row a request may fail; one that brought bytes starts the count anew.
        pause: seconds after the first failure; doubled after each further one.
        longest_pause: seconds, whatever a server asks for with Retry-After.
        same_host: whether a redirect to another host is refused, where the user named one and trusts no other.
    """

    wikipedia_base: str = WIKIPEDIA_BASE
    hf_base: str = HF_BASE
    downloads: Path | None = None
    token: str | None = field(default=None, repr=False)
    timeout: float = 15.0
    tries: int = 3
    pause: float = 1.0
    longest_pause: float = 60.0
    same_host: bool = False


def from_environment(
    wikipedia_base: str | None = None, hf_base: str | None = None, downloads: Path | None = None
) -> Remote:
    """What is given, else what the environment says, else the public sites.

    Read are SPRACHBUND_WIKIPEDIA_BASE, SPRACHBUND_HF_BASE (else HF_ENDPOINT) and HF_TOKEN.
    """

    def said(*names: str) -> str | None:
        return next((value.strip() for name in names if (value := os.environ.get(name, "")).strip()), None)

    return Remote(
        wikipedia_base=wikipedia_base or said("SPRACHBUND_WIKIPEDIA_BASE") or WIKIPEDIA_BASE,
        hf_base=hf_base or said("SPRACHBUND_HF_BASE", "HF_ENDPOINT") or HF_BASE,
        downloads=downloads,
        token=said("HF_TOKEN"),
    )


def checked_base(base: str, setting: str) -> str:
    """A base address without the slash at its end.

    Raises:
        SettingsError: it is no http or https address, or holds a password, which would be printed in errors.
    """
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or not base.isascii() or not base.isprintable() or " " in base:
        raise SettingsError(f"{setting}: expected an address like {WIKIPEDIA_BASE}, found {base!r}")
    if parts.username is not None:
        raise SettingsError(f"{setting}: an address with a user or password in it is not taken; leave them out")
    return base.rstrip("/")
