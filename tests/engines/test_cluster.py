"""Jobs on a real Ray of this machine: results as of local processes, and what is killed is begun again."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sprachbund.corpus.ahead import How, _nothing, _Reading
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.documents import Source
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.store import Corpus
from sprachbund.engines import node
from sprachbund.engines.choosing import engine_on, sharing
from sprachbund.engines.cluster import Cluster
from sprachbund.engines.engine import Needs, in_order
from sprachbund.errors import CapacityError, CorpusError, FolderError, MissingExtraError, SettingsError
from sprachbund.machine import cpu_count, memory_limit
from sprachbund.ngrams.of_corpus import count_corpus
from sprachbund.retrieval.encoder.encoded import encode_corpus
from sprachbund.retrieval.settings import Settings, change

pytest.importorskip("ray", reason="Ray is not installed: pip install 'sprachbund[cluster]'")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the work."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def engine(shared: Path) -> Iterator[Cluster]:
    """A Ray of two processors, started once for all tests."""
    with engine_on("ray", 2, shared) as found:
        assert isinstance(found, Cluster)
        yield found


def halved(number: int) -> int:
    """Half of an even number; what is odd is refused."""
    if number % 2:
        raise CorpusError(f"{number} is odd")
    return number // 2


def killed_at_first(path: Path) -> str:
    """Ends its own process the first time, as the system does that lacks memory."""
    if not path.exists():
        path.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return f"once {path.read_text()}"


def dies() -> None:
    """Always."""
    os.kill(os.getpid(), signal.SIGKILL)


def waits(path: Path) -> None:
    """For ever, having said who."""
    path.write_text(str(os.getpid()))
    while True:
        time.sleep(0.05)


def about() -> tuple[str, int]:
    """Where a job runs, and with how many threads."""
    import numba

    return str(Path.cwd()), numba.get_num_threads()


def test_what_there_is(engine: Cluster) -> None:
    """A machine with the processors that were asked for and the memory of this process."""
    found = engine.resources()
    assert (found.machines, found.processors, found.gpus) == (1, 2, 0)
    assert (found.memory, found.share) == (memory_limit(), memory_limit() // 2)
    assert (sharing(engine, None), sharing(None, 3), sharing(None, None)) == (2, 3, cpu_count())


def test_results_come_in_the_order_of_the_tasks(engine: Cluster) -> None:
    """As from local processes; a job begins where the command was given, with one thread."""
    assert list(in_order(engine, halved, range(0, 20, 2), ahead=3)) == list(range(10))
    assert engine.start(about).result() == (str(Path.cwd()), 1)


def test_an_error_comes_home_as_it_is(engine: Cluster) -> None:
    """Ours, and nothing of Ray's around it; it is not tried again."""
    with pytest.raises(CorpusError) as error:
        engine.start(halved, 3).result()
    assert type(error.value) is CorpusError and str(error.value) == "3 is odd"


def test_a_worker_that_is_killed_is_replaced(engine: Cluster, shared: Path) -> None:
    """The job is begun again and its result is that of any."""
    path = shared / "killed"
    assert engine.start(killed_at_first, path).result() == f"once {path.read_text()}"
    assert int(path.read_text()) != os.getpid()


def test_a_job_that_kills_every_worker_is_given_up(engine: Cluster) -> None:
    """In one line that says that the same command goes on."""
    with pytest.raises(CapacityError, match="a job was lost and could not be started again") as error:
        engine.start(dies).result()
    assert "\n" not in str(error.value) and "the same command goes on from there" in str(error.value)


def test_what_is_cancelled_ends(engine: Cluster, shared: Path) -> None:
    """The processor is free for others."""
    path = shared / "waiting"
    future = engine.start(waits, path, needs=Needs(processors=2))
    while not path.exists() or not path.read_text():
        time.sleep(0.05)
    assert future.cancel()
    assert engine.start(halved, 8, needs=Needs(processors=2)).result() == 4


def test_what_no_machine_has_is_refused(engine: Cluster) -> None:
    """It would wait for ever; the line says what is needed and what there is."""
    with pytest.raises(CapacityError, match=r"needs \(3 processors, 0\.0 GiB, 0 GPUs\); there are 1: 2 processors"):
        engine.start(halved, 2, needs=Needs(processors=3))
    with pytest.raises(CapacityError, match="1 GPUs"):
        engine.start(halved, 2, needs=Needs(gpus=1))
    with pytest.raises(CapacityError, match=r"1048576\.0 GiB"):
        engine.start(halved, 2, needs=Needs(memory=1 << 50))


def test_a_machine_of_another_version_or_without_the_folder(engine: Cluster, shared: Path, tmp_path: Path) -> None:
    """Is named, in one line with what to do."""
    terms = engine._terms
    kept = shared / "kept"
    kept.write_text("one")
    for other, error, text in (
        (
            replace(terms, version="9.9"),
            SettingsError,
            r"has sprachbund .*, the command 9\.9: install the same version",
        ),
        (replace(terms, seen=((tmp_path / "gone" / "seen", ""),)), FolderError, r"does not see .*gone: name a folder"),
        (replace(terms, seen=((kept, "0" * 64),)), FolderError, "has another .*kept than the machine of the command"),
    ):
        engine._terms = other
        try:
            with pytest.raises(error, match=f"the machine {node.platform.node()} of the cluster {text}"):
                engine.start(halved, 2).result()
        finally:
            engine._terms = terms


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc to see sockets in")
def test_nobody_else_can_reach_it(engine: Cluster) -> None:
    """All that Ray listens on is of the loopback."""
    inodes = set()
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if b"ray" in (folder.parent / "cmdline").read_bytes():
                inodes |= {link.readlink().name for link in folder.iterdir()}
        except OSError:
            continue
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                listening.append(bytes.fromhex(fields[1].split(":")[0]))
    assert listening
    own = socket.inet_aton("127.0.0.1")[::-1]
    assert {address[-4:] for address in listening} == {own}


