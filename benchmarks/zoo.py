"""What a zoo costs: the packages that sign it beside `model_signing`, and the time to add, verify and get a model.

    python benchmarks/zoo.py [--megabytes 256] [--out FILE]

Packages are counted with all that they need and are not in the base install, by the metadata of what is installed;
their bytes are those of their files. The time of an import is that of a process of its own, less that of Python alone,
the median of five.
The model is random bytes in files of 64 MiB; it is got from a folder and from Python's own web server on this machine.
`hashing` is SHA-256 of the same bytes, read once: every step must do at least that.
"""

import argparse
import functools
import http.server
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

from sprachbund.files import sha256_file, write_manifest
from sprachbund.lab.card import Card, write_card
from sprachbund.zoo.adding import add_model
from sprachbund.zoo.getting import bring
from sprachbund.zoo.keys import make_keys
from sprachbund.zoo.opening import open_zoo
from sprachbund.zoo.verifying import verify_zoo

ROOT = Path(__file__).parents[1]
FILE = 64 << 20
IMPORTS = {
    "cryptography": "from cryptography.hazmat.primitives.asymmetric import ec",
    "model-signing": "import model_signing.signing, model_signing.verifying",
}


def needed(name: str, seen: set[str] | None = None) -> set[str]:
    """A package and all that it needs, without extras."""
    seen = set() if seen is None else seen
    plain = name.lower().replace("_", "-")
    if plain in seen:
        return seen
    try:
        wanted = requires(name) or []
    except PackageNotFoundError:
        return seen
    seen.add(plain)
    for line in wanted:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed(requirement.name, seen)
    return seen


def size_of(names: set[str]) -> int:
    """Bytes of all files of packages."""
    files = (Path(str(file.locate())) for name in names for file in distribution(name).files or ())
    return sum(file.stat().st_size for file in files if file.is_file())


def seconds(work: Callable[[], object]) -> float:
    """Of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def import_time(code: str) -> float:
    """Seconds that an import takes, the median of five processes."""

    def once(code: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL))

    return statistics.median(once(code) - once("pass") for _ in range(5))


def packages() -> list[str]:
    """The rows of the two ways to sign."""
    base = needed("sprachbund")
    rows = []
    for name, code in IMPORTS.items():
        new = needed(name) - base
        if not new:
            rows.append(f"| {name} | not installed | | |")
            continue
        listed = ", ".join(sorted(new))
        rows.append(f"| {name} | {len(new)} | {size_of(new) / 1e6:.1f} | {import_time(code):.2f} | {listed} |")
    return rows


def speeds(megabytes: int) -> list[str]:
    """The rows of what is done with a model."""
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        os.environ["XDG_STATE_HOME"] = str(here / "state")
        key, _ = make_keys(here / "key")
        model = here / "model"
        model.mkdir()
        for number in range(max(1, (megabytes << 20) // FILE)):
            (model / f"part-{number}.bin").write_bytes(os.urandom(min(FILE, megabytes << 20)))
        write_card(Card("model", "random", ("gl",)), model)
        write_manifest(model, "random.json", "random", 1)
        handler = functools.partial(Silent, directory=str(here / "zoo"))
        steps: dict[str, Callable[[], object]] = {
            "hashing": lambda: [sha256_file(path) for path in model.iterdir()],
            "add": lambda: add_model(model, here / "zoo", key=key),
            "verify": lambda: verify_zoo(open_zoo(here / "zoo")),
            "get from a folder": lambda: bring(open_zoo(here / "zoo"), "model", here / "one"),
            "get over HTTP": lambda: bring(open_zoo(address), "model", here / "two"),
        }
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        total = sum(path.stat().st_size for path in model.iterdir()) / 1e6
        rows = [
            f"| {name} | {taken:.2f} | {total / taken:,.0f} |"
            for name, taken in ((n, seconds(w)) for n, w in steps.items())
        ]
        server.shutdown()
        return rows


class Silent(http.server.SimpleHTTPRequestHandler):
    """Python's own web server without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "zoo.md")
    chosen = parser.parse_args()
    lines = [
        "# What a zoo costs",
        "",
        "Made by `benchmarks/zoo.py`, which says how.",
        "",
        "| signs | packages beyond the base install | MB | seconds to import | which |",
        "|---|--:|--:|--:|---|",
        *packages(),
        "",
        f"A model of {chosen.megabytes} MiB, one process:",
        "",
        "| step | seconds | MB a second |",
        "|---|--:|--:|",
        *speeds(chosen.megabytes),
    ]
    chosen.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
