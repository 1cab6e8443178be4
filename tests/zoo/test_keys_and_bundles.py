"""Keys are for their owner alone, and a signature holds for one key and the very files."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from small_models import make_model

from sprachbund.errors import FolderError
from sprachbund.zoo.adding import add_model
from sprachbund.zoo.bundle import sign, signed_hashes
from sprachbund.zoo.keys import make_keys, own_key, read_private, read_public

HASHES = {"b/c.bin": "11" * 32, "a.json": "0f" * 32}


def test_a_private_key_is_for_its_owner(tmp_path: Path) -> None:
    """Whatever the umask lets; the public half may be read by all."""
    before = os.umask(0)
    try:
        private, public = make_keys(tmp_path / "my.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600 and public == tmp_path / "my.key.pub"
    assert read_private(private).public.fingerprint == read_public(public).fingerprint
    with pytest.raises(FolderError, match="is there already"):
        make_keys(private)
    private.chmod(0o640)
    with pytest.raises(FolderError, match=r"others may read this private key \(mode 0640\)"):
        read_private(private)


def test_a_key_of_ones_own_is_made_once(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the first use, with a word of it; the next use finds it."""
    first = own_key()
    assert "made a key that signs your zoos" in caplog.text
    assert own_key().public.fingerprint == first.public.fingerprint
    assert stat.S_IMODE((home / "config" / "sprachbund" / "zoo.key").stat().st_mode) == 0o600


def test_no_private_key_lies_in_a_zoo(zoo: Path, key: Path) -> None:
    """Neither made there nor used from there."""
    with pytest.raises(FolderError, match="lies in the zoo"):
        make_keys(zoo / "models" / "my.key")
    (zoo / "my.key").write_bytes(key.read_bytes())
    (zoo / "my.key").chmod(0o600)
    with pytest.raises(FolderError, match="lies in the zoo"):
        read_private(zoo / "my.key")
    assert not any(
        b"PRIVATE" in path.read_bytes() for path in zoo.rglob("*") if path.is_file() and path.name != "my.key"
    )


def test_what_is_no_key_is_named(tmp_path: Path, key: Path) -> None:
    """Another kind of key, an encrypted one, the other half, and no key at all."""
    from cryptography.hazmat.primitives import serialization as written
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    def save(name: str, made: "ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey", password: bytes = b"") -> Path:
        how = written.BestAvailableEncryption(password) if password else written.NoEncryption()
        path = tmp_path / name
        path.write_bytes(made.private_bytes(written.Encoding.PEM, written.PrivateFormat.PKCS8, how))
        path.chmod(0o600)
        return path

    public = key.with_name("keeper.key.pub")
    text = tmp_path / "text"
    text.write_text("hello")
    text.chmod(0o600)
    public.chmod(0o600)
    cases = [
        (save("edwards", ed25519.Ed25519PrivateKey.generate()), "expected a key of an elliptic curve"),
        (save("locked", ec.generate_private_key(ec.SECP256R1()), b"secret"), "is encrypted"),
        (text, "no private key in PEM"),
        (public, "is a public key"),
        (tmp_path / "nothing", "expected a private key"),
    ]
    for path, said in cases:
        with pytest.raises(FolderError, match=said):
            read_private(path)
    for path, said in ((key, "is a private key, which nobody else should have"), (text, "no public key in PEM")):
        with pytest.raises(FolderError, match=said):
            read_public(path)
    curve = save("curve", ec.generate_private_key(ec.SECP256K1()))
    with pytest.raises(FolderError, match="one of the curves secp256r1"):
        read_private(curve)


@pytest.mark.parametrize("curve", ["SECP256R1", "SECP384R1", "SECP521R1"])
def test_a_bundle_says_what_was_signed(curve: str, tmp_path: Path) -> None:
    """With keys of every curve that the format knows."""
    from cryptography.hazmat.primitives import serialization as written
    from cryptography.hazmat.primitives.asymmetric import ec

    made = ec.generate_private_key(getattr(ec, curve)())
    path = tmp_path / "key"
    path.write_bytes(made.private_bytes(written.Encoding.PEM, written.PrivateFormat.PKCS8, written.NoEncryption()))
    path.chmod(0o600)
    key = read_private(path)
    assert signed_hashes(sign("m", HASHES, key), key.public, "x") == HASHES


def changed(bundle: bytes, old: str, new: str) -> bytes:
    """A bundle whose statement says something else, under the old signature."""
    said = json.loads(bundle)
    payload = base64.b64decode(said["dsseEnvelope"]["payload"]).decode()
    assert old in payload
    said["dsseEnvelope"]["payload"] = base64.b64encode(payload.replace(old, new).encode()).decode()
    return json.dumps(said).encode()


