"""Kills, a full disk, damaged files: the index is as it was, or says in one line what is wrong."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shelf import Library, talk

from sprachbund import Index
from sprachbund.errors import FolderError
from sprachbund.search.building import IndexSettings, add, create, delete
from sprachbund.search.index import FORMAT
from sprachbund.search.passages import documents_of

PRELUDE = f"""
import os, shutil, signal, subprocess, sys, time, traceback
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
import faiss, numba, openTSNE
from shelf import talk
from sprachbund import Index
from sprachbund.corpus.characters import character_tables
from sprachbund.errors import CapacityError, SprachbundError
from sprachbund.search import building, filling
from sprachbund.search.building import *
filling.BATCH = 40
building.passages_at_a_time = filling.passages_at_a_time = lambda memory, dim: 40
character_tables()
documents = talk(60, seed=8)

def build(path, model):
    if not (path / "index.json").exists():
        create(path, model, IndexSettings(sentences=2, map_points=20))
    addition(path, {{"pt": documents[:20], "gl": documents[:10]}})

def grow(path, model):
    addition(path, {{"pt": documents[10:40], "es": documents[:5]}})

def addition(path, given):
    building.add(path, given)

def shrink(path, model):
    found = [s for s in Index.open(path).segments if s.language == "pt"]
    there = {{r.id for s in found for r in s.records.documents() if r.number not in s.deleted}}
    building.delete(path, [("pt", f"d{{n}}") for n in range(15) if f"d{{n}}" in there])

def tidy(path, model):
    building.merge(path)

STEPS = (build, grow, shrink, tidy)
"""
NURSERY = (
    PRELUDE
    + """
