"""A server that stops cleanly, and says in one line why it cannot start."""

import asyncio
import errno
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from sprachbund.errors import MissingExtraError, SettingsError
from sprachbund.progress import logger
from sprachbund.service.limits import Limits

KEY = "SPRACHBUND_API_KEY"
BACKLOG = 4096
IDLE = 30
"""Seconds that a connection may stay open without a request."""
SWITCH = 0.001
"""Seconds between chances for another thread to run Python: the loop must not wait long for those that work."""


def run(
    index: Path,
    host: str = "127.0.0.1",
    port: int = 8080,
    limits: Limits | None = None,
    *,
    key: str | None = None,
    allow_hosts: Sequence[str] = (),
    recognisers: Sequence[Path] = (),
    announce: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve an index until SIGTERM or SIGINT; what is in flight is then finished.

    Args:
        host: the address to listen at; ``port`` 0 for any that is free.
        key: what callers must send; None for the environment variable SPRACHBUND_API_KEY.
        allow_hosts: names besides the loopback ones that the Host header may have. At another address than loopback
            and without any, every name may.
        recognisers: folders of recognisers of speech, each of another language.
        announce: is told the address once the service answers.

    Raises:
        FolderError: there is no such index or recogniser. SettingsError: an address that cannot be had, limits that
            cannot work, or two recognisers of a language. MissingExtraError: the server is not installed.
    """
    try:
        import uvicorn

        from sprachbund.service.app import make_app
        from sprachbund.service.connections import patient
        from sprachbund.service.gate import LOOPBACK
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"the service needs {error.name}: pip install 'sprachbund[serve]'") from None
    limits = (limits or Limits()).check()
    listener = listen(host, port)
    try:
        key = os.environ.get(KEY, "") if key is None else key
        local = is_loopback(listener)
        if not local and not key:
            logger.warning("%s is not loopback and %s is not set: whoever reaches it may search", host, KEY)
        hosts = (*LOOPBACK, host, *allow_hosts) if local or allow_hosts else ()
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # who does not read an answer is let go by the kernel; connections have this from their listener
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(limits.seconds * 1000))
        app = make_app(index, limits, key=key, hosts=hosts, recognisers=recognisers)
        _raise_files()
        sys.setswitchinterval(SWITCH)
        config = uvicorn.Config(
            app,
            http="h11",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            lifespan="on",
            backlog=BACKLOG,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=int(max(limits.seconds, limits.sound.seconds if recognisers else 0)) + 5,
        )
        config.load()
        config.http_protocol_class = patient(limits.seconds, app.state.gate, app.state.metrics)
        _serve(uvicorn.Server(config), app.state.gate, listener, announce)
    finally:
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        SettingsError: there is no such address, or something else has it.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise SettingsError(f"--host {host}: no such address; write for example 127.0.0.1 or ::1") from None
    except OverflowError:
        raise SettingsError(f"--port must be from 0 to 65535, found {port}") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} at {host} is taken; choose another with --port, or 0 for any") from None
        raise SettingsError(f"cannot listen at {host}, port {port}: {error.strerror}") from None
    return listener


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can reach a socket."""
    address = listener.getsockname()[0]
    return address == "::1" or str(address).startswith("127.")


def _serve(server: Any, state: Any, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Run until a signal comes; then nothing new is begun and what runs is finished."""
    asked = server.handle_exit

    def stop(number: int, frame: FrameType | None) -> None:
        state.stopping = True
        asked(number, frame)

    async def until_stopped() -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if server.started:
            announce(_address(listener))
        await serving

    server.handle_exit = stop
    # uvicorn raises the signal again when it has stopped: a stop that was asked for is no error
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(until_stopped())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _raise_files() -> None:
    """As many open files as the system lets us have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
