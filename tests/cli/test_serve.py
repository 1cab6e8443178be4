"""`sprachbund serve` as a command: what it says, how it stops, what it refuses in one line."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from terminal import COMMAND, sprachbund

from sprachbund.search.building import IndexSettings, add_corpus, create


@pytest.fixture(scope="session")
def served_index(corpus: Path, model: Path) -> Path:
    """An index of the small corpus."""
    create(corpus.parent / "served", model, IndexSettings(map_points=0))
    add_corpus(corpus.parent / "served", corpus)
    return corpus.parent / "served"


def test_it_says_its_address_serves_and_stops(served_index: Path) -> None:
    """One line with the address; a search is answered; SIGTERM ends it with 0 and nothing on standard error."""
    command = [*COMMAND, "serve", str(served_index), "--port", "0", "--workers", "1", "--seconds", "300"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("serving at http://127.0.0.1:")
            assert line.endswith("; Ctrl-C stops it\n")
            address = line.split()[2].rstrip(";")
            with urllib.request.urlopen(f"{address}/health", timeout=300) as answer:
                assert json.load(answer)["status"] == "ok"
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (0, "", "")


def test_what_cannot_be_served_is_told_in_one_line(served_index: Path, tmp_path: Path) -> None:
    """No index, another folder, a taken port, a limit that cannot work: exit code 1, no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        cases = [
            ((str(tmp_path / "none"), "--port", "0"), "expected an index folder, found nothing"),
            ((str(tmp_path), "--port", "0"), "has no index.json"),
            ((str(served_index), "--port", port), f"port {port} at 127.0.0.1 is taken"),
            ((str(served_index), "--port", "0", "--seconds", "0"), "seconds must be above 0"),
            ((str(served_index), "--port", "0", "--host", "no.such.host.invalid"), "no such address"),
        ]
        for arguments, told in cases:
            done = sprachbund("serve", *arguments)
            error = done.stderr.decode()
            assert (done.returncode, done.stdout) == (1, b"")
            assert error.startswith("error: ") and error.count("\n") == 1
            assert told in error