# a process a step: forked before any thread is there, so that it need not import everything anew
for line in sys.stdin:
    step, seconds, path, model = line.split()
    began = time.monotonic()
    child = os.fork()
    if not child:
        try:
            STEPS[int(step)](Path(path), Path(model))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if float(seconds) >= 0:
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), time.monotonic() - began, flush=True)
"""
)
COUNTS = (
    {"pt": 20, "gl": 10},
    {"pt": 40, "gl": 10, "es": 5},
    {"pt": 25, "gl": 10, "es": 5},
    {"pt": 25, "gl": 10, "es": 5},
)
"""Documents after each step."""
KILLS = 12


class Nursery:
    """Runs steps in processes of their own and kills them."""

    def __init__(self, model: Path) -> None:
        self.model = model
        command = [sys.executable, "-c", NURSERY]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, step: int, path: Path, seconds: float = -1.0) -> tuple[int, float]:
        """A step, killed after some seconds unless they are negative: the exit code and how long it took."""
        assert self.process.stdin is not None and self.process.stdout is not None and self.process.stderr is not None
        self.process.stdin.write(f"{step} {seconds} {path} {self.model}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().split()
        assert said, self.process.stderr.read()
        return int(said[0]), float(said[1])

    def finish(self, step: int, path: Path) -> float:
        """A step to its end; how long it took."""
        code, length = self.run(step, path)
        assert self.process.stderr is not None
        assert code == 0, os.read(self.process.stderr.fileno(), 100_000).decode()
        return length

    def close(self) -> None:
        """End it."""
        self.process.communicate()


@pytest.fixture(scope="module")
def nursery(library: Library) -> Iterator[Nursery]:
    """One for all tests."""
    made = Nursery(library.model)
    yield made
    made.close()


def documents(path: Path) -> dict[str, int]:
    """Documents by language as the manifest says, after every file was compared with it and the index was searched."""
    index = Index.open(path, check=True)
    for mode in ("hybrid", "bm25", "dense"):
        hits = index.search(talk(60, seed=8)[17].texts[0], 5, (), mode)  # type: ignore[arg-type]
        assert bool(hits) == bool(index.counts)
    alive: dict[str, int] = {}
    for segment in index.segments:
        stored = segment.records.documents()
        assert len(segment.records.texts(0, len(segment))) == len(segment)
        alive[segment.language] = alive.get(segment.language, 0) + len(stored) - len(segment.deleted)
    found = {code: count["documents"] for code, count in index.counts.items()}
    assert found == alive
    return found


@pytest.fixture(scope="module")
def stages(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[float]]:
    """The index before each step and after the last, and how long each step takes."""
    folder = tmp_path_factory.mktemp("stages")
    kept, lengths = [folder / "0"], []
    kept[0].mkdir()
    for number in range(len(COUNTS)):
        path = folder / str(number + 1)
        shutil.copytree(kept[-1], path)
        lengths.append(nursery.finish(number, path))
        assert documents(path) == COUNTS[number]
        kept.append(path)
    return kept, lengths


@pytest.mark.parametrize("step", range(len(COUNTS)), ids=["build", "add", "delete", "merge"])
def test_killed_at_any_moment(
    step: int, stages: tuple[list[Path], list[float]], nursery: Nursery, tmp_path: Path
) -> None:
    """The last complete index opens and has all that was committed; the same command again ends well."""
    kept, lengths = stages
    moments = random.Random(step)
    before = COUNTS[step - 1] if step else {}
    path = tmp_path / "index"
    shutil.copytree(kept[step], path)
    killed = number = 0
    longest = lengths[step]
    while number < KILLS // len(COUNTS) or (not killed and number < 100):
        whole = number % 2 == 0  # the others go on where the one before was killed
        number += 1
        if whole:
            shutil.rmtree(path)
            shutil.copytree(kept[step], path)
        code, took = nursery.run(step, path, moments.uniform(0, longest))
        killed += code == -signal.SIGKILL
        if whole and code == 0:  # it came to its end, for the machine has become faster
            longest = min(longest, took)
        if (path / "index.json").exists():
            found, generation = documents(path), Index.open(path).generation
            assert (found, generation) in ((before, step), (COUNTS[step], step + 1))
        else:
            assert step == 0
    assert killed
    nursery.finish(step, path)
    assert documents(path) == COUNTS[step] and Index.open(path).generation == step + 1
    index = Index.open(path)
    assert index.atlas is not None
    expected = {"index.json", "segments", "roman", index.manifest["model"], index.manifest["atlas"]}
    left = {p.name for p in path.iterdir()} - expected
    assert left <= {name for name in left if name.startswith((".sprachbund-", "atlas-"))}
    assert ask(path) == ask(kept[step + 1])
    add(path, {"tr": talk(1)})  # the next change removes what a kill after the last step left
    index = Index.open(path)
    expected = {"index.json", "segments", "roman", index.manifest["model"], index.manifest["atlas"]}
    assert {p.name for p in path.iterdir()} == expected
    assert {p.name for p in (path / "roman").iterdir()} == {entry["roman"] for entry in index.manifest["segments"]}
    assert {p.name for p in (path / "segments").iterdir()} == {segment.name for segment in index.segments}


def ask(path: Path) -> list[tuple[str, float]]:
    """What some queries find."""
    index = Index.open(path)
    return [
        (hit.key, round(hit.score, 4))
        for document in talk(60, seed=8)[::7]
        for hit in index.search(document.texts[0], 8)
    ]


# ---- a full disk


def can_mount() -> bool:
    """Whether a process may have a small disk of its own."""
    unshare = shutil.which("unshare")
    return (
        unshare is not None
        and not subprocess.run(
            [unshare, "-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"], capture_output=True, check=False
        ).returncode
    )


FULL = """
disk, model, kept = map(Path, sys.argv[1:4])
step, least = map(int, sys.argv[4:6])
ends = []
for spare in range(0, 6_000, 60):
    size = f"size={least + spare}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], check=True)
    path = disk / "index"
    shutil.copytree(kept, path)
    before = (path / "index.json").read_bytes()
    try:
        STEPS[step](path, model)
        ends.append("done")
        assert Index.open(path, check=True).generation == step + 1
    except SprachbundError as error:
        ends.append("full")
        assert isinstance(error, CapacityError) and "\\n" not in str(error), error
        assert str(error).startswith(f"{path}: the disk is full: "), error
        assert (path / "index.json").read_bytes() == before
        assert Index.open(path, check=True).search(documents[17].texts[0])
        assert not [p for p in path.iterdir() if p.name.startswith(".")], list(path.iterdir())
    subprocess.run(["umount", "-l", str(disk)], check=True)
    if ends[-2:] == ["done"] * 2:
        break
