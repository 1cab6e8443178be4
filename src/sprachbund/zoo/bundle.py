"""Signatures over files, offline, with a key of the user's: the bundle of the tool `model_signing`.

    {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
     "verificationMaterial": {"publicKey": {"hint": SHA-256 of the PEM of the public key}, "tlogEntries": []},
     "dsseEnvelope": {"payload": an in-toto statement with names and hashes, "payloadType": ..., "signatures": [...]}}

So whoever has the public key needs none of our code: ``model_signing verify key FOLDER --signature model.sig``. We
write the bundle with `cryptography` alone: `model_signing` brings sigstore and 24 packages (we need 3), takes a
second to be imported, and 1.1.1 fails without pyOpenSSL, which it does not ask for. Sources: DSSE 1.0
(https://github.com/secure-systems-lab/dsse), the OpenSSF model signing specification 1.0.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sprachbund.errors import FolderError
from sprachbund.zoo.keys import PrivateKey, PublicKey

__all__ = ["LONGEST", "sign", "signed_hashes", "signer_of"]

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
LONGEST = 8 << 20
"""Bytes of a signature that are read: some 30,000 files have that many."""


def sign(name: str, hashes: Mapping[str, str], key: PrivateKey) -> bytes:
    """The bundle that says that some files have some hashes.

    Args:
        name: of what is signed, for people. hashes: the SHA-256 of each file by its path.
    """
    resources = [{"name": path, "algorithm": "sha256", "digest": hashes[path]} for path in sorted(hashes)]
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": _root(resources)}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                "ignore_paths": [],
            },
            "resources": resources,
        },
    }
    payload = json.dumps(statement, ensure_ascii=False, indent=2).encode()
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": key.public.fingerprint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": _base64(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": _base64(key.sign(_encoded(payload))), "keyid": ""}],
        },
    }
    return json.dumps(bundle, indent=1).encode()


def signer_of(bundle: bytes, where: str) -> str:
    """The fingerprint of the key that a bundle says signed it; that it did only `signed_hashes` knows.

    Raises:
        FolderError: it is no bundle.
    """
    return _parts(bundle, where)[0]


def signed_hashes(bundle: bytes, key: PublicKey, where: str) -> dict[str, str]:
    """The hashes of files by their paths that a key has signed.

    Args:
        where: names the bundle, for the message.

    Raises:
        FolderError: it is no bundle, is of another key, or is not what the key signed.
    """
    hint, payload, signature = _parts(bundle, where)
    if hint != key.fingerprint:
        raise FolderError(f"{where}: signed by the key {hint[:16]}, not by {key.fingerprint[:16]}")
    if not key.verifies(signature, _encoded(payload)):
        raise FolderError(f"{where}: its signature is not that of the key {key.fingerprint[:16]}; it was changed")
    try:
        said = json.loads(payload)
        predicate = said["predicate"]
        resources = predicate["resources"]
        if said["_type"] != STATEMENT or said["predicateType"] != PREDICATE or len(said["subject"]) != 1:
            raise ValueError("another statement than one on the files of a model")
        if predicate["serialization"]["method"] != "files" or {each["algorithm"] for each in resources} - {"sha256"}:
            raise ValueError("other hashes than SHA-256 of whole files")
        if said["subject"][0]["digest"]["sha256"] != _root(resources):
            raise ValueError("its hashes are not those of its subject")
        return {str(each["name"]): str(each["digest"]) for each in resources}
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _damaged(where, error) from None


def _parts(bundle: bytes, where: str) -> tuple[str, bytes, bytes]:
    """The hint, the payload and the signature, of the right types."""
    try:
        if len(bundle) > LONGEST:
            raise ValueError("longer than any that we write")
        said = json.loads(bundle)
        envelope = said["dsseEnvelope"]
        if said["mediaType"] != MEDIA_TYPE or envelope["payloadType"] != PAYLOAD_TYPE:
            raise ValueError("another type of bundle")
        if len(envelope["signatures"]) != 1:
            raise ValueError("expected one signature")
        hint = said["verificationMaterial"]["publicKey"]["hint"]
        if not isinstance(hint, str) or not hint.isascii() or not hint.isalnum():
            raise ValueError("it names no key")
        return hint, _bytes(envelope["payload"]), _bytes(envelope["signatures"][0]["sig"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _damaged(where, error) from None


def _damaged(where: str, error: Exception) -> FolderError:
    said = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:100]
    return FolderError(f"{where}: damaged, not a signature as we write them ({said})")


def _root(resources: list[Any]) -> str:
    """The hash over all hashes in the order of the names."""
    return hashlib.sha256(b"".join(bytes.fromhex(each["digest"]) for each in resources)).hexdigest()


def _encoded(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed says its type and its length."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("expected a text in base 64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