def test_names_of_engines(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is this machine's processes; what is no address, no cluster and no library is told in a line."""
    with engine_on(None, 2, shared) as found:
        assert found is None
    for name in ("x", "4", ":6379", "http://x:80", "a:0", "a:65536", "ray://a", "[::1]"):
        with (
            pytest.raises(SettingsError, match="expected ray, auto, ray://HOST:PORT or HOST:PORT"),
            engine_on(name, 2, shared),
        ):
            pass
    with pytest.raises(SettingsError, match="leave the number out"), engine_on("127.0.0.1:6379", 2, shared):
        pass
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[cluster\]'"), engine_on("ray", 2, shared):
        pass


SENTENCES = {
    "pt": ("O rio corre para o mar.", "A cidade fica junto do rio.", "O porto é muito antigo.", "Chove muito."),
    "gl": ("O mar está moi preto da vila.", "Os barcos saen cedo.", "A fonte é clara.", "Chove moito."),
}


def sources(folder: Path) -> list[Path]:
    """Two files for each language, one of them cut off; a page, a picture, and a file that another one is again."""
    folder.mkdir()
    for code, sentences in SENTENCES.items():
        for number in range(2):
            rows = [
                {"id": name, "title": name, "lang": code, "sections": [{"title": "", "sentences": [sentences[at:]]}]}
                for at in (0, 1, 2, number)
                for name in [f"{code}-{'' if at == 1 else number}-{at}"]  # an id in both files
            ]
            (folder / f"{code}-{number}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    cut = gzip.compress((folder / "gl-1.jsonl").read_bytes().replace(b"gl-1", b"gl-2") * 50, mtime=0)
    (folder / "gl-2.jsonl.gz").write_bytes(cut[: len(cut) // 2])
    (folder / "page.html").write_text("<html lang='pt'><body><h1>Rio</h1><p>O rio nasce na montanha alta.</p></body>")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (folder / "pt-9.jsonl").write_bytes((folder / "pt-0.jsonl").read_bytes())
    return [folder]


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def corpus(shared: Path) -> Corpus:
    """Made by this process."""
    ingest(sources(shared / "sources"), shared / "corpus", workers=1)
    return Corpus.open(shared / "corpus")


def test_a_corpus_is_that_of_one_machine(engine: Cluster, corpus: Corpus, shared: Path) -> None:
    """To the byte, with what was passed over, cut off and there twice; again, nothing is read."""
    there = ingest([shared / "sources"], shared / "there", on="ray")
    assert files_in(shared / "there") == files_in(corpus.path)
    assert (there.passed, [each.skipped for each in there.sources].count(True)) == ({"images": 1}, 1)
    assert all(each.skipped for each in ingest([shared / "sources"], shared / "there", on="ray").sources)


def test_an_encoding_is_that_of_one_machine(engine: Cluster, corpus: Corpus, shared: Path) -> None:
    """To the byte."""
    settings = change(Settings(), shares=(0.5, 0.25, 0.25))
    here = encode_corpus(corpus, shared / "encoded-here", settings=settings)
    there = encode_corpus(corpus, shared / "encoded-there", settings=settings, engine=engine)
    assert files_in(here.path) == files_in(there.path)


def test_a_command_that_is_killed_goes_on(engine: Cluster, corpus: Corpus, shared: Path) -> None:
    """A command that joins a Ray which runs, by its address and as the one that is there; counts are those of here."""
    address, out = engine._ray.get_runtime_context().gcs_address, shared / "counted-there"
    command = [sys.executable, "-m", "sprachbund", "count", str(corpus.path), "--out", str(out), "--characters", "4"]
    with subprocess.Popen([*command, "--on", address], stdout=subprocess.DEVNULL) as killed:
        while killed.poll() is None and not list(shared.glob("counted-there.partial/*/run.json")):
            time.sleep(0.01)
        killed.kill()
    assert out.exists() or out.with_name("counted-there.partial").exists()
    subprocess.run(
        [*command, "--on", "auto"], env=os.environ | {"RAY_ADDRESS": address}, check=True, capture_output=True
    )
    here = count_corpus(corpus, shared / "counted-here", characters=(4,), workers=1)
    assert files_in(here.path) == files_in(out)
    assert not out.with_name("counted-there.partial").exists()


def test_a_source_that_a_machine_does_not_see(engine: Cluster, shared: Path) -> None:
    """Is named, and what to do."""
    source = Source(shared / "gone.txt", "gone.txt", "pt", Limits(), _nothing)
    reading = _Reading(source, 5, True, How(False, False, 1 << 20, 1 << 20), shared / "spool")
    with pytest.raises(FolderError, match=r"of the cluster does not see .*gone\.txt: name sources that all machines"):
        engine.start(reading).result()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find processes in")
def test_when_no_machine_is_left(engine: Cluster, shared: Path) -> None:
    """Whoever waits is told in one line, at once; it is the last test, for it ends the Ray of the others."""
    path = shared / "doomed"
    future = engine.start(waits, path)
    while not path.exists() or not path.read_text():
        time.sleep(0.05)
    raylets = [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if (folder / "stat").exists()
        and (folder / "stat").read_text().split()[3] == str(os.getpid())
        and (folder / "stat").read_text().split()[1] == "(raylet)"
    ]
    assert len(raylets) == 1
    os.kill(raylets[0], signal.SIGKILL)
    with pytest.raises(CapacityError, match="no machine of it is left"):
        future.result()
