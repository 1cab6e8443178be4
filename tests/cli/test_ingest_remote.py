"""`ingest` of what is named on the network: the command as a process, killed in the middle of a download."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import COMMAND, fail, sprachbund, succeed

from mirror import DAY, Fault, Mirror, dump, mirror

FILE = f"bnwiki-{DAY}-pages-articles.xml.bz2"
PAGES = 800
"""So many that the dump has some 160 KB."""


@pytest.fixture
def site() -> Iterator[Mirror]:
    """A server with one dump."""
    with mirror() as made:
        made.publish_dump("bn", dump("bn", PAGES))
        yield made


def rows(corpus: Path) -> dict[str, bytes]:
    """The files of a corpus but for the manifest, which names the server."""
    return {path.name: path.read_bytes() for path in (corpus / "bn").iterdir()}


def test_a_named_wikipedia(site: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the option and by the variable; the summary has the address; the download stays beside the corpus."""
    arguments = ("--wikipedia-base", site.base, "--downloads", tmp_path / "kept", "--json")
    summary = json.loads(succeed("ingest", "wikipedia:bn", "--out", tmp_path / "c", *arguments))
    assert summary["counts"]["bn"]["documents"] == PAGES
    assert summary["sources"][0]["url"] == f"{site.base}/bnwiki/{DAY}/{FILE}"
    assert (tmp_path / "kept" / "wikipedia" / FILE).exists()
    monkeypatch.setenv("SPRACHBUND_WIKIPEDIA_BASE", site.base)
    shown = succeed("ingest", "wikipedia:bn", "--out", tmp_path / "d")
    assert f"wikipedia:bn/{DAY}/{FILE}" in shown
    assert (tmp_path / "d.downloads" / "wikipedia" / FILE).exists()
    assert rows(tmp_path / "c") == rows(tmp_path / "d")


def test_errors_are_one_line(site: Mirror, tmp_path: Path) -> None:
    """No such wiki, a wrong checksum, no address."""
    there = ("--out", tmp_path / "c", "--wikipedia-base", site.base)
    assert "no dump of hiwiki of the date latest" in fail("ingest", "wikipedia:hi", *there)
    assert "expected wikipedia:LANG" in fail("ingest", "wikipedia:bn/1", *there)
    assert "no such data set" in fail("ingest", "hf:a/b/c", *there, "--hf-base", site.base)
    message = fail("ingest", "wikipedia:bn", "--out", tmp_path / "c", "--wikipedia-base", "file:///srv")
    assert message == "--wikipedia-base: expected an address like https://dumps.wikimedia.org, found 'file:///srv'"
    assert not (tmp_path / "c").exists()
    site.files[f"/bnwiki/{DAY}/{FILE}"] = dump("bn", PAGES, seed=5)
    done = sprachbund("ingest", "wikipedia:bn", *there)
    warning, error = done.stderr.decode().splitlines()
    assert done.returncode == 1 and "fetched once more from the start" in warning
    assert error.startswith("error: ") and "expected the sha1 checksum" in error


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_mid_download_the_same_command_goes_on(site: Mirror, tmp_path: Path, sign: signal.Signals) -> None:
    """Three times, at growing lengths: each command asks for the rest only, and the corpus is that of one piece."""
    path = f"/bnwiki/{DAY}/{FILE}"
    succeed("ingest", "wikipedia:bn", "--out", tmp_path / "whole", "--wikipedia-base", site.base)
    site.requests.clear()
    arguments = ["ingest", "wikipedia:bn", "--out", str(tmp_path / "c"), "--wikipedia-base", site.base]
    part = tmp_path / "c.downloads" / "wikipedia" / f"{FILE}.part"
    site.pause = 0.05
    lengths = []
    for number in range(3):
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # where the tests run in the background SIGINT is ignored, and children inherit that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 600
        while process.poll() is None and time.monotonic() < deadline:
            if part.exists() and part.stat().st_size >= 20_000 * (number + 1):
                break
            time.sleep(0.01)
        process.send_signal(sign)
        assert process.wait() == (-signal.SIGKILL if sign == signal.SIGKILL else 130)
        lengths.append(part.stat().st_size)
    site.pause = 0
    succeed(*arguments)
    assert site.ranges(path) == [None, *(f"bytes={length}-" for length in lengths)]
    assert 20_000 <= lengths[0] < lengths[1] < lengths[2] < len(site.files[path])
    assert rows(tmp_path / "c") == rows(tmp_path / "whole")
    assert [found.name for found in part.parent.iterdir()] == [FILE]


def test_a_source_that_is_here_needs_no_network(site: Mirror, tmp_path: Path) -> None:
    """Files and folders are read as ever; a wrong address in the environment is not even looked at."""
    (tmp_path / "dump.xml.bz2").write_bytes(dump("bn", 5))
    environment = {**os.environ, "SPRACHBUND_WIKIPEDIA_BASE": "nonsense", "SPRACHBUND_HF_BASE": site.base}
    done = subprocess.run(
        [*COMMAND, "ingest", str(tmp_path / "dump.xml.bz2"), "--out", str(tmp_path / "c")],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert site.requests == []


def test_a_page_in_place_of_the_dump(site: Mirror, tmp_path: Path) -> None:
    """A network that wants a sign-in: refused at once, in a line."""
    path = f"/bnwiki/{DAY}/{FILE}"
    site.faults[path] = [Fault(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")]
    message = fail("ingest", "wikipedia:bn", "--out", tmp_path / "c", "--wikipedia-base", site.base)
    assert message == f"{site.base}{path}: expected bzip2, found an HTML page; check the base address"
    assert len(site.gets(path)) == 1