print(" ".join(ends), flush=True)
"""


@pytest.mark.parametrize("step", [1, 3], ids=["add", "merge"])
def test_a_full_disk(step: int, stages: tuple[list[Path], list[float]], library: Library, tmp_path: Path) -> None:
    """On disks of many sizes: one line that says what is free; the index is as it was, and works with more room."""
    if not can_mount():
        pytest.skip("no small disk can be mounted here: unshare -rm and mount -t tmpfs are not permitted")
    kept, _ = stages
    pages = sum((p.stat().st_size + 4_095) // 4_096 for p in kept[step].rglob("*") if p.is_file())
    (tmp_path / "disk").mkdir()
    arguments = (tmp_path / "disk", library.model, kept[step], step, 4 * pages + 8)
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", PRELUDE + FULL, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ends = done.stdout.split()
    assert ends.count("full") >= 3 and ends[-2:] == ["done"] * 2


ELSEWHERE = """
disk, model = map(Path, sys.argv[1:3])
import tempfile
from sprachbund import Encoder
from sprachbund.search.tuning import tune
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
encoder = Encoder.load(model)
text = {"pt": talk(300, seed=8)}
tempfile.tempdir = str(disk)
for what in (lambda: create(disk / "index", model), lambda: tune(encoder, text, 2)):
    try:
        what()
        print("done")
    except CapacityError as error:
        print(str(error).replace("\\n", "LINE"))
    print(*sorted(p.relative_to(disk) for p in disk.rglob("*")))
"""


def test_a_full_disk_for_the_copy_of_a_model_and_for_what_is_temporary(library: Library, tmp_path: Path) -> None:
    """One line names the index or the folder of temporary files, whichever library met the end."""
    if not can_mount():
        pytest.skip("no small disk can be mounted here: unshare -rm and mount -t tmpfs are not permitted")
    (disk := tmp_path / "disk").mkdir()
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", PRELUDE + ELSEWHERE, disk, library.model],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    copied, after, tuned, last = done.stdout.splitlines()
    assert copied.startswith(f"{disk / 'index'}: the disk is full: ") and after == "index"
    assert tuned.startswith(f"{disk}/") and ": the disk is full: " in tuned and last == "index"


# ---- damage

OPEN = """
import faulthandler, sys
from pathlib import Path
from sprachbund import Index
from sprachbund.errors import SprachbundError
folder = Path(sys.argv[1])
for line in sys.stdin:
    name, place, value, check = line.split()
    path = folder / name
    data = path.read_bytes()
    place, value = int(place), int(value)
    path.write_bytes(data[:place] if value < 0 else data[:place] + bytes([data[place] ^ value]) + data[place + 1 :])
    try:
        index = Index.open(folder, check=check == "check")
        said = "opened"
    except SprachbundError as error:
        said = f"{type(error).__name__} {error}"
    except BaseException as error:
        said = f"TRACEBACK {type(error).__name__} {error}"
    path.write_bytes(data)
    print(" ".join(said.split()), flush=True)
"""


def damage(path: Path, cases: list[tuple[str, int, int, str]]) -> list[str]:
    """What opening says of each damage, in a process of its own: (file, place, bits or -1 to cut, check or plain)."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)],
        input="".join(" ".join(map(str, case)) + "\n" for case in cases),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.splitlines()
    assert done.returncode == 0, (cases[min(len(said), len(cases) - 1)], done.stderr)
    return said