def test_what_was_changed_is_refused(key: Path, tmp_path: Path) -> None:
    """A hash, a name, the signature, the key that is named: each in one line that names the file."""
    signer = read_private(key)
    bundle = sign("m", HASHES, signer)
    said = json.loads(bundle)
    other = read_private(make_keys(tmp_path / "other.key")[0])
    broken = bytearray(base64.b64decode(said["dsseEnvelope"]["signatures"][0]["sig"]))
    broken[-1] ^= 1
    resigned = json.loads(bundle)
    resigned["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(broken).decode()
    foreign = json.loads(sign("m", HASHES, other))
    foreign["verificationMaterial"]["publicKey"]["hint"] = signer.public.fingerprint
    cases = [
        (changed(bundle, "0f" * 32, "0e" * 32), "its signature is not that of the key"),
        (changed(bundle, "b/c.bin", "b/d.bin"), "its signature is not that of the key"),
        (json.dumps(resigned).encode(), "its signature is not that of the key"),
        (json.dumps(foreign).encode(), "its signature is not that of the key"),
        (sign("m", HASHES, other), f"signed by the key {other.public.fingerprint[:16]}, not by"),
    ]
    for data, expected in cases:
        with pytest.raises(FolderError, match=f"^model.sig: {expected}"):
            signed_hashes(data, signer.public, "model.sig")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"null", b"\xff\xfe", b'{"a":' * 20_000, b"{" + b" " * (9 << 20) + b"}",
        b'{"mediaType": "x", "dsseEnvelope": {"payloadType": "y", "signatures": []}}',
    ],
)  # fmt: skip
def test_what_is_no_bundle(data: bytes, key: Path) -> None:
    """One error, whatever it is."""
    with pytest.raises(FolderError, match=r"^x: damaged, not a signature as we write them"):
        signed_hashes(data, read_private(key).public, "x")


@pytest.mark.parametrize("field", ["mediaType", "payload", "payloadType", "signatures", "hint"])
def test_a_bundle_of_other_parts(field: str, key: Path) -> None:
    """A part that is missing, or of another type."""
    signer = read_private(key)
    for value in (None, 3, [], {}, "ä"):
        said = json.loads(sign("m", HASHES, signer))
        place = said if field == "mediaType" else said["dsseEnvelope"]
        place = said["verificationMaterial"]["publicKey"] if field == "hint" else place
        place[field] = value
        with pytest.raises(FolderError, match=r"^x: damaged"):
            signed_hashes(json.dumps(said).encode(), signer.public, "x")


def test_another_program_verifies_what_we_sign(zoo: Path, tmp_path: Path) -> None:
    """`model_signing` accepts the index and each model, and refuses a model of which one byte differs."""
    verifying = pytest.importorskip("model_signing.verifying", exc_type=ImportError)

    def verifier() -> "verifying.Config":
        return verifying.Config().use_elliptic_key_verifier(public_key=zoo / "key.pub")

    verifier().set_ignore_unsigned_files(True).verify(zoo, zoo / "index.json.sig")
    models = sorted((zoo / "models").iterdir())
    assert len(models) == 4
    for model in models:
        # as its command does it: the signature is no part of what it signs
        from model_signing import hashing

        config = hashing.Config().set_ignored_paths(paths=[model / "model.sig"], ignore_git_paths=True)
        verifier().set_hashing_config(config).verify(model, model / "model.sig")
        weights = model / "model" / "parts" / "weights.bin"
        weights.write_bytes(weights.read_bytes().replace(b"of", b"oF"))
        with pytest.raises(ValueError, match="mismatch"):
            verifier().set_hashing_config(config).verify(model, model / "model.sig")


def test_we_verify_what_another_program_signs(tmp_path: Path, key: Path) -> None:
    """The hashes of a folder as `model_signing` signed them."""
    signing = pytest.importorskip("model_signing.signing", exc_type=ImportError)
    model = make_model(tmp_path / "m", ("es",))
    signing.Config().use_elliptic_key_signer(private_key=key).sign(model, tmp_path / "m.sig")
    found = signed_hashes((tmp_path / "m.sig").read_bytes(), read_private(key).public, "m.sig")
    assert set(found) == {"card.json", "vane.json", "parts/weights.bin"}
    entry = add_model(model, tmp_path / "zoo", key=key)
    assert found == {file.path: file.sha256 for file in entry.model_files}
