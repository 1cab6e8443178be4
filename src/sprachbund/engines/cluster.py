"""Jobs on a cluster of Ray: one that is started here, or one that runs already.

Ray hands a job to a machine that has what it needs free, and begins it again when its worker or its machine is lost.
The files that jobs read and write lie in folders that all machines see under the same path; only arguments and results
travel. What it costs: some seconds to start, and a copy of the library in every worker.

Of a Ray that is started here nothing listens beyond this machine, nothing is reported to its makers, and no dashboard
runs; a cluster that runs already is as whoever started it wants it.
"""

import os
import re
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

from sprachbund.claims import workspace
from sprachbund.engines.engine import ONE, Needs, Resources, told
from sprachbund.engines.node import Terms, carry_out, terms_of
from sprachbund.errors import CapacityError, MissingExtraError, SettingsError, SprachbundError, one_line
from sprachbund.machine import cpu_count, memory_limit

__all__ = ["RAY", "Cluster", "cluster", "place_of"]

RAY = "ray"
"""The name of a Ray that is started here, unless the environment names another in RAY_ADDRESS."""
TRIES = 3
"""How often a job is started again when its worker or its machine is lost."""
_OBJECTS = 256 << 20
"""Bytes of shared memory for arguments and results of a Ray that is started here; more is kept on disk."""
_LONGEST = 40
"""Characters of the folder for Ray's sockets: with what Ray adds their paths may have 107."""
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "(?s).*",  # what Ray would print on our standard output
}
_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Ray's word for a Ray of this machine alone, which listens on the loopback."""
_PLACE = re.compile(r"(?:ray://)?(?P<host>\[[0-9a-fA-F:.]+\]|[^\s/:@]+):(?P<port>\d{1,5})", re.ASCII)
_ANSWER = 5.0
"""Seconds that an address has to answer."""
_CHECK = 2.0
"""Seconds between two looks at whether there are machines left."""

Result = TypeVar("Result")