@pytest.fixture(scope="module")
def fragile(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small index with every kind of file and a deleted document; its own copy of the model."""
    model = Path(shutil.copytree(library.model, tmp_path_factory.mktemp("fragile") / "model"))
    path = model.parent / "index"
    create(path, model, IndexSettings(sentences=2, map_points=20))
    add(path, {"pt": list(documents_of(library.corpus, "pt"))[:12], "gl": talk(3)})
    delete(path, [("gl", "d1")])
    shutil.rmtree(model)
    return path


def every_file(path: Path) -> list[Path]:
    """Relative to the index."""
    return sorted(p.relative_to(path) for p in path.rglob("*") if p.is_file())


def test_a_file_that_is_cut_is_named_at_opening(fragile: Path) -> None:
    """Cut to nothing, in the middle and by its last byte, every file of the index."""
    cases = []
    for name in every_file(fragile):
        size = (fragile / name).stat().st_size
        for place in {0, size // 2, size - 1}:
            cases.append((str(name), place, -1, "plain"))
    said = damage(fragile, cases)
    assert len(said) == len(cases) > 60
    for case, line in zip(cases, said, strict=True):
        name = Path(case[0])
        if name.name == "index.json" and case[1] == (fragile / name).stat().st_size - 1:
            assert line == "opened"  # nothing is lost with the last line break
        else:
            assert line.startswith("FolderError") and name.name in line, (case, line)
    assert Index.open(fragile, check=True).search("cidade")


def test_a_flipped_bit_is_named_when_hashes_are_compared(fragile: Path) -> None:
    """Anywhere in any file; without comparing hashes nothing worse than an error happens when the index is opened."""
    moments = random.Random(4)
    cases: list[tuple[str, int, int, str]] = []
    for name in every_file(fragile):
        size = (fragile / name).stat().st_size
        places = {0, size - 1, *(moments.randrange(size) for _ in range(3))}
        cases += [(str(name), place, 1 << moments.randrange(8), "check") for place in sorted(places)]
        early = {*range(0, min(size, 128), 16), *(moments.randrange(size) for _ in range(2))}
        cases += [(str(name), place, 1 << moments.randrange(8), "plain") for place in sorted(early)]
    said = damage(fragile, cases)
    whole = json.loads((fragile / "index.json").read_text())
    for case, line in zip(cases, said, strict=True):
        name, place, bits, check = case
        assert "TRACEBACK" not in line, (case, line)
        if check == "check":
            data = bytearray((fragile / name).read_bytes())
            data[place] ^= bits
            same = name == "index.json" and readable(bytes(data)) == whole
            assert line == "opened" if same else line.startswith("FolderError") and Path(name).name in line, (
                case,
                line,
            )


def readable(data: bytes) -> object:
    """JSON, or None."""
    try:
        return json.loads(data)
    except ValueError:
        return None


def test_a_missing_file_is_named(fragile: Path, tmp_path: Path) -> None:
    """Every file in turn."""
    copy = Path(shutil.copytree(fragile, tmp_path / "index"))
    for name in every_file(copy):
        (copy / name).rename(tmp_path / "aside")
        with pytest.raises(FolderError, match=name.name):
            Index.open(copy)
        (tmp_path / "aside").rename(copy / name)
    assert Index.open(copy, check=True).search("cidade")


def test_an_index_of_another_version(fragile: Path, tmp_path: Path) -> None:
    """Says which version wrote it."""
    copy = Path(shutil.copytree(fragile, tmp_path / "index"))
    manifest = json.loads((copy / "index.json").read_text())
    (copy / "index.json").write_text(json.dumps(manifest | {"format": 9, "written_by": "9.9"}))
    expected = rf"index format 9, written by sprachbund 9\.9; this version reads format {FORMAT}"
    with pytest.raises(FolderError, match=expected):
        Index.open(copy)
