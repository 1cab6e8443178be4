"""`sprachbund zoo`: an encoder shared and got back, and what a person may do wrong."""

import json
from pathlib import Path

import pytest
from terminal import COMMAND, fail, sprachbund, succeed


@pytest.fixture
def zoo(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zoo of one encoder in a home of its own, signed by a key of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("SPRACHBUND_ZOO", raising=False)
    said = succeed("zoo", "keys", tmp_path / "my.key")
    assert "mode 0600" in said and "my.key.pub: the public one" in said
    monkeypatch.setenv("SPRACHBUND_ZOO_KEY", str(tmp_path / "my.key"))
    said = succeed("zoo", "add", model, tmp_path / "zoo", "--name", "iberia", "--licence", "cc0-1.0")
    assert said.startswith(f"{tmp_path / 'zoo'}: iberia@1, encoder, ")
    return tmp_path / "zoo"


def test_a_model_goes_round(zoo: Path, model: Path, corpus: Path, tmp_path: Path) -> None:
    """Added, listed, shown, got to the byte, verified, on a page, removed; as text and as JSON."""
    said = succeed("zoo", "list", "--from", zoo)
    assert "iberia@1" in said and "gl, pt, tr" in said
    listed = json.loads(succeed("zoo", "list", "--from", zoo, "--language", "galego", "--json"))
    assert [each["model"] for each in listed["models"]] == ["iberia@1"] and listed["serial"] == 1
    shown = json.loads(succeed("zoo", "show", "iberia", "--from", zoo, "--json"))
    about = json.loads((model / "encoder.json").read_text())["about"]
    assert shown["card"]["recipe"] == about["work"] and shown["card"]["licence"] == "cc0-1.0"
    assert "Galician (gl)" in succeed("zoo", "show", "iberia@1", "--from", zoo)
    got = tmp_path / "got"
    assert "got: iberia@1, encoder, " in succeed("zoo", "get", "iberia", "--from", zoo, "--out", got)
    files = sorted(path.relative_to(model) for path in model.rglob("*") if path.is_file())
    assert [(got / path).read_bytes() for path in files] == [(model / path).read_bytes() for path in files]
    assert " files of iberia@1, " in succeed("zoo", "verify", "--from", zoo)
    assert "is iberia@1 of" in succeed("zoo", "verify", "--from", zoo, "--folder", got)
    assert "no language is wanted" in succeed("zoo", "wanted", "--from", zoo, "--corpus", corpus)
    wanted = json.loads(succeed("zoo", "wanted", "--from", zoo, "--languages", "gl,mwl", "--no-near", "--json"))
    assert wanted["wanted"] == [{"language": "mwl", "why": "no model", "model": None, "near": None}]
    assert str(zoo / "index.html") in succeed("zoo", "site", zoo, "--languages", "mwl", "--no-near")
    said = succeed("zoo", "remove", "iberia", zoo)
    assert "iberia@1 is removed" in said and f"sprachbund zoo site {zoo} writes it anew" in said
    assert succeed("zoo", "list", "--from", zoo) == f"{zoo}: no model\n"


def test_the_first_meeting_is_told(zoo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On standard error, once; the zoo of the environment is asked where none is named."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("SPRACHBUND_ZOO", str(zoo))
    done = sprachbund("zoo", "list")
    assert done.returncode == 0 and b"met for the first time, its key" in done.stderr
    assert "iberia@1" in succeed("zoo", "list")
    assert succeed("zoo", "forget", zoo) == f"{zoo}: is forgotten\n"
    assert "iberia@1" in succeed("zoo", "list", "--key", tmp_path / "my.key.pub")


def test_what_a_person_may_do_wrong(zoo: Path, tmp_path: Path) -> None:
    """One line each."""
    assert "name a zoo, a folder or an address, with --from" in fail("zoo", "list")
    assert "this zoo has no nix; it has iberia@1" in fail("zoo", "get", "nix", "--from", zoo)
    assert "cannot be the name of a model" in fail("zoo", "get", "../x", "--from", zoo)
    assert "expected a model, found nothing" in fail("zoo", "add", tmp_path / "nothing", zoo)
    assert "is there already" in fail("zoo", "keys", tmp_path / "my.key")
    assert "is a private key" in fail("zoo", "list", "--from", zoo, "--key", tmp_path / "my.key")
    assert "No such command 'frobnicate'" in fail("zoo", "frobnicate", code=2)
    weights = next(zoo.glob("models/*/model/vectors.safetensors"))
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "vectors.safetensors: damaged" in fail("zoo", "verify", "--from", zoo)
    assert "vectors.safetensors: damaged" in fail("zoo", "get", "iberia", "--from", zoo, "--out", tmp_path / "got")
    assert not (tmp_path / "got").exists()
    (zoo / "index.json.sig").unlink()
    assert "is not signed" in fail("zoo", "show", "iberia", "--from", zoo)


def test_without_cryptography_the_extra_is_named(zoo: Path, tmp_path: Path) -> None:
    """And nothing else of the program needs it."""
    import subprocess

    code = f"import sys; sys.modules['cryptography'] = None; {COMMAND[-1]}"
    done = subprocess.run([*COMMAND[:2], code, "zoo", "list", "--from", str(zoo)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: a zoo is signed with cryptography: pip install 'sprachbund[zoo]'\n"