class Cluster:
    """An engine of the machines of a Ray that this process is connected to.

    Args:
        ray: the library. terms: what a machine must have to take part.
    """

    def __init__(self, ray: Any, name: str, terms: Terms) -> None:
        self._ray, self._name, self._terms = ray, name, terms
        self._carry_out = ray.remote(carry_out)
        self._under_way: set[Future[Any]] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def start(self, work: Callable[..., Result], *arguments: Any, needs: Needs = ONE) -> "Future[Result]":
        """See `Engine.start`."""
        self._require(needs)
        options = self._carry_out.options(
            num_cpus=needs.processors, memory=needs.memory or None, num_gpus=needs.gpus, max_retries=TRIES
        )
        reference = options.remote(self._terms, needs.processors, work, arguments)
        future = told(reference.future(), self._error_of)
        self._under_way.add(future)

        def ended(future: "Future[Any]") -> None:
            self._under_way.discard(future)
            if future.cancelled() and not self._closed.is_set():
                self._ray.cancel(reference, force=True)

        future.add_done_callback(ended)
        return future

    def resources(self) -> Resources:
        """What the machines that are alive have."""
        machines = self._machines()
        processors, memory, gpus = (
            [int(machine.get(name, 0)) for machine in machines] for name in ("CPU", "memory", "GPU")
        )
        shares = [most // count for most, count in zip(memory, processors, strict=True) if count]
        return Resources(len(machines), sum(processors), sum(memory), sum(gpus), min(shares, default=0))

    def close(self) -> None:
        """Leave the cluster; what runs for us there is ended."""
        self._closed.set()

    def _machines(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def _require(self, needs: Needs) -> None:
        """Refuse what would wait for ever."""
        wanted = {"CPU": needs.processors, "memory": needs.memory, "GPU": needs.gpus}
        machines = self._machines()
        if any(all(machine.get(name, 0) >= most for name, most in wanted.items()) for machine in machines):
            return
        there = "; ".join(
            f"{machine.get('CPU', 0):.0f} processors, {machine.get('memory', 0) / 2**30:.1f} GiB, "
            f"{machine.get('GPU', 0):.0f} GPUs"
            for machine in machines[:4]
        )
        raise CapacityError(
            f"{self._name}: no machine has what a job needs ({needs.processors} processors, "
            f"{needs.memory / 2**30:.1f} GiB, {needs.gpus} GPUs); there are {len(machines)}: {there or 'none'}"
        )

    def _watch(self) -> None:
        """Tell whoever waits when no machine is left: Ray itself would wait for one to come back."""
        while not self._closed.wait(_CHECK):
            if not self._under_way:
                continue
            try:
                left = len(self._machines())
            except Exception:  # whatever Ray raises when the one that knows the machines is gone
                left = 0
            if not left:
                for future in list(self._under_way):
                    with suppress(InvalidStateError):
                        future.set_exception(self._lost("no machine of it is left"))

    def _error_of(self, error: BaseException) -> BaseException:
        """What a job raised, as it raised it; what befell its worker in one line."""
        raised = self._ray.exceptions
        cause: BaseException = error.cause if isinstance(error, raised.RayTaskError) else error
        if "No module named 'sprachbund" in str(cause):
            return SettingsError(
                f"{self._name}: a machine has no sprachbund; install version {self._terms.version} there, for the "
                "Python that Ray runs"
            )
        if isinstance(cause, raised.RayError):
            return self._lost(str(cause).partition("\n")[0])
        return cause

    def _lost(self, why: str) -> CapacityError:
        return CapacityError(
            f"{self._name}: a job was lost and could not be started again ({why.rstrip('.')}); what is complete is "
            "kept, the same command goes on from there"
        )


@contextmanager
def cluster(name: str, workers: int | None, shared: Path, read: tuple[Path, ...] = ()) -> Iterator[Cluster]:
    """Start a Ray of this machine, or join the cluster of a name; let go of it in the end.

    Args:
        name: ``ray``, or an address: ``HOST:PORT``, ``ray://HOST:PORT``, ``auto`` for the one of this machine.
        workers: processors of a Ray that is started here, all if None; a cluster has its own.
        shared: the folder of the work, which is there, and which every machine must see.
        read: files that every machine must have alike.

    Raises:
        MissingExtraError: Ray is not installed. SettingsError: there is no such cluster, it is of another version, or
            ``workers`` are asked of one that runs already.
    """
    here = name == RAY and not os.environ.get("RAY_ADDRESS")
    ray = _library(_ENVIRONMENT | _ALONE if here else _ENVIRONMENT)
    if workers and not here:
        raise SettingsError(f"--on {name}: its processors say how many work side by side; leave the number out")
    with ExitStack() as stack:
        if not ray.is_initialized():
            stack.enter_context(_started(ray, workers) if here else _joined(ray, name))
        mark = stack.enter_context(workspace(shared)) / "seen"
        mark.write_bytes(os.urandom(16))
        engine = Cluster(ray, f"--on {name}", terms_of((mark, *read)))
        stack.callback(engine.close)
        yield engine


def _library(environment: dict[str, str]) -> Any:
    for key, value in environment.items():
        os.environ.setdefault(key, value)  # read when it is imported
    try:
        import ray
    except ImportError:
        raise MissingExtraError("work on a cluster needs Ray: pip install 'sprachbund[cluster]'") from None
    return ray


@contextmanager
def _started(ray: Any, workers: int | None) -> Iterator[None]:
    parent = Path(tempfile.gettempdir())
    parent = parent if len(str(parent)) + 38 <= _LONGEST else Path("/tmp")
    with workspace(parent, 0o700) as folder:
        options = {
            "address": "local", "num_cpus": workers or cpu_count(), "include_dashboard": False,
            "object_store_memory": _OBJECTS, "_memory": memory_limit(), "_temp_dir": str(folder),
        }  # fmt: skip
        for attempt in range(1, TRIES + 1):  # where the machine is busy Ray's own patience of 15 seconds may end
            try:
                with _path_told(), _on_loopback(ray):
                    _init(ray, RAY, **options)
                break
            except SettingsError:
                if attempt == TRIES:
                    raise
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def _path_told() -> Iterator[None]:
    """Let the processes that are started inside find the modules that this one does, as Python's own do."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


@contextmanager
def _on_loopback(ray: Any) -> Iterator[None]:
    """Have a Ray that starts meanwhile listen on the loopback, and end it if it does not.

    `_ALONE` says so to whoever imports Ray afterwards; a program that had imported it before has read its environment.
    """
    constants: Any = getattr(getattr(ray, "_private", None), "ray_constants", None)
    before = getattr(constants, "ENABLE_RAY_CLUSTER", None)
    if before is not None:
        constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        if before is not None:
            constants.ENABLE_RAY_CLUSTER = before
    addresses = {node["NodeManagerAddress"] for node in ray.nodes()}
    if not all(ip_address(address).is_loopback for address in addresses):
        ray.shutdown()
        raise SettingsError(
            f"--on {RAY}: Ray would listen on {', '.join(sorted(addresses))}; set {next(iter(_ALONE))}=0 before the "
            "program starts, or start a cluster yourself and name it"
        )


@contextmanager
def _joined(ray: Any, name: str) -> Iterator[None]:
    address = os.environ["RAY_ADDRESS"] if name == RAY else name
    if place := place_of(address):
        _require_answer(name, *place)
    _init(ray, name, address=address)
    try:
        yield
    finally:
        ray.shutdown()


def place_of(address: str) -> tuple[str, int] | None:
    """Host and port of ``HOST:PORT`` or ``ray://HOST:PORT``; None where it is neither."""
    found = _PLACE.fullmatch(address)
    if not found or not 0 < int(found["port"]) < 1 << 16:
        return None
    return found["host"].strip("[]"), int(found["port"])


def _require_answer(name: str, host: str, port: int) -> None:
    """Refuse an address where nothing listens: Ray itself would ask it for minutes, and say so of another."""
    try:
        socket.create_connection((host, port), _ANSWER).close()
    except OSError as error:
        why = error.strerror or one_line(error) or type(error).__name__
        raise SettingsError(
            f"--on {name}: expected a Ray at {host}:{port}, found nothing that answers ({why}); start one there by "
            "ray start --head, or leave --on out to work on this machine"
        ) from None


def _init(ray: Any, name: str, **options: Any) -> None:
    try:
        ray.init(log_to_driver=False, logging_level="critical", **options)
    except SprachbundError:
        raise
    except Exception as error:  # ConnectionError, RuntimeError of another version, ValueError of an address, gRPC's own
        if name == "auto" and isinstance(error, ConnectionError):
            raise SettingsError(
                "--on auto: found no Ray at work on this machine; start one by ray start --head, or give --on ray for "
                "one that starts and ends with the command"
            ) from None
        why = one_line(error.__cause__ or error) or type(error).__name__
        raise SettingsError(f"--on {name}: no cluster that can be worked on ({why})") from None
