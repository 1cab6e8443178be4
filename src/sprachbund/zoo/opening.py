"""Opening a zoo: its signature, the key behind it and its number are seen before a word of it is read."""

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sprachbund.errors import FolderError
from sprachbund.progress import logger
from sprachbund.zoo import trust
from sprachbund.zoo.bundle import LONGEST, signed_hashes, signer_of
from sprachbund.zoo.index import INDEX, SIGNATURE, Index, index_of
from sprachbund.zoo.keys import PublicKey, public_key, read_public
from sprachbund.zoo.places import Place, place_of

__all__ = ["KEY", "NEXT", "Opened", "open_zoo", "read_zoo"]

KEY = "key.pub"
"""The public key, for those who meet the zoo for the first time."""
NEXT = f"{SIGNATURE}.next"
"""The signature of the index that is about to be there: so that no kill between two renames leaves a zoo unsigned."""
_LARGEST = 64 << 20
_LONGEST_KEY = 1 << 16
_TRIES, _MOMENT = 5, 0.1


@dataclass(frozen=True)
class Opened:
    """A zoo whose signature holds.

    Attributes:
        place: where it lies. index: what it has. key: that signed it. sha256: of the index as it is signed.
        new: whether this machine met it for the first time.
    """

    place: Place = field(repr=False)
    index: Index = field(repr=False)
    key: PublicKey = field(repr=False)
    sha256: str
    new: bool

    @property
    def address(self) -> str:
        """A path or an address."""
        return self.place.address


def open_zoo(address: Path | str | None, key: Path | str | None = None) -> Opened:
    """A zoo of a folder or an address, once its signature, its key and its number are found to be good.

    Args:
        address: None for that of ``SPRACHBUND_ZOO``. key: a file with the public key that must have signed it; None
            for the one that is remembered, or, the first time, the one that the zoo shows.

    Raises:
        FolderError: it is damaged, unsigned, signed by another key, or older than what was seen before.
        SourceError: the server does not answer. SettingsError: it is no address.
        MissingExtraError: cryptography is absent.
    """
    opened = read_zoo(place_of(address), read_public(Path(key)) if key is not None else None)
    trust.remember(opened.address, opened.key.fingerprint, opened.index.serial, opened.sha256)
    if opened.new and key is None:
        print_ = opened.key.fingerprint
        logger.warning(
            "%s: met for the first time, its key %s is remembered; compare it with what its keeper says (--key)",
            opened.address,
            print_[:16],
        )
        parts = urlsplit(opened.address)
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            logger.warning("%s: http, so whoever stands between may have shown a key of their own", opened.address)
    return opened


def read_zoo(place: Place, key: PublicKey | None) -> Opened:
    """`open_zoo` of a place and a key; nothing is remembered."""
    known = trust.known_key(place.address)
    data, key = _signed(place, key, known)
    sha256 = hashlib.sha256(data).hexdigest()
    index = index_of(data, f"{place.address}/{INDEX}")
    if index.key != key.fingerprint:
        raise FolderError(f"{place.address}/{INDEX}: names another key than the one that signed it; tell its keeper")
    trust.require_newer(place.address, index.serial, sha256)
    return Opened(place, index, key, sha256, known is None)


def _signed(place: Place, key: PublicKey | None, known: str | None) -> tuple[bytes, PublicKey]:
    """The index as its key signed it; read again where its keeper changes it at this very moment."""
    for last in [False] * (_TRIES - 1) + [True]:
        data = place.read(INDEX, _LARGEST)
        if data is None:
            raise FolderError(f"{place.address}: expected a zoo, but it has no {INDEX}")
        digest = hashlib.sha256(data).hexdigest()
        signature = place.read(SIGNATURE, LONGEST)
        if signature is None and place.read(NEXT, LONGEST) is None:
            raise FolderError(f"{place.address}: is not signed, it has no {SIGNATURE}; nothing in it can be trusted")
        chosen = key or _key(place, known)
        found = {}
        for name in (SIGNATURE, NEXT):
            bundle = signature if name == SIGNATURE else place.read(NEXT, LONGEST)
            if bundle is None:
                continue
            _require_signer(place, bundle, name, chosen, known if key is None else None)
            found = signed_hashes(bundle, chosen, f"{place.address}/{name}")
            if found == {INDEX: digest}:
                return data, chosen
        if not last:
            time.sleep(_MOMENT)
    raise FolderError(
        f"{place.address}/{INDEX}: damaged or changed, it is not the file that {chosen.fingerprint[:16]} signed"
    )


def _key(place: Place, known: str | None) -> PublicKey:
    """The key that the zoo shows, which is the one that is remembered."""
    shown = place.read(KEY, _LONGEST_KEY)
    if shown is None:
        raise FolderError(f"{place.address}: shows no {KEY}; name the public key of its keeper with --key")
    key = public_key(shown, f"{place.address}/{KEY}")
    if known is not None and key.fingerprint != known:
        raise _other_key(place, key.fingerprint, known)
    return key


def _require_signer(place: Place, bundle: bytes, name: str, key: PublicKey, known: str | None) -> None:
    """Say which keys differ, before a signature fails."""
    signer = signer_of(bundle, f"{place.address}/{name}")
    if signer != key.fingerprint:
        raise _other_key(place, signer, known or key.fingerprint)


def _other_key(place: Place, found: str, expected: str) -> FolderError:
    return FolderError(
        f"{place.address}: signed by another key, {found[:16]}, than {expected[:16]}, which was expected; ask its "
        f"keeper, and if the new key is right: sprachbund zoo forget {place.address}"
    )
