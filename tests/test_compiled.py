"""Kernels are kept where nobody else can put code: beside the source, at home, in a folder of one's own, or nowhere."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numba
import pytest

from sprachbund import compiled

SOURCE = Path(compiled.__file__).parent
SUM = (
    "import numpy as np\n"
    "from sprachbund.statistics.bootstrap import bootstrap_means\n"
    "import numba, os, sprachbund\n"
    "print(bootstrap_means(np.ones((4, 1)), np.arange(4), 3, 0).tolist(), os.environ.get('NUMBA_CACHE_DIR'))\n"
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package whose kernels' folders can be written."""
    for room in compiled.ROOMS:
        (tmp_path / "package" / room).mkdir(parents=True)
    return tmp_path / "package"


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Neither beside the source nor at home can anything be written; the temporary folder is empty."""
    monkeypatch.setenv(compiled.VARIABLE, "")  # so that what is set here is taken back
    monkeypatch.delenv(compiled.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/no")
    monkeypatch.setattr(compiled, "_beside", lambda room: False)
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def test_nothing_is_set_where_numba_can_write(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside the source; or in the user's cache folder; or where the user says."""
    monkeypatch.setenv(compiled.VARIABLE, "")  # so that what is set here is taken back
    monkeypatch.delenv(compiled.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/no")
    compiled.prepare_cache(package)
    assert compiled.VARIABLE not in os.environ
    monkeypatch.setattr(compiled, "_beside", lambda room: False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiled.prepare_cache(package)
    assert compiled.VARIABLE not in os.environ
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/no")
    monkeypatch.setenv(compiled.VARIABLE, str(tmp_path / "mine"))
    compiled.prepare_cache(package)
    assert os.environ[compiled.VARIABLE] == str(tmp_path / "mine")


@pytest.mark.parametrize("given", [None, "/proc/no", "relative"])
def test_a_folder_of_ones_own_where_it_cannot(
    homeless: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    """For this user alone, the same one again; a folder that was given and cannot be written does not count."""
    for _ in range(2):
        if given:
            monkeypatch.setenv(compiled.VARIABLE, given)
        compiled.prepare_cache()
        folder = Path(os.environ[compiled.VARIABLE])
        assert folder == homeless / f"sprachbund-kernels-{os.geteuid()}" and str(folder) == numba.config.CACHE_DIR
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["link", "open", "file"])
def test_a_folder_that_others_could_fill_is_not_used(homeless: Path, tmp_path: Path, kind: str) -> None:
    """A link, a folder that others may write, a file of that name: what is read from there would be run."""
    name = homeless / f"sprachbund-kernels-{os.geteuid()}"
    if kind == "link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        name.symlink_to(tmp_path / "theirs")
    elif kind == "open":
        name.mkdir()
        name.chmod(0o777)
    else:
        name.write_text("")
    compiled.prepare_cache()
    folder = Path(os.environ[compiled.VARIABLE])
    assert folder != name and folder.parent == homeless and compiled.is_private(folder)
    compiled._remove(folder, os.getpid() + 1)
    assert folder.exists()  # a child's end does not remove it
    compiled._remove(folder, os.getpid())
    assert not folder.exists()


def test_a_folder_of_another_user_is_not_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its mode."""
    (tmp_path / "own").mkdir(mode=0o700)
    assert compiled.is_private(tmp_path / "own")
    monkeypatch.setattr(os, "geteuid", lambda: 1 + (tmp_path / "own").stat().st_uid)
    assert not compiled.is_private(tmp_path / "own") and not compiled.is_private(tmp_path / "nothing")


def test_no_home_is_no_folder_called_tilde(homeless: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without HOME and without an entry among the users numba would make a folder of that name where we are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    assert compiled.user_folder() is None
    compiled.prepare_cache()
    assert compiled.is_private(Path(os.environ[compiled.VARIABLE]))
    monkeypatch.setenv("HOME", "home")
    assert not compiled.can_write(compiled.user_folder() or tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]


def run_elsewhere(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Compile a kernel with the package's copy in ``folder``, by someone to whom modes mean something."""
    drop: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may write everywhere, and no setpriv is here to give that up")
        drop = [setpriv, "--bounding-set=-all", "--inh-caps=-all"]
    paths = os.pathsep.join([str(folder), *(path for path in sys.path if path and Path(path) != SOURCE.parent)])
    return subprocess.run(
        [*drop, sys.executable, "-B", "-c", SUM],
        env={"PYTHONPATH": paths} | environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_package_that_cannot_be_written_starts_without_a_home(tmp_path: Path) -> None:
    """In a process whose home and package belong to it for reading only: kernels compile, and go where they may."""
    shutil.copytree(SOURCE, tmp_path / "copy" / "sprachbund", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "home").mkdir()
    (tmp_path / "temporary").mkdir()
    folders = [tmp_path / "home", *(path for path in (tmp_path / "copy").rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        done = run_elsewhere(tmp_path / "copy", HOME=str(tmp_path / "home"), TMPDIR=str(tmp_path / "temporary"))
        own = tmp_path / "temporary" / f"sprachbund-kernels-{os.geteuid()}"
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"[[1.0], [1.0], [1.0]] {own}\n"
        assert list(own.rglob("*.nbi")) and not list((tmp_path / "copy").rglob("*.nbi"))
    finally:
        for path in folders:
            path.chmod(0o755)


def test_kernels_stay_in_memory_where_nothing_can_be_written() -> None:
    """No temporary folder either: they are compiled and run, and nothing is kept."""
    code = (
        "from pathlib import Path\n"
        "import sprachbund.compiled as c\n"
        "c._beside = lambda room: False\n"
        "c.can_write = lambda folder: False\n"
        "c._temporary_places = lambda: [Path('/proc/no')]\n"
        "c.prepare_cache()\n"
        "from numba import njit\n"
        "add = njit(cache=True)(lambda a: a + 1)\n"
        "print(add(1), add._cache.cache_path)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2 None\n", "")


def test_every_folder_with_kernels_is_asked() -> None:
    """``ROOMS`` names the folders that have a kernel that numba keeps, and no other."""
    kept = {path.parent.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if "njit(cache=True" in path.read_text()}
    assert {Path(room) for room in compiled.ROOMS} == kept
