"""Pairs of keys that sign a zoo: ECDSA over P-256, as PEM files that OpenSSL and `model_signing` read too.

The private key is a file that its owner alone may read, and lies outside of every zoo: what is in a zoo is given
away. The fingerprint of a key is the SHA-256 of its public half as PEM, which is what bundles name it by.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.errors import FolderError, MissingExtraError, SettingsError, one_line
from sprachbund.files import require_place, sync_folder, write_bytes
from sprachbund.progress import logger

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey

__all__ = ["INDEX", "PrivateKey", "PublicKey", "make_keys", "own_key", "public_key", "read_private", "read_public"]

INDEX = "index.json"
"""What makes a folder a zoo."""
VARIABLE = "SPRACHBUND_ZOO_KEY"
"""The environment variable that names the private key."""
_LONGEST = 1 << 16


@dataclass(frozen=True, eq=False)
class PublicKey:
    """What verifies.

    Attributes:
        pem: as it stands in a file.
    """

    key: "EllipticCurvePublicKey"
    pem: bytes

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the PEM, in hexadecimal."""
        return hashlib.sha256(self.pem).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature is of this key and message."""
        from cryptography.exceptions import InvalidSignature

        try:
            self.key.verify(signature, message, _algorithm(self.key))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, eq=False)
class PrivateKey:
    """What signs; its public half is ``public``."""

    key: "EllipticCurvePrivateKey"
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, in DER."""
        return self.key.sign(message, _algorithm(self.public.key))


def make_keys(path: Path | str) -> tuple[Path, Path]:
    """Make a pair of keys: ``path`` (the private one, mode 0600) and ``path`` with ``.pub`` behind it.

    Raises:
        FolderError: a file is there already, or ``path`` lies in a zoo. MissingExtraError: cryptography is absent.
    """
    path = Path(path)
    public = path.with_name(f"{path.name}.pub")
    for each in (path, public):
        if each.exists() or each.is_symlink():
            raise FolderError(f"{each}: is there already, and a key that is lost cannot be made again; name another")
    require_place(path, folder=False)
    _require_outside(path)
    _need()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # never readable by others, not for a moment
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(written)
        handle.flush()
        os.fsync(handle.fileno())
    sync_folder(path.parent)
    write_bytes(public, _pem(key.public_key()))
    return path, public


def own_key(path: Path | str | None = None) -> PrivateKey:
    """The key that signs: the one named, that of ``SPRACHBUND_ZOO_KEY``, or the user's, made where there is none yet.

    Raises:
        FolderError, SettingsError: as `read_private`. MissingExtraError: cryptography is absent.
    """
    named = path if path is not None else os.environ.get(VARIABLE, "").strip() or None
    if named is not None:
        return read_private(Path(named))
    usual = _usual()
    if not usual.exists():
        _need()
        usual.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_keys(usual)
        logger.warning("%s: made a key that signs your zoos; keep a copy of it, nobody can make it again", usual)
    return read_private(usual)


def _usual() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME", "").strip()
    try:
        folder = Path(configured) if configured else Path.home() / ".config"
    except RuntimeError:
        raise SettingsError(f"no home folder for a key; name one with --key or {VARIABLE}") from None
    return folder / "sprachbund" / "zoo.key"


def read_private(path: Path) -> PrivateKey:
    """A private key from its file.

    Raises:
        FolderError: there is none, it is encrypted or of another kind, or others may read it.
        MissingExtraError: cryptography is absent.
    """
    _need()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    data = _read(path, "a private key; make one with sprachbund zoo keys")
    _require_outside(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise FolderError(f"{path}: others may read this private key (mode {mode:04o}); chmod 600 it")
    if b"PUBLIC KEY-----" in data:
        raise FolderError(f"{path}: is a public key, which only verifies; name the private one, without .pub")
    try:
        key = serialization.load_pem_private_key(data, None)
    except TypeError:
        raise FolderError(f"{path}: is encrypted; give one without a password, as openssl pkey -in writes it") from None
    except Exception as error:  # of many kinds, by what OpenSSL makes of it
        raise FolderError(f"{path}: no private key in PEM ({one_line(error)})") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise FolderError(f"{path}: expected a key of an elliptic curve; make one with sprachbund zoo keys")
    return PrivateKey(key, public_key(_pem(key.public_key()), str(path)))


def read_public(path: Path) -> PublicKey:
    """A public key from its file.

    Raises:
        FolderError: there is none, or it is none. MissingExtraError: cryptography is absent.
    """
    return public_key(_read(path, "a public key, as sprachbund zoo keys writes it with .pub"), str(path))


def public_key(data: bytes, where: str) -> PublicKey:
    """A public key from its PEM.

    Raises:
        FolderError: it is none. MissingExtraError: cryptography is absent.
    """
    _need()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if b"PRIVATE KEY-----" in data:
        raise FolderError(f"{where}: is a private key, which nobody else should have; name the public one, .pub")
    try:
        key = serialization.load_pem_public_key(data)
    except Exception as error:  # of many kinds, by what OpenSSL makes of it
        raise FolderError(f"{where}: no public key in PEM ({one_line(error)})") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise FolderError(f"{where}: expected a key of one of the curves {', '.join(_CURVES)}")
    return PublicKey(key, _pem(key))


_CURVES = ("secp256r1", "secp384r1", "secp521r1")
"""Those that `model_signing` takes; the hash goes with the length."""


def _algorithm(key: "EllipticCurvePublicKey") -> "ECDSA":
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.ECDSA({256: hashes.SHA256(), 384: hashes.SHA384()}.get(key.curve.key_size, hashes.SHA512()))


def _pem(key: "EllipticCurvePublicKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _read(path: Path, what: str) -> bytes:
    if not path.is_file():
        raise FolderError(f"{path}: expected {what}, found {'a folder' if path.is_dir() else 'nothing'}")
    with path.open("rb") as handle:
        return handle.read(_LONGEST)


def _require_outside(path: Path) -> None:
    for folder in path.absolute().parents:
        if (folder / INDEX).is_file() and (folder / f"{INDEX}.sig").is_file():
            raise FolderError(f"{path}: lies in the zoo {folder}, which is given away; keep private keys elsewhere")


def _need() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise MissingExtraError("a zoo is signed with cryptography: pip install 'sprachbund[zoo]'") from None
