"""Homes of tests, so that nobody's keys and memories are touched; a zoo of small models of a kind that nobody knows."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plain_server import Plain
from small_models import make_model

from sprachbund.zoo.adding import add_model
from sprachbund.zoo.keys import make_keys


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: no key, nothing remembered, no zoo by default."""
    for name in ("SPRACHBUND_ZOO", "SPRACHBUND_ZOO_KEY", "SPRACHBUND_DATA"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in (("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config")):
        monkeypatch.setenv(name, str(tmp_path / "home" / folder))
    return tmp_path / "home"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The keeper's private key; the public one has .pub behind it."""
    return make_keys(tmp_path / "keeper.key")[0]


@pytest.fixture
def zoo(tmp_path: Path, key: Path) -> Path:
    """Spanish; Galician, which was started from it, in two versions; English."""
    es = make_model(tmp_path / "models" / "es", ("es",))
    gl = make_model(tmp_path / "models" / "gl", ("gl",), started_from=[es])
    newer = make_model(tmp_path / "newer" / "gl", ("gl",), text="longer training", started_from=[es])
    en = make_model(tmp_path / "models" / "en", ("en", "simple"), text="x" * 5_000)
    for model in (es, gl, newer, en):
        add_model(model, tmp_path / "zoo", key=key, date="2026-01-31", licence="cc0-1.0")
    return tmp_path / "zoo"


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Give a folder away over HTTP; called with the folder, and a handler that may misbehave."""
    servers = []

    def start(folder: Path, handler: type[http.server.SimpleHTTPRequestHandler] = Plain) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
