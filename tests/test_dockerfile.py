"""The image's recipe: what it copies is there, what it installs exists, and nothing runs as root."""

import json
import re
import tomllib
from pathlib import Path

import typer

from sprachbund.cli.app import app

ROOT = Path(__file__).parents[1]


def instructions() -> list[tuple[str, str]]:
    """(name, value) in order; lines that go on are joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, value.strip()) for name, _, value in (line.partition(" ") for line in lines)]


def test_what_is_copied_and_installed_is_there() -> None:
    """Files of the repository that the ignore list lets through, and extras that the project has."""
    kept = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = {path for name, value in instructions() if name == "COPY" for path in value.split()[:-1]}
    assert copied == kept and all((ROOT / path).exists() for path in copied)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (asked,) = re.findall(r"/src\[([a-z,]+)\]", (ROOT / "Dockerfile").read_text())
    assert set(asked.split(",")) <= set(extras)


def test_it_runs_the_service_as_an_ordinary_user() -> None:
    """The last user is not root, and the command is one of ours with options that it has."""
    found = dict(instructions())
    assert found["USER"] not in ("root", "0") and f" {found['USER']}" in found["RUN"]
    assert json.loads(found["ENTRYPOINT"]) == ["sprachbund"]
    verb, *rest = json.loads(found["CMD"])
    command = typer.main.get_command(app).commands[verb]  # type: ignore[attr-defined]
    assert command.make_context(verb, rest).params["port"] == int(found["EXPOSE"])
